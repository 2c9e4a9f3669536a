"""Why a stop was left out, proven by the judge, and what would make it possible."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from remelt.routing.evaluator import Judged, judge_round
from remelt.routing.insertion import best_insertion, candidates
from remelt.routing.problem import ALL_DAY, DAY_S, Hub, Problem, Routes, Stop, Vehicle

WEEK_S = 7 * DAY_S
MANY = 2_000


@dataclass(frozen=True, slots=True)
class Reason:
    """Why one stop stays behind.

    code: no-vehicle, not-allowed, unreachable, too-heavy, window-unreachable, shift-too-short
        (these hold even for an empty vehicle), or full, busy, incompatible, not-worth (the
        vehicles that could come are taken), or no-time (nobody has looked yet).
    remedy: what the judge has tried and found to work: wider-window, longer-shift,
        bigger-vehicle, another-vehicle or road; empty when nothing it tried works.
    facts: integers for the sentence, such as need_kg, most_kg, arrive_s, until_s.
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
    """Return the reason of each stop; `no-time` for those the clock left unexamined.

    until: a moment of `time.monotonic`.
    """
    found, longest = [], 0.0
    kinds = _of_each_kind(problem) if until and len(problem.stops) > MANY else ()
    for key in keys:
        began = time.monotonic()
        if until is not None and began + longest > until:
            found.append(Reason(key, "no-time"))
        else:
            found.append(_explained(problem, routes, problem.stop(key), kinds))
            longest = max(longest, time.monotonic() - began)
    return tuple(found)


def _explained(problem: Problem, routes: Routes, stop: Stop, kinds: Sequence[Vehicle]) -> Reason:
    """Of thousands of stops, look first whether any kind of vehicle could serve this one alone."""
    if not kinds:
        return explain(problem, routes, stop)
    allowed = [car for car in kinds if stop.vehicles is None or car.key in stop.vehicles]
    alone = [judge_round(problem, car, stop.visits()) for car in allowed]
    if allowed and all(judged.violations for judged in alone):
        return _impossible(problem, stop, allowed, alone)
    return Reason(stop.key, "no-time")


def _of_each_kind(problem: Problem) -> tuple[Vehicle, ...]:
    """Return one vehicle of each kind; all of them where stops choose among vehicles by name."""
    if any(stop.vehicles is not None for stop in problem.stops):
        return problem.vehicles
    return tuple({replace(car, key=""): car for car in problem.vehicles}.values())


def explain(problem: Problem, routes: Routes, stop: Stop) -> Reason:
    """Return why `stop` fits into no round of `routes`, proven by trying it."""
    if not problem.vehicles:
        return Reason(stop.key, "no-vehicle", "another-vehicle")
    allowed = [v for v in problem.vehicles if stop.vehicles is None or v.key in stop.vehicles]
    if not allowed:
        return Reason(stop.key, "not-allowed", "another-vehicle")
    if best_insertion(problem, routes, replace(stop, prize_fen=None)) is not None:
        if stop.prize_fen is None:
            return Reason(stop.key, "no-time")
        return Reason(stop.key, "not-worth", "", (("prize_fen", stop.prize_fen),))
    alone = [judge_round(problem, vehicle, stop.visits()) for vehicle in allowed]
    fitting = [v for v, judged in zip(allowed, alone, strict=True) if not judged.violations]
    if fitting:
        return _taken(problem, routes, stop, fitting)
    return _impossible(problem, stop, allowed, alone)


def _impossible(
    problem: Problem, stop: Stop, allowed: list[Vehicle], alone: list[Judged]
) -> Reason:
    """No allowed vehicle can serve it, even empty: the least far-reaching cause is told."""
    codes = [{each.code for each in judged.violations} for judged in alone]
    if all("unreachable" in each for each in codes):
        return Reason(stop.key, "unreachable", "road")
    if all("capacity" in each or "unreachable" in each for each in codes):
        most = max(vehicle.capacity_kg for vehicle in allowed)
        return _too_heavy(problem, stop, allowed, most)
    in_time = [
        (vehicle, judged)
        for vehicle, judged in zip(allowed, alone, strict=True)
        if not {each.code for each in judged.violations} & {"capacity", "unreachable"}
    ]
    return _too_late(problem, stop, in_time)


def _too_heavy(problem: Problem, stop: Stop, allowed: list[Vehicle], most: int) -> Reason:
    bigger = [replace(vehicle, capacity_kg=stop.mass_kg) for vehicle in allowed]
    works = any(not judge_round(problem, each, stop.visits()).violations for each in bigger)
    return Reason(
        stop.key,
        "too-heavy",
        "bigger-vehicle" if works else "",
        (("need_kg", stop.mass_kg), ("most_kg", most)),
    )


def _too_late(problem: Problem, stop: Stop, tried: list[tuple[Vehicle, Judged]]) -> Reason:
    """A window or a shift is in the way; try the wider window, then the longer shift."""
    soonest = min(tried, key=lambda pair: pair[1].return_s)[1]
    missed = any(each.code == "window" for _, judged in tried for each in judged.violations)
    code = "window-unreachable" if missed else "shift-too-short"
    facts = (("arrive_s", soonest.calls[0].arrive_s), ("return_s", soonest.return_s))
    wide = _with(problem, replace(stop, windows=ALL_DAY, to_windows=ALL_DAY))
    for vehicle, _ in tried:
        if missed and not judge_round(wide, vehicle, stop.visits()).violations:
            return Reason(stop.key, code, "wider-window", facts)
    for vehicle, _ in tried:
        long = replace(vehicle, shift_start_s=0, shift_end_s=WEEK_S)
        open_gates = replace(problem, hubs=tuple(Hub(h.place, 0, WEEK_S) for h in problem.hubs))
        judged = judge_round(open_gates, long, stop.visits())
        if not judged.violations:
            span = (("from_s", judged.depart_s), ("until_s", judged.return_s))
            return Reason(stop.key, code, "longer-shift", (*facts, *span))
    return Reason(stop.key, code, "", facts)


def _taken(problem: Problem, routes: Routes, stop: Stop, fitting: list[Vehicle]) -> Reason:
    """A vehicle could serve it alone, but what it already does is in the way."""
    codes: set[str] = set()
    for vehicle in fitting:
        for visits in candidates(routes.get(vehicle.key, ()), stop):
            codes |= {
                each.code for each in judge_round(problem, vehicle, visits, brief=True).violations
            }
    own = min(
        (judge_round(problem, vehicle, stop.visits()) for vehicle in fitting),
        key=lambda judged: judged.cost_fen,
    )
    facts = (
        ("need_kg", stop.mass_kg),
        ("from_s", own.depart_s),
        ("until_s", own.return_s),
        ("cost_fen", own.cost_fen),
    )
    known = (("incompatible", "incompatible"), ("capacity", "full"))
    code = next((told for found, told in known if found in codes), "busy")
    return Reason(stop.key, code, "another-vehicle", facts)


def _with(problem: Problem, stop: Stop) -> Problem:
    return replace(problem, stops=tuple(stop if s.key == stop.key else s for s in problem.stops))
