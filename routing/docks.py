"""Vehicles queue at a hub whose docks are taken: who comes first is unloaded first."""

import heapq
from collections.abc import Mapping
from dataclasses import replace

from remelt.routing.problem import Hub, Problem, Vehicle
from remelt.routing.timing import Timed, Way, drive

Queues = dict[str, dict[int, int]]
MOST_TURNS = 40


def queue_up(problem: Problem, ways: Mapping[str, Way], timed: Mapping[str, Timed]) -> Queues:
    """Return the seconds each round waits at each call for a free dock, by number of the call.

    Coming home counts as a call after the last one. Rounds without a queue are left out.
    """
    if not any(hub.docks for hub in problem.hubs):
        return {}
    free: dict[str, list[int]] = {
        hub.place: [0] * min(hub.docks, len(ways)) for hub in problem.hubs if hub.docks
    }
    now = dict(timed)
    queues: Queues = {}
    coming = [
        (*_call(way, now[key], at), key, at) for key, way in ways.items() for at in _next(way, -1)
    ]
    heapq.heapify(coming)
    while coming:
        arrive, place, key, at = heapq.heappop(coming)
        if place in free:
            begin = max(arrive, heapq.heappop(free[place]))
            heapq.heappush(free[place], begin + problem.hub(place).service_s)
            if begin > arrive:
                queues.setdefault(key, {})[at] = begin - arrive
                now[key] = drive(ways[key], depart_s=timed[key].depart_s, queues=queues[key])
        for then in _next(ways[key], at):
            heapq.heappush(coming, (*_call(ways[key], now[key], then), key, then))
    return queues


def _next(way: Way, at: int) -> list[int]:
    """Return the next call at a hub after `at`, as a list of one; coming home is the last."""
    last = len(way.steps)
    for then in range(at + 1, last):
        if way.steps[then].visit.action == "reload":
            return [then]
    return [last] if at < last else []


def _call(way: Way, timed: Timed, at: int) -> tuple[int, str]:
    if at == len(timed.calls):
        return timed.home_s, way.vehicle.end
    return timed.calls[at].begin_s, timed.calls[at].place


def staggered(problem: Problem) -> Problem:
    """Return the day with shifts that end one after the other where vehicles queue for docks.

    Whoever searches without a thought of docks then finds a plan in which all are unloaded in
    time: of the vehicles of a hub as many as it has docks may come home last, as many one
    unloading earlier, and so on. A plan that can be unloaded by one closing time is among them.
    Unloading on the way, and what waiting costs, only the judge knows.
    """
    ends: dict[str, int] = {}
    for hub in problem.hubs:
        home = [car for car in problem.vehicles if car.end == hub.place]
        if hub.service_s and 0 < hub.docks < len(home):
            ends |= _ends(hub, sorted(home, key=lambda car: -car.capacity_kg))
    if not ends:
        return problem
    cars = (replace(c, shift_end_s=ends.get(c.key, c.shift_end_s)) for c in problem.vehicles)
    return replace(problem, vehicles=tuple(cars))


def _ends(hub: Hub, cars: list[Vehicle]) -> dict[str, int]:
    """Return by when each vehicle is to be home; a few share a time where the turns are many."""
    last = {car.key: min(car.shift_end_s, hub.closes_s) for car in cars}
    longest = max(last[car.key] - car.shift_start_s for car in cars)
    turns = min(-(-len(cars) // hub.docks), max(0, longest) // hub.service_s + 1)
    step = -(-turns // MOST_TURNS)
    found: dict[str, int] = {}
    for at, car in enumerate(cars):
        turn = (at // hub.docks // step + 1) * step - 1
        found[car.key] = max(car.shift_start_s, last[car.key] - turn * hub.service_s)
    return found
