"""Needs and lots brought together, both ways, by the one judgement of `fitting`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from remelt.platform.catalogue import carbon
from remelt.platform.catalogue import queries as catalogue
from remelt.platform.catalogue.errors import FactorMissing, NoSuchFactor
from remelt.platform.market.auction_models import Auction
from remelt.platform.market.bids.reading import least_bid
from remelt.platform.market.models import Listing
from remelt.platform.market.needs.fitting import Fit, Grade, Offered, Wanted, fit, rank
from remelt.platform.market.needs.models import Need
from remelt.platform.market.offerings import Offering
from remelt.platform.market.state import taking_bids
from remelt.platform.market.ways import by_road_m, distance_m
from remelt.platform.parties.models import Site

LOOKED_AT: Final = 500
WAY_FACTOR: Final = "tkm_cn_diesel_10t"

Kin = Mapping[Grade, frozenset[Grade]]


@dataclass(frozen=True, slots=True)
class LotFit:
    """A lot on offer as the buyer of a need sees it."""

    listing: Listing
    auction: Auction
    offered: Offered
    fit: Fit


@dataclass(frozen=True, slots=True)
class NeedFit:
    """A need as the seller of a lot sees it."""

    need: Need
    offered: Offered
    fit: Fit


@dataclass(frozen=True, slots=True)
class Means:
    """What judging takes besides the two rows: grades of one name, and what a way emits."""

    kin: Kin
    co2e: tuple[int, int] | None


def means(session: Session) -> Means:
    """Look up what judging takes. Three statements."""
    try:
        rate = carbon.rate(catalogue.factor(session, WAY_FACTOR))
    except (FactorMissing, NoSuchFactor):
        rate = None
    return Means(kin=catalogue.kin(session), co2e=rate)


def lots_for(session: Session, need: Need, *, now: datetime, limit: int = 24) -> list[LotFit]:
    """Return the lots on offer that fit a need, best first, then those that miss by one point.

    The newest 500 of the metal are looked at. Five statements, whatever their number.
    """
    known = means(session)
    goal = session.exec(select(Site).where(Site.id == need.site_id)).one()
    wanted = wanted_of(need, kin=known.kin)
    rows = session.exec(
        select(Listing, Auction, Site)
        .join(Auction, col(Auction.listing_id) == col(Listing.id))
        .join(Site, col(Site.id) == col(Listing.site_id))
        .where(taking_bids(now), Listing.metal == need.metal, Listing.seller_id != need.buyer_id)
        .order_by(col(Listing.id).desc())
        .limit(LOOKED_AT)
    )
    judged = []
    for listing, auction, site in rows:
        offered = offered_of(
            Offering(listing, auction), way_m=distance_m(site, goal), co2e=known.co2e
        )
        found = fit(wanted, offered)
        if found.fits or found.nearly:
            judged.append(LotFit(listing, auction, offered, found))
    judged.sort(key=lambda each: (*rank(each.fit, each.offered), -each.listing.key))
    return judged[:limit]


def needs_for(
    session: Session,
    lot: Offering,
    *,
    now: datetime,
    limit: int = 12,
    near: bool = True,
    known: Means | None = None,
) -> list[NeedFit]:
    """Return the open needs that a lot fits, best first; with `near` those it misses by one point.

    Whether the lot is taking bids yet is not asked: a seller looks before publishing too.
    known: what judging takes, where it was looked up already.
    """
    listing = lot.listing
    rows = session.exec(
        select(Need, Site)
        .join(Site, col(Site.id) == col(Need.site_id))
        .where(
            Need.metal == listing.metal,
            Need.buyer_id != listing.seller_id,
            col(Need.ended_at).is_(None),
            col(Need.ends_at) > now,
        )
        .order_by(col(Need.id).desc())
        .limit(LOOKED_AT)
    ).all()
    if not rows:
        return []
    known = known or means(session)
    place = session.exec(select(Site).where(Site.id == listing.site_id)).one()
    judged = []
    for need, goal in rows:
        offered = offered_of(lot, way_m=distance_m(place, goal), co2e=known.co2e)
        found = fit(wanted_of(need, kin=known.kin), offered)
        if found.fits or (near and found.nearly):
            judged.append(NeedFit(need, offered, found))
    judged.sort(key=lambda each: (*rank(each.fit, each.offered), -each.need.key))
    return judged[:limit]


def wanted_of(need: Need, *, kin: Kin) -> Wanted:
    """Return what a need asks, its grades widened to all that trade calls by the same words."""
    asked = [parted(name) for name in need.grades]
    return Wanted(
        metal=need.metal,
        grades=frozenset(other for one in asked for other in kin.get(one, {one})),
        forms=frozenset(need.forms),
        tracks=frozenset(need.tracks),
        mass_g=need.mass_g,
        least_lot_g=need.least_lot_g,
        most_fen_per_t=need.most_fen_per_t,
        tax_included=need.tax_included,
        vat_rate_bp=need.vat_rate_bp,
        productive=need.productive,
        most_distance_m=need.most_distance_m,
        most_co2e_g_per_t=need.most_co2e_g_per_t,
    )


def offered_of(lot: Offering, *, way_m: int | None, co2e: tuple[int, int] | None) -> Offered:
    """Return what a listing offers, `way_m` metres away as the crow flies.

    co2e: grams per gram-metre, as a pair.
    """
    listing = lot.listing
    return Offered(
        metal=listing.metal,
        grade=(listing.grade_system, listing.grade_code),
        form=listing.form,
        track=listing.track,
        mass_g=listing.declared_mass_g,
        asked_fen_per_t=asked_fen(lot.auction),
        tax_included=listing.tax_included,
        vat_rate_bp=listing.vat_rate_bp,
        productive=listing.productive,
        distance_m=way_m,
        co2e_g_per_t=way_co2e(way_m, co2e),
    )


def asked_fen(auction: Auction) -> int | None:
    """Return the least that buys the lot or is taken as the next bid, in fen per tonne."""
    return auction.fixed_fen_per_t or least_bid(auction)


def way_co2e(way_m: int | None, co2e: tuple[int, int] | None) -> int | None:
    """Return what bringing a tonne emits, in g, rounded up; `way_m` is straight, the road longer.

    >>> way_co2e(100_000, (162, 1_000_000_000))
    21870
    """
    if way_m is None or co2e is None:
        return None
    over, under = co2e
    return -(-by_road_m(way_m) * 1_000_000 * over // under)


def parted(name: str) -> Grade:
    """Return system and code of a grade as a need holds it."""
    system, _, code = name.partition("|")
    return system, code
