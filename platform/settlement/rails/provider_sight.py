"""What one look at a provider shows, in words of our own."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from remelt.platform.settlement.rails.protocol import Answer, Movement, Order


@dataclass(frozen=True, slots=True, kw_only=True)
class Disputed:
    """A dispute as the provider has it. payment_ref: the payment it is about."""

    dispute_ref: str
    payment_ref: str
    amount_minor: int
    currency: str
    status: str
    open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSeen:
    """A seller's account. transfers: "active" once it may be paid; wanted: what is still asked."""

    account_ref: str
    transfers: str
    wanted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What was seen: payments as they stand, money that moved, disputes, sellers' accounts."""

    answers: tuple[Answer, ...] = ()
    movements: tuple[Movement, ...] = ()
    disputes: tuple[Disputed, ...] = ()
    accounts: tuple[AccountSeen, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """One signed notice of a provider: which object to look at, not how it changed."""

    provider: str
    event_id: str
    kind: str
    object_id: str
    account: str = ""
    body_sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What a provider holds of ours in one currency, pending money included."""

    currency: str
    amount_minor: int


class Provider(Protocol):
    """What the provider's rail can do beyond the Protocol of every rail."""

    name: str

    def do(self, order: Order) -> Answer:
        """Call the provider for an order of any purpose."""

    def find(self, order: Order, *, since: datetime) -> Answer | None:
        """Look for what an order first sent at `since` has made; None when there is nothing."""

    def look(self, *, kind: str, object_id: str) -> Sight:
        """Ask again for what a notice is about."""

    def movements(self, *, since: datetime, until: datetime) -> Iterator[Movement]:
        """Yield what moved from `since` up to, not including, `until`."""

    def disputes(self, *, since: datetime, until: datetime) -> Sight:
        """Return the disputes opened in that time, as they stand."""

    def open_account(self, *, country: str, email: str, key: str) -> str:
        """Make a seller's account, once per key; returns its name."""

    def account_page(self, account: str) -> tuple[str, datetime]:
        """Return where a seller gives its details, and until when that address is open."""

    def holdings(self) -> list[Holding]:
        """Return what the provider holds of ours."""
