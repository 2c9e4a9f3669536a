"""Siting on published two-stage countries: how near to the best known, and what is proven.

Run as `python benchmarks/routing_measures/sites.py ENGINE INSTANCE SECONDS SEED`: one engine on one
country in a process of its own; prints JSON. Its clock is its own CPU time where that can be had.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from baselines import mathopt_location
from frame import Row
from routing_measures.days import bench
from routing_measures.once import cpu_clock

from remelt.routing.formats import twostage
from remelt.routing.siting.judge import judge
from remelt.routing.siting.solving import solve

BEST = {
    "PSC1-C1-50": 722_178,
    "PSC1-C3-50": 2_688_951,
    "PSC1-C5-50": 2_775_499,
    "PSC1-C2-100": 973_482,
}
REACHED = (
    ("PSC1-C1-50", 30, 0.0, "proven optimal in 30 s"),
    ("PSC1-C3-50", 60, 0.2, "at most 0.2 % in 60 s"),
    ("PSC1-C5-50", 60, 0.2, "at most 0.2 % in 60 s"),
    ("PSC1-C2-100", 120, 1.0, "at most 1 % in 120 s"),
)
QUICK_S = 3


def siting(quick: bool) -> Iterable[Row]:  # noqa: FBT001 - the frame's own flag
    """Gap to the best known at the issue's times (quick: the smallest country, 3 s, no peer)."""
    if bench() is None:
        yield Row(
            what="siting", ours=0, unit="%", note="REMELT_SHARED names no published countries"
        )
        return
    if quick:
        ran = once("remelt", "PSC1-C1-50", seconds=QUICK_S, seed=1)
        yield _row("PSC1-C1-50", ran, note=_note(ran, seconds=QUICK_S))
        return
    for name, seconds, most, reach in REACHED:
        ran, peer = (once(who, name, seconds=seconds, seed=1) for who in ("remelt", "highs"))
        met = ran["feasible"] and _gap(name, ran) <= most and (most > 0 or ran["proven"])
        yield _row(name, ran, peer=peer, reach=reach, met=met, note=_note(ran, seconds=seconds))


def once(engine: str, instance: str, *, seconds: float, seed: int) -> dict[str, Any]:
    """Run one engine in a child and return what it prints."""
    environment, clock = cpu_clock()
    command = [sys.executable, __file__, engine, instance, str(seconds), str(seed)]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    answer: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return answer | {"clock": clock}


def _row(
    name: str,
    ran: dict[str, Any],
    *,
    peer: dict[str, Any] | None = None,
    reach: str = "",
    met: bool | None = None,
    note: str,
) -> Row:
    return Row(
        what=f"siting {name}, over best known",
        ours=_gap(name, ran),
        unit="%",
        peer=None if peer is None else _gap(name, peer),
        peer_name="" if peer is None else "HiGHS, all links",
        reach=reach,
        met=met,
        note=note,
    )


def _gap(name: str, ran: dict[str, Any]) -> float:
    return float(100 * (ran["cost"] / BEST[name] - 1))


def _note(ran: dict[str, Any], *, seconds: float) -> str:
    bound = f"bound {ran['bound']:,.0f}" + (", proven the least" if ran["proven"] else "")
    return (
        f"cost {ran['cost']:,.0f}, {bound}, {ran['took_s']:.1f} of {seconds:g} s of {ran['clock']}"
    )


def _main(engine: str, instance: str, seconds: float, seed: int) -> None:
    folder = Path(os.environ["REMELT_SHARED"]) / "bench" / "two_stage_cflp"
    scenario = twostage.read((folder / f"{instance}.txt").read_text())
    began = time.monotonic()
    if engine == "highs":
        cost, bound = mathopt_location.cost_and_bound(scenario, seconds=seconds)
        told = {"cost": cost, "bound": bound, "feasible": True, "proven": bound >= cost - 1}
    else:
        found = solve(scenario, seed=seed, deadline_s=seconds)
        verdict = judge(scenario, found.sites)
        told = {
            "cost": verdict.costs.total_fen,
            "bound": found.bound_fen,
            "feasible": verdict.feasible,
            "proven": found.proven,
        }
    print(json.dumps(told | {"took_s": time.monotonic() - began}))


if __name__ == "__main__":
    _main(sys.argv[1], sys.argv[2], float(sys.argv[3]), int(sys.argv[4]))
