"""Gaps to the best known, at the same CPU budget as PyVRP's default and OR-Tools' best."""

from collections.abc import Iterable, Sequence
from statistics import fmean

from frame import Row
from routing_measures.days import bench, best_known
from routing_measures.once import once

CVRP = ("n101-k25", "n200-k36", "n303-k21", "n502-k39", "n1001-k43")
WINDOWS = (
    "vrptw_solomon_gh/RC208.txt",
    "vrptw_solomon_gh/r1_4_5.txt",
    "vrptw_gh1000/RC1_10_5.vrp",
)
NO_FOLDER = Row(
    what="gaps", ours=0, unit="%", note="REMELT_SHARED names no folder of published instances"
)


def in_10_s(quick: bool) -> Iterable[Row]:  # noqa: FBT001 - the frame's own flag
    """Mean gaps after 10 s (quick: 2 s on three instances, one seed)."""
    if quick:
        names = [f"cvrp_x/X-{name}.vrp" for name in ("n101-k25", "n303-k21")]
        return _gaps([*names, WINDOWS[0]], seconds=2, seeds=(1,))
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
        for engine, all_gaps in means.items():
            ran = [once(engine, name, seconds=seconds, seed=seed) for seed in seeds]
            gaps = [_gap(each, best_known(name)) for each in ran]
            here[engine] = fmean(gaps)
            all_gaps.append(here[engine])
            clock = ran[0]["clock"]
        yield _row(name.split("/")[-1], here, note="")
    found = {engine: fmean(each) for engine, each in means.items()}
    note = f"{seconds:g} s of {clock} each, one process, seeds {list(seeds)}"
    yield _row(f"mean of {len(names)} instances", found, note=note, reach=0.6)


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
