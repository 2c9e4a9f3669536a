"""The solver's job: a day's payload in, a judged plan out. Runs in a child process of its own.

It imports nothing that knows a database, so the child starts fast and can fail alone.
"""

from dataclasses import asdict
from typing import Any

from remelt.platform.kernel.runner import Report
from remelt.routing.codec import problem_from_json
from remelt.routing.evaluator import Judged
from remelt.routing.field import globe
from remelt.routing.hands import Hands
from remelt.routing.matrix import MOST_IN_A_TABLE, Place, by_geodesic
from remelt.routing.problem import Problem, Routes
from remelt.routing.roads import Roads
from remelt.routing.rounds import Plan, judged, plan


def solve_day(
    payload: dict[str, Any], report: Report, *, hands: Hands | None = None, processes: int = 2
) -> dict[str, Any]:
    """Return rounds, left-out stops and totals for the problem in `payload`.

    Whenever a better plan is found it is told as the incumbent, so that a child that is ended
    at its deadline still leaves an answer.
    """
    places = [Place(**each) for each in payload["places"]]
    matrix = by_geodesic(places) if len(places) <= MOST_IN_A_TABLE else globe(places)
    problem = problem_from_json(payload["problem"], matrix=matrix)

    known: list[Routes] = []

    def tell(progress: int, note: str, routes: Routes) -> None:
        if routes in known:
            report(progress, note)
            return
        known.append(routes)
        report(progress, note, result_of(problem, judged(problem, routes, engine=note)))

    found = plan(
        problem,
        seed=payload["seed"],
        deadline_s=payload["deadline_s"],
        effort=payload["effort"],
        report=tell,
        processes=processes,
        hands=hands,
    )
    return result_of(problem, found)


def result_of(problem: Problem, found: Plan) -> dict[str, Any]:
    """Return a plan as plain JSON."""
    return {
        "engine": found.engine,
        "distance_m": found.verdict.distance_m,
        "co2e_g": found.verdict.co2e_g,
        "cost_fen": found.verdict.cost_fen,
        "rounds": [_round(problem, judged) for judged in found.verdict.rounds],
        "left_out": [reason.to_json() for reason in found.reasons],
    }


def _round(problem: Problem, judged: Judged) -> dict[str, Any]:
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
            call.visit.stop: _direct(problem.matrix, problem, call.visit.stop, vehicle.key)
            for call in judged.calls
        },
    }


def _direct(matrix: Roads, problem: Problem, key: str, vehicle: str) -> int:
    stop, car = problem.stop(key), problem.vehicle(vehicle)
    ends = {
        "pickup": (stop.place, car.end),
        "delivery": (car.start, stop.place),
        "pair": (stop.place, stop.to or stop.place),
    }
    return matrix.metres(*ends[stop.kind]) or 0
