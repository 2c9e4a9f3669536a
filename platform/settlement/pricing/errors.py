"""What is refused of a price formula: where it stands (`column`, from 1) and what to do."""

from remelt.platform.kernel.errors import Conflict, Invalid, NotFound


class FormulaTooLong(Invalid):
    """More characters than a formula may have."""

    code = "formula-too-long"


class FormulaTooDeep(Invalid):
    """More brackets inside brackets than a formula may have."""

    code = "formula-too-deep"


class FormulaUnreadable(Invalid):
    """Something that is no part of a formula."""

    code = "formula-unreadable"


class FormulaUnfinished(Invalid):
    """Something is missing at a place."""

    code = "formula-unfinished"


class FormulaNumber(Invalid):
    """A number with more digits than a price has."""

    code = "formula-number"


class FormulaUnknownName(Invalid):
    """Neither a function nor a word of the language."""

    code = "formula-unknown-name"


class FormulaUnknownIndex(Invalid):
    """No index of this code is kept."""

    code = "formula-unknown-index"


class FormulaUnits(Invalid):
    """Units that cannot stand beside each other."""

    code = "formula-units"


class FormulaNotAPrice(Invalid):
    """What comes out is not CNY per tonne."""

    code = "formula-not-a-price"


class FormulaDivides(Invalid):
    """Divided by what may be nought."""

    code = "formula-divides"


class FormulaRate(Invalid):
    """A rate of VAT that cannot be."""

    code = "formula-rate"


class InvoiceNotSaid(Invalid):
    """A price that does not say whether an invoice comes with it."""

    code = "invoice-not-said"


class PeriodUnreadable(Invalid):
    """Text that names no days."""

    code = "period-unreadable"


class PeriodTurned(Invalid):
    """A period that ends before it begins, or is longer than a price follows."""

    code = "period-turned"


class QuotationMissing(Invalid):
    """The formula speaks of the quotation period, and the terms name none."""

    code = "quotation-missing"


class NoSuchIndex(NotFound):
    """No index of this code."""

    code = "no-such-index"


class IndexKnown(Conflict):
    """An index of this code is kept already."""

    code = "index-known"


class IndexDayTwice(Invalid):
    """One index has two figures for one day in one file."""

    code = "index-day-twice"


class IndexUnitDiffers(Invalid):
    """The file's unit is not the one that the index is quoted in."""

    code = "index-unit-differs"
