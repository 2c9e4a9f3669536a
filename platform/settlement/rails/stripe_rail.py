"""Stripe as a rail: separate charges and transfers, deposits held by manual capture, wallets."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final

import stripe

from remelt.platform.kernel.errors import Refusal
from remelt.platform.settlement.rails.protocol import (
    Answer,
    Money,
    Movement,
    Order,
    Purpose,
    RailRefused,
    RailUnsure,
)
from remelt.platform.settlement.rails.provider_orders import check_alone
from remelt.platform.settlement.rails.provider_sight import Holding, Sight
from remelt.platform.settlement.rails.stripe_asking import intent_facts, on_page, session_facts
from remelt.platform.settlement.rails.stripe_client import StripeAccess, client_of
from remelt.platform.settlement.rails.stripe_looking import disputes, find, look
from remelt.platform.settlement.rails.stripe_words import (
    intent_answer,
    movement_of,
    refund_answer,
    sent_answer,
    session_answer,
)

PAGE: Final = 100


class StripeRail:
    """One Stripe account. It knows no session: codes and amounts in, answers out."""

    name = "stripe"

    def __init__(self, access: StripeAccess) -> None:
        self.access = access
        self._http = stripe.RequestsClient(timeout=access.timeout_s)
        self.v1 = client_of(access, http=self._http).v1
        self._calls: dict[str, Callable[[Order], Answer]] = {
            "collect": self.collect,
            "hold": self.hold,
            "capture": self.capture,
            "release": self.release,
            "refund": self.refund,
            "pay-out": self.pay_out,
            "take-back": self.take_back,
        }

    def can(self, purpose: Purpose, *, money: Money, method: str = "") -> str:
        """Return "" when the rail does this, else why not: `too-large-for-rail`, `rail-cannot`."""
        try:
            check_alone(purpose, money, method=method)
        except Refusal as refused:
            return refused.code
        return ""

    def do(self, order: Order) -> Answer:
        """Call Stripe for an order of any purpose. Raises `RailRefused` or `RailUnsure`."""
        return self._calls[order.purpose](order)

    def collect(self, order: Order) -> Answer:
        """Ask the buyer for money by card or wallet, taken as soon as it is given."""
        return self._pay(order, capture="automatic")

    def hold(self, order: Order) -> Answer:
        """Reserve a deposit on a card, for seven days at most."""
        return self._pay(order, capture="manual")

    def capture(self, order: Order) -> Answer:
        """Take a held deposit or part of it; the rest is released."""
        with told():
            said = self.v1.payment_intents.capture(
                order.earlier, {"amount_to_capture": order.money.amount_minor}, _options(order)
            )
        return intent_answer(said.to_dict())

    def release(self, order: Order) -> Answer:
        """Give a held deposit back untaken."""
        with told():
            said = self.v1.payment_intents.cancel(order.earlier, {}, _options(order))
        answer = intent_answer(said.to_dict())
        return Answer(state="done", rail_ref=answer.rail_ref, tell=answer.tell)

    def refund(self, order: Order) -> Answer:
        """Give back of what was taken; a wallet's refund is waited for."""
        with told():
            said = self.v1.refunds.create(
                {
                    "payment_intent": order.earlier,
                    "amount": order.money.amount_minor,
                    "metadata": dict(order.metadata),
                },
                _options(order),
            )
        return refund_answer(said.to_dict())

    def pay_out(self, order: Order) -> Answer:
        """Transfer to the seller's connected account, of the charge named in `earlier` if any."""
        with told():
            source = self._charge(order.earlier) if order.earlier else ""
            facts: dict[str, Any] = {
                "amount": order.money.amount_minor,
                "currency": order.money.currency.lower(),
                "destination": order.party,
                "transfer_group": order.subject,
                "metadata": dict(order.metadata),
            }
            if source:
                facts["source_transaction"] = source
            said = self.v1.transfers.create(facts, _options(order))  # type: ignore[arg-type]
        return sent_answer(said.to_dict())

    def take_back(self, order: Order) -> Answer:
        """Take a transfer back, in part or whole, while the seller still has it there."""
        with told():
            said = self.v1.transfers.reversals.create(
                order.earlier,
                {"amount": order.money.amount_minor, "metadata": dict(order.metadata)},
                _options(order),
            )
        return sent_answer(said.to_dict())

    def find(self, order: Order, *, since: datetime) -> Answer | None:
        """Look for what an order without an answer has made since, by its metadata."""
        with told():
            return find(self.v1, order, since=since)

    def look(self, *, kind: str, object_id: str) -> Sight:
        """Ask again for what a notice is about."""
        with told():
            return look(self.v1, kind=kind, object_id=object_id)

    def movements(self, *, since: datetime, until: datetime) -> Iterator[Movement]:
        """Yield the balance transactions from `since` up to, not including, `until`."""
        with told():
            listed = self.v1.balance_transactions.list(
                {
                    "created": {"gte": int(since.timestamp()), "lt": int(until.timestamp())},
                    "limit": PAGE,
                    "expand": ["data.source"],
                }
            )
            found = [each.to_dict() for each in listed.auto_paging_iter()]
        for each in reversed(found):
            source = each["source"] if isinstance(each["source"], dict) else {}
            yield movement_of(each, source=source)

    def disputes(self, *, since: datetime, until: datetime) -> Sight:
        """Return the disputes opened in that time, as they stand, with what they moved."""
        with told():
            return disputes(self.v1, since=since, until=until)

    def holdings(self) -> list[Holding]:
        """Return what Stripe holds of ours, pending money included."""
        with told():
            said = self.v1.balance.retrieve().to_dict()
        totals: dict[str, int] = {}
        for each in [*said["available"], *said["pending"]]:
            currency = each["currency"].upper()
            totals[currency] = totals.get(currency, 0) + each["amount"]
        return [Holding(currency=name, amount_minor=sum_) for name, sum_ in sorted(totals.items())]

    def open_account(self, *, country: str, email: str, key: str) -> str:
        """Make the seller's connected account, once per key; returns its name."""
        with told():
            made = self.v1.accounts.create(
                {
                    "type": "express",
                    "country": country,
                    "email": email,
                    "capabilities": {"transfers": {"requested": True}},
                },
                {"idempotency_key": key},
            )
        return made.id

    def account_page(self, account: str) -> tuple[str, datetime]:
        """Return where a seller gives its details, and until when that address is open."""
        back = self.access.account_url
        with told():
            link = self.v1.account_links.create(
                {
                    "account": account,
                    "type": "account_onboarding",
                    "return_url": back,
                    "refresh_url": back,
                }
            )
        return link.url, datetime.fromtimestamp(link.expires_at, UTC)

    def close(self) -> None:
        """Give back the connections of this thread."""
        self._http.close()  # type: ignore[no-untyped-call]

    def _pay(self, order: Order, *, capture: str) -> Answer:
        said = {"capture": capture, "return_url": self.access.return_url}
        try:
            with told():
                if on_page(order):
                    session = self.v1.checkout.sessions.create(
                        session_facts(order, **said),  # type: ignore[arg-type]
                        _options(order),
                    )
                    return session_answer(session.to_dict())
                intent = self.v1.payment_intents.create(
                    intent_facts(order, **said),  # type: ignore[arg-type]
                    _options(order),
                )
        except CardSaidNo as refused:
            return refused.answer
        return intent_answer(intent.to_dict())

    def _charge(self, intent: str) -> str:
        said = self.v1.payment_intents.retrieve(intent).to_dict()
        return str(said["latest_charge"] or "")


class CardSaidNo(RailRefused):
    """The payer's bank refused; `answer` says why and under which name."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(rail="stripe", reason=answer.reason)
        self.answer = answer


@contextmanager
def told() -> Iterator[None]:
    """Turn Stripe's errors into the two that a rail has: refused for good, or nobody knows."""
    try:
        yield
    except stripe.CardError as refused:
        raise CardSaidNo(_declined(refused)) from refused
    except stripe.RateLimitError as busy:
        raise RailUnsure from busy
    except (stripe.InvalidRequestError, stripe.IdempotencyError) as refused:
        if refused.http_status in {400, 402, 404}:
            raise RailRefused(rail="stripe", reason=_reason(refused)) from refused
        raise RailUnsure from refused
    except stripe.StripeError as unsure:
        raise RailUnsure from unsure


def _declined(refused: stripe.CardError) -> Answer:
    body = refused.json_body if isinstance(refused.json_body, dict) else {}
    error = body.get("error") or {}
    intent = error.get("payment_intent") or {}
    reason = error.get("decline_code") or error.get("code") or "declined"
    return Answer(state="refused", rail_ref=intent.get("id", ""), reason=reason)


def _reason(refused: stripe.StripeError) -> str:
    return str(refused.code or refused.user_message or "invalid-request")[:200]


def _options(order: Order) -> stripe.RequestOptions:
    return {"idempotency_key": order.key}
