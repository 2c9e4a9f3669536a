"""Terms edited while a listing stands: a new listing of the same lot takes its place.

History is added, never edited: the old listing keeps its terms and its bids, which bind nobody any
more; whoever bid is told and may bid on the new terms.
"""

from dataclasses import replace
from datetime import datetime

from sqlmodel import Session, col, select

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import Clock
from remelt.platform.market import queries
from remelt.platform.market.auction_models import Auction, Bid
from remelt.platform.market.combined.opening import refuse_in_sale
from remelt.platform.market.deposits import let_go
from remelt.platform.market.drafts import ListingDraft, PhotoRef
from remelt.platform.market.errors import (
    AlreadySold,
    BiddingOver,
    BidsStand,
    ListingIsWithdrawn,
    NoSuchListing,
)
from remelt.platform.market.events import TermsChanged
from remelt.platform.market.house import HOUSE, HouseRules
from remelt.platform.market.listings import StockLot, publish_stock
from remelt.platform.market.models import Listing
from remelt.platform.market.offerings import Offering, lock_offering
from remelt.platform.market.proposals.models import Proposal
from remelt.platform.market.sealing.models import SealedBid
from remelt.platform.market.state import is_over
from remelt.platform.market.tenders.binding import refuse_bound
from remelt.platform.parties import queries as parties


def amend(
    session: Session,
    *,
    clock: Clock,
    listing_code: str,
    seller_id: int,
    person_id: int,
    draft: ListingDraft,
    house: HouseRules = HOUSE,
) -> Listing:
    """Put the lot on offer anew under other terms; every bid on the old ones is void.

    What the lot is stays as it was listed: metal, grade, form, mass, origin and track; price, way
    of sale, times, tax, words and conditions are the draft's. Deposits are let go. Raises
    `NoSuchListing` for another organisation's, `ListingIsWithdrawn`, `AlreadySold`, `BiddingOver`,
    `BidsStand` where a falling price was stopped, and what `publish_stock` raises.
    """
    locked = lock_offering(session, code=listing_code)
    old, auction = locked.listing, locked.auction
    if old.seller_id != seller_id:
        raise NoSuchListing(listing=listing_code[:20])
    now = clock.now(session)
    refuse_in_sale(session, old)
    refuse_bound(session, old)
    check_amendment(auction, now=now)
    auction.withdrawn_at = now
    let_go(session, locked, now=now)
    session.flush()
    made = publish_stock(
        session,
        clock=clock,
        seller_id=seller_id,
        person_id=person_id,
        site_id=old.site_id,
        draft=replace(
            draft, productive=old.productive, certificate=old.certificate, track=old.track,
            origin_area="" if old.track == "in_province" else old.origin_area,
        ),
        lot=_lot(session, old),
        photos=[
            PhotoRef(each.sha256, each.width_px, each.height_px)
            for each in queries.photos(session, listing_id=old.key)
        ],
        house=house,
    )  # fmt: skip
    made.amends_id = old.key
    session.add(made)
    outbox.record(
        session,
        TermsChanged(
            at=now, listing_code=made.code, before_code=old.code,
            bids=auction.bid_count + auction.shut,
        ),
    )  # fmt: skip
    session.flush()
    return made


def check_amendment(auction: Auction, *, now: datetime) -> None:
    """Refuse to change terms under which something was decided already. Touches no database."""
    if auction.awarded_at is not None:
        raise AlreadySold
    if auction.withdrawn_at is not None:
        raise ListingIsWithdrawn
    if is_over(auction, now=now):
        raise BiddingOver
    if auction.stopped_at is not None:
        raise BidsStand


def successor(session: Session, *, listing_id: int) -> Listing | None:
    """Return the listing whose terms took the place of this one's, if any did."""
    return session.exec(select(Listing).where(Listing.amends_id == listing_id)).one_or_none()


def before(session: Session, listing: Listing) -> Offering | None:
    """Return what a listing took the place of when its terms were changed; None for most."""
    if listing.amends_id is None:
        return None
    row = session.exec(
        select(Listing, Auction)
        .join(Auction, col(Auction.listing_id) == col(Listing.id))
        .where(Listing.id == listing.amends_id)
    ).one()
    return Offering(listing=row[0], auction=row[1])


def bidders_of(session: Session, *, listing_id: int) -> set[int]:
    """Return the ids of all whose offers stood on a listing: open, sealed, or named over a price.

    A counter-offer that was declined or taken is none.
    """
    auction = select(Auction.id).where(Auction.listing_id == listing_id).scalar_subquery()
    told = session.exec(
        select(Bid.bidder_id).where(col(Bid.auction_id) == auction, Bid.verdict == "accepted")
    )
    shut = session.exec(select(SealedBid.bidder_id).where(col(SealedBid.auction_id) == auction))
    named = session.exec(
        select(Proposal.buyer_id).where(
            Proposal.listing_id == listing_id, col(Proposal.ended_at).is_(None)
        )
    )
    return {*told, *shut, *named}


def _lot(session: Session, old: Listing) -> StockLot:
    owner = parties.organisation_by_id(session, organisation_id=old.seller_id)
    return StockLot(
        lot_code=old.lot_code,
        owner_code=owner.code,
        metal=old.metal,
        grade_system=old.grade_system,
        grade_code=old.grade_code,
        form=old.form,
        mass_g=old.declared_mass_g,
        origin=old.origin,
        evidence=old.evidence,
    )
