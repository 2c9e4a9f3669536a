"""Which language a reader gets: their setting, then the cookie, then the browser; Chinese first."""

from flask import request
from flask_babel import Babel, get_locale

from remelt.web.context import actor

LOCALES = ("zh_CN", "en")
TAGS = {"zh_CN": "zh-CN", "en": "en"}


def choose() -> str:
    """Return the locale of this request."""
    asked = request.args.get("lang") or request.cookies.get("lang") or ""
    if asked in LOCALES:
        return asked
    who = actor()
    if who is not None and who.locale in LOCALES:
        return who.locale
    best = request.accept_languages.best_match(["zh-CN", "zh", "en"], "zh-CN")
    return "en" if best == "en" else "zh_CN"


def lang_tag() -> str:
    """Return the `lang` attribute of the page."""
    return TAGS.get(str(get_locale()), "zh-CN")


def babel() -> Babel:
    """Return the extension, ready to be bound to an app."""
    return Babel(
        locale_selector=choose,
        timezone_selector=lambda: "Asia/Shanghai",
        default_locale="zh_CN",
        default_translation_directories="translations",
    )
