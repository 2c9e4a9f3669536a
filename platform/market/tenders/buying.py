"""The end of a reverse auction: buying from the best offer whose lot can still be had."""

from collections.abc import Collection
from datetime import datetime

import structlog
from sqlmodel import Session, col, select

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.errors import Refusal
from remelt.platform.market.auction_models import Auction, Bid
from remelt.platform.market.award_errors import OverCreditLimit
from remelt.platform.market.contracting import conclude
from remelt.platform.market.limits import caps_of, lock_groups
from remelt.platform.market.models import Contract, Listing
from remelt.platform.market.needs.models import Need
from remelt.platform.market.offerings import lock_offering
from remelt.platform.market.taking import check_taking
from remelt.platform.market.tenders.answering import check_suits
from remelt.platform.market.tenders.events import TenderClosed
from remelt.platform.market.tenders.models import Tender, TenderBid

DUE_AT_ONCE = 50
log = structlog.get_logger()


def close_due(session: Session, *, clock: Clock) -> int:
    """Close reverse auctions whose time is over, all in the session at hand."""
    codes = due(session, now=clock.now(session))
    return sum(close(session, clock=clock, need_code=code) for code in codes)


def due(
    session: Session, *, now: datetime, limit: int = DUE_AT_ONCE, but: Collection[str] = ()
) -> list[str]:
    """Return the codes of needs whose reverse auction is over and not closed, except `but`."""
    rows = session.exec(
        select(Need.code)
        .join(Tender, col(Tender.need_id) == col(Need.id))
        .where(
            col(Tender.closed_at).is_(None),
            col(Tender.closes_at) <= now,
            col(Need.code).not_in(list(but)),
        )
        .order_by(col(Tender.id))
        .limit(limit)
    )
    return list(rows)


def close(session: Session, *, clock: Clock, need_code: str) -> bool:
    """Buy from the best offer whose lot can still be had; when it cannot, from the next.

    True when this call closed it.
    """
    owner = session.exec(
        select(Tender.owner_id)
        .join(Need, col(Need.id) == col(Tender.need_id))
        .where(Need.code == need_code)
    ).one()
    lock_groups(session, organisation_ids=[owner])
    need, tender = session.exec(
        select(Need, Tender)
        .join(Tender, col(Tender.need_id) == col(Need.id))
        .where(Need.code == need_code)
        .with_for_update(of=Tender)
        .execution_options(populate_existing=True)
    ).one()
    now = clock.now(session)
    if tender.closed_at is not None or now < tender.closes_at:
        return False
    tender.closed_at = now
    made = None
    for bid, code in _in_order(session, tender):
        made = _buy(session, tender, bid, need=need, listing_code=code, now=now)
        if made is not None:
            tender.contract_id = made.key
            break
    told = made.code if made else ""
    outbox.record(session, TenderClosed(at=now, need_code=need.code, contract_code=told))
    return True


def _in_order(session: Session, tender: Tender) -> list[tuple[TenderBid, str]]:
    rows = session.exec(
        select(TenderBid, Listing.code)
        .join(Listing, col(Listing.id) == col(TenderBid.listing_id))
        .where(TenderBid.tender_id == tender.key, TenderBid.verdict == "accepted")
        .order_by(col(TenderBid.cost_fen_per_t), col(TenderBid.seq))
    )
    return [(row[0], row[1]) for row in rows]


def _buy(
    session: Session,
    tender: Tender,
    bid: TenderBid,
    *,
    need: Need,
    listing_code: str,
    now: datetime,
) -> Contract | None:
    """Make the contract of an offer; None when its lot is gone or the buyer may not have it."""
    try:
        with outbox.savepoint(session):
            locked = lock_offering(session, code=listing_code)
            check_taking(locked.auction, now=now)
            check_suits(session, locked, buyer_id=tender.owner_id, now=now)
            caps = caps_of(session, locked=locked, bidder_ids=[tender.owner_id])
            if caps.refuses(tender.owner_id, price_fen_per_t=bid.price_fen_per_t):
                raise OverCreditLimit
            taken = _taken(session, locked.auction, bid, need=need, tender=tender, now=now)
            return conclude(
                session, locked, bid=taken, decided_by="tender", person_id=None, now=now
            )
    except Refusal as reason:
        log.info("offer passed over", need=need.code, seq=bid.seq, reason=reason.code)
        return None


def _taken(
    session: Session,
    auction: Auction,
    bid: TenderBid,
    *,
    need: Need,
    tender: Tender,
    now: datetime,
) -> Bid:
    """Put the purchase on the listing, as if the buyer had named the price."""
    auction.bid_seq += 1
    auction.bid_count += 1
    row = Bid(
        auction_id=auction.key, seq=auction.bid_seq, bidder_id=tender.owner_id,
        person_id=need.person_id, deliver_to_site_id=need.site_id,
        price_fen_per_t=bid.price_fen_per_t, placed_at=now, verdict="accepted",
        closes_at=auction.closes_at,
    )  # fmt: skip
    session.add(row)
    session.flush()
    auction.leading_fen_per_t, auction.leading_bid_id = row.price_fen_per_t, row.key
    return row
