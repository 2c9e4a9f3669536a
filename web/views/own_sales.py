"""A seller's own page: money due, the ceiling of reverse invoices, statements, the year."""

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from remelt.platform.settlement.reverse import tying
from remelt.platform.settlement.reverse.errors import SellerUnidentified
from remelt.platform.yard.errors import ConsentNeeded
from remelt.platform.yard.identity import read_id_number
from remelt.web.address import asked_year
from remelt.web.attempts import tie_limits
from remelt.web.auth import desk
from remelt.web.context import clock, require, store
from remelt.web.forms import FormState, Press, blank, submit
from remelt.web.natural import note_past_contracts, tie_digest
from remelt.web.own_forms import TieForm
from remelt.web.own_sales import own_view, own_year
from remelt.web.reverse_words import WORDS
from remelt.web.running_words import WORDS as RUNNING
from remelt.web.sheets import table_answer
from remelt.web.yard_sites import vault

bp = Blueprint("own", __name__, url_prefix="/my-sales")


@bp.get("")
def show() -> ResponseReturnValue:
    """Show what one is owed, how near the ceiling is, and what was invoiced in one's name."""
    require("settlement.sell")
    return _page(blank())


@bp.post("/tie")
def tie() -> ResponseReturnValue:
    """Tie the account to the person whom a buyer knows: by its code and the identity number."""
    who = require("settlement.sell")
    limits = tie_limits(organisation_code=who.organisation_code)
    desk().attempts.check(*limits)
    desk().attempts.hit(*limits)

    def act(session: Session, form: TieForm) -> str:
        if not form.consent:
            raise ConsentNeeded(field="consent")
        seller = tying.tie(
            session, clock=clock(), organisation_id=who.organisation_id,
            person_id=who.person_id, code_digest=tie_digest(form.code, vault=vault()),
            identity_digest=vault().digest(read_id_number(form.id_number)),
        )  # fmt: skip
        note_past_contracts(session, seller, clock=clock())
        return url_for("own.show")

    return submit(TieForm, act, who=who, page=_page)


@bp.post("/untie")
def untie() -> ResponseReturnValue:
    """Untie the account."""
    who = require("settlement.sell")

    def act(session: Session, form: Press) -> str:
        del form
        tying.untie(
            session, clock=clock(), organisation_id=who.organisation_id, person_id=who.person_id
        )
        return url_for("own.show")

    return submit(Press, act, who=who, page=_page)


@bp.get("/year")
def year() -> Response:
    """Give the statement of a year as a file: every invoice in one's name."""
    who = require("settlement.sell")
    with store().read() as session:
        seller = tying.tied_to(session, organisation_id=who.organisation_id)
        if seller is None:
            raise SellerUnidentified
        chosen = asked_year(now=clock().now(session))
        table = own_year(session, seller=seller, year=chosen)
    shape = request.args.get("shape", "csv")
    return table_answer(table, name=f"my-sales-{chosen}", shape=shape)


def _page(state: FormState) -> str:
    who = require("settlement.sell")
    with store().read() as session:
        view = own_view(session, who=who, now=clock().now(session))
        return render_template(
            "own/show.html", state=state, view=view, words=WORDS, running=RUNNING
        )
