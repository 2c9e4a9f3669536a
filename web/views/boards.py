"""Price boards: what a site pays today, for everybody to see; and the form that hangs it out."""

from dataclasses import dataclass

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from remelt.platform.catalogue import queries as catalogue
from remelt.platform.market import boards
from remelt.platform.market.boards import BoardLine, set_price
from remelt.platform.market.errors import UnknownGrade
from remelt.platform.parties import queries as parties
from remelt.platform.parties.actors import Actor
from remelt.platform.parties.errors import NoSuchSite
from remelt.platform.parties.models import Organisation, Site
from remelt.web.context import actor, clock, require, store
from remelt.web.forms import FormState, blank, submit
from remelt.web.market_forms import BoardForm, as_typed
from remelt.web.views.lots import Named, grade_names

bp = Blueprint("boards", __name__)


@dataclass(frozen=True, slots=True)
class Board:
    """A site's board as a page shows it."""

    site: Site
    owner: Organisation
    lines: list[BoardLine]
    names: dict[tuple[str, str], Named]


@bp.get("/boards")
def index() -> ResponseReturnValue:
    """Lead an organisation to the boards of its own sites."""
    who = require("boards.set")
    with store().read() as session:
        sites = [
            site
            for site in parties.sites_of(session, organisation_id=who.organisation_id)
            if boards.buys(site)
        ]
    return render_template("market/boards.html", sites=sites)


@bp.get("/boards/<site>")
def show(site: str) -> ResponseReturnValue:
    """Show what a site pays now; anybody may read and share it."""
    with store().read() as session:
        board = _board(session, code=site)
        now = clock().now(session)
    who = actor()
    own = who is not None and who.organisation_id == board.owner.id and who.may("boards.set")
    return render_template("market/price_board.html", board=board, now=now, own=own)


@bp.get("/boards/<site>/edit")
def edit(site: str) -> ResponseReturnValue:
    """Show the form that hangs out a price."""
    who = require("boards.set")
    return _form(site, who, blank())


@bp.post("/boards/<site>/edit")
def post(site: str) -> ResponseReturnValue:
    """Hang out a price from now on, or take a line off."""
    who = require("boards.set")

    def act(session: Session, form: BoardForm) -> str:
        system, _, code = form.grade.partition("|")
        with as_typed():
            if not code:
                raise UnknownGrade(field="grade", grade=form.grade[:40])
            row = parties.site(session, code=site, organisation_id=who.organisation_id)
            set_price(
                session,
                clock=clock(),
                site_id=row.key,
                organisation_id=who.organisation_id,
                person_id=who.person_id,
                grade_system=system,
                grade_code=code,
                price_fen_per_t=form.price_yuan_per_t,
                with_invoice=form.with_invoice,
                vat_rate_bp=form.vat_percent or 0,
                tier_from_g=form.tier_from_kg or 0,
            )
        return url_for("boards.edit", site=site)

    return submit(BoardForm, act, who=who, page=lambda state: _form(site, who, state))


def _form(site: str, who: Actor, state: FormState) -> str:
    with store().read() as session:
        parties.site(session, code=site, organisation_id=who.organisation_id)
        board = _board(session, code=site)
        grades = catalogue.grades(session)
    return render_template("market/price_board_edit.html", board=board, state=state, grades=grades)


def _board(session: Session, *, code: str) -> Board:
    site = parties.site(session, code=code)
    if not boards.buys(site):
        raise NoSuchSite(site_code=code[:20])
    owner = parties.organisation_by_id(session, organisation_id=site.organisation_id)
    lines = boards.board(session, site_ids=[site.key], at=clock().now(session))
    return Board(site=site, owner=owner, lines=lines, names=grade_names(session))
