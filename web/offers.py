"""Offers as pages and programs hand them in: read plainly first, then decided by the engine."""

from remelt.platform.market.bids.entrance import Handed
from remelt.platform.market.bids.offers import Answer, Offer
from remelt.web.context import services
from remelt.web.streams import streams


def place(handed: Handed) -> Answer:
    """Return the answer to an offer.

    Raises what cannot be an offer: `NoSuchListing`, `NotAnAuction`, `NotAtFixedPrice`,
    `NoSuchSite`, `PriceOutOfBounds`, `LimitUnderPrice` or `KeyReused`.
    """
    said = services().entrance.ask(handed)
    if isinstance(said, Offer):
        said = services().engine.place(said)
        streams().ring()
    return said
