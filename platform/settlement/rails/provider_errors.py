"""What is refused of orders to a payment provider, and of its news."""

from remelt.platform.kernel.errors import Conflict, Forbidden, Invalid, NotFound


class PaymentsOff(Conflict):
    """No payment provider is set up; the bank rail is always there."""

    code = "payments-off"


class TooLargeForRail(Invalid):
    """The provider takes 999,999.99 at most in one payment: pay by bank transfer."""

    code = "too-large-for-rail"


class RailCannot(Invalid):
    """This way to pay does not do this: facts `rail`, `reason`."""

    code = "rail-cannot"


class CurrencyMismatch(Invalid):
    """The money is in another currency than what it belongs to."""

    code = "currency-mismatch"


class RefundsTooMuch(Conflict):
    """More would be handed back than was taken and is left of it."""

    code = "refunds-too-much"


class SellerPaidAlready(Conflict):
    """The seller has been paid this money: it is taken back first, then refunded."""

    code = "seller-paid-already"


class PaysOutTooMuch(Conflict):
    """More would be paid out than was collected and is still held for it."""

    code = "pays-out-too-much"


class CapturesTooMuch(Conflict):
    """More would be captured than is held, or it is not held any more."""

    code = "captures-too-much"


class SubjectFrozen(Conflict):
    """A payer's bank disputes a payment: this contract's money stands still until it decides."""

    code = "subject-frozen"


class PaymentUnderWay(Conflict):
    """A payment for this was ordered and is not at its end: it is finished first."""

    code = "payment-under-way"


class SellerNotReady(Conflict):
    """The seller has no account at the provider that may be paid; pay by bank transfer."""

    code = "seller-not-ready"


class AccountOpened(Conflict):
    """This organisation has an account at the provider already."""

    code = "account-opened"


class HoldTooShort(Conflict):
    """A card holds money for seven days, and this auction ends later."""

    code = "hold-too-short"


class NoSuchProviderOrder(NotFound):
    """No order to a provider under this key or name."""

    code = "no-such-provider-order"


class BadSignature(Forbidden):
    """The news is not signed by the provider, or was signed too long ago."""

    code = "bad-signature"


class NoSuchProviderEvent(NotFound):
    """No news of a provider under this name."""

    code = "no-such-provider-event"


class EventNotDead(Conflict):
    """Only news that was tried in vain is tried again by hand."""

    code = "event-not-dead"


class NoSuchDifference(NotFound):
    """No difference under this code."""

    code = "no-such-difference"
