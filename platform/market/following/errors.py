"""What is refused of searches, watch lists and questions."""

from remelt.platform.kernel.errors import Conflict, Invalid, NotFound


class NoSuchSearch(NotFound):
    """No saved search with this code in this organisation."""

    code = "no-such-search"


class NoSuchQuestion(NotFound):
    """No question with this code on this listing."""

    code = "no-such-question"


class TooMuchFollowed(Conflict):
    """The organisation follows as much as one may follow."""

    code = "too-much-followed"


class SearchUnnamed(Invalid):
    """A saved search needs a name of at most 60 characters."""

    code = "search-unnamed"


class QuestionUnreadable(Invalid):
    """A question or an answer is empty or longer than it may be."""

    code = "question-unreadable"


class ContactInWords(Invalid):
    """What is said in public holds a telephone number or an address of a messenger."""

    code = "contact-in-words"


class OwnQuestion(Invalid):
    """Nobody asks about their own listing."""

    code = "own-question"


class AlreadyAnswered(Conflict):
    """The question has its answer."""

    code = "already-answered"


class TooManyQuestions(Conflict):
    """The organisation asked as much about this listing as one may ask unanswered."""

    code = "too-many-questions"


class NoBoardAnswer(Invalid):
    """No board of the organisation prices this lot, or the lot is not a small one."""

    code = "no-board-answer"
