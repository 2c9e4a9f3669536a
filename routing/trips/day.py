"""A problem as arrays: nodes are the stops, then the hubs, then each kind's start and end."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from remelt.routing.dear import lost_fen
from remelt.routing.docks import staggered
from remelt.routing.loading import sizes_of
from remelt.routing.model import Kind, kinds_of
from remelt.routing.problem import Problem, Stop, Vehicle
from remelt.routing.roads import UNREACHABLE, Whole

Real = NDArray[np.float64]
NEVER_S = 10**13
FAR_M = 10**9
ENDLESS = 2**60
NEAR = 200
MOST_FAMILIES = 60
MOST_NODES = 2_500


STOPS, HUBS, SIZES, SIMPLE = range(4)
EARLY, LATE, SERVICE, READY, BIT, FOES, FIRST_WINDOW, LAST_WINDOW, PICK = range(9)
RELOADS, REGULAR, MOST, REACH, CAPACITY = range(5)
FIXED, PER_M, PER_S, PER_OVER_S, PER_KGM = range(5)
LOST = 5


class Day(NamedTuple):
    """What does not change while a plan is sought: few arrays, for they are passed by value.

    counts: stops, hubs, sizes of a load, and whether the hull of its windows and its bounds tell
    the whole truth of every stop's time.
    roads: metres and seconds. node: a row each, its columns as named above; EARLY and LATE are
    the hull of its windows, BIT and FOES the family and those it may not ride with; from PICK on
    what is picked up, then what is given, in every size. near: each stop's nearest. ranks: five
    orders in which stops are put back, and what leaving one out costs. fleet, price: a row for
    each kind of vehicle; prices in fen for a metre, a second away, one of overtime, a kilogram
    carried a metre. may: which kind may call at, or reload at, which node. kind: of each line.
    """

    counts: Whole
    roads: Whole
    node: Whole
    windows: Whole
    near: Whole
    ranks: Real
    fleet: Whole
    price: Real
    may: NDArray[np.bool_]
    rests: Whole
    kind: Whole


def fits(problem: Problem) -> bool:
    """Tell whether the rules of the problem have their place in the arrays.

    Pairs have not, nor have compartments that keep families apart. Of docks only the way home is
    known (`staggered`): unloading on the way is left to the judge.
    """
    families = {stop.family for stop in problem.stops}
    parted = problem.incompatible and any(car.compartments for car in problem.vehicles)
    return (
        bool(problem.vehicles)
        and bool(problem.stops)
        and not parted
        and len(families) <= MOST_FAMILIES
        and len(problem.stops) + 3 * len(problem.vehicles) <= MOST_NODES
        and all(stop.kind != "pair" for stop in problem.stops)
    )


def day_of(problem: Problem) -> tuple[Day, list[str]]:
    """Return the arrays, and the key of the vehicle of each row."""
    problem = staggered(problem)
    kinds = kinds_of(problem)
    cars = [kind.vehicle for kind in kinds]
    hubs = hubs_of(problem)
    places = [stop.place for stop in problem.stops] + hubs
    places += [place for car in cars for place in (car.start, car.end)]
    metres, seconds = problem.matrix.block([problem.matrix.index(place) for place in places])
    shut = metres == UNREACHABLE
    metres, seconds = np.where(shut, FAR_M, metres), np.where(shut, NEVER_S, seconds)
    windows = _windows(problem, cars, hubs)
    loads, families = _loads(problem, len(places)), _families(problem, len(places))
    node = _whole(np.hstack((_times(problem, windows, hubs), families, _spans(windows), loads)))
    several = any(len(stop.windows) > 1 or stop.ready_s for stop in problem.stops)
    simple = not several and not any(car.breaks for car in cars)
    sizes = loads.shape[1] // 2
    near, ranks = _order(problem, metres, node)
    day = Day(
        counts=_whole([len(problem.stops), len(hubs), sizes, simple]),
        roads=np.stack((metres, seconds)),
        node=node,
        windows=_whole([window for each in windows for window in sorted(each)]),
        near=near,
        ranks=ranks,
        fleet=_fleet(cars),
        price=_prices(problem, cars),
        may=np.array(
            [
                [_calls(kind, stop) for stop in problem.stops]
                + [hub in kind.vehicle.reload_at for hub in hubs]
                for kind in kinds
            ]
        ),
        rests=_rests(cars),
        kind=_whole([at for at, kind in enumerate(kinds) for _ in kind.keys]),
    )
    return day, [key for kind in kinds for key in kind.keys]


def hubs_of(problem: Problem) -> list[str]:
    """Return the places at which some vehicle may reload, in the order of their nodes."""
    return sorted({place for car in problem.vehicles if car.reloads for place in car.reload_at})


def _calls(kind: Kind, stop: Stop) -> bool:
    return stop.key not in kind.barred


def _windows(
    problem: Problem, cars: Sequence[Vehicle], hubs: Sequence[str]
) -> list[list[tuple[int, int]]]:
    windows = [[(each.start_s, each.end_s) for each in stop.windows] for stop in problem.stops]
    windows += [[(problem.hub(place).opens_s, problem.hub(place).closes_s)] for place in hubs]
    for car in cars:
        out, home = problem.hub(car.start), problem.hub(car.end)
        windows.append([(max(car.shift_start_s, out.opens_s), out.closes_s)])
        windows.append([(0, min(car.shift_end_s, home.closes_s))])
    return windows


def _times(
    problem: Problem, windows: Sequence[Sequence[tuple[int, int]]], hubs: Sequence[str]
) -> Whole:
    service = [stop.service_s for stop in problem.stops]
    service += [problem.hub(place).service_s for place in hubs]
    ready = [stop.ready_s if stop.kind == "delivery" else 0 for stop in problem.stops]
    early, late = [min(each)[0] for each in windows], [max(w[1] for w in each) for each in windows]
    service += [0] * (len(windows) - len(service))
    ready += [0] * (len(windows) - len(ready))
    return _whole([early, late, service, ready]).T


def _spans(windows: Sequence[Sequence[tuple[int, int]]]) -> Whole:
    ends = np.cumsum([len(each) for each in windows])
    return _whole([[0, *ends[:-1]], ends]).T


def _loads(problem: Problem, nodes: int) -> Whole:
    widest = max(problem.vehicles, key=lambda car: len(car.capacities))
    sizes = 1 + len(widest.capacities)
    loads = np.zeros((nodes, 2 * sizes), dtype=np.int64)
    for at, stop in enumerate(problem.stops):
        first = sizes if stop.kind == "delivery" else 0
        loads[at, first : first + sizes] = sizes_of(stop, widest)
    return loads


def _families(problem: Problem, nodes: int) -> Whole:
    found = np.zeros((nodes, 2), dtype=np.int64)
    families = sorted({stop.family for stop in problem.stops})
    foes = {
        one: sum(
            1 << at
            for at, other in enumerate(families)
            if other != one and problem.quarrel(one, other)
        )
        for one in families
    }
    for at, stop in enumerate(problem.stops):
        found[at] = 1 << families.index(stop.family), foes[stop.family]
    return found


def _fleet(cars: Sequence[Vehicle]) -> Whole:
    width = max(len(car.capacities) for car in cars)
    rows = []
    for car in cars:
        regular = ENDLESS if car.regular_s is None else car.regular_s
        reach = FAR_M - 1 if car.range_m is None else car.range_m
        spare = [ENDLESS] * (width - len(car.capacities))
        reloads = car.reloads if car.reload_at else 0
        bounds = [car.capacity_kg, *car.capacities, *spare]
        rows.append([reloads, regular, regular + car.overtime_s, reach, *bounds])
    return _whole(rows)


def _prices(problem: Problem, cars: Sequence[Vehicle]) -> Real:
    carbon = problem.fen_per_kg_co2e / 1_000_000
    return np.array(
        [
            (
                car.fixed_fen,
                car.fen_per_km / 1000 + car.empty_g_per_km * carbon,
                car.fen_per_hour / 3600,
                car.fen_per_overtime_hour / 3600,
                (car.full_g_per_km - car.empty_g_per_km) * carbon / car.capacity_kg,
            )
            for car in cars
        ],
        dtype=np.float64,
    )


def _rests(cars: Sequence[Vehicle]) -> Whole:
    most = max(1, *(len(car.breaks) for car in cars), 1)
    rests = np.full((len(cars), most, 3), -1, dtype=np.int64)
    for at, car in enumerate(cars):
        for number, each in enumerate(car.breaks):
            rests[at, number] = each.from_s, each.until_s, each.length_s
    return rests


def _order(problem: Problem, metres: Whole, node: Whole) -> tuple[Whole, Real]:
    """Near neighbours of each stop, and the ranks by which removed stops are put back."""
    count = len(problem.stops)
    among = metres[:count, :count] + metres[:count, :count].T
    far = metres[count:, :count].min(axis=0)
    heavy = [-max(stop.mass_kg, *stop.sizes, 0) for stop in problem.stops]
    wide = node[:count, LATE] - node[:count, EARLY]
    dear = lost_fen(problem)
    lost = [dear if stop.prize_fen is None else stop.prize_fen for stop in problem.stops]
    near = np.argsort(among, axis=1, kind="stable")[:, :NEAR]
    return _whole(near), np.array([heavy, -far, far, wide, node[:count, LATE], lost], dtype=float)


def _whole(values: Any) -> Whole:
    return np.ascontiguousarray(np.array(values, dtype=np.int64))
