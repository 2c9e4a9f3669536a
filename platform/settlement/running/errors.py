"""What is refused about running accounts."""

from remelt.platform.kernel.errors import Conflict, Invalid, NotFound


class NoSuchRunningAccount(NotFound):
    """No running account with this code to which this organisation is a party."""

    code = "no-such-running-account"


class NoSuchPartner(Invalid):
    """A running account is kept with another organisation of this platform."""

    code = "no-such-partner"


class NoSuchAdvance(NotFound):
    """No advance with this code of this organisation."""

    code = "no-such-advance"


class AdvanceLimitReached(Conflict):
    """With this advance more would be outstanding than the limit allows."""

    code = "advance-limit-reached"


class NothingToNet(Conflict):
    """No advance is outstanding, or no delivery is open."""

    code = "nothing-to-net"


class StatementNotDue(Conflict):
    """A month is stated once, after it has ended, and in order."""

    code = "statement-not-due"


class StatementAnswered(Conflict):
    """The statement was confirmed or disputed already, or is one's own."""

    code = "statement-answered"


class NoSuchStatement(NotFound):
    """No statement with this code to which this organisation is a party."""

    code = "no-such-statement"
