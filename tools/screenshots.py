"""Pictures of the product for the README, taken from a running one with Debian's Chromium.

    python -m tools.screenshots ADDRESS PASSWORD [NAME ...]   writes docs/images/<name>.png
    python -m tools.screenshots loop                          writes docs/images/loop.svg alone

ADDRESS serves the demonstration, PASSWORD is what `make demo` prints. Both languages and looks
are shown, phone pictures at twice the size.
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

FOLDER = Path(__file__).parents[1] / "docs" / "images"
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
PHONE = (390, 844)
DESK = (1280, 900)
TALL = (1280, 1320)


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: its name, address, size, who looks (empty is a visitor), language, look.

    follow: what is pressed, one after the other, before the picture is taken.
    """

    name: str
    path: str
    login: str = ""
    size: tuple[int, int] = DESK
    language: str = "zh-CN"
    look: str = "light"
    follow: tuple[str, ...] = ()


HEAT = 'main a[href*="/heats/"]:not([href$="/new"])'
SHOTS = (
    Shot("home", "/", language="en"),
    Shot("collect", "/collect", login="collector", size=PHONE),
    Shot("room", "/bids", login="smelter", language="en", follow=("main tbody tr:last-child a",)),
    Shot("weigh", "/tickets", login="hub", size=PHONE, follow=("main tbody a",)),
    Shot(
        "rounds",
        "/dispatch",
        login="hub",
        size=TALL,
        follow=("main section:last-of-type tbody tr:last-child a",),
    ),
    Shot("heat", "/works", login="smelter", follow=(HEAT,)),
    Shot(
        "passport",
        "/works",
        login="smelter",
        size=PHONE,
        follow=(HEAT, 'main tr:has-text("铸造产出") a'),
    ),
    Shot("regulator", "/regulator", login="regulator", size=TALL, language="en"),
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
    page.wait_for_load_state("networkidle")
    picture = Image.open(BytesIO(page.screenshot()))
    picture.convert("RGB").quantize(128).save(FOLDER / f"{shot.name}.png", optimize=True)
    context.close()


def sign_in(page: Page, login: str, password: str) -> None:
    """Sign in as `login`."""
    page.goto("/sign-in")
    page.locator("[name=login]").fill(login)
    page.locator("[name=password]").fill(password)
    page.locator("main button[type=submit]").click()
    page.wait_for_load_state()


def main(arguments: list[str]) -> int:
    """Run one command; return the exit code."""
    if not arguments or (arguments[0] != "loop" and len(arguments) < 2):  # noqa: PLR2004 - both
        print(__doc__)
        return 2
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "loop.svg").write_text(loop_picture(), encoding="utf-8")
    if arguments[0] == "loop":
        return 0
    address, password, *names = arguments
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=list(ARGUMENTS)
        )
        for shot in SHOTS:
            if not names or shot.name in names:
                take(browser, address, shot, password=password)
                print(f"docs/images/{shot.name}.png")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
