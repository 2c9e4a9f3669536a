"""Refusals of the catalogue."""

from remelt.platform.kernel.errors import Conflict, Invalid, NotFound


class BadFile(Invalid):
    """A reference file has bad cells; `problems` names each by row, column and reason."""

    code = "bad-reference-file"


class EditionTaken(Conflict):
    """The edition is loaded already, with other content."""

    code = "edition-taken"


class BadEdition(Invalid):
    """The edition's name cannot be used: empty, too long, or one of the package's own."""

    code = "bad-edition"


class NoSuchFactor(NotFound):
    """No factor with this id."""

    code = "no-such-factor"


class NoSuchPlace(NotFound):
    """No place with this adcode."""

    code = "no-such-place"


class NoSuchGrade(Invalid):
    """What was chosen is no grade of this catalogue."""

    code = "no-such-grade"


class NoSuchKind(NotFound):
    """No such table of reference data."""

    code = "no-such-reference"


class FactorMissing(Invalid):
    """The factor has no value: the operator must supply it."""

    code = "factor-missing"


class FactorDoesNotFit(Invalid):
    """The factor counts another activity than the one given, or no gas at all."""

    code = "factor-does-not-fit"


class DefinitionUnclear(Invalid):
    """An edition of a definition lacks its words in either language, or its reason."""

    code = "definition-unclear"
