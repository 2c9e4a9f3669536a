"""A store, a rail and a twin of the provider: what the tests of the Stripe rail stand on."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

import orjson
from sqlmodel import col, func, select

from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.errors import Refusal
from remelt.platform.kernel.runner import JobRunner, Kind
from remelt.platform.kernel.store import Store
from remelt.platform.settlement.ledger.models import MoneyAccount, MoneyPosting
from remelt.platform.settlement.rails.protocol import Money
from remelt.platform.settlement.rails.provider_accounts import ACCOUNT, tend
from remelt.platform.settlement.rails.provider_models import (
    PaymentIntentRequest,
    ProviderDifference,
    ProviderEvent,
)
from remelt.platform.settlement.rails.provider_news import NEWS, look_into, receive
from remelt.platform.settlement.rails.provider_orders import SEND, store_order
from remelt.platform.settlement.rails.provider_reconciling import RECONCILE, reconcile
from remelt.platform.settlement.rails.provider_sending import send
from remelt.platform.settlement.rails.stripe_client import StripeAccess
from remelt.platform.settlement.rails.stripe_hooks import EVENTS, read_news
from remelt.platform.settlement.rails.stripe_rail import StripeRail
from tests.stripe_peer import KEY, Peer, twin_peer
from tools.stripe_twin.control import control
from tools.stripe_twin.server import serving

LONG_AGO = "2020-01-01T00:00:00+00:00"
FAR_AHEAD = "2099-01-01T00:00:00+00:00"


def nothing(*_said: Any) -> None:
    """The work is in the job's own transactions."""


@dataclass
class Desk:
    """A cashier's desk: orders go out, notices come in, the day is compared.

    kept: how many deliveries of notices were answered as taken and new.
    """

    store: Store
    clock: SimulatedClock
    peer: Peer
    rail: StripeRail
    secrets: list[str] = field(default_factory=list)
    payee: str = ""
    kept: int = 0

    def __post_init__(self) -> None:
        facts = {"store": self.store, "rail": self.rail, "clock": self.clock}
        self.kinds = {
            SEND: Kind(partial(send, **facts), nothing),
            NEWS: Kind(partial(look_into, **facts), nothing),
            RECONCILE: Kind(partial(reconcile, **facts), nothing),
            ACCOUNT: Kind(partial(tend, **facts), nothing),
        }
        self.runner = JobRunner(self.store, clock=self.clock, kinds=self.kinds)

    def order(self, purpose: str, amount: int, *, subject: str = "C1", **more: Any) -> str:
        """Store an order; returns its key."""
        currency = more.pop("currency", "CNY")
        if purpose in {"collect", "hold"}:
            more = {"method": "card", "party": "pm_card_visa"} | more
        with self.store.write() as session:
            row = store_order(
                session, clock=self.clock, subject=subject, purpose=purpose,
                money=Money(amount, currency), **more,
            )  # fmt: skip
            return row.order_key

    def work(self, *, rounds: int = 1) -> None:
        """Run the jobs that are due; each further round is after the longest back-off."""
        for at in range(rounds):
            if at:
                self.clock.advance(seconds=601)
            self.runner.run_pending()

    def do(self, purpose: str, amount: int, **more: Any) -> PaymentIntentRequest:
        """Order and send."""
        key = self.order(purpose, amount, **more)
        self.work()
        return self.row(key)

    def row(self, key: str) -> PaymentIntentRequest:
        """The order as it stands."""
        with self.store.read() as session:
            return session.exec(
                select(PaymentIntentRequest).where(PaymentIntentRequest.order_key == key)
            ).one()

    def hear(self, body: bytes, signature: str) -> bool:
        """Take a notice as the web's endpoint does."""
        news = read_news(body, signature, secrets=tuple(self.secrets))
        with self.store.write() as session:
            return receive(session, news, clock=self.clock)

    def inbox(self, environ: dict[str, Any], start: Any) -> list[bytes]:
        """The endpoint of notices, as WSGI."""
        body = environ["wsgi.input"].read()
        try:
            self.kept += self.hear(body, environ.get("HTTP_STRIPE_SIGNATURE", ""))
            status = "200 OK"
        except Refusal:
            status = "403 Forbidden"
        start(status, [("Content-Length", "0")])
        return [b""]

    def rows(self, subject: str) -> list[PaymentIntentRequest]:
        """The orders of a subject as they stand, the oldest first."""
        with self.store.read() as session:
            return list(
                session.exec(
                    select(PaymentIntentRequest)
                    .where(PaymentIntentRequest.subject == subject)
                    .order_by(col(PaymentIntentRequest.id))
                )
            )

    def turn(self, name: str, **said: Any) -> None:
        """Turn a knob of the twin without asking over HTTP; what it refuses is left."""
        control(self.peer.twin, f"/_twin/{name}", orjson.dumps(said))

    def compare_day(self, *, since: int | None = None) -> dict[str, Any]:
        """Reconcile all there is, or what moved since a unix time of the twin's."""
        start = LONG_AGO if since is None else datetime.fromtimestamp(since, UTC).isoformat()
        said = {"since": start, "until": FAR_AHEAD}
        facts = {"store": self.store, "rail": self.rail, "clock": self.clock}
        return reconcile(said, nothing, **facts)

    def money(self, kind: str, subject: str | None = None, currency: str = "CNY") -> int:
        """The balance of an account of the platform's book; debit above zero."""
        statement = (
            select(func.coalesce(func.sum(MoneyPosting.amount_minor), 0))
            .join(MoneyAccount, col(MoneyAccount.id) == col(MoneyPosting.account_id))
            .where(MoneyAccount.kind == kind, MoneyAccount.currency == currency)
        )
        if subject is not None:
            statement = statement.where(MoneyAccount.subject == subject)
        with self.store.read() as session:
            return int(session.exec(statement).one())

    def events(self) -> list[ProviderEvent]:
        """The notices, oldest first."""
        with self.store.read() as session:
            return list(session.exec(select(ProviderEvent).order_by(col(ProviderEvent.id))))

    def differences(self) -> list[ProviderDifference]:
        """What the comparison could not explain."""
        with self.store.read() as session:
            return list(session.exec(select(ProviderDifference)))

    def seller(self, key: str = "seller") -> str:
        """A furnished connected account."""
        account = self.rail.open_account(country="SG", email="s@example.com", key=key)
        self.turn("furnish", account=account)
        return account

    def pump(self) -> None:
        """Let every letter go out that waits, with all its tries."""
        for _ in range(8):
            if not self.peer.twin.post.waiting:
                return
            self.peer.twin.post.pump(now=float("inf"))


@contextmanager
def a_desk(
    store: Store, clock: SimulatedClock, *, heard: bool = True, timeout_s: float = 5
) -> Iterator[Desk]:
    """A desk with a twin that sends its notices to it when pumped."""
    with twin_peer() as peer:
        access = StripeAccess(
            KEY, url=peer.url, timeout_s=timeout_s, return_url="https://r.example/paid",
            account_url="https://r.example/account",
        )  # fmt: skip
        desk = Desk(store, clock, peer, StripeRail(access))
        with serving(desk.inbox) as url:
            if heard:
                asked = {"url": url + "/hooks", "enabled_events": list(EVENTS)}
                desk.secrets.append(peer.client.v1.webhook_endpoints.create(asked).secret)
            try:
                yield desk
            finally:
                desk.rail.close()
