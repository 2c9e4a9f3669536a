"""Changes in the day: an urgent lot on a day of 5,000 stops."""

import random
import time
from collections.abc import Iterable
from dataclasses import replace

from frame import Row
from routing_measures.days import province

from remelt.routing.changes import as_of, insert
from remelt.routing.evaluator import judge
from remelt.routing.legs import Legs
from remelt.routing.rounds import plan

STOPS, URGENT, FEW = 5_000, 200, 60
REACH_MS = 100


def urgent(quick: bool) -> Iterable[Row]:  # noqa: FBT001 - the frame's own flag
    """How long one urgent lot takes, from the standing day to the judged round."""
    count = FEW if quick else URGENT
    whole = province(STOPS + URGENT)
    day = replace(whole, stops=whole.stops[:STOPS])
    found = plan(day, seed=1, deadline_s=2 if quick else 20, effort=10**9)
    standing = as_of(day, found.routes, now_s=10 * 3600)
    began = time.perf_counter()
    legs = Legs(standing.problem, standing.routes)
    drawn_ms = 1000 * (time.perf_counter() - began)
    took, placed, change = [], 0, None
    for stop in random.Random(1).sample(whole.stops[STOPS:], count):
        began = time.perf_counter()
        change = insert(standing, stop, legs=legs)
        took.append(1000 * (time.perf_counter() - began))
        placed += bool(change.changed)
    p95 = sorted(took)[int(0.95 * len(took)) - 1]
    feasible = change is not None and not judge(change.problem, change.routes).violations
    yield Row(
        what="urgent lot into 5,000 stops at 10:00, p95",
        ours=p95,
        unit="ms",
        reach=f"at most {REACH_MS} ms",
        met=p95 <= REACH_MS and feasible,
        note=f"{placed} of {count} found a place, worst {max(took):.0f} ms; legs drawn once a day "
        f"in {drawn_ms:.0f} ms; {len(found.routes)} rounds, {len(found.verdict.unserved)} left out",
    )
