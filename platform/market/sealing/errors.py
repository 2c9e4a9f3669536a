"""What sealing and opening refuse."""

from remelt.platform.kernel.errors import Conflict, Invalid


class NotSealedYet(Conflict):
    """The second holder has not made the key of this auction: no sealed bid can be taken."""

    code = "not-sealed-yet"


class SealInUse(Conflict):
    """Bids are sealed to the key: another key would leave them shut for ever."""

    code = "seal-in-use"


class BidsStillSealed(Conflict):
    """Sealed bids are opened after the end of bidding, never before."""

    code = "bids-still-sealed"


class AlreadyOpened(Conflict):
    """The sealed bids were opened before."""

    code = "already-opened"


class HalfMissing(Conflict):
    """The installation's half of the key is gone: the bids cannot be opened."""

    code = "half-missing"


class HalfNotGiven(Invalid):
    """The second holder's half of the key was not presented."""

    code = "half-not-given"


class HalfUnreadable(Invalid):
    """What was presented is no half of a key, or was cut or mistyped."""

    code = "half-unreadable"


class HalfOfAnother(Invalid):
    """The half belongs to another auction, or to a key made before this one."""

    code = "half-of-another"


class NoEnvelopesNow(Conflict):
    """The auction takes no sealed bids, not at this moment, or not from who took its price."""

    code = "no-envelopes-now"


class OnlyEnvelopesNow(Conflict):
    """The price was taken: now only sealed bids are taken."""

    code = "only-envelopes-now"


class KeyTooShort(Invalid):
    """A sealed bid comes with a random key of the sender's: a short one could be guessed."""

    code = "key-too-short"
