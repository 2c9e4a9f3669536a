"""Gaps to the best known, at the same CPU budget as PyVRP's default and OR-Tools' best."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from statistics import fmean
from typing import Any

from frame import Row
from routing_measures.days import bench, best_known
from routing_measures.once import once

CVRP = ("n101-k25", "n200-k36", "n303-k21", "n502-k39", "n1001-k43")
WINDOWS = (
    "vrptw_solomon_gh/RC208.txt",
    "vrptw_solomon_gh/r1_4_5.txt",
    "vrptw_gh1000/RC1_10_5.vrp",
)
NO_VROOM = "VROOM is not measured: no package index here has pyvroom"
NO_FOLDER = Row(
    what="gaps", ours=0, unit="%", note="REMELT_SHARED names no folder of published instances"
)


def in_10_s(quick: bool) -> Iterable[Row]:  # noqa: FBT001 - the frame's own flag
    """Mean gaps after 10 s (quick: 2 s on two instances, one seed)."""
    if quick:
        return _gaps(["cvrp_x/X-n303-k21.vrp", WINDOWS[1]], seconds=2, seeds=(1,))
    return _gaps(_all(), seconds=10, seeds=(1, 2, 3))


def in_30_s(quick: bool) -> Iterable[Row]:  # noqa: FBT001 - the frame's own flag
    """Mean gaps after 30 s; left out of the quick run."""
    return () if quick else _gaps(_all(), seconds=30, seeds=(1, 2, 3))


def _all() -> list[str]:
    return [*(f"cvrp_x/X-{name}.vrp" for name in CVRP), *WINDOWS]


def _gaps(names: Sequence[str], *, seconds: float, seeds: Sequence[int]) -> Iterable[Row]:
    if bench() is None:
        yield NO_FOLDER
        return
    means: dict[str, list[float]] = {"remelt": [], "pyvrp": [], "ortools": []}
    clock = ""
    for name in names:
        here: dict[str, float] = {}
        asked = [(engine, seed) for engine in means for seed in seeds]
        ran = _ran(name, asked, seconds=seconds)
        for engine, all_gaps in means.items():
            here[engine] = fmean(_gap(ran[engine, seed], best_known(name)) for seed in seeds)
            all_gaps.append(here[engine])
        clock = ran["remelt", seeds[0]]["clock"]
        yield _row(name.split("/")[-1], here, note="")
    note = f"{seconds:g} s of {clock} each, one process, seeds {list(seeds)}; {NO_VROOM}"
    found = {engine: fmean(each) for engine, each in means.items()}
    yield _row(f"mean of {len(names)} instances", found, note=note, reach=0.6)
    flat = [at for at, name in enumerate(names) if name.startswith("cvrp")]
    found = {engine: fmean(each[at] for at in flat) for engine, each in means.items()}
    yield _row(f"mean of {len(flat)} without windows", found, note="")


def _ran(
    name: str, asked: Sequence[tuple[str, int]], *, seconds: float
) -> dict[tuple[str, int], dict[str, Any]]:
    """Run engines and seeds, one on each core: their clock is their own CPU."""

    def run(each: tuple[str, int]) -> dict[str, Any]:
        return once(each[0], name, seconds=seconds, seed=each[1])

    with ThreadPoolExecutor(2) as pool:
        return dict(zip(asked, pool.map(run, asked), strict=True))


def _gap(ran: dict[str, float], best: float) -> float:
    return 100.0 if ran["missing"] or not ran["feasible"] else 100 * (ran["cost"] / best - 1)


def _row(what: str, found: dict[str, float], *, note: str, reach: float | None = None) -> Row:
    ratio = found["remelt"] / found["pyvrp"] if found["pyvrp"] > 0 else None
    return Row(
        what=what,
        ours=found["remelt"],
        unit="%",
        peer=found["pyvrp"],
        peer_name="PyVRP default",
        ratio=ratio,
        reach="" if reach is None else f"at most {reach} x PyVRP",
        met=None if reach is None or ratio is None else ratio <= reach,
        note=f"OR-Tools best {found['ortools']:.2f} %; {note}".strip("; "),
    )
