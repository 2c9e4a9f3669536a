"""What the ledger refuses."""

from remelt.platform.kernel.errors import Conflict, Invalid, NotFound


class NoSuchLot(NotFound):
    """No lot has this code."""

    code = "no-such-lot"


class NoSuchEvent(NotFound):
    """No event of the ledger has this hash."""

    code = "no-such-event"


class NoSuchCapture(NotFound):
    """No capture job has this code, or none that this organisation may see."""

    code = "no-such-capture"


class NotEnoughMass(Invalid):
    """More is taken from a lot than it holds."""

    code = "not-enough-mass"


class MassNotPositive(Invalid):
    """A mass that has to be above zero is not, or is beyond what a scale can show."""

    code = "mass-not-positive"


class LossNotPositive(Invalid):
    """A named loss is negative, or of a kind the ledger does not know."""

    code = "loss-not-positive"


class NothingIn(Invalid):
    """A transformation without an input."""

    code = "nothing-in"


class NothingOut(Invalid):
    """A transformation without an output."""

    code = "nothing-out"


class LotElsewhere(Conflict):
    """The lot is not at the site that wants to use it."""

    code = "lot-elsewhere"


class LotNotWeighed(Conflict):
    """The lot was declared but never weighed: it has no mass in the ledger."""

    code = "lot-not-weighed"


class LotUsedUp(Conflict):
    """The lot was consumed or has left; nothing can happen to it any more."""

    code = "lot-used-up"


class LotOnHold(Conflict):
    """An inspection holds the lot: it stays where it is and as it is until it is released."""

    code = "lot-on-hold"


class CannotHold(Conflict):
    """Only a lot that stands at a site can be held, and only a held one released."""

    code = "cannot-hold"


class UnknownCause(Invalid):
    """A return without a cause that the ledger knows."""

    code = "unknown-cause"


class NotGone(Conflict):
    """A lot comes back only after it has left, and never with more than left."""

    code = "lot-not-gone"


class BadPeriod(Invalid):
    """A period ends before it begins, or says no method for its closing stock."""

    code = "bad-period"


class LotTwice(Invalid):
    """The same lot stands twice among the inputs or outputs."""

    code = "lot-twice"


class OwnInput(Invalid):
    """A lot would become its own ancestor."""

    code = "own-ancestor"


class HeapOfAnother(Conflict):
    """What would be put on a heap belongs to another than the heap."""

    code = "heap-of-another"


class OwnerUnclear(Invalid):
    """The inputs belong to several owners and the output names none."""

    code = "owner-unclear"


class FactorNotLifeCycle(Invalid):
    """A CO2-only factor may not stand in a product footprint."""

    code = "factor-not-life-cycle"


class CannotCorrect(Conflict):
    """Only a weighing can be corrected, and only once."""

    code = "cannot-correct"


class LotCodeTaken(Conflict):
    """A lot with this code exists."""

    code = "lot-code-taken"


class BadAssay(Invalid):
    """An analysis names a negative share, or more than the whole."""

    code = "bad-assay"


class NoSuchCertificate(NotFound):
    """No passport was issued under this code."""

    code = "no-such-certificate"


class ClaimAboveCustody(Conflict):
    """A claim under a chain-of-custody model above what the lot has been through."""

    code = "claim-above-custody"


class WordsAboveCustody(Conflict):
    """Words for a share that the lot's chain of custody does not carry."""

    code = "words-above-custody"


class NoPassportYet(Conflict):
    """The lot was not handed over yet, or holds nothing: there is nothing to claim."""

    code = "no-passport-yet"


class ClaimsBlocked(Conflict):
    """Masses behind the lot do not add up, or are being corrected: no claim may be made."""

    code = "claims-blocked"


class BeforeItsLots(Invalid):
    """It is said to have happened before a lot that it names was made."""

    code = "before-its-lots"


class NothingToTrueUp(Invalid):
    """No heat of the period waits for what its meters or scales say."""

    code = "nothing-to-true-up"
