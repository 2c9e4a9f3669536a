"""Metal accounts of tolling and swaps: offered, accepted, booked in kg."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Blueprint, Response, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from remelt.platform.catalogue import queries as catalogue
from remelt.platform.parties import queries as parties
from remelt.platform.parties.actors import Actor
from remelt.platform.works import queries, tolling
from remelt.platform.works.errors import SiteCannot
from remelt.platform.works.tolling_queries import account, accounts, entries, on_the_way
from remelt.platform.works.tolling_terms import accept_account, open_account
from remelt.web.context import clock, require, store
from remelt.web.deeds import sent
from remelt.web.flow_forms import TollForm, TollLotForm
from remelt.web.flow_words import ENTRY_WORDS, MATERIAL_WORDS, STATE_WORDS, TERM_WORDS
from remelt.web.fmt import is_chinese, named
from remelt.web.forms import FormState, Press, blank, submit
from remelt.web.metal_deed import metal_clauses, metal_deed
from remelt.web.works_words import WORDS, lot_choices, site_choices, spoken

bp = Blueprint("tolling", __name__, url_prefix="/tolling")
SAID = {"terms": TERM_WORDS, "state": STATE_WORDS, "kind": ENTRY_WORDS, "material": MATERIAL_WORDS}


@bp.get("")
def show() -> ResponseReturnValue:
    """Show the metal accounts on either side, and the form that offers one."""
    return _accounts_page(require("works.toll"), blank(metal="Al", material="scrap"))


@bp.post("")
def post_account() -> ResponseReturnValue:
    """Offer a metal account to an owner."""
    who = require("works.toll")

    def act(session: Session, form: TollForm) -> str:
        site = parties.site(session, code=form.site, organisation_id=who.organisation_id)
        made = open_account(
            session,
            clock=clock(),
            site_id=site.key,
            person_id=who.person_id,
            owner_site=form.owner_site,
            terms=form.agreed(),
        )
        return url_for("tolling.one", account=made.code)

    return submit(TollForm, act, who=who, page=partial(_accounts_page, who))


@bp.get("/<account>")
def one(account: str) -> ResponseReturnValue:
    """Show one metal account: kg in, agreed yield, kg owed, kg returned."""
    return _account_page(require("works.toll"), account, blank())


@bp.get("/<account>/contract.json")
def as_json(account: str) -> Response:
    """Send the contract of an account as canonical JSON; its hash stands on the PDF too."""
    return _deed(account, kind="json")


@bp.get("/<account>/contract.pdf")
def as_pdf(account: str) -> Response:
    """Send the contract of an account as a PDF in Chinese and English."""
    return _deed(account, kind="pdf")


@bp.post("/<account>/accept")
def post_accept(account: str) -> ResponseReturnValue:
    """Accept an account, as the owner."""
    who = require("works.toll")
    page = partial(_account_page, who, account)
    page(blank())

    def act(session: Session, _form: Press) -> str:
        accept_account(
            session,
            clock=clock(),
            code=account,
            organisation_id=who.organisation_id,
            person_id=who.person_id,
        )
        return url_for("tolling.one", account=account)

    return submit(Press, act, who=who, page=page)


@bp.post("/<account>/lots")
def post_lot(account: str) -> ResponseReturnValue:
    """Send a lot in, book it in, give one back, or take it home."""
    who = require("works.toll")
    page = partial(_account_page, who, account)
    page(blank())

    def act(session: Session, form: TollLotForm) -> str:
        book(session, who, code=account, what=form.what, lot=form.lot, mass_g=form.mass_kg)
        return url_for("tolling.one", account=account)

    return submit(TollLotForm, act, who=who, page=page)


def book(
    session: Session, who: Actor, *, code: str, what: str, lot: str, mass_g: int | None
) -> None:
    """Do one of the four things that can be done with a lot of an account."""
    terms: dict[str, Any] = {
        "clock": clock(),
        "code": code,
        "organisation_id": who.organisation_id,
        "person_id": who.person_id,
        "lot_code": lot,
    }
    if what == "take_in":
        tolling.take_in(session, mass_g=mass_g or 0, **terms)
        return
    ways: dict[str, Callable[..., object]] = {
        "send": tolling.send_in,
        "give_back": tolling.give_back,
        "take_home": tolling.take_home,
    }
    ways[what](session, **terms)


def _deed(code: str, *, kind: str) -> Response:
    who = require("works.toll")
    with store().read() as session:
        card = account(session, code=code, organisation_id=who.organisation_id)
        theirs = parties.site_by_id(session, site_id=card.account.owner_site_id)
    return sent(metal_deed(card, owner_site=theirs), kind=kind)


def _accounts_page(who: Actor, state: FormState) -> ResponseReturnValue:
    with store().read() as session:
        cards = accounts(session, organisation_id=who.organisation_id)
        sites = [
            site
            for site in parties.sites_of(session, organisation_id=who.organisation_id)
            if site.capabilities & {"smelt", "process"}
        ]
        others = {
            site.code: (site, firm)
            for capability in ("hub", "smelt", "process", "purchase_point", "trade")
            for site, firm in parties.sites_that(session, capability=capability)
            if firm.key != who.organisation_id
        }
        metals = [m for m in catalogue.metals(session) if m.code != "mixed"]
    zh = is_chinese()
    places = [(c, f"{named(f, zh=zh)} · {named(s, zh=zh)}") for c, (s, f) in others.items()]
    return render_template(
        "works/tolling.html",
        state=state,
        cards=cards,
        mine=who.organisation_id,
        sites=sites,
        site_choices=site_choices(sites),
        places=sorted(places, key=lambda each: each[1]),
        metal_choices=[(m.code, named(m, zh=zh)) for m in metals],
        terms=spoken(TERM_WORDS),
        materials=spoken(MATERIAL_WORDS),
        said=SAID,
    )


def _account_page(who: Actor, code: str, state: FormState) -> ResponseReturnValue:
    with store().read() as session:
        card = account(session, code=code, organisation_id=who.organisation_id)
        booked = entries(session, accounts=[card.account])
        moving = on_the_way(session, card=card)
        lines = _stock(session, who, metal=card.account.metal)
    owner = card.account.owner_id == who.organisation_id
    firms = {card.owner.code, card.processor.code}
    back = {line.lot.code for line in booked if line.back}
    return render_template(
        "works/account.html",
        state=state,
        card=card,
        clauses=metal_clauses(card.account),
        entries=booked,
        owner=owner,
        stock=lot_choices([line for line in lines if line.lot.owner in firms]),
        coming=[lot for lot in moving if (lot.code in back) is owner],
        said=SAID,
        words=WORDS,
    )


def _stock(session: Session, who: Actor, *, metal: str) -> list[queries.StockLine]:
    sites = parties.sites_of(session, organisation_id=who.organisation_id)
    if not sites:
        raise SiteCannot(field="site", site="", needs="")
    return queries.stock(
        session,
        organisation_code=who.organisation_code,
        site_codes=[site.code for site in sites],
        metal=metal,
    )
