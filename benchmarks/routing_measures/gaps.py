"""Gaps to the best known, at the same CPU budget as PyVRP's default and OR-Tools' best.

VROOM takes no budget: it runs at its highest level that ends within three of them.
"""

from collections.abc import Iterable, Sequence
from statistics import fmean
from typing import Any

from frame import Row
from routing_measures.days import bench, best_known
from routing_measures.once import once, side_by_side

CVRP = ("n101-k25", "n200-k36", "n303-k21", "n502-k39", "n1001-k43")
WINDOWS = (
    "vrptw_solomon_gh/RC208.txt",
    "vrptw_solomon_gh/r1_4_5.txt",
    "vrptw_gh1000/RC1_10_5.vrp",
)
VROOM_LEVELS, VROOM_BUDGETS = 5, 3
BUDGETED = ("remelt", "pyvrp", "ortools")
PEERS = {"pyvrp": "PyVRP default", "vroom": "VROOM"}
ENDLESS_S = 10**6
NO_FOLDER = Row(
    what="gaps", ours=0, unit="%", note="REMELT_SHARED names no folder of published instances"
)


def in_10_s(quick: bool) -> Iterable[Row]:  # noqa: FBT001 - the frame's own flag
    """Mean gaps after 10 s (quick: 2 s on two instances, one seed, beside PyVRP alone)."""
    if quick:
        two = ["cvrp_x/X-n303-k21.vrp", WINDOWS[1]]
        return _gaps(two, seconds=2, seeds=(1,), engines=("remelt", "pyvrp"))
    return _gaps(_all(), seconds=10, seeds=(1, 2, 3), vroom=True)


def in_30_s(quick: bool) -> Iterable[Row]:  # noqa: FBT001 - the frame's own flag
    """Mean gaps after 30 s; left out of the quick run."""
    return () if quick else _gaps(_all(), seconds=30, seeds=(1, 2, 3))


def _all() -> list[str]:
    return [*(f"cvrp_x/X-{name}.vrp" for name in CVRP), *WINDOWS]


def _gaps(
    names: Sequence[str],
    *,
    seconds: float,
    seeds: Sequence[int],
    engines: Sequence[str] = BUDGETED,
    vroom: bool = False,
) -> Iterable[Row]:
    if bench() is None:
        yield NO_FOLDER
        return
    means: dict[str, list[float]] = {engine: [] for engine in engines}
    clock = ""
    for name in names:
        runs = [(engine, name, seconds, seed) for engine in engines for seed in seeds]
        ran = dict(zip(runs, side_by_side(runs), strict=True))
        note = ""
        for engine in engines:
            found = [ran[engine, name, seconds, seed] for seed in seeds]
            means[engine].append(fmean(_gap(each, best_known(name)) for each in found))
        clock = ran[runs[0]]["clock"]
        if vroom:
            level, answer = _vroom(name, seconds=seconds)
            means.setdefault("vroom", []).append(_gap(answer, best_known(name)))
            note = f"VROOM {means['vroom'][-1]:.2f} % at level {level}, {answer['took_s']:.1f} s"
        here = {engine: each[-1] for engine, each in means.items()}
        yield _row(name.split("/")[-1], here, note=note)
    yield from _means(
        names, means, f"{seconds:g} s of {clock} each, one process, {len(seeds)} seeds"
    )


def _means(names: Sequence[str], gaps: dict[str, list[float]], note: str) -> Iterable[Row]:
    """Yield the mean of all beside PyVRP and VROOM, and that of the instances without windows."""
    found = {engine: fmean(each) for engine, each in gaps.items()}
    what = f"mean of {len(names)} instances"
    yield _row(what, found, note=note, reach=0.6)
    if "vroom" in found:
        note = f"VROOM at its highest level that ends in {VROOM_BUDGETS} budgets, else its lowest"
        yield _row(what, found, note=note, reach=0.3, peer="vroom")
    flat = [at for at, name in enumerate(names) if name.startswith("cvrp")]
    found = {engine: fmean(each[at] for at in flat) for engine, each in gaps.items()}
    yield _row(f"mean of {len(flat)} without windows", found, note="")


def _vroom(name: str, *, seconds: float) -> tuple[int, dict[str, Any]]:
    """Return VROOM's highest level that ends within its budgets, and what it found there."""
    most_s = VROOM_BUDGETS * seconds
    found = 0, once("vroom-0", name, seconds=ENDLESS_S, seed=0)
    for level in range(1, VROOM_LEVELS + 1):
        if found[1]["took_s"] > most_s:
            break
        answer = once(f"vroom-{level}", name, seconds=most_s, seed=0)
        if answer["took_s"] > most_s:
            break
        found = level, answer
    return found


def _gap(ran: dict[str, float], best: float) -> float:
    return 100.0 if ran["missing"] or not ran["feasible"] else 100 * (ran["cost"] / best - 1)


def _row(
    what: str,
    found: dict[str, float],
    *,
    note: str,
    reach: float | None = None,
    peer: str = "pyvrp",
) -> Row:
    ratio = found["remelt"] / found[peer] if found[peer] > 0 else None
    others = f"OR-Tools best {found['ortools']:.2f} %" if "ortools" in found else ""
    return Row(
        what=what,
        ours=found["remelt"],
        unit="%",
        peer=found[peer],
        peer_name=PEERS[peer],
        ratio=ratio,
        reach="" if reach is None else f"at most {reach} x {PEERS[peer]}",
        met=None if reach is None or ratio is None else ratio <= reach,
        note="; ".join(each for each in (others, note) if each),
    )
