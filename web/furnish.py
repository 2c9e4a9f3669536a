"""What every template finds: filters, assets, the frame's menu, and how the reader wants it."""

from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version

from flask import Flask, g, request
from sqlalchemy.exc import SQLAlchemyError

from remelt.platform.kernel.errors import Busy
from remelt.platform.kernel.settings import Settings
from remelt.platform.parties import notices
from remelt.platform.parties.actors import Actor
from remelt.platform.parties.permissions import (
    AUDITOR,
    COLLECTOR,
    HUB,
    OPERATOR,
    REGULATOR,
    SMELTER,
)
from remelt.web import assets, fmt, locale, nav
from remelt.web.context import actor, store
from remelt.web.messages.marks import N_

THEMES = ("light", "dark")
ROLES = {
    COLLECTOR: N_("Collector"),
    HUB: N_("Hub"),
    SMELTER: N_("Smelter"),
    REGULATOR: N_("Regulator"),
    OPERATOR: N_("Operator"),
    AUDITOR: N_("Auditor"),
}


def furnish(app: Flask, settings: Settings) -> None:
    """Give the templates of `app` what they stand on."""
    app.jinja_env.filters.update(fmt.FILTERS, country=locale.country)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        asset=assets.asset,
        integrity=assets.integrity,
        lang_tag=locale.lang_tag,
        edition=_version(),
        first=first,
        view_names=app.view_functions,
    )

    @app.context_processor
    def frame() -> dict[str, object]:
        who = _reader()
        entries = nav.menu(who)
        return {
            "who": who,
            "unread": lambda: _unread(who),
            "role_name": ROLES.get(who.role, who.role) if who else None,
            "menu": entries,
            "place": nav.current(entries),
            "above": nav.ABOVE,
            "below": nav.BELOW,
            "demo": settings.demo,
            "theme": theme(),
            "now_stamp": fmt.stamp(datetime.now(UTC)),
            "here": request.full_path.rstrip("?"),
        }


def _reader() -> Actor | None:
    """Who reads; nobody when the database went wrong, so that the error page still shows."""
    try:
        return actor()
    except (Busy, SQLAlchemyError):
        return None


def _unread(who: Actor | None) -> int:
    """How many messages nobody of the organisation has read; asked by the frame alone, once."""
    if who is None or not who.may("parties.own"):
        return 0
    try:
        with store().read() as session:
            return notices.unread(session, organisation_id=who.organisation_id)
    except (Busy, SQLAlchemyError):
        return 0


def first(what: str) -> bool:
    """Tell whether this page says `what` for the first time: two forms share one summary."""
    said: set[str] = g.setdefault("said", set())
    new = what not in said
    said.add(what)
    return new


def theme() -> str | None:
    """The look the reader chose, light or dark; None leaves it to their device."""
    chosen = request.cookies.get("theme")
    return chosen if chosen in THEMES else None


@cache
def _version() -> str:
    return version("remelt")
