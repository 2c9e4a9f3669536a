"""Which language a reader gets: their setting, then the cookie, then the browser; Chinese first."""

from functools import cache
from pathlib import Path

from babel import Locale
from babel.support import NullTranslations, Translations
from flask import Flask, request
from flask_babel import Babel, Domain, get_locale

from remelt.web.context import actor

LOCALES = ("zh_CN", "en")
TAGS = {"zh_CN": "zh-CN", "en": "en"}
FOLDER = str(Path(__file__).parent / "translations")


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


@cache
def parsed(locale: str) -> Locale:
    """The rules of one language, which it takes longer to look up than a request has time for."""
    return Locale.parse(locale)


def lang_tag() -> str:
    """Return the `lang` attribute of the page."""
    return TAGS.get(str(get_locale()), "zh-CN")


def country(code: str) -> str:
    """Return what the page calls a country of two letters; the letters where it has no name."""
    locale = get_locale()
    return str(locale.territories.get(code, code)) if locale is not None else code


@cache
def catalogue(locale: str) -> NullTranslations:
    """The sentences of one language, read once per process."""
    return Translations.load(FOLDER, [locale])


class Sentences(Domain):  # type: ignore[misc]  # Flask-Babel carries no types
    """Catalogues that outlive a request, found by our own names of the languages."""

    def get_translations(self) -> NullTranslations:
        """Return the catalogue of the page now being made."""
        locale = get_locale()
        return catalogue("en" if locale is not None and locale.language == "en" else "zh_CN")


class Languages(Babel):  # type: ignore[misc]  # Flask-Babel carries no types
    """Flask-Babel with our catalogues."""

    domain_instance = Sentences()


def speak(app: Flask) -> None:
    """Give `app` its languages."""
    Languages().init_app(  # what its constructor is told without an app, it forgets
        app,
        locale_selector=lambda: parsed(choose()),
        timezone_selector=lambda: "Asia/Shanghai",
        default_locale="zh_CN",
    )
