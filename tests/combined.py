"""Combined sales for tests: something valid to begin with; a test bends one thing."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, select

from remelt.platform.kernel.clock import Clock, SimulatedClock
from remelt.platform.kernel.jobs import Job
from remelt.platform.kernel.store import Store
from remelt.platform.market.combined import deciding
from remelt.platform.market.combined.models import CombinedSale, PackageOffer
from remelt.platform.market.combined.offering import OfferDraft, offer_package
from remelt.platform.market.combined.opening import SaleLotDraft, open_sale
from remelt.platform.market.combined.rules import SaleTerms
from remelt.platform.market.models import Listing
from remelt.platform.market.winners.solving import decided
from tests.market import NOON, a_draft, publish_lot
from tests.parties import Party

OVER = NOON + timedelta(hours=3)


def some_lots(session: Session, *, clock: Clock, seller: Party, count: int = 3) -> list[Listing]:
    """Publish lots of 2 t of wrought profile scrap at 14,000 yuan."""
    return [
        publish_lot(session, clock=clock, seller=seller, draft=a_draft(title=f"第{n}批"))
        for n in range(count)
    ]


def a_sale(
    session: Session,
    *,
    clock: Clock,
    seller: Party,
    listings: Sequence[Listing],
    reserve_yuan: int = 13_000,
    **changes: Any,
) -> CombinedSale:
    """Open a sale of an hour over some listings, without freight or carbon."""
    said: dict[str, Any] = {"title": "一起卖", "closes_at": NOON + timedelta(hours=2)}
    return open_sale(
        session,
        clock=clock,
        seller_id=seller.organisation.key,
        person_id=seller.person.key,
        terms=SaleTerms(**(said | changes)),
        lots=[
            SaleLotDraft(listing_code=each.code, reserve_fen_per_t=reserve_yuan * 100)
            for each in listings
        ],
    )


def an_offer(
    session: Session,
    *,
    clock: Clock,
    sale: CombinedSale,
    buyer: Party,
    yuan: dict[str, int],
    **changes: Any,
) -> PackageOffer:
    """Offer yuan per tonne for lots by their codes, for delivery to the buyer's own site."""
    said: dict[str, Any] = {"wrought": False, "deliver_to_site_id": buyer.site.key}
    return offer_package(
        session,
        clock=clock,
        sale_code=sale.code,
        bidder_id=buyer.organisation.key,
        person_id=buyer.person.key,
        draft=OfferDraft(
            prices=[(code, price * 100) for code, price in yuan.items()], **(said | changes)
        ),
    )


def settle(store: Store, clock: SimulatedClock, *, at: datetime = OVER) -> None:
    """Let the time come, close what is due, and do the solver's work as its job does."""
    clock.set(at)
    with store.write() as session:
        deciding.close_due(session, clock=clock)
    while True:
        with store.read() as session:
            job = session.exec(
                select(Job).where(Job.kind == deciding.JOB_KIND, Job.state == "waiting")
            ).first()
        if job is None:
            return
        result = json.loads(json.dumps(decided(job.payload["problem"])))
        with store.write() as session:
            session.get_one(Job, job.key).state = "done"
            deciding.keep_award(session, job.payload, result, clock=clock)


def sale_objects(world: Any, session: Session) -> None:
    """A decided sale of each walker, and one of another."""
    later = SimulatedClock(NOON + timedelta(hours=3))
    for walker in world.own:
        made = []
        buyer = world.other["hub" if walker == "smelter" else "smelter"]
        for seller in (world.own[walker], world.other[walker]):
            lots = some_lots(session, clock=world.clock, seller=seller, count=2)
            sale = a_sale(session, clock=world.clock, seller=seller, listings=lots)
            an_offer(
                session, clock=world.clock, sale=sale, buyer=buyer,
                yuan={lots[0].lot_code: 14_000},
            )  # fmt: skip
            deciding.close(session, clock=later, sale_code=sale.code)
            payload = {"sale": sale.code, "sha256": sale.problem_sha256}
            deciding.keep_award(session, payload, decided(sale.problem or {}), clock=later)
            made.append(sale.code)
        for name in ("sales.code", "api_sales.sale"):
            world.give(name, own=made[0], other=made[1], walker=walker)
    for name in ("sales.seq", "api_sales.seq"):
        world.give(name, own=1, other=1)
