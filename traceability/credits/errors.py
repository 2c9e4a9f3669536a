"""What the credit ledger refuses."""

from remelt.platform.kernel.errors import Conflict, Invalid, NotFound


class NoCreditScheme(Conflict):
    """No mass balance scheme of this site holds for the lot's product group."""

    code = "no-credit-scheme"


class NoSuchGroup(NotFound):
    """The site has no product group of this name."""

    code = "no-such-product-group"


class BadScheme(Invalid):
    """A parameter of a scheme is out of its bounds."""

    code = "bad-credit-scheme"


class SchemeTooEarly(Conflict):
    """A scheme would begin in or before a period that another edition holds for already."""

    code = "credit-scheme-too-early"


class GroupOverlaps(Conflict):
    """Another product group of the site holds the same grades already."""

    code = "product-group-overlaps"


class ClaimedAlready(Conflict):
    """The lot carries such a claim in this period, or a claim of another kind."""

    code = "claimed-already"


class ClaimBeyondLot(Invalid):
    """More is claimed of a lot than it can carry."""

    code = "claim-beyond-lot"


class CreditsShort(Conflict):
    """The account holds less than is claimed."""

    code = "credits-short"


class CreditsOverdrawn(Conflict):
    """Inputs of the account were corrected after they were claimed: it is overdrawn."""

    code = "credits-overdrawn"


class NoSuchCreditCertificate(NotFound):
    """No book-and-claim certificate of this code was given to this firm."""

    code = "no-such-credit-certificate"


class CertificateUsed(Conflict):
    """The book-and-claim certificate was claimed on a lot already."""

    code = "credit-certificate-used"
