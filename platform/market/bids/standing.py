"""What the rules of bidding speak of: an auction's terms and standing, an offer, a decision.

Prices in fen per tonne, tax as the seller's terms say. No database.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from remelt.platform.kernel.clock import BEIJING

Bands = Sequence[Sequence[int]]
"""Pairs of a price and the least rise from it on, in fen per tonne, the lowest price first."""


def step_at(price_fen_per_t: int, *, bands: Bands, step_fen_per_t: int) -> int:
    """Return the least rise over a price: that of the last band that it reaches.

    >>> [step_at(price, bands=((200, 20), (500, 50)), step_fen_per_t=10)
    ...     for price in (199, 200, 499, 900)]
    [10, 20, 20, 50]
    """
    found = step_fen_per_t
    for start, step in bands:
        if price_fen_per_t < start:
            break
        found = step
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What no offer changes.

    start: the least first offer, or the fixed price; step: the least rise, 0 at a fixed price;
    bands: from a price on, another least rise, in the order of the prices; tick: what offers are
    whole multiples of; most_rise: by how much at most an offer may pass the least that leads, 0 for
    any;
    reserve: secret, 0 for none. owner_id, authorised_only, licence: whom the owner sells to, see
    `bars.Asks`.
    """

    kind: str
    owner_id: int
    start_fen_per_t: int
    step_fen_per_t: int
    reserve_fen_per_t: int
    authorised_only: bool
    opens_at: datetime
    hard_close_at: datetime
    extension: timedelta
    licence: str = ""
    bands: Bands = ()
    tick_fen_per_t: int = 1
    most_rise_fen_per_t: int = 0

    def step_at(self, price_fen_per_t: int) -> int:
        """Return the least rise over a price."""
        return step_at(price_fen_per_t, bands=self.bands, step_fen_per_t=self.step_fen_per_t)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What offers change.

    ended: the code of the refusal once nothing is taken any more, whatever the hour.
    count: offers that others saw the price rise by. leading: the price to beat, by `leader_id`,
    for whom the house answers others up to `limit_fen_per_t` (at least the leading price).
    """

    closes_at: datetime
    ended: str = ""
    count: int = 0
    leader_id: int = 0
    leading_fen_per_t: int = 0
    limit_fen_per_t: int = 0


@dataclass(frozen=True, slots=True)
class Bidder:
    """What the rules need to know of who offers.

    linked: whether somebody belongs to it and to the owner of the auction too. authorised_to:
    last Beijing day of its authorisation to buy productive scrap, None without one; licensed_to:
    the same of the filing that the owner asks for. secured: no
    deposit is asked of it, or it is held. most_fen_per_t: what its credit allows here, None
    without a limit.
    """

    id: int
    linked: bool = False
    authorised_to: date | None = None
    licensed_to: date | None = None
    secured: bool = True
    most_fen_per_t: int | None = None

    def may_buy_productive(self, *, now: datetime) -> bool:
        """Tell whether the authorisation is in force at `now`."""
        return _in_force(self.authorised_to, now=now)

    def is_licensed(self, *, now: datetime) -> bool:
        """Tell whether the filing that is asked for is in force at `now`."""
        return _in_force(self.licensed_to, now=now)


def _in_force(until: date | None, *, now: datetime) -> bool:
    return until is not None and now.astimezone(BEIJING).date() <= until


@dataclass(frozen=True, slots=True)
class Price:
    """An offer's price, and the most up to which the house may raise it (never below the price)."""

    fen_per_t: int
    limit_fen_per_t: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the record: an offer with its answer, or a rise made for the leader's limit.

    The last line that was accepted is the one that leads.

    price: what the offer stands at, or what was offered where it was refused. reason: the code of
    the refusal, empty when accepted. least: the least that would have been taken, 0 where no
    price would have helped. closes_at: the end of bidding from then on.
    """

    bidder_id: int
    price_fen_per_t: int
    reason: str = ""
    least_fen_per_t: int = 0
    automatic: bool = False
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class Decision:
    """The lines that an offer adds to the record, its own among them, and what then stands."""

    lines: tuple[Line, ...]
    standing: Standing

    @property
    def answer(self) -> Line:
        """The line of the offer itself."""
        return next(line for line in self.lines if not line.automatic)


def refused(
    standing: Standing, *, bidder_id: int, price: Price, reason: str, least: int = 0
) -> Decision:
    """Answer an offer with a refusal; nothing moves."""
    line = Line(
        bidder_id=bidder_id,
        price_fen_per_t=price.fen_per_t,
        reason=reason,
        least_fen_per_t=least,
        closes_at=standing.closes_at,
    )
    return Decision((line,), standing)
