"""What standing offers in combined sales may come to, as a credit limit counts it."""

from collections.abc import Collection

from sqlmodel import Session, col, func, select

from remelt.platform.market.combined.models import (
    CombinedSale,
    PackageLine,
    PackageOffer,
    SaleLot,
)
from remelt.platform.market.credit import Exposure, commitment_fen
from remelt.platform.market.models import Listing


def offered(session: Session, *, group: Collection[int]) -> list[Exposure]:
    """Return the most that each buyer's standing offers may come to, by sale and lot.

    A lot is won once at most, so of several offers for it the dearest counts.
    """
    rows = session.exec(
        select(
            CombinedSale.code,
            PackageOffer.bidder_id,
            func.max(col(PackageLine.price_fen_per_t)),
            func.max(col(Listing.declared_mass_g)),
        )
        .join(PackageOffer, col(PackageOffer.sale_id) == col(CombinedSale.id))
        .join(PackageLine, col(PackageLine.offer_id) == col(PackageOffer.id))
        .join(SaleLot, col(SaleLot.id) == col(PackageLine.lot_id))
        .join(Listing, col(Listing.id) == col(SaleLot.listing_id))
        .where(
            col(PackageOffer.bidder_id).in_(list(group)),
            col(PackageOffer.taken_back_at).is_(None),
            col(CombinedSale.decided_at).is_(None),
            col(CombinedSale.withdrawn_at).is_(None),
        )
        .group_by(col(CombinedSale.code), col(PackageOffer.bidder_id), col(SaleLot.id))
    )
    return [
        Exposure(code, bidder, commitment_fen(price, mass_g=mass_g), kind="sale")
        for code, bidder, price, mass_g in rows
    ]
