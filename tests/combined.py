"""Combined sales for tests: something valid to begin with; a test bends one thing."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlmodel import Session

from remelt.platform.kernel.clock import Clock
from remelt.platform.market.combined.models import CombinedSale, PackageOffer
from remelt.platform.market.combined.offering import OfferDraft, offer_package
from remelt.platform.market.combined.opening import SaleLotDraft, open_sale
from remelt.platform.market.combined.rules import SaleTerms
from remelt.platform.market.models import Listing
from tests.market import NOON, a_draft, publish_lot
from tests.parties import Party


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
