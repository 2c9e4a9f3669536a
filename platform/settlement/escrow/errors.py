"""What is refused about money that the platform holds for others."""

from remelt.platform.kernel.errors import Conflict, Invalid, NotFound


class NothingToPayOut(Conflict):
    """Nothing of this is held any more, or it is being paid out already."""

    code = "nothing-to-pay-out"


class NoSuchPayout(NotFound):
    """No payout with this code."""

    code = "no-such-payout"


class NoSuchContractHeld(NotFound):
    """No contract with this code."""

    code = "no-such-contract-held"


class PayoutNotWaiting(Conflict):
    """This payout was confirmed or declined before."""

    code = "payout-not-waiting"


class LaboratoryMissing(Invalid):
    """An umpire's charge is paid to a laboratory that is named."""

    code = "laboratory-missing"


class PaidOn(Conflict):
    """The money was paid on to the seller: the match stands until that is taken back."""

    code = "paid-on"
