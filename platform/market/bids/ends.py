"""When an auction ends: the one function that says so."""

from datetime import datetime, timedelta


def effective_end(
    closes_at: datetime, *, hard_close_at: datetime, extension: timedelta, accepted_at: datetime
) -> datetime:
    """Return the end of bidding once an offer is accepted at `accepted_at`.

    At least `extension` remains after it, but the end never passes `hard_close_at` and never
    comes nearer. An offer at the very end is late: the end itself is not part of the auction.
    """
    return max(closes_at, min(accepted_at + extension, hard_close_at))
