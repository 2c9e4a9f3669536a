"""Falling costs decided by the rules of rising offers, seen in a mirror. No database.

What an offer costs the buyer, subtracted from a number above every cost, rises where the cost
falls: so `bids.ascending` answers it, with the same step, the same end and the same house that
answers for the leader down to its lowest price. Costs in fen per tonne recovered.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from remelt.platform.market.bids import ascending
from remelt.platform.market.bids.standing import Line, Price, Standing, Terms
from remelt.platform.market.tenders.errors import BidTooDear

MIRROR: Final = 10**15
Costing = Callable[[int], int]


class Facts(Protocol):
    """How a reverse auction stands; see `models.Tender`."""

    owner_id: int
    step_fen_per_t: int
    opens_at: datetime
    closes_at: datetime
    hard_close_at: datetime
    extension_s: int
    bid_seq: int
    bid_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """A lot at a price, as its seller offers it.

    floor_fen_per_t: the lowest price down to which the house may lower it, never above the price.
    cost: what a price of this lot costs the buyer; it never falls where the price rises.
    """

    listing_id: int
    seller_id: int
    price_fen_per_t: int
    floor_fen_per_t: int
    cost: Costing


@dataclass(frozen=True, slots=True, kw_only=True)
class TenderLine:
    """One line of the record: whose lot stands at which price. reason: empty when accepted."""

    lot: Lot
    seq: int
    price_fen_per_t: int
    cost_fen_per_t: int
    reason: str
    automatic: bool
    closes_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The lines that an offer adds, and what then stands. leader: None where it stays as it was."""

    lines: tuple[TenderLine, ...]
    closes_at: datetime
    count: int
    leader: TenderLine | None

    @property
    def seq(self) -> int:
        """The number of the last line."""
        return self.lines[-1].seq


def decide(tender: Facts, lot: Lot, *, leader: Lot | None, now: datetime) -> Outcome:
    """Answer an offer that nothing but its cost can bar.

    leader: the lot that leads, at the price that it stands at. A leader that offers another lot of
    its own has to be better by the step with its price itself: the floor of one lot says nothing
    about another.
    """
    standing = _standing(tender, leader)
    price = Price(_seen(lot.cost(lot.price_fen_per_t)), _seen(lot.cost(lot.floor_fen_per_t)))
    if leader and leader.seller_id == lot.seller_id and leader.listing_id != lot.listing_id:
        standing = replace(standing, limit_fen_per_t=standing.leading_fen_per_t)
        if price.fen_per_t < ascending.least_offer(_terms(tender), standing):
            price = Price(price.fen_per_t, price.fen_per_t)
    found = ascending.decide(
        _terms(tender), standing, bidder_id=lot.seller_id, price=price, now=now
    )
    lines = tuple(
        _line(line, seq=seq, of=_of(line, lot, leader=leader, standing=standing))
        for seq, line in enumerate(found.lines, start=tender.bid_seq + 1)
    )
    return Outcome(
        lines=lines,
        closes_at=found.standing.closes_at,
        count=found.standing.count,
        leader=next((each for each in reversed(lines) if not each.reason), None),
    )


def price_at(lot: Lot, cost_fen_per_t: int) -> int:
    """Return the highest price of a lot, not above its offer, that costs no more.

    >>> lot = Lot(listing_id=1, seller_id=2, price_fen_per_t=900, floor_fen_per_t=700,
    ...     cost=lambda price: price + 50)
    >>> price_at(lot, 800), price_at(lot, 2_000)
    (750, 900)
    """
    low, high = lot.floor_fen_per_t, lot.price_fen_per_t
    if lot.cost(low) == cost_fen_per_t:
        return low
    while low < high:
        middle = (low + high + 1) // 2
        if lot.cost(middle) <= cost_fen_per_t:
            low = middle
        else:
            high = middle - 1
    return low


def _of(line: Line, lot: Lot, *, leader: Lot | None, standing: Standing) -> Lot:
    """Return the lot that a line is about: the leader's own offer anew keeps its lower floor."""
    if line.reason or leader is None:
        return lot
    if line.automatic:
        return leader
    if leader.listing_id != lot.listing_id:
        return lot
    stays = line.price_fen_per_t == standing.leading_fen_per_t
    return replace(
        leader if stays else lot, floor_fen_per_t=min(lot.floor_fen_per_t, leader.floor_fen_per_t)
    )


def _line(line: Line, *, seq: int, of: Lot) -> TenderLine:
    """Return a line with the price that it stands at; a refused one at the price as offered."""
    price = of.price_fen_per_t if line.reason else price_at(of, _seen(line.price_fen_per_t))
    return TenderLine(
        lot=of,
        seq=seq,
        price_fen_per_t=price,
        cost_fen_per_t=of.cost(price),
        reason=BidTooDear.code if line.reason else "",
        automatic=line.automatic,
        closes_at=line.closes_at,
    )


def _terms(tender: Facts) -> Terms:
    return Terms(
        kind="ascending",
        owner_id=tender.owner_id,
        start_fen_per_t=1,
        step_fen_per_t=tender.step_fen_per_t,
        reserve_fen_per_t=0,
        authorised_only=False,
        opens_at=tender.opens_at,
        hard_close_at=tender.hard_close_at,
        extension=timedelta(seconds=tender.extension_s),
    )


def _standing(tender: Facts, leader: Lot | None) -> Standing:
    led = Standing(closes_at=tender.closes_at, count=tender.bid_count)
    if leader is None:
        return led
    return replace(
        led,
        leader_id=leader.seller_id,
        leading_fen_per_t=_seen(leader.cost(leader.price_fen_per_t)),
        limit_fen_per_t=_seen(leader.cost(leader.floor_fen_per_t)),
    )


def _seen(cost: int) -> int:
    """Return a cost as the mirror shows it, and the other way round."""
    return MIRROR - cost
