"""What every way of moving money answers to: one Protocol, and the words it speaks in.

How it is used, whatever the rail:

1. The order is stored first, in a transaction of its own, with a key worked out from what it is
   for (`order_key`): the same purpose again is the same order.
2. The rail is called outside any transaction. It may answer, or raise `RailRefused` (final: the
   reason is told) or `RailUnsure` (nobody knows: call again with the same order, then look at
   `movements`). Called again with the same order it moves no money twice.
3. What it answered is stored, and the entry posted, in one transaction, under a key of the book
   that is worked out from the order. News that come unasked (a statement, a webhook) go the same
   way, deduplicated in the transaction of their effect.
4. Each day `movements` is compared with the book: what the rail moved and the book does not know,
   and the other way round, is shown until somebody has explained it.

A rail knows no session, no clock of ours and no contract: codes and amounts in, answers out.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from remelt.platform.kernel.errors import Busy, Conflict

Purpose = Literal["collect", "hold", "capture", "release", "refund", "pay-out", "take-back"]
State = Literal["waiting", "held", "done", "refused", "cancelled"]


class RailRefused(Conflict):
    """The rail does not do this: facts `rail`, `reason`."""

    code = "rail-refused"


class RailUnsure(Busy):
    """The rail gave no answer, so nobody knows; the same order again finds out."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in the smallest unit of its currency, above zero."""

    amount_minor: int
    currency: str = "CNY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a rail is asked to do.

    key: of `order_key`; subject: the contract, ticket or auction that it is for; reference: what
    people write on a transfer or read on a receipt; earlier: the rail's own name of what is
    captured, released or refunded; party: the rail's own name of who pays or is paid, where it
    keeps one; metadata: goes along and comes back with the movement.
    """

    key: str
    purpose: Purpose
    subject: str
    money: Money
    reference: str = ""
    earlier: str = ""
    party: str = ""
    method: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a rail says of an order.

    state: waiting (for a person, a bank or the provider), held, done, refused, cancelled.
    rail_ref: the rail's own name of it, the `earlier` of what follows; money: what has moved or
    is held so far, None while nothing has; tell: what the payer must be told (account, reference,
    the address to go to).
    """

    state: State
    rail_ref: str
    money: Money | None = None
    reason: str = ""
    tell: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """Money that a rail says has moved: into our side above zero, out below.

    rail_ref: unique in the rail, so that the same movement told twice is one. order_key: where the
    rail knows it; fee_minor: what the rail kept of it.
    """

    rail_ref: str
    at: datetime
    amount_minor: int
    currency: str
    kind: str
    fee_minor: int = 0
    order_key: str = ""
    text: str = ""


class Rail(Protocol):
    """A way of moving money. `name` is what orders and movements are stored under."""

    name: str

    def can(self, purpose: Purpose, *, money: Money, method: str = "") -> str:
        """Return "" when the rail does this, else the reason why not, as a code."""

    def collect(self, order: Order) -> Answer:
        """Ask a payer for money, taken as soon as it is given."""

    def hold(self, order: Order) -> Answer:
        """Ask a payer for money that is only reserved: a deposit."""

    def capture(self, order: Order) -> Answer:
        """Take money that is held in `order.earlier`, or part of it; the rest is released."""

    def release(self, order: Order) -> Answer:
        """Give back what is held in `order.earlier` untaken."""

    def refund(self, order: Order) -> Answer:
        """Give back of what was taken in `order.earlier`; never more than is left of it."""

    def pay_out(self, order: Order) -> Answer:
        """Pay the party of the order."""

    def movements(self, *, since: datetime, until: datetime) -> Iterator[Movement]:
        """Yield what moved from `since` up to, not including, `until`, oldest first."""


def order_key(*, subject: str, purpose: Purpose, seq: int) -> str:
    """Return the key of the `seq`-th order of a purpose: the same facts, the same key, always.

    >>> order_key(subject="CONTRACT", purpose="collect", seq=1)[:16]
    'a0aa902ac6d2dde8'
    """
    return hashlib.sha256(f"{subject}|{purpose}|{seq}".encode()).hexdigest()
