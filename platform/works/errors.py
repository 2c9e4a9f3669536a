"""What the works refuse."""

from remelt.platform.kernel.errors import Conflict, Invalid, NotFound


class NoSuchFurnace(NotFound):
    """No furnace with this code at a site of this organisation."""

    code = "no-such-furnace"


class NoSuchHeat(NotFound):
    """No heat with this code at a site of this organisation."""

    code = "no-such-heat"


class NoSuchSorting(NotFound):
    """No sorting with this code at a site of this organisation."""

    code = "no-such-sorting"


class NoSuchAlloy(Invalid):
    """What was chosen is no alloy of the catalogue."""

    code = "no-such-alloy"


class BoughtIncomplete(Invalid):
    """A bought metal has a name, an element that it is charged as, and a price."""

    code = "bought-incomplete"


class HeelLeft(Conflict):
    """Metal lies in the furnace."""

    code = "heel-left"


class HeelWouldNotFit(Invalid):
    """The heel that lies in the furnace is more than it is said to hold."""

    code = "heel-would-not-fit"


class FurnaceNameTaken(Conflict):
    """The site has a furnace of this name."""

    code = "furnace-name-taken"


class FurnaceOverfilled(Invalid):
    """More goes into the furnace than it holds, by far: tonnes typed for kilograms."""

    code = "furnace-overfilled"


class NotYourMetal(Conflict):
    """A furnace melts the metal of its own organisation: what is cast belongs to it."""

    code = "not-your-metal"


class MixedOwners(Conflict):
    """Lots of several owners would become one, and one of them would own the other's metal."""

    code = "mixed-owners"


class LotOffered(Conflict):
    """The lot is offered or sold as it is: working it would deliver another."""

    code = "lot-offered"


class HeelStays(Conflict):
    """A heel lies in its furnace: it goes into the next heat there and nowhere else."""

    code = "heel-stays"


class NotRunAround(Invalid):
    """Run-around scrap is what a heat of this organisation gave; the lot is not."""

    code = "not-run-around"


class RecoveryOutOfRange(Invalid):
    """The metal expected back is nought or more than the gross mass."""

    code = "recovery-out-of-range"


class NotInCustody(NotFound):
    """The lot is not in the custody of this organisation at this site."""

    code = "lot-not-in-custody"


class SiteCannot(Invalid):
    """The site is not set up for this work."""

    code = "site-cannot"


class NothingToWork(Invalid):
    """Nothing goes in, or nothing comes out."""

    code = "nothing-to-work"


class MassNotGiven(Invalid):
    """A mass must be above zero."""

    code = "mass-not-given"


class DifferenceNotNamed(Invalid):
    """What came in and went out differ beyond tolerance, and nobody says why."""

    code = "difference-not-named"


class WrongMetal(Invalid):
    """The lot is of another metal than what it would become."""

    code = "wrong-metal"


class PurityOutOfRange(Invalid):
    """The content of an addition is above 100 %."""

    code = "purity-out-of-range"


class PeriodOutOfOrder(Invalid):
    """A period ends before it begins, or in the future."""

    code = "period-out-of-order"


class MonthClosed(Conflict):
    """The month is closed: its energy is final."""

    code = "month-closed"


class MonthNotOver(Invalid):
    """The month is still running."""

    code = "month-not-over"


class NothingToClose(Invalid):
    """The month has no heats or no energy to share over them."""

    code = "nothing-to-close"


class AlreadyCorrected(Conflict):
    """The entry was corrected before: correct the newer one."""

    code = "already-corrected"


class NoSuchEntry(NotFound):
    """No energy entry with this code at a site of this organisation."""

    code = "no-such-entry"


class NoElectricityFactor(Conflict):
    """The catalogue holds no life-cycle factor of electricity."""

    code = "no-electricity-factor"


class HeelWithoutMethod(Invalid):
    """A closing heel is stated, but not how it was found."""

    code = "heel-without-method"


class NoSuchLine(NotFound):
    """No continuous line with this code at a site of this organisation."""

    code = "no-such-line"


class NoSuchPeriod(NotFound):
    """No period with this code of a line of this organisation."""

    code = "no-such-period"


class LineNameTaken(Conflict):
    """The site has a line of this name."""

    code = "line-name-taken"


class PeriodGap(Invalid):
    """A line's periods follow each other without gap or overlap."""

    code = "period-gap"


class ClosingStockUnclear(Invalid):
    """A drained line holds nothing; one that holds something was not drained."""

    code = "closing-stock-unclear"


class UnknownFactor(Invalid):
    """What was chosen is no factor of the catalogue that counts a bought mass."""

    code = "unknown-factor"


class NotLiquid(Invalid):
    """Only liquid metal goes by ladle."""

    code = "not-liquid"


class LadleWeightWrong(Invalid):
    """The tare of a ladle is not below its gross, or the metal is not hot."""

    code = "ladle-weight-wrong"


class NoSuchNote(NotFound):
    """No ladle note with this code that this organisation may match."""

    code = "no-such-note"


class NotesDoNotMatch(Conflict):
    """The two notes are not of one ladle between the same two firms, or one is matched already."""

    code = "notes-do-not-match"


class NoSuchAccount(NotFound):
    """No tolling account with this code of this organisation."""

    code = "no-such-account"


class AccountNotOpen(Conflict):
    """The account is not accepted by the owner yet, or has ended."""

    code = "account-not-open"


class BadTollingTerms(Invalid):
    """Terms that cannot be: dross stays own metal, a firm does not toll for itself."""

    code = "bad-tolling-terms"


class NotOfAccount(Conflict):
    """The lot does not belong to a party of this account, is of another metal, or is no dross."""

    code = "not-of-account"


class TolledAlready(Conflict):
    """The metal is owed under an account already, and was not given back since."""

    code = "tolled-already"


class NotDrained(Conflict):
    """Another's own metal is melted in a drained furnace, and nothing of it stays there."""

    code = "not-drained"


class NoHeatsThen(NotFound):
    """No heat was tapped at this site in this month."""

    code = "no-heats-then"


class YieldTruedUp(Conflict):
    """The month's recoveries are brought to its yield, and nothing has changed since."""

    code = "yield-trued-up"


class NoAssay(Invalid):
    """An analysis without elements, method or sample."""

    code = "no-assay"


class NoSuchRecipe(NotFound):
    """No recipe in use with this code at this organisation."""

    code = "no-such-recipe"


class NoSuchMaterial(NotFound):
    """No material in use with this code at this organisation."""

    code = "no-such-material"


class NoSuchChargePlan(NotFound):
    """No plan of charges with this code at this organisation."""

    code = "no-such-charge-plan"


class AlloyIncomplete(Invalid):
    """Not every limit of the alloy is at hand, so no plan can promise to keep it."""

    code = "alloy-incomplete"


class LimitsCross(Invalid):
    """The least of an element is above its most."""

    code = "limits-cross"


class ContentsBeyondWhole(Invalid):
    """The elements of a material come to more than all of it."""

    code = "contents-beyond-whole"


class NothingToCharge(Invalid):
    """No lot and no bought metal is known well enough to be planned with."""

    code = "nothing-to-charge"


class ChargePlanRunning(Conflict):
    """A plan of this site is being made."""

    code = "charge-plan-running"


class MetalsDiffer(Invalid):
    """One plan is of one metal: its recipes are of several."""

    code = "metals-differ"
