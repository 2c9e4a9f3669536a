"""What deposits, credit limits and the line for an award refuse."""

from remelt.platform.kernel.errors import Conflict, Invalid, NotFound


class DepositMissing(Conflict):
    """The auction asks a deposit that is not held of this bidder."""

    code = "deposit-missing"


class NoDepositAsked(Conflict):
    """The auction asks no deposit."""

    code = "no-deposit-asked"


class DepositHeld(Conflict):
    """The deposit is held, or was: it is not told again."""

    code = "deposit-held"


class NoSuchDeposit(NotFound):
    """No deposit of this number."""

    code = "no-such-deposit"


class OverCreditLimit(Invalid):
    """The offer would promise more than the bidder and those linked to it may stand in for."""

    code = "over-credit-limit"


class AwardPending(Conflict):
    """A line for the award stands: the contract is made when its first place has done its part."""

    code = "award-pending"


class NotInLine(Conflict):
    """Nothing of this kind can happen to this place in line now."""

    code = "not-in-line"


class CauseMissing(Invalid):
    """Whoever fails a winner says why."""

    code = "cause-missing"


class NotTheTaker(Conflict):
    """After the opening only who took the falling price may answer."""

    code = "not-the-taker"


class NoSuchHolder(Invalid):
    """The second half of the key goes to the seller itself or to a regulator."""

    code = "no-such-holder"
