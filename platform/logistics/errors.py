"""What logistics refuses."""

from collections.abc import Sequence

from remelt.platform.kernel.errors import Conflict, Invalid, NotFound
from remelt.platform.logistics.road_problems import Problem


class NoSuchVehicle(NotFound):
    """No vehicle of this code in this organisation."""

    code = "no-such-vehicle"


class NoSuchOrder(NotFound):
    """No transport order of this code, or another organisation's."""

    code = "no-such-order"


class NoSuchPlan(NotFound):
    """No plan of this code, or another organisation's."""

    code = "no-such-plan"


class NoSuchRound(NotFound):
    """No round of this code, or another organisation's."""

    code = "no-such-round"


class BadProblemAsked(Invalid):
    """A problem that cannot be planned; the code names what is wrong, `subject` the culprit."""

    code = "problem-bad-file"

    def __init__(self, why: str, *, subject: str) -> None:
        super().__init__(field="problem", subject=subject)
        self.code = f"problem-{why}"  # type: ignore[misc]  # each way to be wrong has its code


class PlanFailed(Conflict):
    """The solver ended without a plan, more than once."""

    code = "plan-failed"


class PointElsewhere(Invalid):
    """A typed point that contradicts the county of its site; the code says how."""

    code = "point-elsewhere"

    def __init__(self, why: str) -> None:
        super().__init__(field="lat_degrees")
        self.code = "point-gcj-02" if why == "gcj-02-as-wgs84" else "point-elsewhere"  # type: ignore[misc]  # each way has its code


class BadRoad(Invalid):
    """A figure that no road has, or that this kind of word does not take."""

    code = "bad-road"


class BadRoadFile(Invalid):
    """A file of distances with bad lines; nothing of it was taken."""

    code = "bad-road-file"

    def __init__(self, problems: Sequence[Problem]) -> None:
        told = "; ".join(f"{each.row}: {each.reason}" for each in problems[:10])
        super().__init__(field="file", count=len(problems), told=told)
        self.problems = tuple(problems)


class BadPlate(Invalid):
    """A number plate that is empty or too long."""

    code = "bad-plate"


class BadCapacity(Invalid):
    """A payload that no truck has: up to 60 t."""

    code = "bad-capacity"


class BadShift(Invalid):
    """A time that ends before it begins, or lies outside the day."""

    code = "bad-shift"


class BadRate(Invalid):
    """A cost below zero or beyond reason."""

    code = "bad-rate"


class BadEmissionClass(Invalid):
    """An emission class that is not known."""

    code = "bad-emission-class"


class BadConsumption(Invalid):
    """An electric truck without meter readings, or readings of a truck that is none."""

    code = "bad-consumption"


class PlateTaken(Conflict):
    """Another vehicle in use has this plate."""

    code = "plate-taken"


class OrderStands(Conflict):
    """The lot already has a transport order that is not finished."""

    code = "order-stands"


class OrderNotOpen(Conflict):
    """The order is on a round, under way or over."""

    code = "order-not-open"


class NothingToMove(Invalid):
    """A mass that is not above zero, or beyond what one order can hold."""

    code = "nothing-to-move"


class SamePlace(Invalid):
    """From and to are the same site."""

    code = "same-place"


class NoHub(Conflict):
    """There is no hub to which a lot could be brought."""

    code = "no-hub"


class LotNotHere(Conflict):
    """The lot is not on hand at the site that wants to send it."""

    code = "lot-not-here"


class HeapStays(Conflict):
    """A heap or a furnace's heel is not sent: a lot is weighed off it first."""

    code = "heap-stays"


class DayPast(Invalid):
    """The day is over, or more than a year ahead."""

    code = "day-past"


class NothingToPlan(Conflict):
    """No open order waits at this site for this day."""

    code = "nothing-to-plan"


class PlanRunning(Conflict):
    """A plan for this site and day is being made."""

    code = "plan-running"


class RoundUnderWay(Conflict):
    """The round has begun or is over."""

    code = "round-under-way"


class NotOnARound(Conflict):
    """The lot is ordered, but on no round yet."""

    code = "not-on-a-round"


class AlreadyLoaded(Conflict):
    """The lot is on the truck."""

    code = "already-loaded"


class NotLoadedYet(Conflict):
    """The lot was never loaded."""

    code = "not-loaded-yet"


class AlreadyUnloaded(Conflict):
    """The lot was handed over at its destination."""

    code = "already-unloaded"


class LeftBehind(Conflict):
    """The driver left this lot behind; it waits for a new round."""

    code = "left-behind"


class NotToday(Conflict):
    """The round is planned for a later day."""

    code = "round-not-today"


class DayNotPlanned(Conflict):
    """No plan was made for this day, so there is nothing to change."""

    code = "day-not-planned"


class NoPlace(Conflict):
    """No round of the day, nor a truck at home, can take this order."""

    code = "no-place"
