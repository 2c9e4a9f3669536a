"""The solver's job: a day's payload in, a judged plan out. Runs in a child process of its own.

It imports nothing that knows a database, so the child starts fast and can fail alone.
"""

from collections.abc import Sequence
from dataclasses import asdict
from time import monotonic
from typing import Any, Final

from remelt.platform.kernel.runner import Report
from remelt.platform.logistics.measures import straight_m
from remelt.routing.book import Book, Engine
from remelt.routing.codec import problem_from_json
from remelt.routing.evaluator import Judged
from remelt.routing.field import globe
from remelt.routing.hands import Hands
from remelt.routing.matrix import Known, Place
from remelt.routing.problem import Problem, Routes
from remelt.routing.roads import Roads
from remelt.routing.rounds import Plan, explained, judged, plan
from remelt.routing.warming import warm_aside

ROADS_SHARE: Final = 0.4
EXPLAIN_S: Final = 10.0


def prepare_solver() -> bool:
    """Have the compiled searches made, aside; True if they are not yet, so that others plan."""
    return warm_aside() is not None


def solve_day(
    payload: dict[str, Any],
    report: Report,
    *,
    hands: Hands | None = None,
    processes: int = 2,
    engine: Engine | None = None,
) -> dict[str, Any]:
    """Return rounds, left-out stops and totals for the problem in `payload`.

    Whenever a better plan is found it is told as the incumbent, so that a child that is ended
    at its deadline still leaves an answer. Incumbents name what they leave out as `unexamined`:
    why is asked once, of the last plan, within `EXPLAIN_S`.
    """
    until = monotonic() + ROADS_SHARE * payload["deadline_s"]
    problem = problem_of(payload, engine=engine, until=until)

    known: list[Routes] = []

    def tell(progress: int, note: str, routes: Routes) -> None:
        if routes in known:
            report(progress, note)
            return
        known.append(routes)
        report(progress, note, result_of(problem, judged(problem, routes, engine=note, until=0.0)))

    found = plan(
        problem,
        seed=payload["seed"],
        deadline_s=payload["deadline_s"],
        effort=payload["effort"],
        report=tell,
        processes=processes,
        hands=hands,
    )
    return result_of(problem, explained(problem, found, until=monotonic() + EXPLAIN_S))


def problem_of(
    payload: dict[str, Any], *, engine: Engine | None = None, until: float | None = None
) -> Problem:
    """Return the problem in a payload, over the roads among its places."""
    places = [Place(**each) for each in payload["places"]]
    roads = roads_of(places, payload.get("roads", ()), engine=engine, until=until)
    return problem_from_json(payload["problem"], matrix=roads)


def roads_of(
    places: Sequence[Place],
    known: Sequence[dict[str, Any]],
    *,
    engine: Engine | None = None,
    until: float | None = None,
) -> Roads:
    """Return the roads among places: what somebody knows, what the engine says, else geodesic.

    Where nobody knows better it is the globe alone, of which the searches need no table.
    until: a moment of `time.monotonic` after which the engine is asked no more.
    """
    book = Book(globe(places), engine, until)
    at = {place.key: place for place in places}
    told: dict[tuple[str, str], Known] = {}
    for each in known:
        if each["from"] in at and each["to"] in at:
            metres = each["distance_m"]
            if each["detour_pct"] is not None:
                ends = (at[each["from"]], at[each["to"]])
                metres = straight_m(*ends) * each["detour_pct"] // 100
            road = Known(metres, each["duration_s"], each["source"])
            told[each["from"], each["to"]] = road
    if engine is None and not told:
        return book.globe
    book.learn(told)
    return book


def result_of(problem: Problem, found: Plan) -> dict[str, Any]:
    """Return a plan as plain JSON."""
    return {
        "engine": found.engine,
        "distance_m": found.verdict.distance_m,
        "co2e_g": found.verdict.co2e_g,
        "cost_fen": found.verdict.cost_fen,
        "rounds": [round_to_json(problem, judged) for judged in found.verdict.rounds],
        "left_out": [reason.to_json() for reason in found.reasons],
    }


def round_to_json(problem: Problem, judged: Judged) -> dict[str, Any]:
    """One round; every load with the shortest road from where it is loaded to where it goes."""
    vehicle = problem.vehicle(judged.vehicle)
    return {
        "vehicle": judged.vehicle,
        "depart_s": judged.depart_s,
        "return_s": judged.return_s,
        "cost_fen": judged.cost_fen,
        "calls": [
            {
                "stop": call.visit.stop,
                "action": call.visit.action,
                "place": call.place,
                "arrive_s": call.arrive_s,
                "begin_s": call.begin_s,
                "depart_s": call.depart_s,
            }
            for call in judged.calls
        ],
        "legs": [asdict(leg) for leg in judged.legs],
        "direct_m": {
            call.visit.stop: direct_m(problem, call.visit.stop, vehicle.key)
            for call in judged.calls
        },
    }


def direct_m(problem: Problem, key: str, vehicle: str) -> int:
    """Return the shortest road from where a stop is loaded to where a vehicle unloads it."""
    stop, car = problem.stop(key), problem.vehicle(vehicle)
    ends = {
        "pickup": (stop.place, car.end),
        "delivery": (car.start, stop.place),
        "pair": (stop.place, stop.to or stop.place),
    }
    return problem.matrix.metres(*ends[stop.kind]) or 0
