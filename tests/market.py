"""The market for tests: something valid to begin with; a test bends one thing."""

import io
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from PIL import Image
from sqlmodel import Session, select

from remelt.platform.kernel.clock import Clock
from remelt.platform.market.auction_models import Auction
from remelt.platform.market.bidding import buy_now, place_bid
from remelt.platform.market.bids.offers import Answer
from remelt.platform.market.drafts import Ascending, FixedPrice, ListingDraft, PhotoRef
from remelt.platform.market.kinds import Sealed
from remelt.platform.market.listings import publish
from remelt.platform.market.models import Contract, Listing
from remelt.platform.market.proposals.haggling import Named, propose
from tests.parties import Party

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
AUCTION = Ascending(start_fen_per_t=1_400_000, step_fen_per_t=5_000, reserve_fen_per_t=1_500_000)
FIXED = FixedPrice(price_fen_per_t=1_450_000)


def a_draft(**changes: Any) -> ListingDraft:
    """Two tonnes of old profile from households, on auction for an hour."""
    facts: dict[str, Any] = {
        "metal": "Al",
        "grade_system": "ReMA",
        "grade_code": "Tutu",
        "form": "loose",
        "declared_mass_g": 2_000_000,
        "origin": "post_consumer",
        "evidence": "declared",
        "productive": False,
        "hazard_free": True,
        "radiation_checked": True,
        "no_sealed_vessels": True,
        "track": "in_province",
        "price": AUCTION,
        "tax_included": False,
        "vat_rate_bp": 0,
        "closes_at": NOON + timedelta(hours=1),
    }
    return ListingDraft(**(facts | changes))


def an_auction(**changes: Any) -> Auction:
    """An auction of organisation 1 that opened an hour ago and closes in ten minutes."""
    facts: dict[str, Any] = {
        "id": 1,
        "listing_id": 1,
        "owner_id": 1,
        "kind": "ascending",
        "start_fen_per_t": 1_400_000,
        "step_fen_per_t": 5_000,
        "reserve_fen_per_t": None,
        "authorised_only": False,
        "auto_award": True,
        "opens_at": NOON - timedelta(hours=1),
        "first_closes_at": NOON + timedelta(minutes=10),
        "closes_at": NOON + timedelta(minutes=10),
        "hard_close_at": NOON + timedelta(minutes=40),
        "extension_s": 120,
        "bid_count": 0,
        "bid_seq": 0,
    }
    return Auction(**(facts | changes))


def auction_of(session: Session, listing: Listing) -> Auction:
    """The auction of a listing, as it stands."""
    return session.exec(select(Auction).where(Auction.listing_id == listing.key)).one()


def publish_lot(
    session: Session,
    *,
    clock: Clock,
    seller: Party,
    draft: ListingDraft | None = None,
    photos: Sequence[PhotoRef] = (),
) -> Listing:
    """Publish a valid lot of `seller`."""
    return publish(
        session,
        clock=clock,
        seller_id=seller.organisation.key,
        person_id=seller.person.key,
        site_id=seller.site.key,
        draft=draft or a_draft(),
        photos=photos,
    )


def bid(
    session: Session, *, clock: Clock, listing: Listing, buyer: Party, yuan_per_t: int
) -> Answer:
    """Place a bid of `buyer` for delivery to its own site."""
    return place_bid(
        session,
        listing_code=listing.code,
        bidder_id=buyer.organisation.key,
        person_id=buyer.person.key,
        deliver_to_site_id=buyer.site.key,
        price_fen_per_t=yuan_per_t * 100,
        clock=clock,
    )


def market_objects(world: Any, session: Session) -> None:
    """An open listing with a photo and a contract, of each walker and of another."""
    sha256 = world.app.extensions["remelt"].files.put(a_picture())
    world.give("auction.sha256", own=sha256, other="0" * 64)
    for walker in world.own:
        listings, contracts = [], []
        buyer = world.other["hub" if walker == "smelter" else "smelter"]
        for seller in (world.own[walker], world.other[walker]):
            listings.append(
                publish_lot(
                    session, clock=world.clock, seller=seller, photos=[PhotoRef(sha256, 8, 6)]
                )
            )
            contracts.append(a_contract(session, clock=world.clock, seller=seller, buyer=buyer))
        own, other = listings
        for name in ("market.code", "auction.code", "api_market.code", "api_amending.code"):
            world.give(name, own=own.code, other=other.code, walker=walker)
        for name in ("lots.code", "selling.code", "amending.code"):
            world.give(name, own=own.lot_code, other=other.lot_code, walker=walker)
        kind_objects(world, session, walker=walker, buyer=buyer)
        own, other = contracts
        for name in ("contracts.code", "api_market.contract"):
            world.give(name, own=own.code, other=other.code, walker=walker)


def kind_objects(world: Any, session: Session, *, walker: str, buyer: Party) -> None:
    """An auction under seal and an exchange of offers, of a walker and of another."""
    sealed, proposals = [], []
    hour = world.clock.now(session) + timedelta(hours=1)
    for seller in (world.own[walker], world.other[walker]):
        price = Sealed(start_fen_per_t=1_400_000)
        draft = a_draft(price=price, closes_at=hour)
        sealed.append(publish_lot(session, clock=world.clock, seller=seller, draft=draft))
        draft = a_draft(price=FIXED, closes_at=hour)
        fixed = publish_lot(session, clock=world.clock, seller=seller, draft=draft)
        proposals.append(
            propose(
                session, clock=world.clock, listing_code=fixed.code,
                buyer_id=buyer.organisation.key, person_id=buyer.person.key,
                deliver_to_site_id=buyer.site.key,
                named=Named(price_fen_per_t=1_400_000, expires_at=hour),
            )
        )  # fmt: skip
    for room in ("kinds", "api_kinds", "api_envelopes", "scores", "api_scores", "online"):
        world.give(f"{room}.code", own=sealed[0].code, other=sealed[1].code, walker=walker)
        world.give(f"{room}.step", own="verified", other="verified", walker=walker)
    for room in ("proposals", "api_proposals"):
        own, other = (each.code for each in proposals)
        world.give(f"{room}.code", own=own, other=other, walker=walker)
        world.give(f"{room}.listing", own=sealed[0].code, other=sealed[1].code, walker=walker)


def a_typed_lot(site: str, **changes: str) -> dict[str, str]:
    """The form of a valid lot: 640 kg of old cans at a fixed price."""
    typed = {
        "step": "publish",
        "site": site,
        "metal": "Al",
        "grade": "ReMA|Talc",
        "mass_unit": "kg",
        "mass": "640",
        "form": "loose",
        "origin": "post_consumer",
        "evidence": "declared",
        "productive": "no",
        "hazard_free": "yes",
        "radiation_checked": "yes",
        "no_sealed_vessels": "yes",
        "track": "in_province",
        "price_mode": "fixed",
        "price_yuan_per_t": "12,900",
        "open_hours": "24",
    }
    return typed | changes


def a_contract(session: Session, *, clock: Clock, seller: Party, buyer: Party) -> Contract:
    """A lot of `seller` bought by `buyer` at its fixed price."""
    draft = a_draft(price=FIXED, closes_at=clock.now(session) + timedelta(hours=1))
    made = publish_lot(session, clock=clock, seller=seller, draft=draft)
    buy_now(
        session,
        listing_code=made.code,
        buyer_id=buyer.organisation.key,
        person_id=buyer.person.key,
        deliver_to_site_id=buyer.site.key,
        price_fen_per_t=FIXED.price_fen_per_t,
        clock=clock,
    )
    return session.exec(select(Contract).where(Contract.listing_id == made.key)).one()


def a_picture(kind: str = "JPEG", *, size: tuple[int, int] = (8, 6), **options: Any) -> bytes:
    """A copper-coloured picture."""
    out = io.BytesIO()
    Image.new("RGB", size, (184, 115, 51)).save(out, format=kind, **options)
    return out.getvalue()
