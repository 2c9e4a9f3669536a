"""What is refused about reverse invoices."""

from remelt.platform.kernel.errors import Conflict, Invalid, NotFound


class ReverseNotSetUp(Conflict):
    """The buyer has not said by which method it pays VAT: the kind of invoice is unknown."""

    code = "reverse-not-set-up"


class SellerUnidentified(Conflict):
    """No identity number of the seller is kept, so nobody can tell how much was invoiced."""

    code = "seller-unidentified"


class ReverseConsentMissing(Conflict):
    """The seller has not consented to reverse invoices by this buyer, or has taken it back."""

    code = "reverse-consent-missing"


class CeilingReached(Conflict):
    """With this invoice the seller would be above the ceiling of twelve months."""

    code = "reverse-ceiling-reached"


class AlreadyInvoiced(Conflict):
    """A reverse invoice stands for this purchase."""

    code = "already-invoiced"


class NothingToInvoice(Conflict):
    """The purchase was taken back, or nothing was paid for it."""

    code = "nothing-to-invoice"


class NoSuchReverseInvoice(NotFound):
    """No reverse invoice with this code of this buyer."""

    code = "no-such-reverse-invoice"


class NoSuchSellerPurchase(NotFound):
    """No purchase of this buyer's from an identified person has this code."""

    code = "no-such-seller-purchase"


class InvoiceNotStanding(Conflict):
    """The invoice was taken back by a red one, or is a red one."""

    code = "invoice-not-standing"


class BadInvoiceNumber(Invalid):
    """A number of an invoice is 8 to 20 digits."""

    code = "bad-invoice-number"


class InvoiceNumberTaken(Conflict):
    """The number stands on another invoice, or this one has a number."""

    code = "invoice-number-taken"


class BadMonth(Invalid):
    """No month of the twelve that count."""

    code = "bad-month"


class BadConsentDay(Invalid):
    """Consent is dated today or earlier."""

    code = "bad-consent-day"


class ProofMissing(Invalid):
    """What was invoiced elsewhere is stated with a proof."""

    code = "proof-missing"


class IssuesOwnInvoices(Conflict):
    """Household businesses and enterprises issue invoices of their own: nobody does it for them."""

    code = "issues-own-invoices"


class TieRefused(Conflict):
    """This code and number do not tie this account; which of them is wrong stays unsaid."""

    code = "tie-refused"


class AccountTied(Conflict):
    """The account is tied to a natural person already."""

    code = "account-tied"
