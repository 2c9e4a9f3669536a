"""An auction's row, or what was read of it, in the words of the rules."""

from datetime import timedelta
from typing import Any

from remelt.platform.market.bids.standing import Standing, Terms, step_at
from remelt.platform.market.errors import AlreadySold, BiddingOver, ListingIsWithdrawn


def terms_of(row: Any) -> Terms:
    """Return what no offer changes of an auction's row."""
    return Terms(
        kind=row.kind,
        owner_id=row.owner_id,
        start_fen_per_t=row.start_fen_per_t,
        step_fen_per_t=row.step_fen_per_t or 0,
        reserve_fen_per_t=row.reserve_fen_per_t or 0,
        authorised_only=row.authorised_only,
        opens_at=row.opens_at,
        hard_close_at=row.hard_close_at,
        extension=timedelta(seconds=row.extension_s),
        licence=row.licence or "",
        bands=row.bands or (),
        tick_fen_per_t=row.tick_fen_per_t,
        most_rise_fen_per_t=row.most_rise_fen_per_t or 0,
    )


def standing_of(row: Any, *, leader_id: int = 0) -> Standing:
    """Return how an auction stands, off its row and who leads."""
    return Standing(
        closes_at=row.closes_at,
        ended=ended(row),
        count=row.bid_count,
        leader_id=leader_id,
        leading_fen_per_t=row.leading_fen_per_t or 0,
        limit_fen_per_t=row.limit_fen_per_t or 0,
    )


def ended(row: Any) -> str:
    """Return why an auction takes nothing any more by what is recorded; empty while it may."""
    if row.withdrawn_at is not None:
        return ListingIsWithdrawn.code
    if row.awarded_at is not None:
        return AlreadySold.code
    return "" if row.closed_at is None else BiddingOver.code


def least_bid(row: Any) -> int | None:
    """Return the least price that an auction takes next; None where there is no step.

    The starting price, then the leading price and a step. The reserve plays no part.
    """
    if row.step_fen_per_t is None:
        return None
    if row.leading_fen_per_t is None:
        return int(row.start_fen_per_t)
    leading = int(row.leading_fen_per_t)
    return leading + step_at(leading, bands=row.bands or (), step_fen_per_t=row.step_fen_per_t)
