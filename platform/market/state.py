"""The state of a listing, derived from its facts: once for Python, once for SQL.

A test compares the two over every combination of facts.
"""

from datetime import datetime
from typing import Literal, Protocol

from sqlalchemy import ColumnElement, String, and_, case, cast, literal, or_
from sqlmodel import col

from remelt.platform.market.models import Listing

State = Literal[
    "draft", "withdrawn", "awarded", "published", "open", "extending", "closed", "expired"
]
STATES: tuple[State, ...] = (
    "draft", "withdrawn", "awarded", "published", "open", "extending", "closed", "expired",
)  # fmt: skip
LIVE: tuple[State, ...] = ("open", "extending")


class Facts(Protocol):
    """What the state of a listing is read off."""

    published_at: datetime | None
    withdrawn_at: datetime | None
    awarded_at: datetime | None
    closed_at: datetime | None
    opens_at: datetime
    first_closes_at: datetime
    closes_at: datetime
    leading_fen_per_t: int | None
    reserve_fen_per_t: int | None


def state_of(listing: Facts, *, now: datetime) -> State:
    """Return the state at `now`.

    draft, then published (not yet open), open, extending (a late bid moved the close); after
    the close: closed (an offer at or over the reserve waits for its award), expired (none
    did), awarded. withdrawn stands above all but a draft.
    """
    if listing.published_at is None:
        return "draft"
    if listing.withdrawn_at is not None:
        return "withdrawn"
    if listing.awarded_at is not None:
        return "awarded"
    if is_over(listing, now=now):
        return "closed" if reserve_met(listing) else "expired"
    if now < listing.opens_at:
        return "published"
    return "open" if listing.closes_at == listing.first_closes_at else "extending"


def is_over(listing: Facts, *, now: datetime) -> bool:
    """Tell whether bidding has ended by `now`, whether or not the close was recorded."""
    return listing.closed_at is not None or now >= listing.closes_at


def reserve_met(listing: Facts) -> bool:
    """Tell whether the leading offer is at or over the reserve; without a reserve, any offer."""
    leading = listing.leading_fen_per_t
    return leading is not None and leading >= (listing.reserve_fen_per_t or 0)


def state_column(now: datetime) -> ColumnElement[str]:
    """Return the SQL form of `state_of`."""
    moment = literal(now, type_=Listing.__table__.c.closes_at.type)  # type: ignore[attr-defined]
    over = or_(col(Listing.closed_at).is_not(None), col(Listing.closes_at) <= moment)
    met = _reserve_met()
    return case(
        (col(Listing.published_at).is_(None), _word("draft")),
        (col(Listing.withdrawn_at).is_not(None), _word("withdrawn")),
        (col(Listing.awarded_at).is_not(None), _word("awarded")),
        (and_(over, met), _word("closed")),
        (over, _word("expired")),
        (col(Listing.opens_at) > moment, _word("published")),
        (col(Listing.closes_at) == col(Listing.first_closes_at), _word("open")),
        else_=_word("extending"),
    )


def taking_bids(now: datetime) -> ColumnElement[bool]:
    """Return the SQL condition of the states in `LIVE`."""
    moment = literal(now, type_=Listing.__table__.c.closes_at.type)  # type: ignore[attr-defined]
    return and_(
        col(Listing.published_at).is_not(None),
        col(Listing.withdrawn_at).is_(None),
        col(Listing.awarded_at).is_(None),
        col(Listing.closed_at).is_(None),
        col(Listing.opens_at) <= moment,
        col(Listing.closes_at) > moment,
    )


def holding_lot() -> ColumnElement[bool]:
    """Return the SQL condition of listings whose lot cannot be offered again.

    Bidding is open, or its close is not yet recorded, or an offer at or over the reserve waits
    for the seller's decision. The index `uq_listing_open_lot` says the same.
    """
    return and_(
        col(Listing.withdrawn_at).is_(None),
        col(Listing.awarded_at).is_(None),
        or_(col(Listing.closed_at).is_(None), _reserve_met()),
    )


def _reserve_met() -> ColumnElement[bool]:
    return and_(
        col(Listing.leading_fen_per_t).is_not(None),
        or_(
            col(Listing.reserve_fen_per_t).is_(None),
            col(Listing.leading_fen_per_t) >= col(Listing.reserve_fen_per_t),
        ),
    )


def _word(state: State) -> ColumnElement[str]:
    return cast(literal(state), String)
