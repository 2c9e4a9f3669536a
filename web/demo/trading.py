"""The market's part of the week: boards, listings, bids, the close."""

import random
from datetime import datetime, timedelta

from sqlmodel import Session

from remelt.platform.kernel.clock import BEIJING, SimulatedClock
from remelt.platform.market.awarding import close_due
from remelt.platform.market.bidding import buy_now, place_bid
from remelt.platform.market.bids.reading import least_bid
from remelt.platform.market.boards import set_price
from remelt.platform.market.drafts import Ascending, FixedPrice, ListingDraft
from remelt.platform.market.listings import publish
from remelt.platform.market.models import Listing
from remelt.platform.market.offerings import lock_offering
from remelt.web.demo.cast import COLLECTORS, HUBS
from remelt.web.demo.goods import ALUMINIUM, BOARD, COPPER, GOODS, Good
from remelt.web.demo.stage import OnStage, Stage

CAST_GRADES = frozenset({"Tense", "Troma"})
"""Grades that suit the casting alloys' furnace; other aluminium keeps its grade as 6063."""
STEP_FEN_PER_T = 5_000
VAT_BP = 300
FIXED_EVERY_FOURTH = 3


def hang_boards(session: Session, *, clock: SimulatedClock, stage: Stage) -> None:
    """Hang out every hub's prices without invoice, a little under the market."""
    for hub in HUBS:
        player = stage[hub.key]
        for code in BOARD:
            set_price(
                session,
                clock=clock,
                site_id=player.site_id,
                organisation_id=player.organisation_id,
                person_id=player.person_ids[0],
                grade_system="ReMA",
                grade_code=code,
                price_fen_per_t=GOODS[code].price_fen_per_t * 93 // 100 // 1000 * 1000,
                with_invoice=False,
            )


def list_lots(
    session: Session, *, clock: SimulatedClock, stage: Stage, dice: random.Random
) -> list[Listing]:
    """Let every collector offer one or two lots, by auction or at a fixed price."""
    listed = []
    for number, collector in enumerate(COLLECTORS):
        goods = [ALUMINIUM[number % len(ALUMINIUM)]]
        if number % 2 == 0:
            goods.append(COPPER[number // 2 % len(COPPER)])
        for good in goods:
            auction = number % 4 != FIXED_EVERY_FOURTH
            seller = stage[collector.key]
            listed.append(
                offer(session, clock=clock, seller=seller, good=good, auction=auction, dice=dice)
            )
    return listed


def offer(
    session: Session,
    *,
    clock: SimulatedClock,
    seller: OnStage,
    good: Good,
    auction: bool,
    dice: random.Random,
    days: int = 1,
) -> Listing:
    """Let a seller offer a lot until the evening `days` from now."""
    draft = _draft(good, now=clock.now(session), auction=auction, days=days, dice=dice)
    return _publish(session, clock=clock, seller=seller, draft=draft)


def bid(
    session: Session, *, clock: SimulatedClock, stage: Stage, code: str, dice: random.Random
) -> int:
    """Let buyers outbid each other, the suited one last; or let it take the fixed price."""
    locked = lock_offering(session, code=code)
    auction = locked.auction
    suited, other = _buyers(stage, locked.listing)
    if auction.fixed_fen_per_t is not None:
        buy_now(
            session,
            clock=clock,
            listing_code=code,
            buyer_id=suited.organisation_id,
            person_id=suited.person_ids[0],
            deliver_to_site_id=suited.site_id,
            price_fen_per_t=auction.fixed_fen_per_t,
        )
        return 1
    rounds = dice.randint(2, 5)
    for turn in range(rounds):
        buyer = suited if (rounds - turn) % 2 else other
        least = least_bid(auction) or STEP_FEN_PER_T
        place_bid(
            session,
            clock=clock,
            listing_code=code,
            bidder_id=buyer.organisation_id,
            person_id=buyer.person_ids[0],
            deliver_to_site_id=buyer.site_id,
            price_fen_per_t=least + dice.randint(0, 3) * STEP_FEN_PER_T,
        )
        clock.advance(seconds=dice.randint(5, 40))
    return rounds


def _buyers(stage: Stage, listing: Listing) -> tuple[OnStage, OnStage]:
    """Return the smelter whose alloy keeps the grade, and its rival."""
    if listing.metal == "Cu":
        return stage["smelter3"], stage["smelter3"]
    keys = ("smelter", "smelter2")
    suited, other = reversed(keys) if listing.grade_code in CAST_GRADES else keys
    return stage[suited], stage[other]


def close_all(session: Session, *, clock: SimulatedClock) -> int:
    """Close what is over; automatic awards make contracts."""
    closed = 0
    while done := close_due(session, clock=clock):
        closed += done
    return closed


def evening(day: datetime, *, hour: int = 17) -> datetime:
    """Return `hour` o'clock in Beijing on the day of `day`."""
    return day.astimezone(BEIJING).replace(hour=hour, minute=0, second=0, microsecond=0)


def _draft(
    good: Good, *, now: datetime, auction: bool, days: int, dice: random.Random
) -> ListingDraft:
    price = good.price_fen_per_t
    return ListingDraft(
        metal=good.metal,
        grade_system="ReMA",
        grade_code=good.code,
        form=good.form,
        declared_mass_g=dice.randint(1_100, 4_600) * 1_000,
        origin=good.origin,
        evidence="declared",
        productive=False,
        hazard_free=True,
        radiation_checked=True,
        no_sealed_vessels=True,
        track="in_province",
        price=Ascending(
            start_fen_per_t=price * 90 // 100 // 5000 * 5000, step_fen_per_t=STEP_FEN_PER_T
        )
        if auction
        else FixedPrice(price_fen_per_t=price),
        tax_included=True,
        vat_rate_bp=VAT_BP,
        closes_at=evening(now + timedelta(days=days)),
    )


def _publish(
    session: Session, *, clock: SimulatedClock, seller: OnStage, draft: ListingDraft
) -> Listing:
    clock.advance(seconds=70)
    return publish(
        session,
        clock=clock,
        seller_id=seller.organisation_id,
        person_id=seller.person_ids[0],
        site_id=seller.site_id,
        draft=draft,
    )
