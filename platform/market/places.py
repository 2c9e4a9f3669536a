"""Who stands in line for an award, and where each place stands, as it is read."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from operator import itemgetter

from sqlmodel import Session, col, select

from remelt.platform.market import cascade
from remelt.platform.market.auction_models import Auction, Award, Bid
from remelt.platform.market.models import Listing
from remelt.platform.market.sealing.models import Opening
from remelt.platform.market.terms import terms_of, turns_of
from remelt.platform.market.terms_models import AwardStep

DUE_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Placed:
    """One place in line: the award that names it, its offer, and where it stands."""

    award: Award
    bid: Bid
    standing: cascade.Standing


def ranked(session: Session, auction: Auction) -> list[Bid]:
    """Return each bidder's best accepted offer at or over the reserve, the best first.

    Sealed offers are ranked as their opening ranked them, others by price; of equal ones the
    earlier stands first.
    """
    rows = session.exec(
        select(Bid, Opening.place)
        .outerjoin(Opening, col(Opening.bid_id) == col(Bid.id))
        .where(
            Bid.auction_id == auction.key,
            Bid.verdict == "accepted",
            col(Bid.price_fen_per_t) >= (auction.reserve_fen_per_t or 0),
        )
        .order_by(col(Bid.price_fen_per_t).desc(), col(Bid.seq))
    ).all()
    offers = [(row[0], row[1] or len(rows) + 1) for row in rows]
    if auction.kind == "sealed":
        offers.sort(key=itemgetter(1))
    best: dict[int, Bid] = {}
    for bid, _place in offers:
        best.setdefault(bid.bidder_id, bid)
    return list(best.values())


def line_of(session: Session, auction: Auction) -> list[Placed]:
    """Return the line for an auction's award; empty where none was formed. Three statements."""
    rows = session.exec(
        select(Award, Bid)
        .join(Bid, col(Bid.id) == col(Award.bid_id))
        .where(Award.auction_id == auction.key)
        .order_by(col(Award.place))
    ).all()
    if not rows:
        return []
    facts: dict[int, list[cascade.Fact]] = {award.key: [] for award, _bid in rows}
    told = session.exec(
        select(AwardStep)
        .where(col(AwardStep.award_id).in_(list(facts)))
        .order_by(col(AwardStep.id))
    )
    for row in told:
        facts[row.award_id].append(cascade.Fact(row.step, row.at))  # type: ignore[arg-type]
    standings = cascade.standings(
        list(facts.values()),
        terms=turns_of(terms_of(session, auction_id=auction.key)),
        began_at=rows[0][0].decided_at,
    )
    return [Placed(award, bid, each) for (award, bid), each in zip(rows, standings, strict=True)]


def late_lines(
    session: Session, *, now: datetime, limit: int = DUE_AT_ONCE, but: Collection[str] = ()
) -> list[str]:
    """Return the codes of listings in whose line the time of a place ran out by `now`.

    Every line that stands is looked at, so that many which wait hold up none that is late. but:
    codes that are left out.
    """
    late = (
        each.code
        for each in standing_lines(session)
        if each.code not in but
        and cascade.overdue([row.standing for row in line_of(session, each.auction)], now=now)
    )
    return list(islice(late, limit))


@dataclass(frozen=True, slots=True)
class StandingLine:
    """A line for an award in which something may still happen: its listing's code, its auction."""

    code: str
    auction: Auction


def standing_lines(session: Session) -> list[StandingLine]:
    """Return every line whose lot is neither sold, taken back nor let go."""
    rows = session.exec(
        select(Listing.code, Auction)
        .join(Auction, col(Auction.listing_id) == col(Listing.id))
        .where(
            col(Auction.awarded_at).is_(None),
            col(Auction.closed_at).is_not(None),
            col(Auction.withdrawn_at).is_(None),
            col(Listing.released_at).is_(None),
            select(Award.id).where(col(Award.auction_id) == col(Auction.id)).exists(),
        )
        .order_by(col(Auction.id))
    )
    return [StandingLine(code, auction) for code, auction in rows]
