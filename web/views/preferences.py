"""How a reader wants the pages: language and look, kept in cookies, without JavaScript."""

from urllib.parse import urlsplit

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from remelt.web.context import settings
from remelt.web.furnish import THEMES
from remelt.web.locale import LOCALES

bp = Blueprint("preferences", __name__)
YEAR_S = 365 * 24 * 3600


@bp.get("/preferences")
def keep() -> ResponseReturnValue:
    """Keep the choice and lead back to the page that was left; unknown choices change nothing."""
    response = redirect(inside(request.args.get("next", "")), code=303)
    language, look = request.args.get("lang"), request.args.get("theme")
    secure = settings().secure_cookies
    if language in LOCALES:
        response.set_cookie("lang", language, max_age=YEAR_S, samesite="Lax", secure=secure)
    if look in THEMES:
        response.set_cookie("theme", look, max_age=YEAR_S, samesite="Lax", secure=secure)
    elif look == "auto":
        response.delete_cookie("theme")
    return response


def inside(address: str) -> str:
    r"""The address when it stays on this site, else the home page.

    >>> inside("/lots?page=2"), inside("//evil.example/"), inside("https://evil.example/")
    ('/lots?page=2', '/', '/')
    >>> inside("//["), inside("/a\r\nX: y")
    ('/', '/')
    """
    if not address.isprintable():
        return "/"
    try:
        parts = urlsplit(address.replace("\\", "/"))
    except ValueError:
        return "/"
    local = not parts.scheme and not parts.netloc and address.startswith("/")
    return address if local and not address.startswith(("//", "/\\")) else "/"
