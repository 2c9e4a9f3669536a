"""Offers in a combined sale: for lots alone or several together, and taking them back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import Clock
from remelt.platform.market.auction_models import Auction
from remelt.platform.market.award_errors import OverCreditLimit
from remelt.platform.market.bars import Wanted
from remelt.platform.market.combined.errors import (
    NoSuchOffer,
    PlaceUnknown,
    SaleOver,
    TooManyOffers,
)
from remelt.platform.market.combined.events import PackageOffered, PackageTakenBack
from remelt.platform.market.combined.models import (
    CombinedSale,
    PackageLine,
    PackageOffer,
    SaleLot,
)
from remelt.platform.market.combined.opening import lock_sale, lots_of
from remelt.platform.market.combined.rules import (
    MOST_OFFERS,
    check_lines,
    check_mark,
    check_taking,
    is_over,
)
from remelt.platform.market.eligibility import bidder, check_delivery_site
from remelt.platform.market.errors import MassOutOfBounds
from remelt.platform.market.limits import lock_groups, room_fen
from remelt.platform.market.models import MAX_MASS_G, Listing
from remelt.platform.market.taking import check_bidder
from remelt.platform.market.terms_models import AuctionTerms
from remelt.platform.market.ways import road_m
from remelt.platform.parties import queries as parties
from remelt.platform.parties.models import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferDraft:
    """What a buyer offers: lot codes with prices in fen per tonne, tax as the sale says.

    For the rest see `PackageOffer`.
    """

    prices: Sequence[tuple[str, int]]
    deliver_to_site_id: int
    wrought: bool
    mark: str = ""
    capacity_g: int | None = None


def offer_package(
    session: Session,
    *,
    clock: Clock,
    sale_code: str,
    bidder_id: int,
    person_id: int,
    draft: OfferDraft,
) -> PackageOffer:
    """Take an offer for all of its lots together. The sale is locked before the clock is read.

    Raises `NoSuchSale`, `SaleOver`, `OwnListing`, `LinkedBidder`, `UnfitForProductive`,
    `NothingOffered`, `NotInSale`, `OnlyTogether`, `PriceOutOfBounds`, `NoSuchSite`, `PlaceUnknown`,
    `MassOutOfBounds`, `UnknownWord`, `TooManyOffers` or `OverCreditLimit`.
    """
    check_delivery_site(session, site_id=draft.deliver_to_site_id, buyer_id=bidder_id)
    mark = check_mark(draft.mark)
    if draft.capacity_g is not None and not 1 <= draft.capacity_g <= MAX_MASS_G:
        raise MassOutOfBounds(field="capacity_g", mass_g=draft.capacity_g)
    lock_groups(session, organisation_ids=[bidder_id])
    sale = lock_sale(session, code=sale_code)
    lots = {listing.lot_code: (lot, listing) for lot, listing in lots_of(session, sale_id=sale.key)}
    now = clock.now(session)
    check_lines(
        draft.prices,
        known={code: lot.key for code, (lot, _listing) in lots.items()},
        whole=sale.whole,
    )
    taken = [lots[code] for code, _price in draft.prices]
    check_taking(sale, now=now)
    for asks in _asked(session, [listing.key for _lot, listing in taken]):
        check_bidder(bidder(session, organisation_id=bidder_id, asks=asks), asks, now=now)
    if sale.freight_fen_per_tkm or sale.co2e_g_per_tkm:
        ways(session, [listing for _lot, listing in taken], to_site_ids=[draft.deliver_to_site_id])
    _check_room(session, sale, bidder_id=bidder_id)
    sale.offers += 1
    made = PackageOffer(
        sale_id=sale.key, seq=sale.offers, bidder_id=bidder_id, person_id=person_id,
        deliver_to_site_id=draft.deliver_to_site_id, wrought=draft.wrought, mark=mark,
        capacity_g=draft.capacity_g, placed_at=now,
    )  # fmt: skip
    session.add(made)
    session.flush()
    _add_lines(session, made, lots, draft.prices)
    _check_credit(session, bidder_id=bidder_id)
    bidder_code = parties.organisation_by_id(session, organisation_id=bidder_id).code
    outbox.record(
        session,
        PackageOffered(at=now, sale_code=sale.code, seq=made.seq, bidder_code=bidder_code),
    )
    return made


def take_back_offer(
    session: Session, *, clock: Clock, sale_code: str, seq: int, bidder_id: int
) -> PackageOffer:
    """Take one's own offer back while the sale is open. Doing it twice changes nothing.

    Raises `NoSuchSale`, `NoSuchOffer`, `SaleOver`.
    """
    sale = lock_sale(session, code=sale_code)
    found = session.exec(
        select(PackageOffer).where(
            PackageOffer.sale_id == sale.key,
            PackageOffer.seq == seq,
            PackageOffer.bidder_id == bidder_id,
        )
    ).one_or_none()
    if found is None:
        raise NoSuchOffer(seq=seq)
    now = clock.now(session)
    if is_over(sale, now=now):
        raise SaleOver(sale=sale.code)
    if found.taken_back_at is None:
        found.taken_back_at = now
        outbox.record(session, PackageTakenBack(at=now, sale_code=sale.code, seq=seq))
    return found


def ways(
    session: Session, listings: Sequence[Listing], *, to_site_ids: Sequence[int]
) -> dict[tuple[int, int], int]:
    """Return the metres by road from where each listing lies to each site, by both ids.

    Raises `PlaceUnknown` where a position is missing.
    """
    wanted = {*to_site_ids, *(listing.site_id for listing in listings)}
    rows = {row.key: row for row in session.exec(select(Site).where(col(Site.id).in_(wanted)))}
    found = {}
    for start in {listing.site_id for listing in listings}:
        for end in to_site_ids:
            metres = road_m(rows[start], rows[end])
            if metres is None:
                raise PlaceUnknown(field="deliver_to")
            found[start, end] = metres
    return found


def _asked(session: Session, listing_ids: Sequence[int]) -> list[Wanted]:
    """Return what the lots of an offer ask of their buyer, each thing once."""
    rows = session.execute(
        select(Auction.owner_id, Auction.authorised_only, func.coalesce(AuctionTerms.licence, ""))
        .outerjoin(AuctionTerms, col(AuctionTerms.auction_id) == col(Auction.id))
        .where(col(Auction.listing_id).in_(listing_ids))
        .distinct()
    )
    return [Wanted(*row) for row in rows]


def _check_room(session: Session, sale: CombinedSale, *, bidder_id: int) -> None:
    standing = session.exec(
        select(func.count(col(PackageOffer.id))).where(
            PackageOffer.sale_id == sale.key,
            PackageOffer.bidder_id == bidder_id,
            col(PackageOffer.taken_back_at).is_(None),
        )
    ).one()
    if standing >= MOST_OFFERS:
        raise TooManyOffers(most=MOST_OFFERS)


def _check_credit(session: Session, *, bidder_id: int) -> None:
    """Refuse an offer that would promise more than the buyer may stand in for."""
    room = room_fen(session, organisation_id=bidder_id)
    if room is not None and room < 0:
        raise OverCreditLimit(field="lines")


def _add_lines(
    session: Session,
    made: PackageOffer,
    lots: Mapping[str, tuple[SaleLot, Listing]],
    prices: Sequence[tuple[str, int]],
) -> None:
    for code, price in prices:
        lot, _listing = lots[code]
        session.add(PackageLine(offer_id=made.key, lot_id=lot.key, price_fen_per_t=price))
    session.flush()
