"""Files of other projects are what the lock says, and pages send no others."""

import re
from pathlib import Path

import pytest

from remelt.web import assets
from tools import vendor

TEMPLATES = Path(assets.STATIC).parent / "templates"


def test_what_is_there_is_what_the_lock_says():
    assert vendor.differences() == []


def test_a_changed_file_and_a_stray_one_are_named(tmp_path, monkeypatch):
    for name in ("SHIPPED", "TESTED", "PRINTED"):
        (tmp_path / name).mkdir()
        monkeypatch.setattr(vendor, name, tmp_path / name)
    monkeypatch.setattr(vendor, "ROOT", tmp_path)
    (tmp_path / "SHIPPED" / "stray.min.js").write_text("x")
    found = vendor.differences()
    assert "not in the lock: SHIPPED/stray.min.js" in found
    assert "missing: SHIPPED/htmx.org-2.0.11/htmx.min.js" in found


def test_minified_files_stand_under_vendor_only():
    strays = [p for p in assets.STATIC.rglob("*.min.*") if "vendor" not in p.parts]
    assert strays == []


def test_every_asset_that_a_template_names_is_there():
    for page in TEMPLATES.rglob("*.html"):
        text = page.read_text()
        for name in re.findall(r"""\basset\(["']([^"']+)["']\)""", text):
            assert assets.asset(name).endswith(name), page
        for name in re.findall(r"""\bintegrity\(["']([^"']+)["']\)""", text):
            assert assets.integrity(name).startswith("sha384-"), page


def test_an_unknown_asset_is_refused():
    with pytest.raises(LookupError):
        assets.asset("../settings.py")
    with pytest.raises(LookupError):
        assets.integrity("app.css")


def test_every_vendored_script_and_style_carries_its_digest():
    for page in TEMPLATES.rglob("*.html"):
        for tag in re.findall(r"<(?:script|link)[^>]*vendor/[^>]*>", page.read_text()):
            assert "integrity(" in tag, page
