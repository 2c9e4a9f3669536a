"""Pictures of the product for the README, taken from a running one with Debian's Chromium.

    python -m tools.screenshots ADDRESS [NAME ...]   writes docs/images/<name>.png
    python -m tools.screenshots loop                 writes docs/images/loop.svg alone

ADDRESS serves the demonstration (`make demo`). A picture that needs a sign-in takes its login
and password from SCREENSHOT_<ROLE>, as `login:password`.
"""

import os
import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from flask import render_template
from flask_babel import force_locale
from playwright.sync_api import Browser, Page, sync_playwright

from remelt.platform.kernel.settings import Settings
from remelt.web.app import create_app

FOLDER = Path(__file__).parents[1] / "docs" / "images"
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
PHONE = (390, 844)
DESK = (1280, 900)


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: its name, address, size, who looks (None is a visitor), language, look."""

    name: str
    path: str
    size: tuple[int, int] = DESK
    role: str | None = None
    language: str = "zh-CN"
    look: str = "light"
    whole: bool = False


SHOTS = (
    Shot("home", "/"),
    Shot("home-phone", "/", size=PHONE),
    Shot("style", "/style", language="en", whole=True),
    Shot("style-dark", "/style", look="dark"),
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


def take(browser: Browser, address: str, shot: Shot) -> None:
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
    page = context.new_page()
    if shot.role:
        sign_in(page, shot.role)
    page.goto(shot.path)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / f"{shot.name}.png", full_page=shot.whole)
    context.close()


def sign_in(page: Page, role: str) -> None:
    """Sign in as somebody of `role`."""
    login, _, password = os.environ[f"SCREENSHOT_{role.upper()}"].partition(":")
    page.goto("/sign-in")
    page.locator("[name=login]").fill(login)
    page.locator("[name=password]").fill(password)
    page.locator("main button[type=submit]").click()


def main(arguments: list[str]) -> int:
    """Run one command; return the exit code."""
    if not arguments:
        print(__doc__)
        return 2
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "loop.svg").write_text(loop_picture(), encoding="utf-8")
    address, *names = arguments
    if address == "loop":
        return 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=list(ARGUMENTS)
        )
        for shot in SHOTS:
            if not names or shot.name in names:
                take(browser, address, shot)
                print(f"docs/images/{shot.name}.png")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
