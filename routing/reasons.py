"""Why a stop was left out, proven by the judge, and what would make it possible."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from remelt.routing.evaluator import Judged, judge_round
from remelt.routing.insertion import candidates
from remelt.routing.legs import Legs, Tried, Yes
from remelt.routing.places import SECONDS_PER_VISIT, own_trips
from remelt.routing.problem import Problem, Routes, Stop, Vehicle
from remelt.routing.remedies import remedy_of
from remelt.routing.roads import Whole

CODES = (
    "capacity",
    "incompatible",
    "window-unreachable",
    "shift",
    "unreachable",
    "vehicle-may-not-enter",
)
CAPACITY, INCOMPATIBLE, WINDOW, SHIFT, NO_ROAD, BARRED = (1 << at for at in range(6))
NOT_WORTH = "not-worth"
UNEXAMINED = "unexamined"
ALL = 2 * BARRED - 1
SECONDS_PER_REASON, SECONDS_PER_LEG = 1e-3, 1.5e-6


@dataclass(frozen=True, slots=True)
class Reason:
    """Why one stop stays behind.

    code: one of `CODES`: the rule that is in the way at the place where the fewest are; or
        `not-worth`: its cheapest place costs more than its prize; or `unexamined`: time ended
        before it was looked at.
    remedy: what the judge has tried and found to work: another-vehicle, more-docks, let-in,
        bigger-vehicle, longer-range, longer-shift, open-gates, wider-window, several of these
        together, higher-prize; road where no road is known. Empty only while unexamined.
    facts: integers for the sentence, such as need_kg, most_kg, arrive_s, from_s, until_s; of
        `several`, they tell which.
    """

    stop: str
    code: str
    remedy: str = ""
    facts: tuple[tuple[str, int], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the reason as plain JSON."""
        return {
            "stop": self.stop,
            "code": self.code,
            "remedy": self.remedy,
            "facts": dict(self.facts),
        }


def explain_all(
    problem: Problem, routes: Routes, keys: Sequence[str], *, until: float | None = None
) -> tuple[Reason, ...]:
    """Return the reason of each stop, in order; those the clock leaves are `unexamined`.

    Stops that differ by nothing but their key are examined once. until: a moment of
    `time.monotonic`.
    """
    if not keys or (until is not None and until - time.monotonic() < _build_s(problem)):
        return tuple(Reason(key, UNEXAMINED) for key in keys)
    legs, longest = Legs(problem, routes), 0.0
    known: dict[Stop, Reason] = {}
    found: list[Reason] = []
    for key in keys:
        began, kind = time.monotonic(), replace(problem.stop(key), key="")
        if kind not in known and (until is None or began + longest <= until):
            known[kind] = explain(legs, problem.stop(key))
            longest = max(longest, time.monotonic() - began)
        found.append(replace(known.get(kind, Reason(key, UNEXAMINED)), stop=key))
    return tuple(found)


def explaining_s(problem: Problem, routes: Routes) -> float:
    """Return about how many seconds it takes to say why each stop off these routes is left out."""
    served = {visit.stop for visits in routes.values() for visit in visits}
    left = sum(stop.key not in served for stop in problem.stops)
    return left and left * (SECONDS_PER_REASON + SECONDS_PER_LEG * len(served)) + _build_s(problem)


def _build_s(problem: Problem) -> float:
    return SECONDS_PER_VISIT * (len(problem.stops) + len(problem.vehicles))


def explain(legs: Legs, stop: Stop) -> Reason:
    """Return why `stop` fits into no round, proven by trying every place on every vehicle."""
    problem = legs.problem
    if not problem.vehicles:
        none = (("need_kg", stop.mass_kg), ("most_kg", 0), ("vehicles", 0))
        return Reason(stop.key, "capacity", "another-vehicle", none)
    rules = least_in_the_way(legs, stop)
    if not rules and stop.prize_fen is not None:
        return _not_worth(legs, stop)
    at_docks = rules or SHIFT  # a round alone has room, but not where all queue for the docks
    code = next(code for at, code in enumerate(CODES) if at_docks & (1 << at))
    remedy, facts = remedy_of(problem, legs.routes, stop, code)
    return Reason(stop.key, code, remedy, facts)


def least_in_the_way(legs: Legs, stop: Stop) -> int:
    """Return the rules (bits) broken where the fewest are, the first of `CODES` preferred."""
    cars = legs.problem.vehicles
    barred = [
        BARRED if stop.vehicles is not None and car.key not in stop.vehicles else 0 for car in cars
    ]
    exact = [legs.exact(car, stop) for car in cars]
    best = ALL
    if any(exact):
        best = _fewer(best, _of_legs(legs.look(stop), np.array(exact), np.array(barred)))
    for car, known in zip(cars, exact, strict=True):
        before = legs.routes.get(car.key, ())
        for each in own_trips(legs, car, stop) if known else candidates(before, stop, car):
            best = _fewer(best, [rules_of(judge_round(legs.problem, car, each, brief=True), stop)])
            if best == 0:
                return 0
    return best


def rules_of(judged: Judged, stop: Stop) -> int:
    """Return the rules that a round breaks, as bits in the order of `CODES`."""
    told = {
        "capacity": CAPACITY,
        "incompatible": INCOMPATIBLE,
        "unreachable": NO_ROAD,
        "not-allowed": BARRED,
    }
    rules = 0
    for each in judged.violations:
        own = each.code == "window" and each.stop == stop.key
        rules |= WINDOW if own else told.get(each.code, SHIFT)
    return rules


def _of_legs(told: Tried, exact: Yes, barred: Whole) -> list[int]:
    """Return the rules broken at the positions of the vehicles that are known exactly."""
    rules = barred[told.car] + INCOMPATIBLE * told.quarrel + NO_ROAD * told.shut
    timed = CAPACITY * told.heavy + WINDOW * told.closed + SHIFT * told.late
    whole = rules + np.where(told.shut, 0, timed)
    return [int(each) for each in np.unique(whole[exact[told.car]])]


def _fewer(best: int, others: Iterable[int]) -> int:
    return min((best, *others), key=lambda rules: (rules.bit_count(), rules & -rules, rules))


def _not_worth(legs: Legs, stop: Stop) -> Reason:
    """A place was found, and the stop's prize does not pay for it."""
    added = min(
        judge_round(legs.problem, car, visits, brief=True).cost_fen - _cost_fen(legs, car)
        for car, visits in feasible(legs, replace(stop, prize_fen=None))
    )
    facts = (("prize_fen", stop.prize_fen or 0), ("cost_fen", added))
    return Reason(stop.key, NOT_WORTH, "higher-prize", facts)


def _cost_fen(legs: Legs, car: Vehicle) -> int:
    before = legs.routes.get(car.key, ())
    return judge_round(legs.problem, car, before, brief=True).cost_fen if before else 0


def feasible(legs: Legs, stop: Stop) -> list[tuple[Vehicle, Any]]:
    """Return every round that the judge accepts with `stop` put into it."""
    return [
        (car, visits)
        for car in legs.problem.vehicles
        for visits in candidates(legs.routes.get(car.key, ()), stop, car)
        if not judge_round(legs.problem, car, visits, brief=True).violations
    ]
