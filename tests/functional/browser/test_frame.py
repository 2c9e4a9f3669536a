"""The frame and the design system in Debian's Chromium: phone and desk, both languages."""

import pytest

from .conftest import DESK, PHONE, Open, violations

pytestmark = pytest.mark.browser
PAGES = ("/", "/style", "/nowhere")


@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.parametrize("device", [PHONE, DESK], ids=["phone-zh", "desk-en"])
@pytest.mark.parametrize("address", ["/", "/style"])
def test_a_page_can_be_used_by_everybody(reader: Open, address, device, look):
    page = reader(device, color_scheme=look)
    page.goto(address)
    assert violations(page) == []
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= device["viewport"]["width"], "the page scrolls sideways"


def test_an_error_page_can_be_used_by_everybody(reader: Open):
    page = reader(PHONE)
    page.goto("/find?code=x")
    assert violations(page) == []


@pytest.mark.parametrize("address", ["/", "/style"])
def test_touch_targets_are_large_enough(reader: Open, address):
    page = reader(PHONE)
    page.goto(address)
    small = page.evaluate("""() =>
      [...document.querySelectorAll("a[href], button, summary, select, input:not([type=hidden])")]
        .filter((e) => e.checkVisibility({ visibilityProperty: true }))
        .map((e) => [e, (e.closest("label.option") || e).getBoundingClientRect()])
        .filter(([e, r]) => r.width > 1 && !e.closest("p, td, th, h3, .skip, .leaflet-control"))
        .filter(([e, r]) => r.height < 43.5)
        .map(([e, r]) => `${e.outerHTML.slice(0, 90)} ${r.height}`)
    """)
    assert small == []


def test_without_scripts_everything_is_there(reader: Open):
    page = reader(PHONE, java_script_enabled=False)
    page.goto("/")
    page.locator("summary").first.click()
    page.get_by_role("link", name="English").click()
    assert page.locator("html").get_attribute("lang") == "en"
    page.locator("summary").first.click()
    page.get_by_role("link", name="Dark").click()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    page.get_by_label("Lot code").fill("ABC")
    page.get_by_role("button", name="Find").click()
    assert page.title().startswith("Error:")
    assert page.locator("#code-error").is_visible()


def test_chinese_is_set_in_chinese_letters(reader: Open):
    page = reader(PHONE)
    page.goto("/")
    session = page.context.new_cdp_session(page)
    session.send("DOM.enable")
    session.send("CSS.enable")
    root = session.send("DOM.getDocument")["root"]["nodeId"]
    node = session.send("DOM.querySelector", {"nodeId": root, "selector": "h1"})["nodeId"]
    fonts = session.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
    assert any("SC" in font["familyName"] for font in fonts), fonts


def test_the_summary_of_errors_takes_the_focus(reader: Open):
    page = reader(DESK)
    page.goto("/style")
    assert page.evaluate("document.activeElement.className") == "summary"
    page.locator(".summary a").first.click()
    assert page.evaluate("document.activeElement.name") == "declared_mass_kg"


def test_a_menu_closes_by_escape_and_by_a_press_elsewhere(reader: Open):
    page = reader(DESK)
    page.goto("/")
    menu = page.locator("details.menu").first
    menu.locator("summary").click()
    page.keyboard.press("Escape")
    assert menu.get_attribute("open") is None
    menu.locator("summary").click()
    page.locator("h1").click()
    assert menu.get_attribute("open") is None


def test_a_map_shows_its_points_and_loads_nothing_from_elsewhere(reader: Open, site):
    page = reader(DESK)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/style")
    page.locator(".pin").first.wait_for()
    assert page.locator(".pin").count() == 3
    assert [url for url in asked if not url.startswith((site, "data:"))] == []


def test_a_photo_is_made_small_before_it_travels(reader: Open):
    page = reader(PHONE)
    page.goto("/style")
    page.evaluate("""async () => {
      const canvas = document.createElement("canvas");
      canvas.width = 3000; canvas.height = 2000;
      const ink = canvas.getContext("2d");
      for (let i = 0; i < 4000; i++) {
        ink.fillStyle = `hsl(${i * 37 % 360} 60% ${20 + i % 60}%)`;
        ink.fillRect((i * 131) % 3000, (i * 71) % 2000, 60, 60);
      }
      const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.95));
      const kept = new DataTransfer();
      kept.items.add(new File([blob], "IMG_1.JPG", { type: "image/jpeg" }));
      const input = document.querySelector("#photos");
      input.files = kept.files;
      window.before = blob.size;
      input.dispatchEvent(new Event("change"));
    }""")
    page.locator(".thumbs img").first.wait_for()
    before, after = page.evaluate(
        "[window.before, document.querySelector('#photos').files[0].size]"
    )
    assert after < before / 3
