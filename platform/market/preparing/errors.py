"""What is refused of drafts and of files of lots."""

from remelt.platform.kernel.errors import Conflict, Invalid, NotFound


class NoSuchDraft(NotFound):
    """No draft with this code in this organisation."""

    code = "no-such-draft"


class DraftIncomplete(Invalid):
    """The draft lacks what a listing needs."""

    code = "draft-incomplete"


class DraftIsPublished(Conflict):
    """The draft is a listing already."""

    code = "draft-is-published"


class DraftIsDropped(Conflict):
    """The draft was dropped."""

    code = "draft-is-dropped"


class TooManyDrafts(Conflict):
    """The organisation keeps as many drafts as one may."""

    code = "too-many-drafts"


class UnreadableDraft(Invalid):
    """A field of the draft is none that a listing has, or is too long."""

    code = "unreadable-draft"


class CellUnknownGrade(Invalid):
    """The cell's word is no grade that the catalogue knows."""

    code = "cell-unknown-grade"


class CellAmbiguousGrade(Invalid):
    """The cell's word means several grades."""

    code = "cell-ambiguous-grade"


class CellNotChecked(Invalid):
    """The row does not say that the lot was checked for what must not be sold."""

    code = "cell-not-checked"


class CellNumberTaken(Invalid):
    """The number stands in an earlier row, or on a draft or listing of the seller."""

    code = "cell-number-taken"


class WordOfNoGrade(Invalid):
    """The word is no grade that the catalogue knows and that may be listed."""

    code = "word-of-no-grade"


class WordOfSeveralGrades(Invalid):
    """The word means several grades."""

    code = "word-of-several-grades"
