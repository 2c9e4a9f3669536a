"""An oracle of its own for reasons: every place on every vehicle, by the judge alone."""

from dataclasses import replace

from remelt.routing.evaluator import judge_round
from remelt.routing.problem import Hub, Visit, Window
from remelt.routing.reasons import CODES

NAMED = {
    "capacity": "capacity",
    "incompatible": "incompatible",
    "unreachable": "unreachable",
    "not-allowed": "vehicle-may-not-enter",
}


def every_place(day, routes, stop):
    """Every round with the stop in it, a trip of its own from and to each hub included."""
    for car in day.vehicles:
        before = routes.get(car.key, ())
        for first in range(len(before) + 1):
            for second in range(first, len(before) + 1):
                yield car, with_visits(before, stop, first, second)
        reloads = sum(visit.action == "reload" for visit in before)
        for hub in car.reload_at if before and reloads < car.reloads else ():
            yield car, (*before, Visit(hub, "reload"), *stop.visits())
            yield car, (*stop.visits(), Visit(hub, "reload"), *before)


def with_visits(before, stop, first, second):
    visits = stop.visits()
    if len(visits) == 1:
        return (*before[:first], visits[0], *before[first:])
    return (*before[:first], visits[0], *before[first:second], visits[1], *before[second:])


def rules(judged, stop):
    """What a round breaks, in the words of the reasons."""
    return {
        "window-unreachable"
        if each.code == "window" and each.stop == stop.key
        else NAMED.get(each.code, "shift")
        for each in judged.violations
    }


def prove(day, routes, reason):
    """The reason is the first of the fewest rules that are in the way anywhere."""
    stop = day.stop(reason.stop)
    broken = [
        rules(judge_round(day, car, visits), stop) for car, visits in every_place(day, routes, stop)
    ]
    if not broken:
        assert (day.vehicles, reason.code) == ((), "capacity")
        return
    if reason.code == "not-worth":
        assert stop.prize_fen is not None
        assert set() in broken
        return
    fewest = min(map(len, broken))
    assert fewest > 0
    firsts = {min(each, key=CODES.index) for each in broken if len(each) == fewest}
    assert reason.code == min(firsts, key=CODES.index)


def helps(day, routes, reason):
    """Whether the remedy, put into effect by its own figures, lets the judge serve the stop."""
    stop, facts = day.stop(reason.stop), dict(reason.facts)
    if reason.remedy == "higher-prize":
        return _cheapest_place(day, routes, stop) <= facts["cost_fen"]
    if reason.remedy == "let-in" and _let_in_as_it_stands(day, routes, stop, facts["vehicle"]):
        return True
    cars = [car for car in day.vehicles if stop.vehicles is None or car.key in stop.vehicles]
    if reason.remedy in {"another-vehicle", "more-docks"}:
        cars = [_on_shift(car, facts) for car in cars]
        return any(_good(day, car, stop.visits()) for car in cars)
    return any(_good(*tried) for tried in _as_told(day, cars, stop, facts))


def _as_told(day, cars, stop, facts):
    """Every vehicle alone with the stop, after each change that the facts name and no other."""
    if "vehicle" in facts:
        cars, stop = [day.vehicles[facts["vehicle"]]], replace(stop, vehicles=None)
    if "open_from_s" in facts:
        hours = (Window(facts["open_from_s"], facts["open_until_s"]),)
        stop = replace(stop, windows=hours, to_windows=hours)
    if "gate_from_s" in facts:
        day = _with_gates(day, facts)
    for car in cars:
        able = _as_big(car, stop) if "bigger" in facts else car
        able = replace(able, range_m=facts.get("range_m", car.range_m))
        if "longer" in facts:
            able = replace(_on_shift(able, facts), regular_s=None, breaks=())
        yield with_stop(day, stop), able, stop.visits()


def _let_in_as_it_stands(day, routes, stop, number):
    let = replace(stop, vehicles=None)
    only = replace(with_stop(day, let), vehicles=(day.vehicles[number],))
    return any(_good(only, car, visits) for car, visits in every_place(only, routes, let))


def _on_shift(car, facts):
    return replace(car, shift_start_s=facts["from_s"], shift_end_s=facts["until_s"])


def with_stop(day, stop):
    """The day with this stop in the place of the one of its key."""
    return replace(day, stops=tuple(stop if s.key == stop.key else s for s in day.stops))


def _good(day, car, visits):
    return not judge_round(day, car, visits).violations


def _as_big(car, stop):
    sizes = (*stop.sizes, *[0] * len(car.capacities))
    return replace(
        car,
        capacity_kg=max(car.capacity_kg, stop.mass_kg),
        capacities=tuple(max(pair) for pair in zip(car.capacities, sizes, strict=False)),
    )


def _with_gates(day, facts):
    hours = (facts["gate_from_s"], facts["gate_until_s"])
    gates = tuple(Hub(each.place, *hours, each.docks, each.service_s) for each in day.hubs)
    return replace(day, hubs=gates)


def _cheapest_place(day, routes, stop):
    def cost(car, visits):
        return judge_round(day, car, visits).cost_fen if visits else 0

    return min(
        cost(car, visits) - cost(car, routes.get(car.key, ()))
        for car, visits in every_place(day, routes, stop)
        if _good(day, car, visits)
    )
