"""Publishing a lot, publishing one from stock, and taking a listing back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from remelt.platform.catalogue.models import Grade
from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import Clock
from remelt.platform.market import queries
from remelt.platform.market.auction_models import Auction
from remelt.platform.market.combined.opening import refuse_in_sale
from remelt.platform.market.deposits import let_go
from remelt.platform.market.drafts import (
    ListingDraft,
    PhotoRef,
)
from remelt.platform.market.errors import (
    AlreadySold,
    BidsStand,
    HeelLot,
    HeldLot,
    LotAlreadyListed,
    NoSuchListing,
    NotYourLot,
    PooledLot,
)
from remelt.platform.market.events import ListingWithdrawn
from remelt.platform.market.house import HOUSE, HouseRules
from remelt.platform.market.lining import check_declined
from remelt.platform.market.models import Listing
from remelt.platform.market.offerings import lock_offering
from remelt.platform.market.publishing import Offer, check_offer, known_grade, own_site, put_up
from remelt.platform.market.state import is_over, waits_for_opening
from remelt.platform.market.tenders.binding import refuse_bound
from remelt.platform.parties import queries as parties


@dataclass(frozen=True, slots=True, kw_only=True)
class StockLot:
    """A lot as the ledger knows it, told by the caller: the market keeps no second book.

    owner_code: the organisation that holds title. mass_g: the weighed mass.
    pooled: the lot is a heap that others are poured onto. heel: it stays in the
    furnace. held: an inspection holds it.
    """

    lot_code: str
    owner_code: str
    metal: str
    grade_system: str
    grade_code: str
    form: str
    mass_g: int
    origin: str
    evidence: str
    pooled: bool = False
    heel: bool = False
    held: bool = False


def publish(
    session: Session,
    *,
    clock: Clock,
    seller_id: int,
    person_id: int,
    site_id: int,
    draft: ListingDraft,
    photos: Sequence[PhotoRef] = (),
    house: HouseRules = HOUSE,
) -> Listing:
    """Offer a new lot that lies at the seller's own site; the lot gets its code here.

    Raises `NoSuchSite` for another organisation's site and a refusal of `check_draft` for a
    draft that the market cannot take.
    """
    return put_up(
        session, clock=clock, seller_id=seller_id, person_id=person_id, site_id=site_id,
        offers=[Offer(draft, photos)], house=house,
    )[0]  # fmt: skip


def preview(
    session: Session,
    *,
    clock: Clock,
    seller_id: int,
    site_id: int,
    draft: ListingDraft,
    photos: Sequence[PhotoRef] = (),
    house: HouseRules = HOUSE,
) -> Grade:
    """Refuse what `publish` would refuse, and change nothing; return the grade as catalogued."""
    site = own_site(session, site_id=site_id, seller_id=seller_id)
    grade = known_grade(session, draft)
    now = clock.now(session)
    check_offer(draft, grade=grade, site=site, photos=photos, now=now, house=house)
    return grade


def publish_stock(
    session: Session,
    *,
    clock: Clock,
    seller_id: int,
    person_id: int,
    site_id: int,
    draft: ListingDraft,
    lot: StockLot,
    photos: Sequence[PhotoRef] = (),
    house: HouseRules = HOUSE,
) -> Listing:
    """Offer a lot that the ledger knows; what the ledger says stands over what the draft says.

    Raises `NotYourLot` when another organisation holds title, `PooledLot` for a heap, `HeelLot`
    for a heel, `HeldLot` while an inspection holds it, `LotAlreadyListed` when the lot stands
    in an open listing or contract, and what `publish` raises.
    """
    owner = parties.organisation_by_id(session, organisation_id=seller_id)
    if owner.code != lot.owner_code:
        raise NotYourLot(lot=lot.lot_code)
    if lot.pooled:
        raise PooledLot(lot=lot.lot_code)
    if lot.heel:
        raise HeelLot(lot=lot.lot_code)
    if lot.held:
        raise HeldLot(lot=lot.lot_code)
    if queries.stands_over(session, lot_code=lot.lot_code):
        raise LotAlreadyListed(lot=lot.lot_code)
    known = replace(
        draft, metal=lot.metal, grade_system=lot.grade_system, grade_code=lot.grade_code,
        form=lot.form, declared_mass_g=lot.mass_g, origin=lot.origin, evidence=lot.evidence,
    )  # fmt: skip
    return put_up(
        session, clock=clock, seller_id=seller_id, person_id=person_id, site_id=site_id,
        offers=[Offer(known, photos, lot.lot_code)], house=house,
    )[0]  # fmt: skip


def withdraw(
    session: Session, *, clock: Clock, listing_code: str, seller_id: int, person_id: int
) -> Listing:
    """Take the listing back. Doing it twice changes nothing.

    While bidding is open an accepted bid binds the seller (`BidsStand`); after the close the
    seller may decline what was offered, unless the lot is sold (`AlreadySold`) or the winner has
    to pay by now.
    Raises `NoSuchListing` for another organisation's.
    """
    found = lock_offering(session, code=listing_code)
    listing, auction = found.listing, found.auction
    if listing.seller_id != seller_id:
        raise NoSuchListing(listing=listing_code)
    now = clock.now(session)
    if auction.withdrawn_at is not None:
        return listing
    refuse_in_sale(session, listing)
    refuse_bound(session, listing)
    check_withdrawal(auction, now=now)
    check_declined(session, auction)
    auction.withdrawn_at = now
    let_go(session, found, now=now)
    seller = parties.organisation_by_id(session, organisation_id=seller_id)
    person = parties.person_by_id(session, person_id=person_id)
    outbox.record(
        session,
        ListingWithdrawn(
            at=now, listing_code=listing.code, lot_code=listing.lot_code,
            seller_code=seller.code, person_code=person.code,
        ),
    )  # fmt: skip
    return listing


def check_withdrawal(auction: Auction, *, now: datetime) -> None:
    """Refuse to take back what is sold, or what a bidder counts on. Touches no database."""
    if auction.awarded_at is not None:
        raise AlreadySold
    offers = auction.bid_count + auction.shut
    if offers and not is_over(auction, now=now):
        raise BidsStand
    if waits_for_opening(auction, now=now):
        raise BidsStand
    if offers and auction.auto_award and auction.closed_at is None:
        raise BidsStand
