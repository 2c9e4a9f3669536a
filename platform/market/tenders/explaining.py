"""What the offers of a reverse auction cost their buyer, line by line."""

from dataclasses import dataclass, replace

from sqlmodel import Session, col, select

from remelt.platform.market.measuring import Measured, measured
from remelt.platform.market.models import Listing
from remelt.platform.market.needs.models import Need
from remelt.platform.market.tenders.answering import quote_of, rates_of
from remelt.platform.market.tenders.models import Tender, TenderBid


@dataclass(frozen=True, slots=True)
class TenderScored:
    """The best offer of one lot. number stands for the seller, as on the ladder."""

    number: int
    mine: bool
    bid: TenderBid
    measured: Measured


def tender_scores(session: Session, *, need: Need, viewer_id: int) -> list[TenderScored]:
    """Return what each lot costs the buyer at the price it stands at, the best first.

    The buyer sees all, sellers by number; a seller its own lots. Empty where nobody was invited.
    """
    tender = session.exec(select(Tender).where(Tender.need_id == need.key)).one_or_none()
    if tender is None:
        return []
    rows = session.exec(
        select(TenderBid, Listing)
        .join(Listing, col(Listing.id) == col(TenderBid.listing_id))
        .where(TenderBid.tender_id == tender.key, TenderBid.verdict == "accepted")
        .order_by(col(TenderBid.seq))
    ).all()
    numbers: dict[int, int] = {}
    last: dict[int, tuple[TenderBid, Listing]] = {}
    for bid, listing in rows:
        numbers.setdefault(bid.seller_id, len(numbers) + 1)
        last[listing.key] = (bid, listing)
    found = [
        TenderScored(
            number=numbers[bid.seller_id], mine=bid.seller_id == viewer_id, bid=bid,
            measured=measured(
                replace(
                    quote_of(session, tender, listing, need=need),
                    price_fen_per_t=bid.price_fen_per_t,
                ),
                rates_of(tender),
            ),
        )
        for bid, listing in last.values()
        if viewer_id in {tender.owner_id, bid.seller_id}
    ]  # fmt: skip
    return sorted(found, key=lambda each: (each.bid.cost_fen_per_t, each.bid.seq))
