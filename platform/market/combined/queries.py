"""What the pages and the API read of combined sales."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, func, or_, select

from remelt.platform.market.auction_models import Auction
from remelt.platform.market.combined.deciding import standing
from remelt.platform.market.combined.errors import AwardNotYet, NoSuchSale
from remelt.platform.market.combined.models import (
    CombinedSale,
    PackageLine,
    PackageOffer,
    SaleLot,
)
from remelt.platform.market.combined.opening import lots_of
from remelt.platform.market.combined.rules import state_of
from remelt.platform.market.models import Contract, Listing
from remelt.platform.market.state import taking_bids


@dataclass(frozen=True, slots=True)
class SaleCard:
    """One line of the list of combined sales."""

    sale: CombinedSale
    state: str
    lots: int
    mass_g: int
    own: bool


def sales(session: Session, *, viewer_id: int, now: datetime, limit: int = 100) -> list[SaleCard]:
    """Return sales that take offers, the viewer's own and those it made offers in; newest last."""
    bid_in = select(PackageOffer.sale_id).where(PackageOffer.bidder_id == viewer_id)
    rows = session.exec(
        select(CombinedSale, func.count(col(SaleLot.id)), func.sum(col(Listing.declared_mass_g)))
        .join(SaleLot, col(SaleLot.sale_id) == col(CombinedSale.id))
        .join(Listing, col(Listing.id) == col(SaleLot.listing_id))
        .where(
            or_(
                (col(CombinedSale.closes_at) > now) & col(CombinedSale.withdrawn_at).is_(None),
                col(CombinedSale.seller_id) == viewer_id,
                col(CombinedSale.id).in_(bid_in),
            )
        )
        .group_by(col(CombinedSale.id))
        .order_by(col(CombinedSale.decided_at).is_not(None), col(CombinedSale.closes_at))
        .limit(limit)
    )
    return [
        SaleCard(sale, state_of(sale, now=now), lots, int(mass_g), sale.seller_id == viewer_id)
        for sale, lots, mass_g in rows
    ]


def every_sale(session: Session, *, now: datetime, limit: int = 100) -> list[SaleCard]:
    """Return the newest sales of everybody, for who supervises them."""
    rows = session.exec(
        select(CombinedSale, func.count(col(SaleLot.id)), func.sum(col(Listing.declared_mass_g)))
        .join(SaleLot, col(SaleLot.sale_id) == col(CombinedSale.id))
        .join(Listing, col(Listing.id) == col(SaleLot.listing_id))
        .group_by(col(CombinedSale.id))
        .order_by(col(CombinedSale.id).desc())
        .limit(limit)
    )
    return [
        SaleCard(sale, state_of(sale, now=now), lots, int(mass_g), own=False)
        for sale, lots, mass_g in rows
    ]


@dataclass(frozen=True, slots=True)
class Offered:
    """A standing offer with its lines. won: None before the award."""

    offer: PackageOffer
    lines: list[PackageLine]
    won: bool | None


@dataclass(frozen=True, slots=True)
class SaleView:
    """A combined sale as one viewer sees it: own offers alone, no other bidder named.

    contracts: by listing id, code and price, of contracts that the viewer is a party to.
    """

    sale: CombinedSale
    state: str
    now: datetime
    own: bool
    lots: list[tuple[SaleLot, Listing]]
    mine: list[Offered]
    contracts: dict[int, Contract]

    @property
    def search(self) -> dict[str, Any]:
        """What the search says of itself; empty before the award."""
        return {} if self.sale.result is None else dict(self.sale.result["search"])

    @property
    def sold(self) -> frozenset[str]:
        """Codes of the lots that the award sold."""
        if self.sale.result is None or self.sale.problem is None:
            return frozenset()
        won = set(self.sale.result["certificate"]["winners"])
        return frozenset(
            lot for bid in self.sale.problem["bids"] if bid["key"] in won for lot in bid["lots"]
        )


def sale(session: Session, *, code: str) -> CombinedSale:
    """Return a sale. Raises `NoSuchSale`."""
    row = session.exec(select(CombinedSale).where(CombinedSale.code == code)).one_or_none()
    if row is None:
        raise NoSuchSale(sale=code[:20])
    return row


def sale_view(session: Session, *, code: str, viewer_id: int, now: datetime) -> SaleView:
    """Return a sale as `viewer_id` sees it. Raises `NoSuchSale`."""
    row = sale(session, code=code)
    lots = lots_of(session, sale_id=row.key)
    offers, lines = standing(session, sale_id=row.key)
    won = set(row.result["certificate"]["winners"]) if row.result else None
    made = session.exec(
        select(Contract).where(
            col(Contract.listing_id).in_([listing.key for _lot, listing in lots]),
            or_(Contract.seller_id == viewer_id, Contract.buyer_id == viewer_id),
        )
    )
    return SaleView(
        sale=row,
        state=state_of(row, now=now),
        now=now,
        own=row.seller_id == viewer_id,
        lots=lots,
        mine=[
            Offered(each, lines[each.key], None if won is None else f"O{each.seq}" in won)
            for each in offers
            if each.bidder_id == viewer_id
        ],
        contracts={each.listing_id: each for each in made},
    )


def award_file(session: Session, *, code: str, viewer_id: int | None) -> CombinedSale:
    """Return a decided sale to who took part in it; viewer_id: None for who supervises.

    Raises `NoSuchSale`, `AwardNotYet`.
    """
    row = sale(session, code=code)
    party = viewer_id is None or row.seller_id == viewer_id or _took_part(session, row, viewer_id)
    if row.result is None or not party:
        raise AwardNotYet(sale=code[:20])
    return row


def can_join(session: Session, *, seller_id: int, now: datetime) -> list[tuple[Listing, Auction]]:
    """Return the seller's listings on the board that have no accepted offer."""
    rows = session.exec(
        select(Listing, Auction)
        .join(Auction, col(Auction.listing_id) == col(Listing.id))
        .where(
            Listing.seller_id == seller_id,
            taking_bids(now),
            Auction.bid_count == 0,
            Auction.shut == 0,
        )
        .order_by(col(Listing.id))
    )
    return [(listing, auction) for listing, auction in rows]


def sale_of(session: Session, *, listing_id: int) -> CombinedSale | None:
    """Return the combined sale that a listing went into; None for most."""
    return session.exec(
        select(CombinedSale)
        .join(SaleLot, col(SaleLot.sale_id) == col(CombinedSale.id))
        .where(SaleLot.listing_id == listing_id)
    ).one_or_none()


def bidders(session: Session, *, sale_id: int) -> set[int]:
    """Return the ids of the organisations that made an offer in a sale and did not take it back."""
    return set(
        session.exec(
            select(PackageOffer.bidder_id).where(
                PackageOffer.sale_id == sale_id, col(PackageOffer.taken_back_at).is_(None)
            )
        )
    )


def _took_part(session: Session, row: CombinedSale, viewer_id: int) -> bool:
    return (
        session.exec(
            select(PackageOffer.id)
            .where(PackageOffer.sale_id == row.key, PackageOffer.bidder_id == viewer_id)
            .limit(1)
        ).first()
        is not None
    )
