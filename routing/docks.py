"""Vehicles queue at a hub whose docks are taken: who comes first is unloaded first."""

import heapq
from collections.abc import Mapping

from remelt.routing.problem import Problem
from remelt.routing.timing import Timed, Way, drive

Queues = dict[str, dict[int, int]]


def queue_up(problem: Problem, ways: Mapping[str, Way], timed: Mapping[str, Timed]) -> Queues:
    """Return the seconds each round waits at each call for a free dock, by number of the call.

    Coming home counts as a call after the last one. Rounds without a queue are left out.
    """
    if not any(hub.docks for hub in problem.hubs):
        return {}
    free: dict[str, list[int]] = {hub.place: [0] * hub.docks for hub in problem.hubs if hub.docks}
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
