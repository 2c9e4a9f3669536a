"""Offers as pages and programs hand them in: read plainly first, then decided by the engine."""

from remelt.platform.market.bidding import check_offer
from remelt.platform.market.bids.entrance import plain_answer, seen
from remelt.platform.market.bids.offers import Answer, Offer
from remelt.platform.parties.actors import Actor
from remelt.web.context import clock, services, store
from remelt.web.streams import streams


def place(
    code: str,
    *,
    who: Actor,
    deliver_to: str,
    price_fen_per_t: int,
    limit_fen_per_t: int | None = None,
    key: str = "",
    buying: bool = False,
) -> Answer:
    """Return the answer to an offer on the listing `code`; buying: at its fixed price.

    Raises what cannot be an offer: `NoSuchListing`, `NotAnAuction`, `NotAtFixedPrice`,
    `NoSuchSite`, `PriceOutOfBounds`, `LimitUnderPrice` or `KeyReused`.
    """
    with store().read() as session:
        auction = seen(
            session, listing_code=code, deliver_to=deliver_to, buyer_id=who.organisation_id,
            buying=buying,
        )  # fmt: skip
        offer = Offer(
            auction_id=auction.id,
            bidder_id=who.organisation_id,
            person_id=who.person_id,
            deliver_to_site_id=auction.deliver_to_site_id,
            price_fen_per_t=price_fen_per_t,
            limit_fen_per_t=limit_fen_per_t,
            key=key,
        )
        check_offer(offer)
        answer = plain_answer(
            session, auction, offer, now=clock().now(session, told=auction.told_at)
        )
    if answer is None:
        answer = services().engine.place(offer)
        streams().ring()
    return answer
