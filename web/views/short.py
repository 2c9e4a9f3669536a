"""A lot offered in a minute: what it is called, its mass, its price, one tick, and a press."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from remelt.platform.catalogue import queries as catalogue
from remelt.platform.kernel.errors import Refusal
from remelt.platform.market import boards
from remelt.platform.market.drafts import PhotoRef
from remelt.platform.market.listings import publish
from remelt.platform.market.preparing.short import CHOICES, draft_in_short, meant
from remelt.platform.parties import queries as parties
from remelt.platform.parties.actors import Actor
from remelt.platform.parties.errors import NoSuchSite
from remelt.platform.parties.models import Site
from remelt.web import fmt
from remelt.web.context import clock, files, require, store
from remelt.web.forms import FormState, blank, submit
from remelt.web.photos import keep_photos, kept_photo
from remelt.web.short_forms import ShortForm
from remelt.web.views.lots import grade_names

bp = Blueprint("short", __name__)
FIELDS = {
    "declared_mass_g": "mass",
    "fixed_fen_per_t": "price_yuan",
    "grade_code": "called",
}


@bp.get("/lots/short")
def new() -> ResponseReturnValue:
    """Show the short form."""
    return _page(require("market.sell"), blank())


@bp.post("/lots/short")
def create() -> ResponseReturnValue:
    """Publish the lot at once; pressed again, the lot that it became."""
    who = require("market.sell")

    def act(session: Session, form: ShortForm) -> str:
        with _as_typed():
            made = publish(
                session,
                clock=clock(),
                seller_id=who.organisation_id,
                person_id=who.person_id,
                site_id=_site(session, who, form.site).key,
                draft=draft_in_short(session, form.lot(), now=clock().now(session)),
                photos=_photos(form),
            )
        return url_for("lots.show", code=made.lot_code, new=1)

    return submit(ShortForm, act, who=who, page=partial(_page, who))


def _site(session: Session, who: Actor, code: str) -> Site:
    """Return the site that was chosen; the first of one's own where nothing was."""
    if code:
        return parties.site(session, code=code, organisation_id=who.organisation_id)
    sites = parties.sites_of(session, organisation_id=who.organisation_id)
    if not sites:
        raise NoSuchSite
    return sites[0]


def _photos(form: ShortForm) -> list[PhotoRef]:
    kept = [kept_photo(each.sha, files=files()) for each in form.kept]
    return kept + keep_photos(request.files.getlist("photos"), files=files())


def _page(who: Actor, state: FormState) -> str:
    called = state.values.get("called", "")
    with store().read() as session:
        sites = parties.sites_of(session, organisation_id=who.organisation_id)
        near = boards.boards_near(
            session, site=sites[0] if sites else None, at=clock().now(session), limit=3
        )
        names = grade_names(session)
        found = meant(session, called) if "called" in state.errors and called else []
        words = _words(session)
    zh = fmt.is_chinese()
    return render_template(
        "market/short.html",
        state=state,
        sites=sites,
        near=near,
        names=names,
        words=words,
        choices=[
            (f"{each.system}|{each.code}", fmt.named(each, zh=zh), f"{each.system} {each.code}")
            for each in found[:CHOICES]
        ],
    )


def _words(session: Session) -> list[str]:
    """Return the words that yards use, for the browser to complete what is typed."""
    lang = "zh" if fmt.is_chinese() else "en"
    said = [row.alias for row in catalogue.aliases(session) if row.lang == lang]
    return sorted(dict.fromkeys(said))


@contextmanager
def _as_typed() -> Iterator[None]:
    """Let a refusal of the market name the field that the person typed into."""
    try:
        yield
    except Refusal as refused:
        if refused.field in FIELDS:
            refused.facts["field"] = FIELDS[refused.field]
        raise
