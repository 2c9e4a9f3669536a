"""Whose turn it is in an exchange of offers, and until when. Touches no database."""

from datetime import datetime, timedelta
from typing import Literal

from remelt.platform.market.auction_models import Auction
from remelt.platform.market.proposals.errors import (
    BadExpiry,
    NotYourTurn,
    ProposalOver,
    SamePrice,
)
from remelt.platform.market.proposals.models import Proposal, ProposalTurn
from remelt.platform.market.state import is_over

Side = Literal["buyer", "seller"]
State = Literal["sent", "countered", "accepted", "declined", "expired"]
SHORTEST = timedelta(minutes=5)
LONGEST = timedelta(days=30)


def state_of(proposal: Proposal, last: ProposalTurn, *, auction: Auction, now: datetime) -> State:
    """Return the state at `now`: sent waits for the seller, countered for the buyer.

    auction: of the listing; when it ends, is sold or taken back, every offer on it expires.
    """
    if proposal.ended_as == "accepted":
        return "accepted"
    if proposal.ended_as == "declined":
        return "declined"
    gone = auction.withdrawn_at is not None or is_over(auction, now=now)
    if proposal.replaced_at is not None or gone or now >= last.expires_at:
        return "expired"
    return "sent" if last.by == "buyer" else "countered"


def check_answer(state: State, *, side: Side) -> None:
    """Refuse an answer out of turn, or to an exchange that is over."""
    if state not in {"sent", "countered"}:
        raise ProposalOver
    if (state == "sent") != (side == "seller"):
        raise NotYourTurn


def check_counter(last: ProposalTurn, *, price_fen_per_t: int) -> None:
    """Refuse to counter with the price that was just offered."""
    if price_fen_per_t == last.price_fen_per_t:
        raise SamePrice(field="price_fen_per_t")


def check_expiry(expires_at: datetime, *, closes_at: datetime, now: datetime) -> None:
    """Refuse an offer that stands too short, too long or past the listing."""
    if not now + SHORTEST <= expires_at <= min(now + LONGEST, closes_at):
        raise BadExpiry(field="expires_at", closes_at=closes_at)
