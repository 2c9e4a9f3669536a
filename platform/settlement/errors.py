"""What the till refuses."""

from remelt.platform.kernel.errors import Conflict, Forbidden, Invalid, NotFound


class NoSuchSettlement(NotFound):
    """No settlement with this code to which this organisation is a party."""

    code = "no-such-settlement"


class NoSuchPayment(NotFound):
    """No payment with this code of this organisation."""

    code = "no-such-payment"


class SettlementSuperseded(Conflict):
    """The settlement was worked again; pay by the newer one."""

    code = "settlement-superseded"


class DeductedTooMuch(Invalid):
    """More is deducted than was weighed."""

    code = "deducted-too-much"


class NothingWeighed(Invalid):
    """A settlement needs a mass above zero."""

    code = "nothing-weighed"


class AmountNotPositive(Invalid):
    """A payment is an amount above zero."""

    code = "amount-not-positive"


class PaysTooMuch(Invalid):
    """The payment is more than what is still open."""

    code = "pays-too-much"


class PaidInTheFuture(Invalid):
    """The day of payment is still to come, or long past."""

    code = "paid-in-the-future"


class UnknownPaymentMethod(Invalid):
    """Paid in none of the ways that are recorded here."""

    code = "unknown-payment-method"


class SamePerson(Forbidden):
    """Who recorded a payment does not confirm it."""

    code = "payment-same-person"


class PaymentNotWaiting(Conflict):
    """The payment waits for nobody: it is confirmed, declined or needs no second person."""

    code = "payment-not-waiting"


class ReasonMissing(Invalid):
    """A payment is declined for a reason."""

    code = "reason-missing"


class BadQuarter(Invalid):
    """A quarter is a year and one of its four, such as 2026-Q1."""

    code = "bad-quarter"
