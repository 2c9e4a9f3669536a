"""What the exchange of offers refuses."""

from remelt.platform.kernel.errors import Conflict, Invalid, NotFound


class NoSuchProposal(NotFound):
    """No exchange of offers with this code between this organisation and another."""

    code = "no-such-proposal"


class ProposalStands(Conflict):
    """This buyer's exchange on the listing is still open."""

    code = "proposal-stands"


class ProposalOver(Conflict):
    """The exchange has ended, or its last offer has expired."""

    code = "proposal-over"


class NotYourTurn(Conflict):
    """The last offer is one's own: the other side answers it."""

    code = "not-your-turn"


class BadExpiry(Invalid):
    """An offer stands from five minutes to thirty days, and no longer than the listing."""

    code = "bad-expiry"


class SamePrice(Invalid):
    """The price is the one that the other side named: take it instead."""

    code = "same-price"
