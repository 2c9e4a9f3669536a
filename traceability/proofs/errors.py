"""What the log, its witnesses and the passports refuse."""

from remelt.platform.kernel.errors import Conflict, Invalid, NotFound, Refusal


class BadCosignature(Invalid):
    """No signed checkpoint of this log with the cosignature of a listed witness."""

    code = "bad-cosignature"


class CosignedAnother(Conflict):
    """A listed witness has seen another history than ours: somebody was shown a fork."""

    code = "cosigned-another-log"


class NoConsistency(Invalid):
    """The two sizes are not two sizes of this log, in order."""

    code = "no-consistency"


class NoSuchLogEntry(NotFound):
    """The log has no such tile or event yet."""

    code = "no-such-log-entry"


class NoPassportInForce(NotFound):
    """The lot has no passport that holds today."""

    code = "no-passport-in-force"


class LogWentBack(Refusal):
    """The database holds another history than the one that was published (503).

    Nothing is signed or recorded until the operator has restored a newer one; a log that forgets
    is what witnesses are there to find.
    """

    code = "log-went-back"


class CheckpointSpoilt(LogWentBack):
    """The published checkpoint cannot be read, so nobody can tell whether the log continues it."""

    code = "checkpoint-spoilt"
