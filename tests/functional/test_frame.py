"""The frame of every page: assets, language, look, errors."""

import gzip
import re

from flask.testing import FlaskClient

from remelt.web import assets


def test_assets_are_kept_for_ever_and_sent_small(client: FlaskClient):
    address = assets.asset("style.css")
    answer = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Encoding"] == "gzip"
    assert b"@layer base{" in gzip.decompress(answer.data)
    assert client.get(address.replace(assets.edition(), "older")).cache_control.max_age == 60


def test_only_known_assets_are_sent(client: FlaskClient):
    for name in ("nothing.css", "../app.py", "..%2fapp.py", "vendor/THIRD_PARTY.md"):
        assert client.get(f"/assets/{assets.edition()}/{name}").status_code == 404


def test_chinese_is_the_default_and_english_is_kept(client: FlaskClient):
    assert 'lang="zh-CN"' in client.get("/").text
    assert "跳到正文" in client.get("/").text
    chosen = client.get("/preferences?lang=en&next=/style")
    assert (chosen.status_code, chosen.location) == (303, "/style")
    assert '<html lang="en"' in client.get("/").text


def test_the_look_is_kept_and_given_back_to_the_device(client: FlaskClient):
    assert "data-theme" not in client.get("/").text
    client.get("/preferences?theme=dark")
    assert 'data-theme="dark"' in client.get("/").text
    client.get("/preferences?theme=auto")
    assert "data-theme" not in client.get("/").text


def test_preferences_never_lead_elsewhere(client: FlaskClient):
    for address in ("//evil.example/", "https://evil.example/", "/\\evil.example", "x", ""):
        assert client.get("/preferences", query_string={"next": address}).location == "/"


def test_a_typed_code_leads_to_the_lot(client: FlaskClient):
    good = client.get("/find", query_string={"code": "http://x/l/iso7 9"})
    assert good.status_code == 422
    assert "错误：" in re.search(r"<title>(.*?)</title>", good.text)[1]


def test_an_error_page_stands_in_the_frame(client: FlaskClient):
    page = client.get("/nowhere")
    assert "回到首页" in page.text
    assert 'class="bar"' in page.text


def test_the_first_page_is_light(client: FlaskClient):
    assert len(gzip.compress(client.get("/").data)) <= 10 * 1024
