"""The only judge of a plan: feasibility, km, hours, load, CO2e and cost. Knows no solver."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from remelt.routing.carbon import leg_co2e_g, round_cost
from remelt.routing.docks import queue_up
from remelt.routing.loading import loads_of, quarrels_of
from remelt.routing.problem import Problem, Routes, Stop, Vehicle, Visit
from remelt.routing.roads import UNREACHABLE
from remelt.routing.timing import Call, Timed, Way, drive, fetch_legs, in_the_yard, way_of


@dataclass(frozen=True, slots=True)
class Violation:
    """What makes a round impossible.

    code: capacity, window, shift, hours, break, range, hub-hours, not-allowed, incompatible,
        unreachable, order, no-reload, unknown-stop, unknown-vehicle or served-twice. excess: kg
        (or the unit of a further size), m or s beyond the bound.
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
    """One vehicle's round, timed and added up; most_kg is the heaviest load.

    Legs lead from start to end, empty ones too; calls lie between. Judged briefly, it has no legs.
    """

    vehicle: str
    calls: tuple[Call, ...] = ()
    legs: tuple[Leg, ...] = ()
    violations: tuple[Violation, ...] = ()
    depart_s: int = 0
    return_s: int = 0
    cost_fen: int = 0
    distance_m: int = 0
    co2e_g: int = 0
    most_kg: int = 0


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


def judge(problem: Problem, routes: Routes, *, brief: bool = False) -> Verdict:
    """Judge a plan. Vehicles without visits stay at home and cost nothing.

    brief: leave the legs out, for whoever compares plans and drives none.
    """
    wrong = [Violation("unknown-vehicle", key) for key in routes if not problem.has(key)]
    driven = {key: visits for key, visits in routes.items() if visits and problem.has(key)}
    rounds = _rounds(problem, driven, brief=brief)
    served = Counter(
        visit.stop
        for visits in routes.values()
        for visit in visits
        if problem.knows(visit.stop) and visit == problem.stop(visit.stop).visits()[-1]
    )
    wrong += [Violation("served-twice", "", key) for key, times in served.items() if times > 1]
    left = [stop for stop in problem.stops if stop.key not in served]
    return Verdict(
        rounds=rounds,
        unserved=tuple(stop.key for stop in left),
        violations=(*wrong, *(v for each in rounds for v in each.violations)),
        missing=sum(stop.prize_fen is None for stop in left),
        cost_fen=sum(each.cost_fen for each in rounds) + sum(stop.prize_fen or 0 for stop in left),
        distance_m=sum(each.distance_m for each in rounds),
        co2e_g=sum(each.co2e_g for each in rounds),
    )


def judge_round(
    problem: Problem, vehicle: Vehicle, visits: Sequence[Visit], *, brief: bool = False
) -> Judged:
    """Judge one vehicle's visits in their order, as if every dock were free.

    The vehicle leaves as late as it can without coming home later, so that waiting is done in
    the yard and not on the road.
    """
    unknown = _unknown(problem, vehicle, visits)
    if unknown:
        return Judged(vehicle.key, violations=tuple(unknown))
    way = way_of(problem, vehicle, visits)
    return _judged(problem, way, _timed(problem, way), brief=brief)


def _rounds(
    problem: Problem, driven: Mapping[str, tuple[Visit, ...]], *, brief: bool
) -> tuple[Judged, ...]:
    """Judge all rounds together: vehicles that meet at a hub queue for its docks."""
    fetch_legs(problem, driven)
    found: dict[str, Judged] = {}
    ways: dict[str, Way] = {}
    for key, visits in driven.items():
        unknown = _unknown(problem, problem.vehicle(key), visits)
        if unknown:
            found[key] = Judged(key, violations=tuple(unknown))
        else:
            ways[key] = way_of(problem, problem.vehicle(key), visits)
    timed = {key: _timed(problem, way) for key, way in ways.items()}
    for key, waits in queue_up(problem, ways, timed).items():
        timed[key] = drive(ways[key], depart_s=timed[key].depart_s, queues=waits)
    found |= {key: _judged(problem, way, timed[key], brief=brief) for key, way in ways.items()}
    return tuple(found[key] for key in driven)


def _timed(problem: Problem, way: Way) -> Timed:
    opens_s = problem.hub(way.vehicle.start).opens_s
    return in_the_yard(way, earliest_s=max(way.vehicle.shift_start_s, opens_s))


def _judged(problem: Problem, way: Way, timed: Timed, *, brief: bool) -> Judged:
    vehicle = way.vehicle
    visits = [step.visit for step in way.steps]
    wrong = _misfits(problem, way, visits)
    if any(each.code == "unreachable" for each in wrong):
        return Judged(vehicle.key, violations=tuple(wrong))
    wrong += [Violation("window", vehicle.key, each.stop, each.late_s) for each in timed.late]
    wrong += _at_home(problem, way, timed)
    loads = loads_of(problem, vehicle, visits)
    wrong += _too_heavy(vehicle, visits, loads)
    emitted = [
        leg_co2e_g(vehicle, distance_m=metres, load_kg=min(load[0], vehicle.capacity_kg))
        for metres, load in zip(way.metres, loads, strict=True)
    ]
    driven = sum(way.metres)
    money = round_cost(vehicle, distance_m=driven, duration_s=timed.home_s - timed.depart_s)
    return Judged(
        vehicle=vehicle.key,
        calls=timed.calls,
        legs=() if brief else _legs(problem, way, timed, loads, emitted),
        violations=tuple(wrong),
        depart_s=timed.depart_s,
        return_s=timed.home_s,
        cost_fen=money + (sum(emitted) * problem.fen_per_kg_co2e + 500) // 1000,
        distance_m=driven,
        co2e_g=sum(emitted),
        most_kg=max(load[0] for load in loads),
    )


def _unknown(problem: Problem, vehicle: Vehicle, visits: Sequence[Visit]) -> list[Violation]:
    for visit in visits:
        known = problem.matrix.knows if visit.action == "reload" else problem.knows
        if not known(visit.stop):
            return [Violation("unknown-stop", vehicle.key, visit.stop)]
    return []


def _misfits(problem: Problem, way: Way, visits: Sequence[Visit]) -> list[Violation]:
    """Return what is wrong with who rides where, whatever the time."""
    vehicle, wrong = way.vehicle, _reloads(way.vehicle, visits)
    seen: set[Visit] = set()
    open_pairs: set[str] = set()
    for visit, metres in zip(visits, way.metres, strict=False):
        if metres == UNREACHABLE:
            wrong.append(Violation("unreachable", vehicle.key, visit.stop))
        if visit.action == "reload":
            wrong += [Violation("order", vehicle.key, key) for key in sorted(open_pairs)]
            open_pairs.clear()
            continue
        stop = problem.stop(visit.stop)
        wrong += _out_of_order(stop, visit, seen, vehicle)
        seen.add(visit)
        if stop.kind == "pair":
            (open_pairs.add if visit.action == "load" else open_pairs.discard)(stop.key)
        if stop.vehicles is not None and vehicle.key not in stop.vehicles:
            wrong.append(Violation("not-allowed", vehicle.key, stop.key))
    if way.metres[-1] == UNREACHABLE:
        wrong.append(Violation("unreachable", vehicle.key, visits[-1].stop if visits else ""))
    wrong += [Violation("order", vehicle.key, key) for key in sorted(open_pairs)]
    quarrels = quarrels_of(problem, vehicle, visits)
    return wrong + [Violation("incompatible", vehicle.key, key) for key in quarrels]


def _reloads(vehicle: Vehicle, visits: Sequence[Visit]) -> list[Violation]:
    places = [visit.stop for visit in visits if visit.action == "reload"]
    wrong = [
        Violation("no-reload", vehicle.key, each)
        for each in places
        if each not in vehicle.reload_at
    ]
    if len(places) > vehicle.reloads:
        wrong.append(Violation("no-reload", vehicle.key, excess=len(places) - vehicle.reloads))
    return wrong


def _out_of_order(stop: Stop, visit: Visit, seen: set[Visit], vehicle: Vehicle) -> list[Violation]:
    steps = stop.visits()
    if visit in seen:
        return [Violation("served-twice", vehicle.key, stop.key)]
    if visit not in steps or any(step not in seen for step in steps[: steps.index(visit)]):
        return [Violation("order", vehicle.key, stop.key)]
    return []


def _at_home(problem: Problem, way: Way, timed: Timed) -> list[Violation]:
    vehicle, driven = way.vehicle, sum(way.metres)
    bounds = [
        ("shift", timed.home_s - vehicle.shift_end_s),
        ("hub-hours", timed.depart_s - problem.hub(vehicle.start).closes_s),
        ("hub-hours", timed.home_s - problem.hub(vehicle.end).closes_s),
        ("break", timed.unpaused),
    ]
    if vehicle.regular_s is not None:
        most = vehicle.regular_s + vehicle.overtime_s
        bounds.append(("hours", timed.home_s - timed.depart_s - most))
    if vehicle.range_m is not None:
        bounds.append(("range", driven - vehicle.range_m))
    return [Violation(code, vehicle.key, excess=over) for code, over in bounds if over > 0]


def _too_heavy(
    vehicle: Vehicle, visits: Sequence[Visit], loads: Sequence[tuple[int, ...]]
) -> list[Violation]:
    """Name the stop on leaving which the load is too much; for deliveries, the trip's first."""
    bounds = (vehicle.capacity_kg, *vehicle.capacities)
    wrong = []
    for at, load in enumerate(loads):
        over = [have - most for have, most in zip(load, bounds, strict=True) if have > most]
        if over:
            begins = at == 0 or visits[at - 1].action == "reload"
            stop = visits[at if begins else at - 1].stop
            wrong.append(Violation("capacity", vehicle.key, stop, over[0]))
    return wrong


def _legs(
    problem: Problem,
    way: Way,
    timed: Timed,
    loads: Sequence[tuple[int, ...]],
    emitted: Sequence[int],
) -> tuple[Leg, ...]:
    vehicle = way.vehicle
    places = [vehicle.start, *(call.place for call in timed.calls), vehicle.end]
    leaves = [timed.depart_s, *(call.depart_s for call in timed.calls)]
    comes = [*(call.arrive_s for call in timed.calls), timed.home_s]
    return tuple(
        Leg(start, end, leaves[at], comes[at], way.metres[at], loads[at][0], emitted[at], source)
        for at, ((start, end), source) in enumerate(
            zip(pairwise(places), problem.matrix.sources_along(places), strict=True)
        )
    )
