"""A plan in the shape of VROOM's answer, for programs that speak it already.

Times are seconds as they were asked, costs fen. What VROOM does not tell, why a task was left
out, stands beside it as `reason`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from remelt.routing.evaluator import Judged
from remelt.routing.formats.reading import Asked
from remelt.routing.loading import loads_of, sizes_of
from remelt.routing.matrix import ANYWHERE
from remelt.routing.problem import Problem, Stop, Visit
from remelt.routing.rounds import Plan
from remelt.routing.timing import Call, service_of

SUMS = ("cost", "setup", "service", "duration", "waiting_time", "priority", "distance")
SIZES = ("delivery", "pickup")
DONE, INPUT_ERROR = 0, 2


def write(asked: Asked, plan: Plan, *, solving_ms: int) -> dict[str, Any]:
    """Return the plan as VROOM's documentation has it: code, summary, unassigned, routes."""
    tasks = _Tasks(asked)
    routes = [_route(asked.problem, judged, tasks) for judged in plan.verdict.rounds]
    told = {reason.stop: {"reason": reason.to_json()} for reason in plan.reasons}
    unassigned = [
        {**each, **told.get(key, {})}
        for key in plan.verdict.unserved
        for each in tasks.of_stop(key)
    ]
    summary = {name: sum(route[name] for route in routes) for name in SUMS}
    summary |= {name: _add([route[name] for route in routes]) for name in SIZES}
    summary |= {"routes": len(routes), "unassigned": len(unassigned), "violations": []}
    summary["computing_times"] = {"loading": 0, "solving": solving_ms, "routing": 0}
    return {"code": DONE, "summary": summary, "unassigned": unassigned, "routes": routes}


def refusal(sentence: str) -> dict[str, Any]:
    """Return what VROOM answers to a problem that it cannot read."""
    return {"code": INPUT_ERROR, "error": sentence}


class _Tasks:
    """VROOM's own words for our stops and places: ids, kinds, descriptions, locations.

    Where the problem was not VROOM's, ids count from 1 and the description is our key.
    """

    def __init__(self, asked: Asked) -> None:
        self._points = asked.points
        self._problem = asked.problem
        told = asked.told if asked.dialect == "vroom" else {}
        self._numbers: dict[str, int] = {}
        if asked.dialect != "vroom":
            for keys in (
                [stop.key for stop in asked.problem.stops],
                [car.key for car in asked.problem.vehicles],
            ):
                self._numbers |= {key: at + 1 for at, key in enumerate(keys)}
        self._matrix = "matrices" in told
        self._said: dict[tuple[str, str], Mapping[str, Any]] = {}
        for each in told.get("jobs", []):
            self._said["job", str(each["id"])] = each
        for each in told.get("shipments", []):
            for kind in ("pickup", "delivery"):
                self._said[kind, str(each[kind]["id"])] = each[kind]
        for each in told.get("vehicles", []):
            self._said["vehicle", str(each["id"])] = each

    def of_stop(self, key: str) -> list[dict[str, Any]]:
        """Return the tasks that are one stop: two for a shipment."""
        stop = self._problem.stop(key)
        return [self.of_visit(visit, stop) for visit in stop.visits()]

    def of_visit(self, visit: Visit, stop: Stop) -> dict[str, Any]:
        """Return id, type, description and location of one task."""
        kind, word = "job", stop.key
        if stop.kind == "pair":
            kind = "pickup" if visit.action == "load" else "delivery"
        if not self._numbers:
            parts = word.split("-")
            word = parts[-2 if kind == "pickup" else -1]
        place = stop.to if visit.action == "unload" and stop.to is not None else stop.place
        return {"type": kind, **self._about(kind, word), **self.at(place)}

    def of_vehicle(self, key: str) -> dict[str, Any]:
        """Return id and description of a vehicle."""
        about = self._about("vehicle", key)
        return {"vehicle": about.pop("id"), **about}

    def at(self, place: str) -> dict[str, Any]:
        """Return where a place is: its point, or its row of the matrix that was given."""
        found: dict[str, Any] = {}
        if place in self._points:
            lat_e6, lon_e6 = self._points[place]
            found["location"] = [lon_e6 / 1e6, lat_e6 / 1e6]
        if self._matrix and place.isdigit():
            found["location_index"] = int(place)
        return found

    def _about(self, kind: str, word: str) -> dict[str, Any]:
        if word in self._numbers:
            return {"id": self._numbers[word], "description": word}
        said = self._said.get((kind, word), {})
        about = {"id": said.get("id", word)}
        return about | ({"description": said["description"]} if "description" in said else {})


def _route(problem: Problem, judged: Judged, tasks: _Tasks) -> dict[str, Any]:
    car = problem.vehicle(judged.vehicle)
    visits = [call.visit for call in judged.calls]
    loads = loads_of(problem, car, visits)
    steps = [_end("start", judged.depart_s, loads[0], tasks.at(car.start))]
    driven_m, driven_s = 0, 0
    for call, load, metres, seconds in zip(
        judged.calls, loads[1:], *_legs(problem, judged), strict=False
    ):
        driven_m, driven_s = driven_m + metres, driven_s + seconds
        steps.append(_step(problem, call, load, tasks) | _so_far(driven_m, driven_s))
    metres, seconds = (each[-1] for each in _legs(problem, judged))
    home = _end("end", judged.return_s, loads[-1], tasks.at(car.end))
    steps.append(home | _so_far(driven_m + metres, driven_s + seconds))
    steps = steps[car.start == ANYWHERE : len(steps) - (car.end == ANYWHERE)]
    stops = [problem.stop(visit.stop) for visit in visits if visit.action != "reload"]
    given = [sizes_of(stop, car) for stop in stops if stop.kind == "delivery"]
    taken = [sizes_of(stop, car) for stop in stops if stop.kind == "pickup"]
    both = [sizes_of(stop, car) for stop in {s.key: s for s in stops if s.kind == "pair"}.values()]
    nothing = [(0,) * (1 + len(car.capacities))]
    return {
        **tasks.of_vehicle(car.key),
        "cost": judged.cost_fen,
        "setup": 0,
        "service": sum(step["service"] for step in steps),
        "duration": driven_s + seconds,
        "waiting_time": sum(step["waiting_time"] for step in steps),
        "priority": 0,
        "delivery": _add([*given, *both, *nothing]),
        "pickup": _add([*taken, *both, *nothing]),
        "distance": driven_m + metres,
        "violations": [],
        "steps": steps,
    }


def _legs(problem: Problem, judged: Judged) -> tuple[list[int], list[int]]:
    """Metres and seconds on the road, without the breaks that a leg may hold."""
    car = problem.vehicle(judged.vehicle)
    places = [car.start, *(call.place for call in judged.calls), car.end]
    return problem.matrix.along([problem.matrix.index(place) for place in places])


def _step(problem: Problem, call: Call, load: Sequence[int], tasks: _Tasks) -> dict[str, Any]:
    if call.visit.action == "reload":
        task: dict[str, Any] = {"type": "reload", **tasks.at(call.place)}
        service = call.depart_s - call.begin_s
    else:
        stop = problem.stop(call.visit.stop)
        task, service = tasks.of_visit(call.visit, stop), service_of(stop, call.visit)
    return task | {
        "arrival": call.arrive_s,
        "setup": 0,
        "service": service,
        "waiting_time": call.depart_s - service - call.arrive_s,
        "load": list(load),
        "violations": [],
    }


def _end(kind: str, moment_s: int, load: Sequence[int], where: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": kind,
        **where,
        "arrival": moment_s,
        "setup": 0,
        "service": 0,
        "waiting_time": 0,
        "load": list(load),
        "violations": [],
        **_so_far(0, 0),
    }


def _so_far(metres: int, seconds: int) -> dict[str, int]:
    return {"duration": seconds, "distance": metres}


def _add(rows: Sequence[Sequence[int]]) -> list[int]:
    width = max((len(row) for row in rows), default=0)
    return [sum(row[at] for row in rows if at < len(row)) for at in range(width)]
