"""What a reverse auction refuses."""

from remelt.platform.kernel.errors import Conflict, Invalid, NotFound


class NoSuchTender(NotFound):
    """No reverse auction stands on this need."""

    code = "no-such-tender"


class TenderStands(Conflict):
    """A reverse auction stands on this need already."""

    code = "tender-stands"


class BidTooDear(Invalid):
    """The offer is not better than the one that leads by the step, all burdens counted."""

    code = "bid-too-dear"


class OverCeiling(Invalid):
    """The price is over the highest that the buyer pays."""

    code = "over-ceiling"


class FloorOverPrice(Invalid):
    """The lowest price that the house may go down to is over the offer itself."""

    code = "floor-over-price"


class BoundByTender(Conflict):
    """The lot is offered to a buyer, whose reverse auction it binds until the end."""

    code = "bound-by-tender"


class DoesNotFit(Invalid):
    """The lot does not fit the need."""

    code = "does-not-fit"


class NotOnOffer(Conflict):
    """The lot is not on offer at a fixed price until the end of the reverse auction."""

    code = "not-on-offer"
