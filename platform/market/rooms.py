"""The auction room: what each viewer sees of an auction, with no other bidder named."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from remelt.platform.market.auction_models import Auction, Bid
from remelt.platform.market.bids.reading import least_bid
from remelt.platform.market.state import LIVE, State, reserve_met, state_of

LADDER = 30


@dataclass(frozen=True, slots=True)
class Rung:
    """One accepted offer on the ladder. `number` stands for the bidder: 1 is who bid first."""

    seq: int
    number: int
    mine: bool
    price_fen_per_t: int
    placed_at: datetime


@dataclass(frozen=True, slots=True)
class Room:
    """An auction as one viewer sees it: no other bidder has a name here.

    least_fen_per_t: the least that would be taken next; None where no bids are taken.
    limit_fen_per_t: up to where the house raises the viewer's offer; None unless it leads.
    reserve_met: None without a reserve, and for fixed prices. mine: the viewer's last answer.
    seq: how many offers were answered; it grows with each. mark: see `mark_of`.
    """

    state: State
    mark: str
    now: datetime
    closes_at: datetime
    hard_close_at: datetime
    seq: int
    bid_count: int
    leading_fen_per_t: int | None
    least_fen_per_t: int | None
    reserve_met: bool | None
    leads: bool
    limit_fen_per_t: int | None
    mine: Bid | None
    ladder: list[Rung]

    @property
    def live(self) -> bool:
        """Whether offers are taken now."""
        return self.state in LIVE


def room(session: Session, *, auction: Auction, viewer_id: int | None, now: datetime) -> Room:
    """Return the room of an auction for the organisation `viewer_id`. Two statements."""
    rungs = ladder(session, auction_id=auction.key, viewer_id=viewer_id)
    last = None if viewer_id is None else session.exec(
        select(Bid)
        .where(Bid.auction_id == auction.key, Bid.bidder_id == viewer_id)
        .order_by(col(Bid.seq).desc())
        .limit(1)
    ).one_or_none()  # fmt: skip
    has_reserve = auction.reserve_fen_per_t is not None
    state, leading = state_of(auction, now=now), auction.leading_fen_per_t
    leads = any(rung.mine and rung.price_fen_per_t == leading for rung in rungs)
    return Room(
        state=state,
        mark=mark_of(auction, now=now),
        now=now,
        closes_at=auction.closes_at,
        hard_close_at=auction.hard_close_at,
        seq=auction.bid_seq,
        bid_count=auction.bid_count,
        leading_fen_per_t=leading,
        least_fen_per_t=least_bid(auction),
        reserve_met=reserve_met(auction) if has_reserve else None,
        leads=leads,
        limit_fen_per_t=auction.limit_fen_per_t if leads else None,
        mine=last,
        ladder=rungs[-LADDER:][::-1],
    )


def mark_of(auction: Auction, *, now: datetime) -> str:
    """Return a mark that changes with what everybody sees of the room: state, offers, end."""
    state = state_of(auction, now=now)
    return f"{state}-{auction.bid_seq}-{auction.shut}-{int(auction.closes_at.timestamp())}"


def ladder(
    session: Session, *, auction_id: int, viewer_id: int | None, after_seq: int = 0
) -> list[Rung]:
    """Return accepted offers past `after_seq` in the order of decision, bidders by number.

    A leader who only raised its limit moved nothing that others may see: that is no rung.
    """
    rows = session.exec(
        select(Bid.seq, Bid.bidder_id, Bid.price_fen_per_t, Bid.placed_at)
        .where(Bid.auction_id == auction_id, Bid.verdict == "accepted")
        .order_by(col(Bid.seq))
    ).all()
    numbers: dict[int, int] = {}
    rungs: list[Rung] = []
    last = (0, 0)
    for seq, bidder, price, at in rows:
        number = numbers.setdefault(bidder, len(numbers) + 1)
        if (number, price) != last:
            rungs.append(Rung(seq, number, bidder == viewer_id, price, at))
        last = (number, price)
    return [rung for rung in rungs if rung.seq > after_seq]


def own_answer(session: Session, *, auction_id: int, bidder_id: int, seq: int) -> Bid | None:
    """Return the answer with this number if the bidder's own, to be shown after a form."""
    return session.exec(
        select(Bid).where(Bid.auction_id == auction_id, Bid.bidder_id == bidder_id, Bid.seq == seq)
    ).one_or_none()
