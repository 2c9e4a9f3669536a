"""What is refused of a file of tables, and of a cell in it."""

from remelt.platform.kernel.errors import Invalid


class FileUnreadable(Invalid):
    """Neither CSV nor XLSX, or damaged."""

    code = "file-unreadable"


class FileTooLarge(Invalid):
    """The file, or what it unpacks to, is larger than a yard's month."""

    code = "file-too-large"


class TooManyRows(FileTooLarge):
    """The file has more rows than are taken in at once."""

    code = "too-many-rows"


class HeadingsMissing(Invalid):
    """No row names the columns that are needed."""

    code = "headings-missing"


class UnitMissing(Invalid):
    """Neither the heading nor the person says the unit."""

    code = "unit-missing"


class ImportHasErrors(Invalid):
    """Cells need mending first; nothing was taken in."""

    code = "import-has-errors"


class CellEmpty(Invalid):
    """The cell is needed."""

    code = "cell-empty"


class CellNotANumber(Invalid):
    """The cell holds no plain number at or above zero, or one too fine or too large."""

    code = "cell-not-a-number"


class CellNotATime(Invalid):
    """The cell holds no date and time, or one to come."""

    code = "cell-not-a-time"


class CellTooLong(Invalid):
    """The cell holds more text than there is room for."""

    code = "cell-too-long"


class CellUnknownWord(Invalid):
    """The cell holds a word that is none of those known in its column."""

    code = "cell-unknown-word"


class CellMerged(Invalid):
    """The cell is merged over several rows: what it says of each is not known."""

    code = "cell-merged"
