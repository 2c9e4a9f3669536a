"""What the pages and the API read of the market."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from remelt.platform.market.auction_models import Auction, Bid
from remelt.platform.market.errors import NoSuchContract, NoSuchListing
from remelt.platform.market.models import Contract, Listing, ListingPhoto
from remelt.platform.market.state import LIVE, State, holding_lot, state_of
from remelt.platform.parties.models import Organisation, Person, Site


def photos(session: Session, *, listing_id: int) -> list[ListingPhoto]:
    """Return the photos of a listing in their order."""
    return list(
        session.exec(
            select(ListingPhoto)
            .where(ListingPhoto.listing_id == listing_id)
            .order_by(col(ListingPhoto.ord))
        )
    )


def photo_is_shown(session: Session, *, sha256: str) -> bool:
    """Tell whether a kept file is the photo of some published listing."""
    return (
        session.exec(select(ListingPhoto.id).where(ListingPhoto.sha256 == sha256).limit(1)).first()
        is not None
    )


@dataclass(frozen=True, slots=True)
class OwnLine:
    """One of the seller's listings with its state and its contract, if sold."""

    listing: Listing
    auction: Auction
    state: State
    photo: str | None
    contract_code: str | None


def own_listings(
    session: Session, *, seller_id: int, now: datetime, limit: int = 50, offset: int = 0
) -> list[OwnLine]:
    """Return the seller's listings, the newest first. One statement."""
    rows = session.exec(
        select(Listing, Auction, ListingPhoto.sha256, Contract.code)
        .join(Auction, col(Auction.listing_id) == col(Listing.id))
        .outerjoin(
            ListingPhoto,
            (col(ListingPhoto.listing_id) == col(Listing.id)) & (col(ListingPhoto.ord) == 0),
        )
        .outerjoin(Contract, col(Contract.listing_id) == col(Listing.id))
        .where(Listing.seller_id == seller_id)
        .order_by(col(Listing.id).desc())
        .limit(limit)
        .offset(offset)
    )
    return [
        OwnLine(
            listing=row,
            auction=auction,
            state=state_of(auction, now=now),
            photo=photo,
            contract_code=contract,
        )
        for row, auction, photo, contract in rows
    ]


def own_listing(session: Session, *, lot_code: str, seller_id: int, now: datetime) -> OwnLine:
    """Return the seller's newest listing of a lot. Raises `NoSuchListing`."""
    row = session.exec(
        select(Listing, Auction, Contract.code)
        .join(Auction, col(Auction.listing_id) == col(Listing.id))
        .outerjoin(Contract, col(Contract.listing_id) == col(Listing.id))
        .where(Listing.lot_code == lot_code, Listing.seller_id == seller_id)
        .order_by(col(Listing.id).desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        raise NoSuchListing(listing=lot_code[:20])
    listing_, auction, contract_code = row
    return OwnLine(
        listing=listing_,
        auction=auction,
        state=state_of(auction, now=now),
        photo=None,
        contract_code=contract_code,
    )


@dataclass(frozen=True, slots=True)
class Sold:
    """A contract with the names that its two parties see."""

    contract: Contract
    listing: Listing
    seller: Organisation
    buyer: Organisation
    from_site: Site
    to_site: Site


def contracts(
    session: Session,
    *,
    organisation_id: int,
    limit: int = 50,
    offset: int = 0,
    code: str | None = None,
) -> list[Sold]:
    """Return the contracts in which an organisation sells or buys, the newest first."""
    seller, buyer = aliased(Organisation), aliased(Organisation)
    origin, goal = aliased(Site), aliased(Site)
    statement = (
        select(Contract, Listing)
        .add_columns(seller, buyer, origin, goal)
        .join(Listing, col(Listing.id) == col(Contract.listing_id))
        .join(seller, col(seller.id) == col(Contract.seller_id))
        .join(buyer, col(buyer.id) == col(Contract.buyer_id))
        .join(origin, col(origin.id) == col(Contract.from_site_id))
        .join(goal, col(goal.id) == col(Contract.deliver_to_site_id))
        .where(
            or_(
                col(Contract.seller_id) == organisation_id,
                col(Contract.buyer_id) == organisation_id,
            )
        )
        .order_by(col(Contract.id).desc())
        .limit(limit)
        .offset(offset)
    )
    if code is not None:
        statement = statement.where(col(Contract.code) == code)
    return [Sold(*row) for row in session.execute(statement)]


def contract(session: Session, *, code: str, organisation_id: int) -> Sold:
    """Return a contract of the organisation's own. Raises `NoSuchContract`."""
    found = contracts(session, organisation_id=organisation_id, code=code)
    if not found:
        raise NoSuchContract(contract=code[:20])
    return found[0]


def own_contract(session: Session, *, listing_id: int, organisation_id: int) -> Contract | None:
    """Return the contract that a listing made, to its two parties alone."""
    return session.exec(
        select(Contract).where(
            Contract.listing_id == listing_id,
            or_(
                col(Contract.seller_id) == organisation_id,
                col(Contract.buyer_id) == organisation_id,
            ),
        )
    ).one_or_none()


def contract_of(session: Session, *, lot_code: str) -> Contract | None:
    """Return the newest contract over a lot, for rooms that weigh, carry and settle."""
    return session.exec(
        select(Contract)
        .where(Contract.lot_code == lot_code)
        .order_by(col(Contract.id).desc())
        .limit(1)
    ).one_or_none()


def stands_over(session: Session, *, lot_code: str) -> bool:
    """Tell whether a listing still stands over the lot, or a contract whose title has not passed.

    A listing stands until it is taken back, awarded, or closed with no offer at the reserve.
    """
    listed = session.exec(
        select(Listing.id).where(Listing.lot_code == lot_code, holding_lot()).limit(1)
    ).first()
    return listed is not None or open_contract(session, lot_code=lot_code) is not None


def open_contract(session: Session, *, lot_code: str) -> Contract | None:
    """Return the contract over a lot that neither passed title nor was refused: at most one."""
    return session.exec(
        select(Contract).where(Contract.lot_code == lot_code, is_open())
    ).one_or_none()


def is_open() -> ColumnElement[bool]:
    """Say of contracts that the goods were neither taken over nor refused yet."""
    return and_(col(Contract.title_passed_at).is_(None), col(Contract.refused_at).is_(None))


@dataclass(frozen=True, slots=True)
class OwnBid:
    """One of the buyer's offers and what it was made on."""

    bid: Bid
    listing: Listing
    auction: Auction
    state: State
    leads: bool


def own_bids(session: Session, *, bidder_id: int, now: datetime, limit: int = 50) -> list[OwnBid]:
    """Return the buyer's last answer on each listing: what still runs first, then by newness."""
    newest = (
        select(Bid.id)
        .where(Bid.bidder_id == bidder_id)
        .order_by(col(Bid.id).desc())
        .limit(limit * 10)
        .subquery()
    )
    rows = session.exec(
        select(Bid, Listing, Auction)
        .join(Auction, col(Auction.id) == col(Bid.auction_id))
        .join(Listing, col(Listing.id) == col(Auction.listing_id))
        .where(col(Bid.id).in_(select(newest.c.id)))
        .order_by(col(Bid.id).desc())
    )
    seen: dict[int, OwnBid] = {}
    for bid, row, auction in rows:
        leads = auction.leading_bid_id == bid.id
        before = seen.get(bid.auction_id)
        if before is None:
            seen[bid.auction_id] = OwnBid(
                bid=bid,
                listing=row,
                auction=auction,
                state=state_of(auction, now=now),
                leads=leads,
            )
        elif leads:
            seen[bid.auction_id] = replace(before, leads=True)
    running = sorted(seen.values(), key=lambda each: each.state not in LIVE)
    return running[:limit]


def people(session: Session, *, ids: set[int]) -> dict[int, str]:
    """Return names of persons by id, for pages of their own organisation."""
    rows = session.exec(select(Person.id, Person.name).where(col(Person.id).in_(ids)))
    return {key: name for key, name in rows if key is not None}
