"""An oracle of its own for reasons: every place on every vehicle, by the judge alone."""

from remelt.routing.evaluator import judge_round
from remelt.routing.problem import Visit
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
