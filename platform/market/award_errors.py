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


class DecidedTooLate(Conflict):
    """The time to decide by hand ran out: the best offer is free again."""

    code = "decided-too-late"


class NotInLine(Conflict):
    """Nothing of this kind can happen to this place in line now."""

    code = "not-in-line"


class CauseMissing(Invalid):
    """Whoever fails a winner says why."""

    code = "cause-missing"


class NotTheTaker(Conflict):
    """After the opening only who took the falling price may answer."""

    code = "not-the-taker"


class NoSuchHoldup(NotFound):
    """No end of this kind and subject is put off."""

    code = "no-such-holdup"


class NotToClaim(Conflict):
    """No payment is overdue here, the seller was silent for too long, or the deposit has ended."""

    code = "not-to-claim"


class NotToContest(Conflict):
    """The seller claims no deposit of this bidder, or the time to contest it ran out."""

    code = "not-to-contest"


class NotToRule(Conflict):
    """Nothing is contested about this deposit, or it is ruled on."""

    code = "not-to-rule"


class AnswerMissing(Invalid):
    """Whoever contests a claim says how it paid."""

    code = "answer-missing"


class NoSuchHolder(Invalid):
    """The second half of the key goes to the seller itself or to a regulator."""

    code = "no-such-holder"
