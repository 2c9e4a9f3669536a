"""Answering sellers who bid down: the offer's lot, what it costs, and the record of the answer."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from sqlmodel import Session, col, select

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.errors import Refusal
from remelt.platform.market.admitting import wanted
from remelt.platform.market.drafts import check_price
from remelt.platform.market.eligibility import bidder
from remelt.platform.market.errors import BiddingOver, NoSuchListing
from remelt.platform.market.measuring import recovery_of
from remelt.platform.market.models import Listing
from remelt.platform.market.needs.fitting import fit, under
from remelt.platform.market.needs.matching import means, offered_of, wanted_of
from remelt.platform.market.needs.models import Need
from remelt.platform.market.needs.stating import need_by_code
from remelt.platform.market.offerings import Offering, offering
from remelt.platform.market.score import Quote, Rates, Score, score
from remelt.platform.market.taking import check_bidder, check_taking
from remelt.platform.market.tenders.errors import (
    DoesNotFit,
    FloorOverPrice,
    NotOnOffer,
    OverCeiling,
)
from remelt.platform.market.tenders.events import TenderBidPlaced
from remelt.platform.market.tenders.inviting import lock_tender
from remelt.platform.market.tenders.models import Tender, TenderBid
from remelt.platform.market.tenders.rules import Lot, Outcome, TenderLine, decide
from remelt.platform.market.ways import distance_m, road_m
from remelt.platform.parties.models import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A price in fen per tonne, and the lowest down to which the house may take it; None for it."""

    price_fen_per_t: int
    floor_fen_per_t: int | None = None


def bid_down(
    session: Session,
    *,
    clock: Clock,
    need_code: str,
    listing_code: str,
    seller_id: int,
    person_id: int,
    named: Named,
) -> TenderBid:
    """Answer a seller's offer of a lot that it lists at a fixed price, and record the answer.

    The offer leads when its cost to the buyer is lower by the step; it binds the seller until the
    end. The house answers for the leader down to its floor. Of equal costs the earlier leads. Only
    accepted offers extend the end.
    Raises `NoSuchTender`, `NoSuchListing`, `PriceOutOfBounds` or `FloorOverPrice` for what cannot
    be an offer.
    """
    check_named(named)
    need = need_by_code(session, code=need_code)
    offered = offering(session, code=listing_code)
    if offered.listing.seller_id != seller_id:
        raise NoSuchListing(listing=listing_code[:20])
    tender = lock_tender(session, need=need)
    now = clock.now(session)
    lot = lot_of(session, tender, offered.listing, need=need, named=named)
    try:
        check_open(tender, now=now)
        check_suits(session, offered, buyer_id=need.buyer_id, now=now)
        check_lot(offered, until=tender.hard_close_at, now=now)
        _check_fit(session, need, offered, price_fen_per_t=lot.price_fen_per_t, tender=tender)
    except Refusal as refusal:
        return _refused(session, tender, lot, reason=refusal.code, person_id=person_id, now=now)
    found = decide(tender, lot, leader=_leader(session, tender, need=need), now=now)
    return _keep(
        session, tender, found, named=named, person_id=person_id, need_code=need_code, now=now
    )


def check_named(named: Named) -> None:
    """Refuse what cannot be an offer at any time. Touches no database."""
    check_price(named.price_fen_per_t, field="price_fen_per_t")
    if named.floor_fen_per_t is not None:
        check_price(named.floor_fen_per_t, field="floor_fen_per_t")
        if named.floor_fen_per_t > named.price_fen_per_t:
            raise FloorOverPrice(field="floor_fen_per_t")


def check_open(tender: Tender, *, now: datetime) -> None:
    """Refuse an offer after the end. Touches no database."""
    if tender.closed_at is not None or now >= tender.closes_at:
        raise BiddingOver


def check_suits(session: Session, lot: Offering, *, buyer_id: int, now: datetime) -> None:
    """Refuse a lot that the buyer may not buy. Its deposit is not asked: its seller offers it."""
    asks = wanted(session, lot)
    check_bidder(bidder(session, organisation_id=buyer_id, asks=asks), asks, now=now)


def check_lot(lot: Offering, *, until: datetime, now: datetime) -> None:
    """Refuse a lot that is not on offer at a fixed price until the last end."""
    check_taking(lot.auction, now=now)
    if lot.auction.kind != "fixed" or lot.auction.closes_at < until:
        raise NotOnOffer(listing=lot.listing.code)


def lot_of(session: Session, tender: Tender, listing: Listing, *, need: Need, named: Named) -> Lot:
    """Return a listing as it is offered, with what its price costs the buyer."""
    quote, rates = quote_of(session, tender, listing, need=need), rates_of(tender)
    price = named.price_fen_per_t
    return Lot(
        listing_id=listing.key, seller_id=listing.seller_id, price_fen_per_t=price,
        floor_fen_per_t=price if named.floor_fen_per_t is None else named.floor_fen_per_t,
        cost=partial(_cost, quote, rates),
    )  # fmt: skip


def cost_of(
    session: Session, tender: Tender, listing: Listing, *, need: Need, price_fen_per_t: int
) -> Score:
    """Return what a lot at a price costs the buyer, with its lines. Two statements."""
    quote = quote_of(session, tender, listing, need=need)
    return score(replace(quote, price_fen_per_t=price_fen_per_t), rates=rates_of(tender))


def quote_of(session: Session, tender: Tender, listing: Listing, *, need: Need) -> Quote:
    """Return what a lot says beside its price, which is left at 1. Two statements."""
    rows = session.exec(select(Site).where(col(Site.id).in_([listing.site_id, need.site_id])))
    sites = {site.key: site for site in rows}
    return Quote(
        price_fen_per_t=1, tax_included=listing.tax_included, vat_rate_bp=listing.vat_rate_bp,
        road_m=road_m(sites[listing.site_id], sites[need.site_id]),
        penalty_fen_per_t=0 if listing.evidence == "documented" else tender.undocumented_fen_per_t,
        recovery_bp=recovery_of(session, listing),
    )  # fmt: skip


def rates_of(tender: Tender) -> Rates:
    """Return by what the buyer measures offers."""
    return Rates(
        side="purchase", freight_fen_per_tkm=tender.freight_fen_per_tkm,
        co2e_g_per_tkm=tender.co2e_g_per_tkm, carbon_fen_per_t=tender.carbon_fen_per_t,
    )  # fmt: skip


def _cost(quote: Quote, rates: Rates, price_fen_per_t: int) -> int:
    return score(replace(quote, price_fen_per_t=price_fen_per_t), rates=rates).recovered_fen_per_t


def _leader(session: Session, tender: Tender, *, need: Need) -> Lot | None:
    """Return the lot that leads at the price that it stands at, None before the first offer."""
    if tender.leading_bid_id is None:
        return None
    bid, listing = session.exec(
        select(TenderBid, Listing)
        .join(Listing, col(Listing.id) == col(TenderBid.listing_id))
        .where(TenderBid.id == tender.leading_bid_id)
    ).one()
    named = Named(price_fen_per_t=bid.price_fen_per_t, floor_fen_per_t=tender.floor_fen_per_t)
    return lot_of(session, tender, listing, need=need, named=named)


def _keep(
    session: Session,
    tender: Tender,
    found: Outcome,
    *,
    named: Named,
    person_id: int,
    need_code: str,
    now: datetime,
) -> TenderBid:
    """Write the lines and how the reverse auction stands; return the line of the offer itself."""
    hand = session.exec(select(TenderBid.person_id).where(TenderBid.id == tender.leading_bid_id))
    leaders = hand.one_or_none() or person_id
    rows = [
        _row(tender, line, person_id=leaders if line.automatic else person_id, now=now)
        for line in found.lines
    ]
    own = next(row for row in rows if not row.automatic)
    own.offered_fen_per_t, own.floor_fen_per_t = named.price_fen_per_t, named.floor_fen_per_t
    session.add_all(rows)
    session.flush()
    tender.closes_at, tender.bid_seq, tender.bid_count = found.closes_at, found.seq, found.count
    led = found.leader
    if led is not None:
        tender.leading_cost_fen_per_t = led.cost_fen_per_t
        tender.leading_bid_id = next(row.key for row in rows if row.seq == led.seq)
        tender.floor_fen_per_t = min(led.lot.floor_fen_per_t, led.price_fen_per_t)
    for row in rows:
        if row.verdict == "accepted":
            outbox.record(
                session,
                TenderBidPlaced(at=now, need_code=need_code, seq=row.seq, closes_at=row.closes_at),
            )
    session.flush()
    return own


def _row(tender: Tender, line: TenderLine, *, person_id: int, now: datetime) -> TenderBid:
    return TenderBid(
        tender_id=tender.key, seq=line.seq, listing_id=line.lot.listing_id,
        seller_id=line.lot.seller_id, person_id=person_id, price_fen_per_t=line.price_fen_per_t,
        automatic=line.automatic, cost_fen_per_t=line.cost_fen_per_t, placed_at=now,
        verdict="rejected" if line.reason else "accepted", reason=line.reason,
        closes_at=line.closes_at,
    )  # fmt: skip


def _refused(
    session: Session, tender: Tender, lot: Lot, *, reason: str, person_id: int, now: datetime
) -> TenderBid:
    tender.bid_seq += 1
    line = TenderLine(
        lot=lot, seq=tender.bid_seq, price_fen_per_t=lot.price_fen_per_t,
        cost_fen_per_t=lot.cost(lot.price_fen_per_t), reason=reason, automatic=False,
        closes_at=tender.closes_at,
    )  # fmt: skip
    row = _row(tender, line, person_id=person_id, now=now)
    session.add(row)
    session.flush()
    return row


def _check_fit(
    session: Session, need: Need, lot: Offering, *, price_fen_per_t: int, tender: Tender
) -> None:
    """Refuse a lot that misses a point of the need, or a price over the ceiling."""
    rows = session.exec(select(Site).where(col(Site.id).in_([lot.listing.site_id, need.site_id])))
    sites = {site.key: site for site in rows}
    known = means(session)
    way_m = distance_m(sites[lot.listing.site_id], sites[need.site_id])
    asked = offered_of(lot, way_m=way_m, co2e=known.co2e)
    if not fit(
        wanted_of(need, kin=known.kin), replace(asked, asked_fen_per_t=price_fen_per_t)
    ).fits:
        raise DoesNotFit(field="listing")
    vat = lot.listing.vat_rate_bp if lot.listing.tax_included else 0
    limit = need.vat_rate_bp if need.tax_included else 0
    if not under(
        price_fen_per_t, asked_vat_bp=vat, limit_fen=tender.ceiling_fen_per_t, limit_vat_bp=limit
    ):
        raise OverCeiling(field="price_fen_per_t")
