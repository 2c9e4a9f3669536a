"""An offer on a listing, measured by the terms of its auction."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from remelt.platform.market.models import Listing
from remelt.platform.market.score import Quote, Score, score
from remelt.platform.market.terms import rates_of
from remelt.platform.market.terms_models import AuctionTerms
from remelt.platform.market.ways import road_m
from remelt.platform.parties.models import Site


@dataclass(frozen=True, slots=True)
class Measured:
    """A score and the road it counts; None where a position is missing."""

    score: Score
    road_m: int | None


def measure(
    session: Session,
    listing: Listing,
    *,
    terms: AuctionTerms,
    price_fen_per_t: int,
    site_id: int,
) -> Measured:
    """Return what a price for delivery to a site is worth to the seller. One statement.

    The road is reckoned from the straight way: nobody's route is known before the sale.
    """
    rows = session.exec(select(Site).where(col(Site.id).in_([listing.site_id, site_id])))
    sites = {site.key: site for site in rows}
    way_m = road_m(sites[listing.site_id], sites[site_id])
    found = score(
        Quote(
            price_fen_per_t=price_fen_per_t, tax_included=listing.tax_included,
            vat_rate_bp=listing.vat_rate_bp, road_m=way_m,
        ),
        rates=rates_of(terms),
    )  # fmt: skip
    return Measured(score=found, road_m=way_m)
