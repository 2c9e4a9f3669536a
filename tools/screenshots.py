"""Pictures of the product for the README, taken from a running one with Debian's Chromium.

    python -m tools.screenshots ADDRESS [NAME ...]   writes docs/images/<name>.png
    python -m tools.screenshots loop                 writes docs/images/loop.svg alone

ADDRESS serves the demonstration of REMELT_HOME (`make demo`), whose password lies in that home.
Phone pictures have twice the pixels. Each page is found by pressing what a person presses.
"""

import re
import sys
import tempfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from flask import render_template
from flask_babel import force_locale
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from remelt.platform.kernel.settings import Settings
from remelt.web.app import create_app
from remelt.web.cli_demo import PASSWORD_FILE, demo_settings

FOLDER = Path(__file__).parents[1] / "docs" / "images"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--lang=zh-CN",
)
PHONE = (390, 844)
DESK = (1280, 900)
TALL = (1280, 1320)


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: its name, address, size, who looks (empty is a visitor), language, look.

    follow: what is pressed, one after the other, before the picture is taken; typed: what is
    then filled in, by the names of the fields; public: it is shown as a visitor sees it.
    """

    name: str
    path: str
    login: str = ""
    size: tuple[int, int] = DESK
    language: str = "zh-CN"
    look: str = "light"
    follow: tuple[str, ...] = ()
    typed: tuple[tuple[str, str], ...] = ()
    public: bool = False


TARE_KG, DIVISION_KG = 9_640, 20
AS_DECLARED = "the tare and what was declared, to the scale's division"
LATEST_PLANS = "main section:last-of-type tbody"
HEAT = 'main a[href*="/heats/"]:not([href$="/new"])'
SHOTS = (
    Shot("home", "/", language="en"),
    Shot("collect", "/collect", login="collector", size=PHONE),
    Shot("room", "/market?mode=auction", login="smelter", follow=("main .card.lot h3 a",)),
    Shot(
        "weigh",
        "/gate",
        login="hub",
        follow=('main a[href*="/weigh?lot="]',),
        typed=(("tare_kg", str(TARE_KG)), ("gross_kg", AS_DECLARED), ("plate", "贵A·演1T1")),
    ),
    Shot(
        "rounds",
        "/dispatch",
        login="hub",
        size=TALL,
        follow=(f"{LATEST_PLANS} tr:first-child a",),
    ),
    Shot("heat", "/works", login="smelter", follow=(HEAT,)),
    Shot(
        "passport",
        "/works",
        login="smelter",
        size=PHONE,
        follow=(HEAT, 'main tr:has-text("铸造产出") a'),
        public=True,
    ),
    Shot("regulator", "/regulator", login="regulator", size=TALL),
    Shot("regulator-dark", "/regulator", login="regulator", look="dark"),
)


def loop_picture() -> str:
    """The loop as one SVG file with its own ground, in English."""
    with tempfile.TemporaryDirectory() as home:
        app = create_app(Settings(home=Path(home)))
        try:
            with app.test_request_context("/"), force_locale("en"):
                drawn = render_template("home/loop.svg", ground=True)
        finally:
            app.extensions["remelt"].store.close()
    return re.sub(r">\s+<", ">\n<", drawn.strip()) + "\n"


def take(browser: Browser, address: str, shot: Shot, *, password: str) -> None:
    """Take one picture into docs/images."""
    width, height = shot.size
    context = browser.new_context(
        base_url=address,
        viewport={"width": width, "height": height},
        device_scale_factor=2 if shot.size == PHONE else 1,
        locale=shot.language,
        timezone_id="Asia/Shanghai",
        color_scheme="dark" if shot.look == "dark" else "light",
    )
    language = "en" if shot.language == "en" else "zh_CN"
    context.add_cookies([{"name": "lang", "value": language, "url": address}])
    page = context.new_page()
    if shot.login:
        sign_in(page, shot.login, password)
    page.goto(shot.path)
    for link in shot.follow:
        page.locator(link).first.click()
        page.wait_for_load_state()
    if shot.public:
        context.clear_cookies(name="remelt")
        page.reload()
    for name, text in shot.typed:
        filled = _gross_kg(page) if text == AS_DECLARED else text
        page.locator(f"main [name={name}]").fill(filled)
    if page.locator("[data-live]").count():
        page.locator("[data-live=on]").wait_for()
    else:
        page.wait_for_load_state("networkidle")
    picture = Image.open(BytesIO(page.screenshot()))
    picture.convert("RGB").quantize(128).save(FOLDER / f"{shot.name}.png", optimize=True)
    context.close()


def _gross_kg(page: Page) -> str:
    declared = page.locator("aside dd").nth(1).inner_text().split()[0].replace(",", "")
    return str(TARE_KG + int(float(declared)) // DIVISION_KG * DIVISION_KG)


def sign_in(page: Page, login: str, password: str) -> None:
    """Sign in as `login`."""
    page.goto("/sign-in")
    page.locator("[name=login]").fill(login)
    page.locator("[name=password]").fill(password)
    page.locator("main button[type=submit]").click()
    page.wait_for_load_state()


def main(arguments: list[str]) -> int:
    """Run one command; return the exit code."""
    if not arguments:
        print(__doc__)
        return 2
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "loop.svg").write_text(loop_picture(), encoding="utf-8")
    if arguments[0] == "loop":
        return 0
    address, *names = arguments
    home = demo_settings(Settings.from_env()).home
    password = (home / PASSWORD_FILE).read_text().strip()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=list(ARGUMENTS),
        )
        for shot in SHOTS:
            if not names or shot.name in names:
                take(browser, address, shot, password=password)
                print(f"docs/images/{shot.name}.png")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
