"""What a combined sale refuses."""

from remelt.platform.kernel.errors import Conflict, Forbidden, Invalid, NotFound


class NoSuchSale(NotFound):
    """No combined sale with this code."""

    code = "no-such-sale"


class NoSuchOffer(NotFound):
    """No standing offer of this organisation with this number."""

    code = "no-such-offer"


class TooFewLots(Invalid):
    """A combined sale has from 2 to 500 lots."""

    code = "too-few-lots"


class TermsDiffer(Invalid):
    """Lots of one sale are offered on the same tax terms."""

    code = "terms-differ"


class NotInSale(Invalid):
    """The lot is not in this sale, or named twice."""

    code = "not-in-sale"


class OnlyTogether(Invalid):
    """The lots are sold only together: an offer names a price for each of them."""

    code = "only-together"


class NotStuck(Conflict):
    """The award of this sale did not fail: there is nothing to try again or to end."""

    code = "not-stuck"


class NothingOffered(Invalid):
    """An offer names at least one lot, a package at most 20."""

    code = "nothing-offered"


class PlaceUnknown(Invalid):
    """Freight is counted, and the position of one of the places is not known."""

    code = "place-unknown"


class SaleOver(Conflict):
    """The sale takes no offers any more."""

    code = "sale-over"


class InCombinedSale(Conflict):
    """The lot is in a combined sale, and only that decides about it."""

    code = "in-combined-sale"


class TooManyOffers(Conflict):
    """One buyer has at most 500 standing offers in a sale."""

    code = "too-many-offers"


class AwardNotYet(NotFound):
    """The sale is not decided yet, or this organisation took no part in it."""

    code = "award-not-yet"


class OffersStand(Forbidden):
    """A sale with offers cannot be taken back."""

    code = "offers-stand"
