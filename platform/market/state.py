"""The state of an auction, and so of its listing, derived from its facts, in Python and in SQL.

A test compares the two over every combination of facts.
"""

from datetime import datetime
from typing import Any, Literal, Protocol

from sqlalchemy import ColumnElement, String, and_, case, cast, literal, or_
from sqlmodel import col

from remelt.platform.market.auction_models import Auction
from remelt.platform.market.models import Listing

State = Literal[
    "draft",
    "withdrawn",
    "awarded",
    "published",
    "open",
    "extending",
    "sealed",
    "closed",
    "expired",
]
STATES: tuple[State, ...] = (
    "draft", "withdrawn", "awarded", "published", "open", "extending", "sealed", "closed",
    "expired",
)  # fmt: skip
LIVE: tuple[State, ...] = ("open", "extending")


class Facts(Protocol):
    """What the state of an auction is read off."""

    withdrawn_at: datetime | None
    awarded_at: datetime | None
    closed_at: datetime | None
    opens_at: datetime
    first_closes_at: datetime
    closes_at: datetime
    leading_fen_per_t: int | None
    reserve_fen_per_t: int | None
    shut: int
    open_by: datetime | None


def state_of(auction: Facts | None, *, now: datetime) -> State:
    """Return the state at `now`.

    draft (no auction yet), then published (not yet open), open, extending (its end moved); after
    the end sealed (bids wait for their opening), closed (an offer at or over the reserve waits for
    its award), expired (none did), awarded. withdrawn stands above all but a draft.
    """
    if auction is None:
        return "draft"
    if auction.withdrawn_at is not None:
        return "withdrawn"
    if auction.awarded_at is not None:
        return "awarded"
    if is_over(auction, now=now):
        return _after(auction, now=now)
    if now < auction.opens_at:
        return "published"
    return "open" if auction.closes_at == auction.first_closes_at else "extending"


def _after(auction: Facts, *, now: datetime) -> State:
    """Return the state of an auction that is over and not awarded."""
    if waits_for_opening(auction, now=now):
        return "sealed"
    return "closed" if reserve_met(auction) else "expired"


def waits_for_opening(auction: Facts, *, now: datetime) -> bool:
    """Tell whether sealed bids lie there after the end, and may still be opened."""
    if not auction.shut or auction.closed_at is not None or auction.open_by is None:
        return False
    return auction.closes_at <= now < auction.open_by


def is_over(auction: Facts, *, now: datetime) -> bool:
    """Tell whether bidding has ended by `now`, whether or not the close was recorded."""
    return auction.closed_at is not None or now >= auction.closes_at


def reserve_met(auction: Facts) -> bool:
    """Tell whether the leading offer is at or over the reserve; without a reserve, any offer."""
    leading = auction.leading_fen_per_t
    return leading is not None and leading >= (auction.reserve_fen_per_t or 0)


def state_column(now: datetime) -> ColumnElement[str]:
    """Return the SQL form of `state_of`."""
    moment = literal(now, type_=Auction.__table__.c.closes_at.type)  # type: ignore[attr-defined]
    over = or_(col(Auction.closed_at).is_not(None), col(Auction.closes_at) <= moment)
    met = _reserve_met()
    return case(
        (col(Auction.id).is_(None), _word("draft")),
        (col(Auction.withdrawn_at).is_not(None), _word("withdrawn")),
        (col(Auction.awarded_at).is_not(None), _word("awarded")),
        (_waits_for_opening(moment), _word("sealed")),
        (and_(over, met), _word("closed")),
        (over, _word("expired")),
        (col(Auction.opens_at) > moment, _word("published")),
        (col(Auction.closes_at) == col(Auction.first_closes_at), _word("open")),
        else_=_word("extending"),
    )


def taking_bids(now: datetime) -> ColumnElement[bool]:
    """Return the SQL condition of the states in `LIVE`."""
    moment = literal(now, type_=Auction.__table__.c.closes_at.type)  # type: ignore[attr-defined]
    return and_(
        col(Auction.withdrawn_at).is_(None),
        col(Auction.awarded_at).is_(None),
        col(Auction.closed_at).is_(None),
        col(Auction.opens_at) <= moment,
        col(Auction.closes_at) > moment,
    )


def holding_lot() -> ColumnElement[bool]:
    """Return the SQL condition of listings whose lot cannot be offered again."""
    return col(Listing.released_at).is_(None)


def _waits_for_opening(moment: Any) -> ColumnElement[bool]:
    return and_(
        col(Auction.shut) > 0,
        col(Auction.closed_at).is_(None),
        col(Auction.closes_at) <= moment,
        col(Auction.open_by) > moment,
    )


def _reserve_met() -> ColumnElement[bool]:
    return and_(
        col(Auction.leading_fen_per_t).is_not(None),
        or_(
            col(Auction.reserve_fen_per_t).is_(None),
            col(Auction.leading_fen_per_t) >= col(Auction.reserve_fen_per_t),
        ),
    )


def _word(state: State) -> ColumnElement[str]:
    return cast(literal(state), String)
