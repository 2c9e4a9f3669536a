"""A seller's own lots: the workplace of a collector, offering a lot, one's own lot."""

from dataclasses import dataclass
from functools import partial

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup
from sqlmodel import Session

from remelt.platform.catalogue import queries as catalogue
from remelt.platform.catalogue.models import Grade
from remelt.platform.kernel.errors import Refusal
from remelt.platform.market import boards, queries, rooms
from remelt.platform.market.combined.queries import sale_of
from remelt.platform.market.drafts import PhotoRef, is_barred
from remelt.platform.market.listings import preview, publish
from remelt.platform.market.terms import leader_alone, terms_of
from remelt.platform.parties import queries as parties
from remelt.platform.parties.actors import Actor
from remelt.platform.parties.models import Site
from remelt.traceability import queries as ledger
from remelt.traceability.labels.labels import qr_svg, tag_url
from remelt.web.address import asked_page
from remelt.web.asking import asking
from remelt.web.context import clock, files, house, require, settings, store
from remelt.web.draft_forms import DraftForm
from remelt.web.draft_page import draft_values, keep_typed, publish_typed
from remelt.web.forms import FormState, blank, read_form, refused_again, submit
from remelt.web.market_forms import LotForm, as_typed
from remelt.web.market_words import (
    EVIDENCE_WORDS,
    FORM_WORDS,
    KIND_WORDS,
    ORIGIN_WORDS,
    TRACK_WORDS,
    WORDS,
)
from remelt.web.photos import keep_photos, kept_photo

bp = Blueprint("lots", __name__)
METALS = ("Al", "Cu", "Zn", "Pb", "Mg", "Ti", "mixed")
DAY = 24


@bp.get("/collect")
def collect() -> ResponseReturnValue:
    """Show a seller its lots with the next step of each, and what is paid nearby today."""
    who = require("market.sell")
    with store().read() as session:
        now = clock().now(session)
        lines = queries.own_listings(session, seller_id=who.organisation_id, now=now, limit=12)
        sites = parties.sites_of(session, organisation_id=who.organisation_id)
        near = boards.boards_near(session, site=sites[0] if sites else None, at=now)
        names = grade_names(session)
    return render_template(
        "market/collect.html", lines=lines, near=near, names=names, words=WORDS, now=now
    )


@bp.get("/lots")
def mine() -> ResponseReturnValue:
    """List every lot that the organisation offered, a page at a time."""
    who = require("market.sell")
    page = asked_page()
    with store().read() as session:
        lines = queries.own_listings(
            session,
            seller_id=who.organisation_id,
            now=clock().now(session),
            limit=DAY + 1,
            offset=(page - 1) * DAY,
        )
    return render_template(
        "market/mine.html", lines=lines[:DAY], page=page, more=len(lines) > DAY, words=WORDS
    )


@bp.get("/lots/new")
def new() -> ResponseReturnValue:
    """Show the form that offers a lot, with a draft filled in: one page, without JavaScript too."""
    who = require("market.sell")
    code = request.args.get("draft", "")
    if code:
        return _form(who, blank(**draft_values(code, who)))
    return _form(who, blank(metal=_metal(), grade=request.args.get("grade", "")[:100]))


@bp.post("/lots/new")
def create() -> ResponseReturnValue:
    """Check what was typed and show it again, or publish it."""
    who = require("market.sell")
    page = partial(_form, who)
    if request.form.get("step") == "publish":
        return submit(
            LotForm, lambda session, form: _publish(session, form, who), who=who, page=page
        )
    if request.form.get("step") == "change":
        return _form(who, _typed())
    if request.form.get("step") == "draft":
        return submit(DraftForm, partial(_keep, who=who), who=who, page=page)
    try:
        return _check(read_form(LotForm), who)
    except Refusal as refused:
        return refused_again(page, LotForm, refused)


@bp.get("/lots/<code>")
def show(code: str) -> ResponseReturnValue:
    """Show a seller its own lot: state, offers, contract and tag."""
    who = require("market.sell")
    with store().read() as session:
        now = clock().now(session)
        line = queries.own_listing(session, lot_code=code, seller_id=who.organisation_id, now=now)
        room = rooms.room(session, auction=line.auction, viewer_id=who.organisation_id, now=now)
        photos = queries.photos(session, listing_id=line.listing.key)
        sold = (
            queries.contract(session, code=line.contract_code, organisation_id=who.organisation_id)
            if line.contract_code
            else None
        )
        lot = ledger.lot(session, code=code)
        together = sale_of(session, listing_id=line.listing.key)
        terms = terms_of(session, auction_id=line.auction.key)
    tag = tag_url(settings().base_url, code=line.listing.lot_code, gtin=settings().gtin)
    return render_template(
        "market/lot.html",
        line=line,
        listing=line.listing,
        auction=line.auction,
        room=room,
        photos=photos,
        sold=sold,
        together=together,
        terms=terms,
        decides=leader_alone(terms),
        owns=who.organisation_code == lot.owner,
        tag=tag,
        printable=who.organisation_code in {lot.owner, lot.custodian},
        qr=Markup(qr_svg(tag, title=_("Tag of this lot"))),  # noqa: S704 - our own SVG
        words=WORDS,
        state=blank(),
        fresh="new" in request.args,
    )


@dataclass(frozen=True, slots=True)
class Named:
    """A grade's names, as a price board or a list shows them."""

    name_zh: str
    name_en: str


def grade_names(session: Session) -> dict[tuple[str, str], Named]:
    """Return the names of every grade by system and code."""
    return {
        (row.system, row.code): Named(row.name_zh or row.name_en, row.name_en)
        for row in catalogue.grades(session)
    }


def grade_options(session: Session, *, metal: str) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Return the grades of a metal that may be listed, those of Chinese trade first.

    Each option is its value, its Chinese and its English words, aliases included.
    """
    aliases: dict[tuple[str, str], list[str]] = {}
    for alias in catalogue.aliases(session):
        if alias.lang == "zh":
            aliases.setdefault((alias.system, alias.code), []).append(alias.alias)
    groups: dict[str, list[tuple[str, str, str]]] = {"CN-trade": []}
    for row in catalogue.grades(session, metal=metal):
        if not is_barred(row.hazard):
            groups.setdefault(row.system, []).append(
                _option(row, aliases.get((row.system, row.code), []))
            )
    return [(name, rows) for name, rows in groups.items() if rows]


def _option(row: Grade, aliases: list[str]) -> tuple[str, str, str]:
    others = [each for each in aliases if each != row.name_zh][:3]
    zh = "、".join([row.name_zh, *others]) if row.name_zh else row.name_en
    code = "" if row.system == "CN-trade" else f" · {row.code}"
    return f"{row.system}|{row.code}", f"{zh}{code}", f"{row.name_en}{code}"


def _metal() -> str:
    asked = request.args.get("metal", "Al")
    return asked if asked in METALS else "Al"


def _form(who: Actor, state: FormState) -> str:
    metal = state.values.get("metal", "Al")
    with store().read() as session:
        sites = parties.sites_of(session, organisation_id=who.organisation_id)
        grades = grade_options(session, metal=metal if metal in METALS else "Al")
        metals = [row for row in catalogue.metals(session) if row.code in METALS]
        near = boards.boards_near(
            session, site=sites[0] if sites else None, at=clock().now(session), limit=3
        )
        names = grade_names(session)
        asked = asking(session, who)
    return render_template(
        "market/new.html",
        **asked,
        state=state,
        sites=sites,
        grades=grades,
        metals=sorted(metals, key=lambda row: METALS.index(row.code)),
        near=near,
        names=names,
        forms=_said(FORM_WORDS, skip=("dross",)),
        origins=_said(ORIGIN_WORDS),
        evidence=_said(EVIDENCE_WORDS),
        tracks=_said(TRACK_WORDS),
        kept=[value for key, value in state.values.items() if key.startswith("kept-")]
        or _kept_names(),
    )


def _said(words: dict[str, str], *, skip: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    return [(key, _(text)) for key, text in words.items() if key not in skip]


def _kept_names() -> list[str]:
    return [value for key, value in request.form.items() if key.startswith("kept-")]


def _check(form: LotForm, who: Actor) -> ResponseReturnValue:
    """Refuse what could not be published, keep the photos, show all of it once more."""
    photos = _photos(form)
    with as_typed(), store().read() as session:
        site = parties.site(session, code=form.site, organisation_id=who.organisation_id)
        draft = form.draft(now=clock().now(session))
        grade = preview(
            session,
            clock=clock(),
            seller_id=who.organisation_id,
            site_id=site.key,
            draft=draft,
            photos=photos,
            house=house(),
        )
        beside = asking(session, who)
    return render_template(
        "market/check.html",
        state=_typed(),
        typed=form,
        draft=draft,
        grade=grade,
        site=site,
        photos=photos,
        words=WORDS,
        kinds=KIND_WORDS,
        papers=dict(beside["papers"]),
        holders=dict(beside["holders"]),
        house=house(),
        hidden_fields=[(key, value) for key, value in request.form.items() if _is_typed(key)],
    )


def _keep(session: Session, form: DraftForm, *, who: Actor) -> str:
    return keep_typed(session, form, who, photos=_photos(form))


def _typed() -> FormState:
    """Return the form as it was typed, with a fresh key: to check it, or to change it."""
    return FormState(values={key: text for key, text in request.form.items() if _is_typed(key)})


def _is_typed(key: str) -> bool:
    return key not in {"csrf_token", "idempotency_key", "step"} and not key.startswith("kept-")


def _photos(form: LotForm) -> list[PhotoRef]:
    kept = [kept_photo(each.sha, files=files()) for each in form.kept]
    return kept + keep_photos(request.files.getlist("photos"), files=files())


def _publish(session: Session, form: LotForm, who: Actor) -> str:
    if form.draft_code:
        return publish_typed(session, form, who, photos=_photos(form))
    with as_typed():
        site: Site = parties.site(session, code=form.site, organisation_id=who.organisation_id)
        made = publish(
            session,
            clock=clock(),
            seller_id=who.organisation_id,
            person_id=who.person_id,
            site_id=site.key,
            draft=form.draft(now=clock().now(session)),
            photos=_photos(form),
        )
    return url_for("lots.show", code=made.lot_code, new=1)
