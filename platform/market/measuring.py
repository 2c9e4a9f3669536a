"""An offer on a listing, measured by the terms of its auction: every number with its source."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from remelt.platform.catalogue import queries as catalogue
from remelt.platform.market.auction_models import Auction, Bid
from remelt.platform.market.models import Listing
from remelt.platform.market.offerings import Offering
from remelt.platform.market.places import ranked
from remelt.platform.market.score import WHOLE_BP, Quote, Rates, Score, score
from remelt.platform.market.state import is_over
from remelt.platform.market.terms import rates_of, terms_of
from remelt.platform.market.terms_models import AuctionTerms
from remelt.platform.market.ways import road_m
from remelt.platform.parties.models import Site


@dataclass(frozen=True, slots=True)
class Measured:
    """A score with what it was worked out from: the offer's quote, and the owner's rates."""

    score: Score
    quote: Quote
    rates: Rates


@dataclass(frozen=True, slots=True)
class Scored:
    """An offer and its score. place: its rank, 1 for the best; None where one's own is all."""

    place: int | None
    bid: Bid
    measured: Measured


def measure(
    session: Session,
    listing: Listing,
    *,
    terms: AuctionTerms,
    price_fen_per_t: int,
    site_id: int,
) -> Measured:
    """Return what a price for delivery to a site is worth to the seller. Two statements.

    The road is reckoned from the straight way: nobody's route is known before the sale. What is
    recovered of a tonne is what the catalogue says of its grade.
    """
    sites = _sites(session, {listing.site_id, site_id})
    quote = Quote(
        price_fen_per_t=price_fen_per_t, tax_included=listing.tax_included,
        vat_rate_bp=listing.vat_rate_bp, recovery_bp=recovery_of(session, listing),
        road_m=road_m(sites[listing.site_id], sites[site_id]),
    )  # fmt: skip
    return measured(quote, rates_of(terms))


def measured(quote: Quote, rates: Rates) -> Measured:
    """Return a quote with its score. Touches no database."""
    return Measured(score=score(quote, rates=rates), quote=quote, rates=rates)


def recovery_of(session: Session, listing: Listing) -> int:
    """Return the metal recovered of a lot's mass in 1/10,000, as the catalogue has its grade."""
    grade = catalogue.grade(session, system=listing.grade_system, code=listing.grade_code)
    return grade.metal_nominal_bp or grade.metal_min_bp or WHOLE_BP


def scores(session: Session, lot: Offering, *, viewer_id: int, now: datetime) -> list[Scored]:
    """Return the offers on a listing whose score a viewer may see, the best first.

    Once bidding is over its seller sees each bidder's best offer that may win; a bidder sees its
    own best. Nothing that is sealed has a score before it is opened. Five statements.
    """
    listing, auction = lot.listing, lot.auction
    own = listing.seller_id == viewer_id
    if own:
        bids = ranked(session, auction) if is_over(auction, now=now) else []
    else:
        bids = _best(session, auction, bidder_id=viewer_id)
    if not bids:
        return []
    rates = rates_of(terms_of(session, auction_id=auction.key))
    recovery_bp = recovery_of(session, listing)
    sites = _sites(session, {listing.site_id, *(bid.deliver_to_site_id for bid in bids)})
    found = [
        measured(
            Quote(
                price_fen_per_t=bid.price_fen_per_t, tax_included=listing.tax_included,
                vat_rate_bp=listing.vat_rate_bp, recovery_bp=recovery_bp,
                road_m=road_m(sites[listing.site_id], sites[bid.deliver_to_site_id]),
            ),
            rates,
        )
        for bid in bids
    ]  # fmt: skip
    return [
        Scored(place if own else None, bid, each)
        for place, (bid, each) in enumerate(zip(bids, found, strict=True), start=1)
    ]


def _best(session: Session, auction: Auction, *, bidder_id: int) -> list[Bid]:
    return list(
        session.exec(
            select(Bid)
            .where(
                Bid.auction_id == auction.key,
                Bid.bidder_id == bidder_id,
                Bid.verdict == "accepted",
            )
            .order_by(col(Bid.price_fen_per_t).desc(), col(Bid.seq))
            .limit(1)
        )
    )


def _sites(session: Session, ids: Collection[int]) -> dict[int, Site]:
    return {row.key: row for row in session.exec(select(Site).where(col(Site.id).in_(list(ids))))}
