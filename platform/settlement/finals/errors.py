"""What is refused of terms, and of what a settlement is worked from."""

from remelt.platform.kernel.errors import Conflict, Forbidden, Invalid, NotFound


class TermsUnreadable(Invalid):
    """Terms that do not keep to their form."""

    code = "terms-unreadable"


class TermsTwice(Invalid):
    """One content stands twice in the terms."""

    code = "terms-twice"


class CallingMissing(Invalid):
    """The formula takes a called price, and the terms do not say who may call it until when."""

    code = "calling-missing"


class TareAboveGross(Invalid):
    """An empty truck that weighs no less than the loaded one."""

    code = "tare-above-gross"


class WeightTwice(Invalid):
    """One side has two weights of one load."""

    code = "weight-twice"


class AssayTwice(Invalid):
    """One side has two results of one content."""

    code = "assay-twice"


class NoSuchTerms(NotFound):
    """No version of a contract's terms with this code."""

    code = "no-such-terms"


class TermsTooLate(Conflict):
    """The goods were taken over, or refused: their terms stand."""

    code = "terms-too-late"


class TermsSuperseded(Conflict):
    """A newer version of the terms was drafted; sign that one."""

    code = "terms-superseded"


class TermsNotSigned(Conflict):
    """Both parties have not signed terms that ask for this."""

    code = "terms-not-signed"


class SettlingOver(Conflict):
    """Both parties agreed to the final settlement; a claim has to be raised instead."""

    code = "settling-over"


class AssayRevealed(Conflict):
    """Both results are open: neither party may change its own any more."""

    code = "assay-revealed"


class AnalyteNotInTerms(Invalid):
    """The terms do not ask for this content."""

    code = "analyte-not-in-terms"


class NotYourCall(Forbidden):
    """The other party calls the price."""

    code = "not-your-call"


class CallOutsideWindow(Invalid):
    """The price is called outside its window, for a day that is past, or one without trading."""

    code = "call-outside-window"


class CallOutsideSession(Invalid):
    """The price is called while the exchange is shut."""

    code = "call-outside-session"


class CalledTooMuch(Invalid):
    """More is called than is left, or less than may be called at a time."""

    code = "called-too-much"


class NothingToSay(Conflict):
    """Only a final settlement in force is agreed to or objected to, within its claim window."""

    code = "nothing-to-say"
