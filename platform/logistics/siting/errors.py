"""What siting refuses."""

from remelt.platform.kernel.errors import Conflict, Invalid, NotFound


class NoSuchScenario(NotFound):
    """No scenario of this code."""

    code = "no-such-scenario"


class BadScenario(Invalid):
    """A scenario that contradicts itself: where, which rule, and what to do."""

    code = "bad-scenario"


class NoEstimate(Conflict):
    """The catalogue has no points, people or factors to estimate this province from."""

    code = "no-estimate"


class NotSolved(Conflict):
    """The scenario has no answer yet, or none exists."""

    code = "scenario-not-solved"


class TooManyScenarios(Conflict):
    """So many scenarios of one organisation wait that another would not help."""

    code = "too-many-scenarios"
