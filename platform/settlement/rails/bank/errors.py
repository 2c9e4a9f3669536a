"""What is refused about bank accounts, statements and their matching."""

from remelt.platform.kernel.errors import Conflict, Invalid, NotFound


class NoSuchBankAccount(NotFound):
    """No bank account with this code of this organisation."""

    code = "no-such-bank-account"


class NoSuchMovement(NotFound):
    """No line of a statement with this code of this organisation."""

    code = "no-such-movement"


class NoSuchMatch(NotFound):
    """No match with this code of this organisation."""

    code = "no-such-match"


class BankAccountKnown(Conflict):
    """This account number is kept here already."""

    code = "bank-account-known"


class BadAccountNumber(Invalid):
    """An account number is 6 to 34 letters and digits."""

    code = "bad-account-number"


class MatchTooMuch(Invalid):
    """More is matched than the line of the statement has left."""

    code = "match-too-much"


class MatchNothing(Invalid):
    """A match is of at least one thing that is due, and above zero."""

    code = "match-nothing"


class MatchDiffers(Invalid):
    """A payment or deposit that was told is matched by its whole amount."""

    code = "match-differs"


class NotDueHere(Invalid):
    """This is not due to move in this direction, or no longer."""

    code = "not-due-here"


class MatchNotWaiting(Conflict):
    """Nothing of this line waits for a second person."""

    code = "match-not-waiting"


class MatchStands(Conflict):
    """This match cannot be taken back: it was taken back before, waits, or holds a deposit."""

    code = "match-stands"


class CellNotADay(Invalid):
    """The cell is no calendar day."""

    code = "cell-not-a-day"


class CellNoAmount(Invalid):
    """A line of a statement moves money one way: in or out, not both, not neither."""

    code = "cell-no-amount"


class LayoutIncomplete(Invalid):
    """A layout needs a column for the day and one for the amount, and each meaning once."""

    code = "layout-incomplete"
