"""Money: what is owed and what was paid, for the payer and for the payee."""

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from remelt.platform.kernel.clock import BEIJING
from remelt.platform.settlement import accounts, queries
from remelt.platform.settlement.by_provider import PAID_FOR
from remelt.platform.settlement.finals.claiming import to_answer
from remelt.platform.settlement.models import KINDS
from remelt.platform.settlement.rails.bank.instructing import pay_to
from remelt.platform.settlement.rails.provider_orders import MOST_MINOR, frozen_by
from remelt.platform.settlement.rails.provider_paying import online_payments
from remelt.web.context import clock, require, settings, store
from remelt.web.deal_words import STANDING_WORDS
from remelt.web.forms import FormState, Press, blank, submit
from remelt.web.online_words import WORDS as ONLINE_WORDS
from remelt.web.yard_forms import PaymentForm, ReasonForm
from remelt.web.yard_words import WORDS

bp = Blueprint("money", __name__, url_prefix="/money")
OPEN = {"pay": True, "get": False}


@bp.get("")
def index() -> ResponseReturnValue:
    """Show what the organisation owes and is owed, and what waits for a second person."""
    who = require("settlement.read")
    kind, still = request.args.get("kind", ""), request.args.get("open", "")
    with store().read() as session:
        lines = queries.money(
            session,
            organisation_id=who.organisation_id,
            kind=kind if kind in KINDS else None,
            open_only=still in OPEN,
        )
        waiting = queries.waiting(session, organisation_id=who.organisation_id)
        sums = queries.sums(session, organisation_id=who.organisation_id)
        claims = to_answer(session, organisation_id=who.organisation_id, now=clock().now(session))
    return render_template(
        "money/index.html",
        lines=[line for line in lines if still not in OPEN or line.pays is OPEN[still]],
        waiting=waiting,
        sums=sums,
        claims=claims,
        kind=kind,
        still=still,
        words=WORDS,
        standing=STANDING_WORDS,
        pays_online=bool(settings().stripe_key),
    )


@bp.get("/<settlement>")
def show(settlement: str) -> ResponseReturnValue:
    """Show one settlement to one of its parties."""
    require("settlement.read")
    return settlement_page(settlement, blank())


@bp.post("/<settlement>/payments")
def pay(settlement: str) -> ResponseReturnValue:
    """Record a payment."""
    who = require("settlement.pay")
    _own(settlement)

    def act(session: Session, form: PaymentForm) -> str:
        accounts.record_payment(
            session,
            clock=clock(),
            settlement_code=settlement,
            organisation_id=who.organisation_id,
            person_id=who.person_id,
            amount_fen=form.amount_yuan,
            paid_on=form.paid_on,
            method=form.method,
            reference=form.reference,
        )
        return url_for("money.show", settlement=settlement)

    return submit(PaymentForm, act, who=who, page=lambda state: settlement_page(settlement, state))


@bp.post("/payments/<payment>/confirm")
def confirm(payment: str) -> ResponseReturnValue:
    """Confirm a payment as the second person."""
    who = require("settlement.pay")
    code = _settlement_of(payment)

    def act(session: Session, form: Press) -> str:
        del form
        accounts.confirm_payment(
            session,
            clock=clock(),
            payment_code=payment,
            organisation_id=who.organisation_id,
            person_id=who.person_id,
        )
        return url_for("money.show", settlement=code)

    return submit(Press, act, who=who, page=lambda state: settlement_page(code, state))


@bp.post("/payments/<payment>/decline")
def decline(payment: str) -> ResponseReturnValue:
    """Decline a payment as the second person."""
    who = require("settlement.pay")
    code = _settlement_of(payment)

    def act(session: Session, form: ReasonForm) -> str:
        accounts.decline_payment(
            session,
            clock=clock(),
            payment_code=payment,
            organisation_id=who.organisation_id,
            person_id=who.person_id,
            reason=form.reason,
        )
        return url_for("money.show", settlement=code)

    return submit(ReasonForm, act, who=who, page=lambda state: settlement_page(code, state))


def _own(settlement: str) -> None:
    """Refuse a settlement that the organisation does not pay, before any input is read."""
    who = require("settlement.pay")
    with store().read() as session:
        queries.check_payer(session, code=settlement, organisation_id=who.organisation_id)


def _settlement_of(payment: str) -> str:
    who = require("settlement.pay")
    with store().read() as session:
        return queries.settlement_code_of(
            session, payment_code=payment, organisation_id=who.organisation_id
        )


def settlement_page(settlement: str, state: FormState) -> str:
    """Return the page of a settlement, with a form as it was typed."""
    who = require("settlement.read")
    with store().read() as session:
        view = queries.settlement(session, code=settlement, organisation_id=who.organisation_id)
        subject = view.settlement.subject_code
        return render_template(
            "money/settlement.html",
            state=state,
            view=view,
            words=WORDS,
            online=online_payments(session, subject=subject) if view.pays else [],
            frozen=frozen_by(session, subject=subject),
            pays_online=bool(settings().stripe_key) and view.settlement.kind in PAID_FOR,
            online_words=ONLINE_WORDS,
            most_minor=MOST_MINOR,
            pay_to=pay_to(session, owed=view.settlement),
            today=clock().now(session).astimezone(BEIJING).date(),
        )
