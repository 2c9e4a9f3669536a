"""Charge plans: seconds for a fresh plan and for one change, beside the whole programme."""

import random
import time
from collections.abc import Iterable
from dataclasses import replace

from baselines.charge_pywraplp import cheapest
from frame import Row
from market_measures.worlds import charges_world

from remelt.platform.works.charging.matrix import arrays
from remelt.platform.works.charging.planning import plan

FULL, QUICK = (5_000, 10), (1_000, 10)
SEEDS = (1, 2, 3)
CHANGES = 5
PLAN_S, CHANGE_S = 2.0, 0.2


def charges(quick: bool) -> Iterable[Row]:  # noqa: FBT001 - the frame's own flag
    """A plan of 5,000 lots for 10 alloys, and again after the price of one lot changed."""
    fresh, changed = [], []
    for seed in SEEDS:
        problem = charges_world(*FULL, seed=seed)
        seconds, found = _timed(lambda problem=problem: plan(problem))  # type: ignore[misc]
        fresh.append(seconds)
        draw = random.Random(seed)
        for _ in range(CHANGES):
            sources = list(problem.sources)
            taken = sorted({int(x.source[1:]) for x in found.lines if x.source.startswith("L")})
            at = draw.choice(taken)
            sources[at] = replace(sources[at], price_fen_per_t=draw.randint(900_000, 2_200_000))
            problem = replace(problem, sources=tuple(sources))
            before = found
            seconds, found = _timed(
                lambda problem=problem, before=before: plan(problem, after=before)  # type: ignore[misc]
            )
            changed.append(seconds)
    lots, alloys = FULL
    yield Row(
        what=f"plan, {lots} lots x {alloys} charges", ours=max(fresh), unit="s",
        reach="2 s", met=max(fresh) <= PLAN_S, note=f"the slowest of seeds {list(SEEDS)}",
    )  # fmt: skip
    yield Row(
        what="plan again after one change", ours=max(changed), unit="s",
        reach="0.2 s", met=max(changed) <= CHANGE_S,
        note=f"the slowest of {len(changed)} changes of the price of a lot in the plan",
    )  # fmt: skip
    yield _beside(*(QUICK if quick else FULL))


def _beside(lots: int, alloys: int) -> Row:
    problem = charges_world(lots, alloys, seed=1)
    ours, found = _timed(lambda: plan(problem))
    peer, best = _timed(lambda: cheapest(arrays(problem)))
    return Row(
        what=f"plan, {lots} x {alloys}, beside the whole programme", ours=ours, unit="s",
        peer=peer, peer_name="pywraplp + GLOP", ratio=ours / peer,
        met=abs(found.bound_fen / 100 - best) <= best * 1e-6,
        note=f"the same optimum to {abs(found.bound_fen / 100 - best) / best:.1e}",
    )  # fmt: skip


def _timed(work):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - any callable
    start = time.perf_counter()
    found = work()
    return time.perf_counter() - start, found
