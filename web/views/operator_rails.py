"""The operator's desk: notices of payment providers, orders under way, differences of the books."""

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from pydantic import Field
from sqlmodel import Session

from remelt.platform.settlement.rails import provider_queries as rails
from remelt.platform.settlement.rails.provider_accounts import accounts
from remelt.platform.settlement.rails.provider_news import retry_dead
from remelt.platform.settlement.rails.provider_payouts import let_go_online, prices_due
from remelt.platform.settlement.rails.provider_reconciling import explain
from remelt.web.context import clock, require, settings, store
from remelt.web.fields import Text
from remelt.web.forms import Form, FormState, Press, blank, submit
from remelt.web.messages.marks import N_
from remelt.web.online_words import WORDS, wanted
from remelt.web.rails import check_on

bp = Blueprint("operator_rails", __name__, url_prefix="/operator/providers")
STATES = {
    "received": (N_("to be looked into"), "copper"),
    "applied": (N_("applied"), "good"),
    "ignored": (N_("not ours"), "info"),
    "dead": (N_("dead letter"), "bad"),
}
ORDER_STATES = {
    "stored": (N_("to be sent"), "copper"),
    "waiting": (N_("waits for the payer"), "copper"),
    "held": (N_("held on the card"), "good"),
    "done": (N_("done"), "good"),
    "refused": (N_("refused"), "bad"),
    "cancelled": (N_("cancelled"), "info"),
}
PURPOSES = {
    "collect": N_("Collect"),
    "hold": N_("Hold a deposit"),
    "capture": N_("Take from a deposit"),
    "release": N_("Release a deposit"),
    "refund": N_("Refund"),
    "pay-out": N_("Pay the seller"),
    "take-back": N_("Take back from the seller"),
}
REASONS = {"no answer": N_("no answer")}
DIFFERENCES = {
    "unknown-movement": N_("The provider moved money that no order of ours names"),
    "amount-differs": N_("The amounts differ"),
    "not-at-provider": N_("The provider does not show this entry"),
    "balance-differs": N_("The balances differ"),
}


class ExplainForm(Form):
    """Why a difference is there."""

    explanation: Text = Field(min_length=1, max_length=200)


@bp.get("")
def index() -> ResponseReturnValue:
    """Show what waits, what is dead and what differs."""
    require("parties.operate")
    return _page(blank())


@bp.post("/notices/<event>/retry")
def retry(event: str) -> ResponseReturnValue:
    """Let a dead letter be looked into again."""
    who = require("parties.operate")

    def act(session: Session, _form: Press) -> str:
        retry_dead(session, clock=clock(), provider="stripe", event_id=event)
        return url_for("operator_rails.index")

    return submit(Press, act, who=who, page=_page)


@bp.post("/payouts/<code>")
def pay(code: str) -> ResponseReturnValue:
    """Let a seller's price go to its account; a second person confirms it at the cashier's."""
    who = require("parties.operate")

    def act(session: Session, _form: Press) -> str:
        check_on()
        let_go_online(session, clock=clock(), contract_code=code, person_id=who.person_id)
        return url_for("operator_rails.index")

    return submit(Press, act, who=who, page=_page)


@bp.get("/differences/<difference>")
def show_difference(difference: str) -> ResponseReturnValue:
    """Show where the books differ, to say why."""
    require("parties.operate")
    return _difference_page(difference, blank())


@bp.post("/differences/<difference>/explain")
def explain_difference(difference: str) -> ResponseReturnValue:
    """Say why a difference is there; it is no longer shown."""
    who = require("parties.operate")

    def act(session: Session, form: ExplainForm) -> str:
        explain(
            session,
            clock=clock(),
            code=difference,
            person_id=who.person_id,
            explanation=form.explanation,
        )
        return url_for("operator_rails.index")

    return submit(ExplainForm, act, who=who, page=lambda state: _difference_page(difference, state))


def _difference_page(difference: str, state: FormState) -> ResponseReturnValue:
    with store().read() as session:
        found = rails.difference(session, code=difference)
    return render_template("operator/difference.html", state=state, d=found, kinds=DIFFERENCES)


def _page(state: FormState) -> ResponseReturnValue:
    with store().read() as session:
        shown = {
            "differences": rails.open_differences(session),
            "notices": rails.notices(session),
            "orders": rails.open_orders(session),
            "disputes": rails.disputes(session),
            "prices": prices_due(session),
            "accounts": accounts(session),
        }
    return render_template(
        "operator/rails.html",
        state=state,
        on=bool(settings().stripe_key),
        states=STATES,
        order_states=ORDER_STATES,
        purposes=PURPOSES,
        kinds=DIFFERENCES,
        reasons=REASONS,
        wanted=wanted,
        words=WORDS,
        **shown,
    )
