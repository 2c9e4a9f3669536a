"""What is refused of needs."""

from remelt.platform.kernel.errors import Conflict, Invalid, NotFound


class NoSuchNeed(NotFound):
    """No need with this code, or none of this organisation."""

    code = "no-such-need"


class NeedIsOver(Conflict):
    """The need has ended."""

    code = "need-is-over"


class LotsTooLarge(Invalid):
    """The smallest lot that is taken is larger than all that is wanted."""

    code = "lots-too-large"


class TooManyNeeds(Conflict):
    """The organisation has as many open needs as one may have."""

    code = "too-many-needs"
