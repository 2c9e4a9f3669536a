"""Who may buy what: the one place that says so, whatever way a lot is sold. No database.

Rising offers, sealed ones, a falling price, counter-offers, sellers that bid down and combined
sales all ask here; what differs between them is only when they ask, and what the price comes to.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from remelt.platform.kernel.errors import Refusal
from remelt.platform.market.award_errors import DepositMissing, OverCreditLimit
from remelt.platform.market.bids.standing import Bidder
from remelt.platform.market.errors import (
    LicenceMissing,
    LinkedBidder,
    OwnListing,
    UnfitForProductive,
)


class Asks(Protocol):
    """Whom an owner sells to. licence: a filing that the buyer needs; empty for none."""

    @property
    def owner_id(self) -> int: ...  # noqa: D102 - as the class says
    @property
    def authorised_only(self) -> bool: ...  # noqa: D102
    @property
    def licence(self) -> str: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of buyers, where no auction's terms say it in one piece."""

    owner_id: int
    authorised_only: bool
    licence: str = ""


def bar(who: Bidder, asks: Asks, *, now: datetime) -> type[Refusal] | None:
    """Return why somebody may not buy here at any price, None for whoever may."""
    if who.id == asks.owner_id:
        return OwnListing
    if who.linked:
        return LinkedBidder
    if asks.authorised_only and not who.may_buy_productive(now=now):
        return UnfitForProductive
    if asks.licence and not who.is_licensed(now=now):
        return LicenceMissing
    return None


def lack(who: Bidder, *, most_fen_per_t: int = 0) -> type[Refusal] | None:
    """Return what an offer lacks in money: its deposit, or credit for the most it comes to."""
    if not who.secured:
        return DepositMissing
    limit = who.most_fen_per_t
    return OverCreditLimit if limit is not None and most_fen_per_t > limit else None
