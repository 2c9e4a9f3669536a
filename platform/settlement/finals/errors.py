"""What is refused of terms, and of what a settlement is worked from."""

from remelt.platform.kernel.errors import Invalid


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
