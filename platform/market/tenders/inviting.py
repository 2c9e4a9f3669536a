"""Inviting sellers to bid down, and answering their offers."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from remelt.platform.catalogue import queries as catalogue
from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.errors import Refusal
from remelt.platform.market.admitting import wanted
from remelt.platform.market.drafts import HARD_CLOSE_AFTER, LONGEST, SHORTEST, check_price
from remelt.platform.market.eligibility import bidder
from remelt.platform.market.errors import BadTimes, BiddingOver, NoSuchListing
from remelt.platform.market.kinds import Conditions, check_conditions
from remelt.platform.market.models import Listing
from remelt.platform.market.needs.fitting import fit, under
from remelt.platform.market.needs.matching import means, offered_of, wanted_of
from remelt.platform.market.needs.models import Need
from remelt.platform.market.needs.stating import is_open, need_by_code, own_need
from remelt.platform.market.offerings import Offering, offering
from remelt.platform.market.score import WHOLE_BP, Quote, Rates, Score, score
from remelt.platform.market.taking import check_bidder, check_taking
from remelt.platform.market.tenders.errors import (
    BidTooDear,
    DoesNotFit,
    NoSuchTender,
    NotOnOffer,
    OverCeiling,
    TenderStands,
)
from remelt.platform.market.tenders.events import TenderBidPlaced, TenderOpened
from remelt.platform.market.tenders.models import Tender, TenderBid
from remelt.platform.market.ways import distance_m, road_m
from remelt.platform.parties.models import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How sellers bid down; see `models.Tender`."""

    ceiling_fen_per_t: int
    step_fen_per_t: int
    closes_at: datetime
    freight_fen_per_tkm: int = 0
    co2e_g_per_tkm: int = 0
    carbon_fen_per_t: int = 0
    undocumented_fen_per_t: int = 0


def invite(
    session: Session, *, clock: Clock, need_code: str, buyer_id: int, terms: Terms
) -> Tender:
    """Open a reverse auction on one's own open need.

    Raises `NoSuchNeed`, `TenderStands`, `BadTimes` or `PriceOutOfBounds`.
    """
    need = own_need(session, code=need_code, buyer_id=buyer_id, lock=True)
    now = clock.now(session)
    if session.exec(select(Tender.id).where(Tender.need_id == need.key)).first() is not None:
        raise TenderStands(need=need_code)
    for field in ("ceiling_fen_per_t", "step_fen_per_t"):
        check_price(getattr(terms, field), field=field)
    check_conditions(
        Conditions(
            freight_fen_per_tkm=terms.freight_fen_per_tkm, co2e_g_per_tkm=terms.co2e_g_per_tkm,
            carbon_fen_per_t=terms.carbon_fen_per_t,
        )
    )  # fmt: skip
    latest = min(need.ends_at, now + LONGEST)
    if not is_open(need, now=now) or not now + SHORTEST <= terms.closes_at <= latest:
        raise BadTimes(field="closes_at")
    made = Tender(
        need_id=need.key, owner_id=buyer_id, opens_at=now, closes_at=terms.closes_at,
        hard_close_at=terms.closes_at + HARD_CLOSE_AFTER,
        ceiling_fen_per_t=terms.ceiling_fen_per_t, step_fen_per_t=terms.step_fen_per_t,
        freight_fen_per_tkm=terms.freight_fen_per_tkm, co2e_g_per_tkm=terms.co2e_g_per_tkm,
        carbon_fen_per_t=terms.carbon_fen_per_t,
        undocumented_fen_per_t=terms.undocumented_fen_per_t,
    )  # fmt: skip
    session.add(made)
    session.flush()
    outbox.record(session, TenderOpened(at=now, need_code=need_code, closes_at=made.closes_at))
    return made


def bid_down(
    session: Session,
    *,
    clock: Clock,
    need_code: str,
    listing_code: str,
    seller_id: int,
    person_id: int,
    price_fen_per_t: int,
) -> TenderBid:
    """Answer a seller's offer of a lot that it lists at a fixed price, and record the answer.

    The offer leads when its cost to the buyer is lower by the step; it binds the seller until the
    end. Of equal costs the earlier leads. Only accepted offers extend the end.
    Raises `NoSuchTender`, `NoSuchListing` or `PriceOutOfBounds` for what cannot be an offer.
    """
    check_price(price_fen_per_t, field="price_fen_per_t")
    need = need_by_code(session, code=need_code)
    offered = offering(session, code=listing_code)
    if offered.listing.seller_id != seller_id:
        raise NoSuchListing(listing=listing_code[:20])
    tender = lock_tender(session, need=need)
    now = clock.now(session)
    cost = cost_of(session, tender, offered.listing, need=need, price_fen_per_t=price_fen_per_t)
    tender.bid_seq += 1
    bid = TenderBid(
        tender_id=tender.key, seq=tender.bid_seq, listing_id=offered.listing.key,
        seller_id=seller_id, person_id=person_id, price_fen_per_t=price_fen_per_t,
        cost_fen_per_t=cost.recovered_fen_per_t, placed_at=now, verdict="accepted",
        closes_at=tender.closes_at,
    )  # fmt: skip
    try:
        check_open(tender, now=now)
        check_suits(session, offered, buyer_id=need.buyer_id, now=now)
        check_lot(offered, until=tender.hard_close_at, now=now)
        _check_fit(session, need, offered, price_fen_per_t=price_fen_per_t, tender=tender)
        check_cost(tender, cost_fen_per_t=bid.cost_fen_per_t)
    except Refusal as refusal:
        bid.verdict, bid.reason = "rejected", refusal.code
        session.add(bid)
        session.flush()
        return bid
    _lead(session, tender, bid, need_code=need_code)
    return bid


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


def check_cost(tender: Tender, *, cost_fen_per_t: int) -> None:
    """Refuse a cost that is not lower than the leading one by the step."""
    leading = tender.leading_cost_fen_per_t
    if leading is not None and cost_fen_per_t > leading - tender.step_fen_per_t:
        raise BidTooDear(field="price_fen_per_t")


def cost_of(
    session: Session, tender: Tender, listing: Listing, *, need: Need, price_fen_per_t: int
) -> Score:
    """Return what a lot at a price costs the buyer, with its lines. Two statements."""
    rows = session.exec(select(Site).where(col(Site.id).in_([listing.site_id, need.site_id])))
    sites = {site.key: site for site in rows}
    grade = catalogue.grade(session, system=listing.grade_system, code=listing.grade_code)
    return score(
        Quote(
            price_fen_per_t=price_fen_per_t, tax_included=listing.tax_included,
            vat_rate_bp=listing.vat_rate_bp,
            road_m=road_m(sites[listing.site_id], sites[need.site_id]),
            penalty_fen_per_t=0
            if listing.evidence == "documented"
            else tender.undocumented_fen_per_t,
            recovery_bp=grade.metal_nominal_bp or grade.metal_min_bp or WHOLE_BP,
        ),
        rates=Rates(
            side="purchase", freight_fen_per_tkm=tender.freight_fen_per_tkm,
            co2e_g_per_tkm=tender.co2e_g_per_tkm, carbon_fen_per_t=tender.carbon_fen_per_t,
        ),
    )  # fmt: skip


def lock_tender(session: Session, *, need: Need) -> Tender:
    """Return the reverse auction of a need, locked. Raises `NoSuchTender`."""
    found = session.exec(
        select(Tender)
        .where(Tender.need_id == need.key)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NoSuchTender(need=need.code)
    return found


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


def _lead(session: Session, tender: Tender, bid: TenderBid, *, need_code: str) -> None:
    wanted = bid.placed_at + timedelta(seconds=tender.extension_s)
    tender.closes_at = max(tender.closes_at, min(wanted, tender.hard_close_at))
    bid.closes_at = tender.closes_at
    tender.bid_count += 1
    tender.leading_cost_fen_per_t = bid.cost_fen_per_t
    session.add(bid)
    session.flush()
    outbox.record(
        session,
        TenderBidPlaced(
            at=bid.placed_at, need_code=need_code, seq=bid.seq, closes_at=bid.closes_at
        ),
    )
