"""The operator's desk of others' money: what is held and due to whom, paid out by two hands."""

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from remelt.platform.settlement.escrow import paying, queries
from remelt.platform.settlement.rails.bank.instructing import transfers
from remelt.platform.settlement.rails.provider_payouts import refusals
from remelt.web.context import clock, require, store
from remelt.web.forms import FormState, Press, blank, submit
from remelt.web.money_forms import LetGoForm
from remelt.web.money_words import WORDS
from remelt.web.online_words import REASON_WORDS
from remelt.web.views.books import entries_of
from remelt.web.yard_forms import ReasonForm

bp = Blueprint("payouts", __name__, url_prefix="/payouts")


@bp.get("")
def index() -> ResponseReturnValue:
    """Show what is due, what waits for a second person, and what was paid out last."""
    require("settlement.oversee")
    return _page(blank())


@bp.post("")
def let_go() -> ResponseReturnValue:
    """Let money go; a second person confirms it."""
    who = require("settlement.oversee")

    def act(session: Session, form: LetGoForm) -> str:
        paying.let_go(
            session,
            clock=clock(),
            purpose=form.purpose,
            subject_code=form.subject,
            deposit_id=form.deposit,
            payee=form.payee,
            person_id=who.person_id,
        )
        return url_for("payouts.index")

    return submit(LetGoForm, act, who=who, page=_page)


@bp.post("/<payout>/confirm")
def confirm(payout: str) -> ResponseReturnValue:
    """Confirm, as the second person, that money is paid out."""
    who = require("settlement.oversee")
    _there(payout)

    def act(session: Session, _form: Press) -> str:
        paying.confirm_payout(
            session,
            clock=clock(),
            code=payout,
            organisation_id=who.organisation_id,
            person_id=who.person_id,
        )
        return url_for("payouts.index")

    return submit(Press, act, who=who, page=_page)


@bp.post("/<payout>/decline")
def decline(payout: str) -> ResponseReturnValue:
    """Decline, as the second person: the money stays held."""
    who = require("settlement.oversee")
    _there(payout)

    def act(session: Session, form: ReasonForm) -> str:
        paying.decline_payout(
            session,
            clock=clock(),
            code=payout,
            organisation_id=who.organisation_id,
            person_id=who.person_id,
            reason=form.reason,
        )
        return url_for("payouts.index")

    return submit(ReasonForm, act, who=who, page=_page)


@bp.get("/contracts/<contract>")
def show(contract: str) -> ResponseReturnValue:
    """Show what is held for a contract, its payouts, and every entry about it."""
    who = require("settlement.oversee")
    with store().read() as session:
        view = queries.contract_held(session, code=contract)
        refused = refusals(session, payouts=[line.payout for line in view.payouts])
        entries = entries_of(session, who, subject=contract)
    return render_template(
        "payouts/contract.html", view=view, entries=entries, state=blank(), words=WORDS,
        refusals=refused, reasons=REASON_WORDS,
    )  # fmt: skip


def _there(code: str) -> None:
    """Refuse a payout that is not there before any input is read."""
    with store().read() as session:
        paying.payout(session, code=code)


def _page(state: FormState) -> str:
    with store().read() as session:
        view = queries.held_view(session)
        refused = refusals(session, payouts=[line.payout for line in view.answered])
        waiting = transfers(session)
    return render_template(
        "payouts/index.html", view=view, transfers=waiting, state=state, words=WORDS,
        refusals=refused, reasons=REASON_WORDS,
    )  # fmt: skip
