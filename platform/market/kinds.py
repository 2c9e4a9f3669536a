"""The kinds of auction beside the ascending one: their terms, and the price that falls.

Touches no database.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, Protocol

from remelt.platform.market.errors import (
    BadTimes,
    PriceOutOfBounds,
    ReserveUnderStart,
    UnknownWord,
)
from remelt.platform.parties.models import FILING_KINDS

HOUR_S: Final = 3_600
DAY_S: Final = 86_400
OPEN_WITHIN_S: Final = 3 * DAY_S
SEALED_S: Final = 3_600
BEST_S: Final = 900
MOST_TURN_S: Final = 30 * DAY_S
MOST_FEN: Final = 10**12
Phase = Literal["falling", "sealed", "opening", "best", "over"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What an owner asks of bidders and winners; see `terms_models.AuctionTerms`."""

    reserve_open: bool = False
    licence: str = ""
    deposit_fen: int | None = None
    verify_s: int | None = None
    pay_s: int | None = None
    freight_fen_per_tkm: int = 0
    co2e_g_per_tkm: int = 0
    carbon_fen_per_t: int = 0


PLAIN: Final = Conditions()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """Sealed bids, opened together after the end: the best may win, at or over the reserve.

    start: the least that counts, known to all. holder: code of the organisation with the other
    half of the key, empty for the seller.
    """

    start_fen_per_t: int
    holder: str = ""
    reserve_fen_per_t: int | None = None
    open_within_s: int = OPEN_WITHIN_S
    auto_award: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Descending:
    """The price falls until somebody takes it; others may top it under seal; the taker may answer.

    From `start` by `lower_by` every `lower_every_s` down to `floor`. Who stops it first is bound to
    that price. Then sealed bids for `sealed_s`; if one is higher, the taker has `best_s` after the
    opening to offer at least `step` more than the best of them.
    """

    start_fen_per_t: int
    floor_fen_per_t: int
    lower_by_fen_per_t: int
    lower_every_s: int
    step_fen_per_t: int
    holder: str = ""
    sealed_s: int = SEALED_S
    best_s: int = BEST_S
    open_within_s: int = OPEN_WITHIN_S
    auto_award: bool = True

    @property
    def falls_s(self) -> int:
        """How long the price falls, the time at the floor included."""
        falls = -(-(self.start_fen_per_t - self.floor_fen_per_t) // self.lower_by_fen_per_t)
        return (falls + 1) * self.lower_every_s


class Times(Protocol):
    """What the phase of a descending auction is read off."""

    opens_at: datetime
    closes_at: datetime
    closed_at: datetime | None
    stopped_at: datetime | None
    opened_at: datetime | None
    shut: int


def phase(auction: Times, *, now: datetime) -> Phase:
    """Return where a descending auction stands once it has opened.

    falling until somebody stops it; sealed until the end of the envelopes; opening while they wait
    for both halves of the key; best after the opening, for the taker alone; then over.
    """
    if auction.closed_at is not None:
        return "over"
    if auction.stopped_at is None:
        return "falling" if now < auction.closes_at else "over"
    if auction.opened_at is not None:
        return "best" if now < auction.closes_at else "over"
    if now < auction.closes_at:
        return "sealed"
    return "opening" if auction.shut else "over"


def falling_price(
    *, start: int, floor: int, lower_by: int, every_s: int, opens_at: datetime, now: datetime
) -> int:
    """Return the price of a descending auction at `now`, in fen per tonne.

    >>> noon = datetime(2026, 3, 2, 4)
    >>> [falling_price(start=100, floor=75, lower_by=10, every_s=60, opens_at=noon,
    ...     now=noon + timedelta(seconds=s)) for s in (0, 59, 60, 120, 180, 9_999)]
    [100, 100, 90, 80, 75, 75]
    """
    falls = max(0, (now - opens_at) // timedelta(seconds=every_s))
    return max(floor, start - falls * lower_by)


def check_conditions(conditions: Conditions) -> None:
    """Refuse conditions outside their bounds. Touches no database."""
    if conditions.licence not in {"", *FILING_KINDS}:
        raise UnknownWord(field="licence", value=conditions.licence[:40])
    for field in ("verify_s", "pay_s"):
        asked = getattr(conditions, field)
        if asked is not None and not 60 <= asked <= MOST_TURN_S:  # noqa: PLR2004 - a minute
            raise BadTimes(field=field)
    if conditions.deposit_fen is not None and not 1 <= conditions.deposit_fen <= MOST_FEN:
        raise PriceOutOfBounds(field="deposit_fen")
    for field, most in (
        ("freight_fen_per_tkm", 10_000), ("co2e_g_per_tkm", 5_000), ("carbon_fen_per_t", 10**7),
    ):  # fmt: skip
        if not 0 <= getattr(conditions, field) <= most:
            raise PriceOutOfBounds(field=field)


def check_descending(price: Descending) -> None:
    """Refuse a fall that cannot be. Prices themselves were looked at before."""
    if price.floor_fen_per_t > price.start_fen_per_t:
        raise ReserveUnderStart(field="floor_fen_per_t")
    for field, least, most in (
        ("lower_every_s", 5, DAY_S), ("sealed_s", 60, 7 * DAY_S), ("best_s", 60, DAY_S),
        ("falls_s", 5, 30 * DAY_S),
    ):  # fmt: skip
        if not least <= getattr(price, field) <= most:
            raise BadTimes(field="lower_every_s" if field == "falls_s" else field)
