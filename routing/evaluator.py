"""The only judge of a plan: feasibility, km, hours, load, CO2e and cost. Knows no solver."""

from collections.abc import Sequence
from dataclasses import dataclass

from remelt.routing.carbon import leg_co2e_g, round_cost
from remelt.routing.problem import Problem, Routes, Stop, Vehicle, Visit
from remelt.routing.timing import Call, drive, latest_start, place_of


@dataclass(frozen=True, slots=True)
class Violation:
    """What makes a round impossible.

    code: capacity, window, shift, hub-hours, not-allowed, incompatible, unreachable, order,
        unknown-stop, unknown-vehicle or served-twice. excess: kg or s beyond the bound.
    """

    code: str
    vehicle: str
    stop: str = ""
    excess: int = 0


@dataclass(frozen=True, slots=True)
class Leg:
    """One drive from place to place, with the load on board and what it emits."""

    start: str
    end: str
    depart_s: int
    arrive_s: int
    distance_m: int
    load_kg: int
    co2e_g: int
    source: str


@dataclass(frozen=True, slots=True)
class Judged:
    """One vehicle's round, timed and added up. Legs lead from start to end; calls lie between."""

    vehicle: str
    calls: tuple[Call, ...]
    legs: tuple[Leg, ...]
    violations: tuple[Violation, ...]
    depart_s: int
    return_s: int
    cost_fen: int

    @property
    def distance_m(self) -> int:
        """Metres driven, empty ones included."""
        return sum(leg.distance_m for leg in self.legs)

    @property
    def co2e_g(self) -> int:
        """Grams CO2e of the whole round, empty kilometres included."""
        return sum(leg.co2e_g for leg in self.legs)

    @property
    def most_kg(self) -> int:
        """The heaviest load on board."""
        return max((leg.load_kg for leg in self.legs), default=0)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The whole plan judged. `unserved` are the keys that no round serves wholly."""

    rounds: tuple[Judged, ...]
    unserved: tuple[str, ...]
    violations: tuple[Violation, ...]
    missing: int
    cost_fen: int
    distance_m: int
    co2e_g: int

    @property
    def feasible(self) -> bool:
        """No round breaks a rule (stops may still be left out)."""
        return not self.violations

    @property
    def rank(self) -> tuple[int, int]:
        """What a better plan has less of: mandatory stops left out, then cost with prizes lost."""
        return (self.missing, self.cost_fen)


def judge(problem: Problem, routes: Routes) -> Verdict:
    """Judge a plan. Vehicles without visits stay at home and cost nothing."""
    unknown = [Violation("unknown-vehicle", key) for key in routes if not _has(problem, key)]
    rounds = tuple(
        judge_round(problem, problem.vehicle(key), visits)
        for key, visits in routes.items()
        if visits and _has(problem, key)
    )
    served = [
        visit.stop
        for visits in routes.values()
        for visit in visits
        if problem.knows(visit.stop) and visit == problem.stop(visit.stop).visits()[-1]
    ]
    twice = [Violation("served-twice", "", key) for key in {*served} if served.count(key) > 1]
    unserved = tuple(stop.key for stop in problem.stops if stop.key not in set(served))
    left = [problem.stop(key) for key in unserved]
    return Verdict(
        rounds=rounds,
        unserved=unserved,
        violations=(*unknown, *twice, *(v for each in rounds for v in each.violations)),
        missing=sum(stop.prize_fen is None for stop in left),
        cost_fen=sum(each.cost_fen for each in rounds) + sum(stop.prize_fen or 0 for stop in left),
        distance_m=sum(each.distance_m for each in rounds),
        co2e_g=sum(each.co2e_g for each in rounds),
    )


def judge_round(problem: Problem, vehicle: Vehicle, visits: Sequence[Visit]) -> Judged:
    """Judge one vehicle's visits in their order.

    The vehicle leaves as late as it can without coming home later, so that waiting is done in
    the yard and not on the road.
    """
    wrong = _misfits(problem, vehicle, visits)
    if any(each.code in {"unknown-stop", "unreachable"} for each in wrong):
        return Judged(vehicle.key, (), (), tuple(wrong), 0, 0, 0)
    hours = problem.hours(vehicle.start)
    earliest = max(vehicle.shift_start_s, hours.start_s)
    calls, home_s, _ = drive(problem, vehicle, visits, depart_s=earliest)
    depart_s = max(earliest, latest_start(problem, vehicle, calls, home_s))
    calls, home_s, late = drive(problem, vehicle, visits, depart_s=depart_s)
    wrong += [Violation("window", vehicle.key, each.stop, each.late_s) for each in late]
    wrong += _at_home(problem, vehicle, depart_s=depart_s, home_s=home_s)
    legs, heavy = _load(problem, vehicle, calls, depart_s=depart_s, home_s=home_s)
    wrong += heavy
    return Judged(
        vehicle=vehicle.key,
        calls=calls,
        legs=legs,
        violations=tuple(wrong),
        depart_s=depart_s,
        return_s=home_s,
        cost_fen=round_cost(
            vehicle, distance_m=sum(leg.distance_m for leg in legs), duration_s=home_s - depart_s
        ),
    )


def _has(problem: Problem, vehicle: str) -> bool:
    return any(each.key == vehicle for each in problem.vehicles)


def _misfits(problem: Problem, vehicle: Vehicle, visits: Sequence[Visit]) -> list[Violation]:
    """Return what is wrong with who rides where, before any time is counted."""
    wrong: list[Violation] = []
    seen: set[Visit] = set()
    here = vehicle.start
    for visit in visits:
        if not problem.knows(visit.stop):
            return [Violation("unknown-stop", vehicle.key, visit.stop)]
        stop = problem.stop(visit.stop)
        wrong += _out_of_order(stop, visit, seen, vehicle)
        seen.add(visit)
        place = place_of(stop, visit)
        if problem.matrix.metres(here, place) is None:
            wrong.append(Violation("unreachable", vehicle.key, stop.key))
        here = place
        if stop.vehicles is not None and vehicle.key not in stop.vehicles:
            wrong.append(Violation("not-allowed", vehicle.key, stop.key))
    if problem.matrix.metres(here, vehicle.end) is None:
        wrong.append(Violation("unreachable", vehicle.key, visits[-1].stop if visits else ""))
    return wrong + _halves(problem, vehicle, seen) + _quarrels(problem, vehicle, visits)


def _out_of_order(stop: Stop, visit: Visit, seen: set[Visit], vehicle: Vehicle) -> list[Violation]:
    steps = stop.visits()
    if visit in seen:
        return [Violation("served-twice", vehicle.key, stop.key)]
    if visit not in steps or any(step not in seen for step in steps[: steps.index(visit)]):
        return [Violation("order", vehicle.key, stop.key)]
    return []


def _halves(problem: Problem, vehicle: Vehicle, seen: set[Visit]) -> list[Violation]:
    """A pair that is loaded and never unloaded."""
    return [
        Violation("order", vehicle.key, visit.stop)
        for visit in seen
        if not seen.issuperset(problem.stop(visit.stop).visits())
    ]


def _quarrels(problem: Problem, vehicle: Vehicle, visits: Sequence[Visit]) -> list[Violation]:
    if not problem.incompatible:
        return []
    families: dict[str, str] = {}
    for visit in visits:
        families.setdefault(problem.stop(visit.stop).family, visit.stop)
    return [
        Violation("incompatible", vehicle.key, families[other])
        for at, one in enumerate(families)
        for other in list(families)[at + 1 :]
        if problem.quarrel(one, other)
    ]


def _at_home(problem: Problem, vehicle: Vehicle, *, depart_s: int, home_s: int) -> list[Violation]:
    wrong = []
    if home_s > vehicle.shift_end_s:
        wrong.append(Violation("shift", vehicle.key, excess=home_s - vehicle.shift_end_s))
    for place, moment in ((vehicle.start, depart_s), (vehicle.end, home_s)):
        hours = problem.hours(place)
        if moment > hours.end_s:
            wrong.append(Violation("hub-hours", vehicle.key, excess=moment - hours.end_s))
    return wrong


def _load(
    problem: Problem, vehicle: Vehicle, calls: Sequence[Call], *, depart_s: int, home_s: int
) -> tuple[tuple[Leg, ...], list[Violation]]:
    """Return the legs with what is on board, and where that is too much."""
    on_board = sum(
        problem.stop(call.visit.stop).mass_kg
        for call in calls
        if problem.stop(call.visit.stop).kind == "delivery"
    )
    legs: list[Leg] = []
    heavy: list[Violation] = []
    if on_board > vehicle.capacity_kg:
        heavy.append(
            Violation("capacity", vehicle.key, calls[0].visit.stop, on_board - vehicle.capacity_kg)
        )
    here, left = vehicle.start, depart_s
    for call in calls:
        legs.append(_leg(problem, vehicle, here, call.place, left, call.arrive_s, on_board))
        mass = problem.stop(call.visit.stop).mass_kg
        on_board += mass if call.visit.action == "load" else -mass
        if on_board > vehicle.capacity_kg:
            excess = on_board - vehicle.capacity_kg
            heavy.append(Violation("capacity", vehicle.key, call.visit.stop, excess))
        here, left = call.place, call.depart_s
    legs.append(_leg(problem, vehicle, here, vehicle.end, left, home_s, on_board))
    return tuple(legs), heavy


def _leg(
    problem: Problem, vehicle: Vehicle, start: str, end: str, depart: int, arrive: int, load_kg: int
) -> Leg:
    metres = problem.matrix.metres(start, end) or 0
    return Leg(
        start=start,
        end=end,
        depart_s=depart,
        arrive_s=arrive,
        distance_m=metres,
        load_kg=load_kg,
        co2e_g=leg_co2e_g(vehicle, distance_m=metres, load_kg=min(load_kg, vehicle.capacity_kg)),
        source=problem.matrix.source(start, end),
    )
