"""Paying through a provider: the state of one payment, and a seller's account to be paid into."""

from functools import partial
from typing import Annotated

from flask import Blueprint, make_response, render_template, url_for
from flask.typing import ResponseReturnValue
from pydantic import Field
from sqlmodel import Session

from remelt.platform.parties.actors import Actor
from remelt.platform.settlement.by_provider import settled_for
from remelt.platform.settlement.queries import check_payer
from remelt.platform.settlement.rails.provider_accounts import (
    COUNTRIES,
    account_of,
    ask_account,
    look_again,
)
from remelt.platform.settlement.rails.provider_deposits import deposit_id_of, hold_online
from remelt.platform.settlement.rails.provider_models import PaymentIntentRequest
from remelt.platform.settlement.rails.provider_orders import look_soon
from remelt.platform.settlement.rails.provider_paying import own_order, pay_online
from remelt.web.context import clock, require, settings, store
from remelt.web.fields import Text, Yuan
from remelt.web.forms import Form, FormState, Press, blank, submit
from remelt.web.online_words import WORDS, wanted
from remelt.web.rails import check_on
from remelt.web.views.market import listing_page
from remelt.web.views.money import settlement_page

bp = Blueprint("online", __name__, url_prefix="/pay")


class PayForm(Form):
    """How much of a settlement is paid online, and by what."""

    amount_yuan: Yuan
    method: Text = "card"


class AccountForm(Form):
    """Where a seller's account is to be, and whom Stripe writes to."""

    country: Annotated[Text, Field(pattern=r"^[A-Z]{2}$")]
    email: Annotated[Text, Field(min_length=3, max_length=120, pattern=r"^[^@\s]+@[^@\s]+$")]


@bp.post("/settlements/<settlement>")
def start(settlement: str) -> ResponseReturnValue:
    """Order a payment of a settlement by card or wallet."""
    who = require("settlement.pay")
    with store().read() as session:
        check_payer(session, code=settlement, organisation_id=who.organisation_id)

    def act(session: Session, form: PayForm) -> str:
        check_on()
        row = pay_online(
            session,
            clock=clock(),
            settlement_code=settlement,
            organisation_id=who.organisation_id,
            person_id=who.person_id,
            amount_fen=form.amount_yuan,
            method=form.method,
        )
        return url_for("online.show", order=row.order_key)

    return submit(PayForm, act, who=who, page=partial(settlement_page, settlement))


@bp.post("/deposits/<code>")
def deposit(code: str) -> ResponseReturnValue:
    """Have the deposit of an auction held on a card."""
    who = require("market.bid")

    def act(session: Session, _form: Press) -> str:
        check_on()
        row = hold_online(
            session,
            clock=clock(),
            listing_code=code,
            bidder_id=who.organisation_id,
            person_id=who.person_id,
        )
        return url_for("online.show", order=row.order_key)

    return submit(Press, act, who=who, page=partial(listing_page, code, who))


@bp.get("/account")
def account() -> ResponseReturnValue:
    """Show a seller's account at the provider."""
    return _account_page(require("settlement.pay"), blank())


@bp.post("/account")
def open_account() -> ResponseReturnValue:
    """Ask for a seller's account."""
    who = require("settlement.pay")

    def act(session: Session, form: AccountForm) -> str:
        check_on()
        ask_account(
            session,
            clock=clock(),
            organisation_id=who.organisation_id,
            person_id=who.person_id,
            country=form.country,
            email=form.email,
        )
        return url_for("online.account")

    return submit(AccountForm, act, who=who, page=partial(_account_page, who))


@bp.post("/account/look")
def look_at_account() -> ResponseReturnValue:
    """Have the account looked at again, and its form opened anew."""
    who = require("settlement.pay")

    def act(session: Session, _form: Press) -> str:
        check_on()
        look_again(session, clock=clock(), organisation_id=who.organisation_id)
        return url_for("online.account")

    return submit(Press, act, who=who, page=partial(_account_page, who))


@bp.get("/<order>")
def show(order: str) -> ResponseReturnValue:
    """Show one payment to who pays it; Stripe's pages lead back here."""
    return _page(order, require("settlement.pay"), blank())


@bp.get("/<order>/progress")
def progress(order: str) -> ResponseReturnValue:
    """Return how a payment stands, for the page that waits; it is loaded anew once it changes."""
    who = require("settlement.pay")
    row, about = _order(order, who)
    response = make_response(
        render_template("money/online_state.html", o=row, words=WORDS, about=about)
    )
    if row.state != "stored":
        response.headers["HX-Refresh"] = "true"
    return response


@bp.post("/<order>/look")
def look(order: str) -> ResponseReturnValue:
    """Have Stripe asked how a payment stands."""
    who = require("settlement.pay")
    _order(order, who)

    def act(session: Session, _form: Press) -> str:
        look_soon(session, clock=clock(), key=order)
        return url_for("online.show", order=order)

    return submit(Press, act, who=who, page=partial(_page, order, who))


def _order(key: str, who: Actor) -> tuple[PaymentIntentRequest, dict[str, str]]:
    """Return one's own order, and where what it is for stands."""
    with store().read() as session:
        row = own_order(session, key=key, organisation_id=who.organisation_id)
        if deposit_id_of(row.subject) is not None:
            link = url_for("market.show", code=row.reference, _anchor="offer")
            return row, {"link": link, "code": row.reference, "kind": "deposit"}
        owed = settled_for(session, subject_code=row.subject)
        code = row.subject if owed is None else owed.code
        link = url_for("money.index" if owed is None else "money.show", settlement=code)
        return row, {"link": link, "code": code, "kind": "settlement"}


def _page(key: str, who: Actor, state: FormState) -> str:
    row, about = _order(key, who)
    return render_template("money/online.html", state=state, o=row, about=about, words=WORDS)


def _account_page(who: Actor, state: FormState) -> str:
    with store().read() as session:
        row = account_of(session, organisation_id=who.organisation_id)
        now = clock().now(session)
    return render_template(
        "money/account.html",
        state=state,
        a=row,
        open_link=row is not None and row.link_until is not None and row.link_until > now,
        countries=COUNTRIES,
        on=bool(settings().stripe_key),
        wanted=wanted,
        words=WORDS,
    )
