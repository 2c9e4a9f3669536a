"""What buyer and sellers read of a reverse auction: bidders by number, one's own by name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from remelt.platform.market.auction_models import Auction
from remelt.platform.market.models import Contract, Listing
from remelt.platform.market.needs.models import Need
from remelt.platform.market.state import taking_bids
from remelt.platform.market.tenders.models import Tender, TenderBid


@dataclass(frozen=True, slots=True)
class TenderRung:
    """One accepted offer; `number` stands for the seller: 1 is who bid first."""

    number: int
    mine: bool
    price_fen_per_t: int
    cost_fen_per_t: int
    placed_at: datetime


@dataclass(frozen=True, slots=True)
class TenderRoom:
    """A reverse auction as one viewer sees it, the best offer first.

    contract_code: for the buyer, where something was bought. leads: the viewer's offer is the best;
    floor_fen_per_t: down to where the house lowers it, where that is below its price.
    """

    tender: Tender
    open: bool
    ladder: list[TenderRung]
    contract_code: str | None
    leads: bool
    floor_fen_per_t: int | None


def tender_room(
    session: Session, *, need: Need, viewer_id: int, now: datetime
) -> TenderRoom | None:
    """Return the reverse auction of a need, None where none was opened. Three statements."""
    tender = session.exec(select(Tender).where(Tender.need_id == need.key)).one_or_none()
    if tender is None:
        return None
    rows = session.exec(
        select(TenderBid)
        .where(TenderBid.tender_id == tender.key, TenderBid.verdict == "accepted")
        .order_by(col(TenderBid.seq))
    ).all()
    bought = select(Contract.code).where(Contract.id == tender.contract_id)
    own = viewer_id == tender.owner_id and tender.contract_id is not None
    best = next((row for row in rows if row.key == tender.leading_bid_id), None)
    leads = best is not None and best.seller_id == viewer_id
    floor = tender.floor_fen_per_t if leads else None
    return TenderRoom(
        tender=tender,
        open=tender.closed_at is None and now < tender.closes_at,
        ladder=_ladder(rows, viewer_id=viewer_id)[::-1],
        contract_code=session.exec(bought).one() if own else None,
        leads=leads,
        floor_fen_per_t=floor if best and floor and floor < best.price_fen_per_t else None,
    )


def _ladder(rows: Sequence[TenderBid], *, viewer_id: int) -> list[TenderRung]:
    """Return accepted offers in their order; a leader who only lowered its floor is no rung."""
    numbers: dict[int, int] = {}
    rungs: list[TenderRung] = []
    last = (0, 0)
    for row in rows:
        number = numbers.setdefault(row.seller_id, len(numbers) + 1)
        if (number, row.price_fen_per_t) != last:
            rungs.append(
                TenderRung(
                    number=number, mine=row.seller_id == viewer_id,
                    price_fen_per_t=row.price_fen_per_t, cost_fen_per_t=row.cost_fen_per_t,
                    placed_at=row.placed_at,
                )
            )  # fmt: skip
        last = (number, row.price_fen_per_t)
    return rungs


def lots_to_offer(
    session: Session, *, need: Need, seller_id: int, now: datetime, limit: int = 50
) -> list[Listing]:
    """Return the seller's listings at a fixed price, of the metal that is needed."""
    return list(
        session.exec(
            select(Listing)
            .join(Auction, col(Auction.listing_id) == col(Listing.id))
            .where(
                taking_bids(now),
                Auction.kind == "fixed",
                Listing.seller_id == seller_id,
                Listing.metal == need.metal,
            )
            .order_by(col(Listing.id).desc())
            .limit(limit)
        )
    )
