"""House rules of templates: no page brings its own looks, every form can be changed safely."""

import gzip
import re
from pathlib import Path

import pytest

from remelt.web import assets
from tools import screenshots

TEMPLATES = sorted((Path(assets.STATIC).parent / "templates").rglob("*.*"))
SVG_MAY = re.compile(r"\{#.*?#\}", re.DOTALL)


def _text(page: Path) -> str:
    return SVG_MAY.sub("", page.read_text())


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        ("style attributes", r"<[^>{]*\sstyle\s*="),
        ("style elements", r"<style\b"),
        ("event attributes", r"<[^>]*\son[a-z]+\s*="),
        ("htmx scripting", r"\bhx-(?:on|vars)\b|\bhx-headers\b"),
        ("inline scripts", r"<script(?![^>]*\bsrc=)"),
        ("addresses of script", r"javascript:"),
        ("other hosts", r"""(?:src|href|action)=["']?(?:https?:)?//"""),
        ("unchecked text", r"\|\s*safe\b"),
    ],
)
def test_no_page_brings(rule, found):
    breaches = [str(page) for page in TEMPLATES if re.search(found, _text(page), re.IGNORECASE)]
    assert breaches == [], rule


def test_a_form_that_htmx_sends_is_its_own_target():
    for page in TEMPLATES:
        for tag in re.findall(r"<form\b[^>]*\bhx-(?:post|put|get)\b[^>]*>", _text(page)):
            assert 'hx-target="this"' in tag, page
            assert 'hx-swap="outerHTML"' in tag, page


def test_hx_attributes_stand_on_the_element_itself():
    for page in TEMPLATES:
        for tag in re.findall(r"<[a-z]+\b[^>]*\bhx-target\b[^>]*>", _text(page)):
            assert re.search(r"\bhx-(?:get|post|put|delete)=", tag), page


def test_every_posted_form_carries_its_token():
    for page in TEMPLATES:
        for form in re.findall(r"<form\b.*?</form>", _text(page), re.DOTALL):
            if "post" in form.split(">", 1)[0]:
                assert "csrf_token" in form, page


def test_every_page_stands_in_the_frame():
    for page in TEMPLATES:
        text = _text(page)
        if "<html" in text:
            assert page.name == "base.html" or "lang_tag()" in text, page


def test_own_scripts_are_modules_without_evaluation():
    for script in assets.STATIC.glob("*.js"):
        text = script.read_text()
        assert not re.search(r"\beval\(|new Function|innerHTML|document\.write|https?://", text)


def _packed(*names: str) -> int:
    return sum(len(assets.read(name).packed or b"") for name in names)


def test_first_load_stays_light():
    base = _packed("style.css", "app.js", "countdown.js", "once.js", "mark.svg", "icons.svg")
    assert len(gzip.compress((assets.STATIC / "app.css").read_bytes(), 9)) <= 12 * 1024
    assert _packed(*(p.name for p in assets.STATIC.glob("*.js"))) <= 12 * 1024
    assert base <= 30 * 1024
    live = _packed("vendor/htmx.org-2.0.11/htmx.min.js", "vendor/htmx-ext-sse-2.2.4/sse.min.js")
    assert base + live <= 60 * 1024


def test_the_readme_shows_the_loop_of_today():
    kept = Path(screenshots.FOLDER / "loop.svg").read_text()
    assert kept == screenshots.loop_picture(), "run: python -m tools.screenshots loop"


def test_every_piece_is_told_in_the_docs():
    macros = assets.STATIC.parent / "templates" / "macros"
    there = {
        name
        for page in macros.glob("*.html")
        for name in re.findall(r"{% macro ([a-z]\w*)\(", page.read_text())
    }
    pieces = (screenshots.FOLDER.parent / "pages.md").read_text().split("## Pieces")[1]
    assert set(re.findall(r"^\| `(\w+)`", pieces, re.MULTILINE)) == there
