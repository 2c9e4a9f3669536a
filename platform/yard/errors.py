"""What a scale and a gate refuse."""

from remelt.platform.kernel.errors import Conflict, Forbidden, Invalid, NotFound


class NoSuchTicket(NotFound):
    """No ticket with this code at this organisation's sites."""

    code = "no-such-ticket"


class NoSuchSeller(NotFound):
    """No seller card with this code at this organisation."""

    code = "no-such-seller"


class NotAYard(Invalid):
    """The site neither buys at the gate nor weighs for others."""

    code = "not-a-yard"


class TicketEmpty(Invalid):
    """A ticket without a line weighs nothing."""

    code = "ticket-empty"


class TooManyLines(Invalid):
    """A ticket has more lines than a scale can tell apart."""

    code = "too-many-lines"


class TareNotBelowGross(Invalid):
    """Gross has to be above tare."""

    code = "tare-not-below-gross"


class WeightOutOfRange(Invalid):
    """No road scale shows this."""

    code = "weight-out-of-range"


class SuccessiveBroken(Invalid):
    """In successive weighing, what one material leaves behind is what the next begins with."""

    code = "successive-broken"


class BadDeduction(Invalid):
    """The deduction's kind or value is none that is used at a scale."""

    code = "bad-deduction"


class DeductionTooLarge(Invalid):
    """More would be deducted than was weighed."""

    code = "deduction-too-large"


class NoBoardPrice(Invalid):
    """The site's price board has no price for the grade, and none was given."""

    code = "no-board-price"


class OverrideNeedsReason(Invalid):
    """A price beside the board's needs a reason."""

    code = "override-needs-reason"


class PriceOutOfRange(Invalid):
    """No metal has this price."""

    code = "price-out-of-range"


class RoundingTooLarge(Invalid):
    """What is rounded off at the till is less than one yuan."""

    code = "rounding-too-large"


class UnknownMethod(Invalid):
    """Paid in none of the ways that are recorded."""

    code = "unknown-method"


class SellerNeeded(Invalid):
    """A purchase at the gate names its seller."""

    code = "seller-needed"


class BusinessNumber(Invalid):
    """This is the credit code of a household business or enterprise, which issues its invoices."""

    code = "business-number"


class BadIdNumber(Invalid):
    """The identity number's check character does not fit."""

    code = "bad-id-number"


class ConsentNeeded(Invalid):
    """An identity number is kept only with the seller's consent on file."""

    code = "consent-needed"


class RadiationAlarm(Conflict):
    """The load radiates above background: it is held, not bought."""

    code = "radiation-alarm"


class HeldByYourself(Conflict):
    """Who held a lot does not release it: a second person of the organisation does."""

    code = "held-by-yourself"


class BadInspection(Invalid):
    """The inspection's item, method or value is none of its tier."""

    code = "bad-inspection"


class LotNotHere(Conflict):
    """The lot is not at this site."""

    code = "lot-not-at-scale"


class VoidNeedsReason(Invalid):
    """A ticket is voided for a reason."""

    code = "void-needs-reason"


class AlreadyVoided(Conflict):
    """The ticket has a counter ticket."""

    code = "already-voided"


class CounterTicket(Conflict):
    """A counter ticket is not voided again: write a new ticket."""

    code = "counter-ticket"


class MovedOn(Conflict):
    """What was weighed has been moved, sold or worked since; it cannot be taken back."""

    code = "moved-on"


class NothingToConfirm(Conflict):
    """The payment waits for nobody."""

    code = "nothing-to-confirm"


class SameHand(Forbidden):
    """Who paid at the gate does not confirm it."""

    code = "same-hand"


class CellNetDiffers(Invalid):
    """The net in the file is not gross less tare."""

    code = "cell-net-differs"


class CellAmountDiffers(Invalid):
    """The amount in the file is not payable mass times price, to the yuan."""

    code = "cell-amount-differs"


class CellTicketDiffers(Invalid):
    """The ticket number came before with other content."""

    code = "cell-ticket-differs"


class NoSuchReturn(NotFound):
    """No return with this code is on its way to a site of this organisation."""

    code = "no-such-return"


class BurdenNotYours(Invalid):
    """Who sends a lot back does not say what the way burdens the other party with."""

    code = "burden-not-yours"


class BurdenStated(Conflict):
    """Another figure for the way back was stated before; what is in the ledger is not edited."""

    code = "burden-stated"


class NotReturnable(Conflict):
    """The lot cannot go back: nobody to give it to, not here, or not sent out by this firm."""

    code = "not-returnable"
