"""What the book of money refuses."""

from remelt.platform.kernel.errors import Conflict, Invalid, NotFound


class EntryUnbalanced(Invalid):
    """An entry is zero in sum in each currency, of two lines or more, none of them nothing."""

    code = "entry-unbalanced"


class EntryKeyReused(Conflict):
    """An entry was made under this key with other lines."""

    code = "entry-key-reused"


class NoSuchAccount(NotFound):
    """No account with this code in this book."""

    code = "no-such-money-account"


class NoSuchEntry(NotFound):
    """No entry with this code in this book."""

    code = "no-such-money-entry"


class EntryReversed(Conflict):
    """The entry was taken back already."""

    code = "entry-reversed"
