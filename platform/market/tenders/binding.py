"""What an offer in a reverse auction binds: the lot until the end, and the buyer's credit."""

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session, col, select

from remelt.platform.kernel import outbox
from remelt.platform.market.credit import Exposure, commitment_fen
from remelt.platform.market.models import Listing
from remelt.platform.market.needs.models import Need
from remelt.platform.market.tenders.errors import BoundByTender
from remelt.platform.market.tenders.events import TenderClosed
from remelt.platform.market.tenders.models import Tender, TenderBid


def refuse_bound(session: Session, listing: Listing) -> None:
    """Refuse to take away a lot that is offered to a buyer. Raises `BoundByTender`.

    An offer that is outbid stays bound too: it is next when the better ones cannot be had.
    """
    until = session.exec(
        select(Tender.closes_at)
        .join(TenderBid, col(TenderBid.tender_id) == col(Tender.id))
        .where(
            TenderBid.listing_id == listing.key,
            TenderBid.verdict == "accepted",
            col(Tender.closed_at).is_(None),
        )
        .limit(1)
    ).first()
    if until is not None:
        raise BoundByTender(closes_at=until)


def end_with_need(session: Session, *, need: Need, now: datetime) -> None:
    """End the reverse auction of a need that ends, if nobody bid. Raises `BoundByTender`."""
    tender = session.exec(
        select(Tender)
        .where(Tender.need_id == need.key)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if tender is None or tender.closed_at is not None:
        return
    if tender.bid_count:
        raise BoundByTender(closes_at=tender.closes_at)
    tender.closed_at = now
    outbox.record(session, TenderClosed(at=now, need_code=need.code, contract_code=""))


def led(session: Session, *, group: Collection[int]) -> list[Exposure]:
    """Return what the leading offers in open reverse auctions of a group come to."""
    rows = session.exec(
        select(Need.code, Tender.owner_id, TenderBid.price_fen_per_t, Listing.declared_mass_g)
        .join(Tender, col(Tender.need_id) == col(Need.id))
        .join(TenderBid, col(TenderBid.id) == col(Tender.leading_bid_id))
        .join(Listing, col(Listing.id) == col(TenderBid.listing_id))
        .where(col(Tender.owner_id).in_(list(group)), col(Tender.closed_at).is_(None))
    )
    return [
        Exposure(code, owner, commitment_fen(price, mass_g=mass), kind="need")
        for code, owner, price, mass in rows
    ]
