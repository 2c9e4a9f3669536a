"""What is on board on each leg, trip by trip, and whether it may be there together."""

from collections.abc import Sequence
from itertools import product

from remelt.routing.problem import Problem, Stop, Vehicle, Visit

Sizes = tuple[int, ...]
MOST_FAMILIES = 6


def sizes_of(stop: Stop, vehicle: Vehicle) -> Sizes:
    """Return the mass and the further sizes of a load, as many as the vehicle bounds."""
    more = [*stop.sizes, *([0] * len(vehicle.capacities))]
    return (stop.mass_kg, *more[: len(vehicle.capacities)])


def trips_of(visits: Sequence[Visit]) -> list[Sequence[Visit]]:
    """Cut a round at its reloads; the visits between two of them are a trip."""
    cuts = [at for at, visit in enumerate(visits) if visit.action == "reload"]
    starts, ends = [0, *(at + 1 for at in cuts)], [*cuts, len(visits)]
    return [visits[a:b] for a, b in zip(starts, ends, strict=True)]


def loads_of(problem: Problem, vehicle: Vehicle, visits: Sequence[Visit]) -> list[Sizes]:
    """Return what is on board on each leg of a round: one more than there are visits."""
    if vehicle.capacities:
        return _many_sizes(problem, vehicle, visits)
    loads: list[Sizes] = []
    for trip in trips_of(visits):
        stops = [problem.stop(visit.stop) for visit in trip]
        now = sum(stop.mass_kg for stop in stops if stop.kind == "delivery")
        loads.append((now,))
        for visit, stop in zip(trip, stops, strict=True):
            now += stop.mass_kg if visit.action == "load" else -stop.mass_kg
            loads.append((now,))
    return loads


def _many_sizes(problem: Problem, vehicle: Vehicle, visits: Sequence[Visit]) -> list[Sizes]:
    loads: list[Sizes] = []
    for trip in trips_of(visits):
        stops = [problem.stop(visit.stop) for visit in trip]
        sizes = [sizes_of(stop, vehicle) for stop in stops]
        given = [size for size, stop in zip(sizes, stops, strict=True) if stop.kind == "delivery"]
        now = (
            tuple(map(sum, zip(*given, strict=True)))
            if given
            else (0,) * len((0, *vehicle.capacities))
        )
        loads.append(now)
        for visit, size in zip(trip, sizes, strict=True):
            sign = 1 if visit.action == "load" else -1
            now = tuple(a + sign * b for a, b in zip(now, size, strict=True))
            loads.append(now)
    return loads


def quarrels_of(problem: Problem, vehicle: Vehicle, visits: Sequence[Visit]) -> list[str]:
    """Return a stop for each two families that ride together and must not."""
    found: list[str] = []
    if not problem.incompatible:
        return found
    for trip in trips_of(visits):
        first: dict[str, str] = {}
        for visit in trip:
            first.setdefault(problem.stop(visit.stop).family, visit.stop)
        families = list(first)
        wrong = [
            first[other]
            for at, one in enumerate(families)
            for other in families[at + 1 :]
            if problem.quarrel(one, other)
        ]
        if wrong and not _apart(problem, vehicle, trip, families):
            found += wrong
    return found


def _apart(
    problem: Problem, vehicle: Vehicle, trip: Sequence[Visit], families: Sequence[str]
) -> bool:
    """Tell whether each family can keep to one compartment, with none that quarrels with it."""
    rooms = vehicle.compartments
    if not rooms or len(families) > MOST_FAMILIES:
        return False
    most = {family: _loads_of_family(problem, trip, family) for family in families}
    for where in product(range(len(rooms)), repeat=len(families)):
        if all(
            _fits(problem, [f for f, at in zip(families, where, strict=True) if at == room], most)
            <= capacity
            for room, capacity in enumerate(rooms)
        ):
            return True
    return False


def _fits(problem: Problem, together: Sequence[str], loads: dict[str, list[int]]) -> float:
    """Return the heaviest that these families are together; endless where two of them quarrel."""
    if any(problem.quarrel(one, other) for one in together for other in together):
        return float("inf")
    return max(map(sum, zip(*(loads[each] for each in together), strict=True)), default=0)


def _loads_of_family(problem: Problem, trip: Sequence[Visit], family: str) -> list[int]:
    stops = [problem.stop(visit.stop) for visit in trip]
    mine = [stop.mass_kg if stop.family == family else 0 for stop in stops]
    now = sum(kg for kg, stop in zip(mine, stops, strict=True) if stop.kind == "delivery")
    loads = [now]
    for visit, kg in zip(trip, mine, strict=True):
        now += kg if visit.action == "load" else -kg
        loads.append(now)
    return loads
