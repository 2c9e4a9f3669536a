"""Deadlines, memory and what no single engine can plan."""

from collections.abc import Iterable
from statistics import fmean

from frame import Row
from routing_measures.days import bench, best_known
from routing_measures.once import once, side_by_side

ANTWERP = "cvrp_xxl/Antwerp1.vrp"
LATE_S = 0.2


def deadline(quick: bool) -> Iterable[Row]:  # noqa: FBT001 - the frame's own flag
    """How late the answer comes after a budget of 2 s, whatever the size."""
    for count in (100, 5_000) if quick else (100, 1_000, 5_000, 20_000):
        found = once("remelt-2", f"province-{count}", seconds=2, seed=1, cpu=False)
        late = found["took_s"] - 2
        yield Row(
            what=f"answer after 2 s, {count} stops",
            ours=late,
            unit="s late",
            reach="at most 0.2 s late",
            met=late <= LATE_S and found["feasible"],
            note=f"{found['missing']} stops left out, {found['mb']:.0f} MB",
        )


def antwerp(quick: bool) -> Iterable[Row]:  # noqa: FBT001 - the frame's own flag
    """6,000 stops in 60 s of wall time on two cores."""
    if quick or bench() is None:
        return
    found = once("remelt-2", ANTWERP, seconds=60, seed=1, cpu=False)
    gap = 100 * (found["cost"] / best_known(ANTWERP) - 1)
    memory = found["mb"]
    yield Row(
        what="Antwerp1, 6,000 stops",
        ours=gap,
        unit="%",
        reach="at most 1.5 %, 300 MB",
        met=gap <= 1.5 and memory <= 300 and not found["missing"],
        note=f"{found['took_s']:.1f} s wall, {memory:.0f} MB in one process",
    )


def province(quick: bool) -> Iterable[Row]:  # noqa: FBT001 - the frame's own flag
    """20,000 stops in 300 s, beside the same cells without repair."""
    if quick:
        return
    whole = once("remelt-2", "province-20000", seconds=300, seed=1, cpu=False)
    cells = once("cells-once", "province-20000", seconds=300, seed=1, cpu=False)
    lost = whole["missing"] - cells["missing"]
    ratio = whole["cost"] / cells["cost"]
    yield Row(
        what="20,000 stops, 88 towns",
        ours=whole["cost"] / 100,
        unit="CNY",
        peer=cells["cost"] / 100,
        peer_name="cells without repair",
        ratio=ratio,
        reach="feasible, at most 0.97 x, under 1 GB",
        met=bool(whole["feasible"]) and whole["mb"] <= 1_000 and lost <= 0 and ratio <= 0.97,
        note=f"left out {whole['missing']}, by cells {cells['missing']}; "
        f"{whole['took_s']:.1f} s, {whole['mb']:.0f} MB in one process",
    )


def load_distance(quick: bool) -> Iterable[Row]:  # noqa: FBT001 - the frame's own flag
    """Load x distance as the objective: X-n303 beside OR-Tools and PyVRP alone."""
    if bench() is None:
        return
    seconds = 2 if quick else 20
    name = "loaded:cvrp_x/X-n303-k21.vrp"
    peers = {"ortools": 0.96} if quick else {"ortools": 0.96, "pyvrp": 0.97}
    engines = ("remelt", *peers)
    ran = side_by_side([(each, name, seconds, 1) for each in engines])
    cost = {engine: each["cost"] for engine, each in zip(engines, ran, strict=True)}
    for peer, reach in peers.items():
        ratio = cost["remelt"] / cost[peer] if cost[peer] else None
        yield Row(
            what="load x distance, X-n303",
            ours=cost["remelt"],
            unit="fen",
            peer=cost[peer],
            peer_name=peer,
            ratio=ratio,
            reach=f"at most {reach} x",
            met=None if quick or ratio is None else ratio <= reach,
            note=f"{seconds} s of CPU each",
        )


def rich(quick: bool) -> Iterable[Row]:  # noqa: FBT001 - the frame's own flag
    """Quarrels, reloads, two hubs and few mixed trucks: served after 2 s, and at what cost."""
    seeds = range(1, 2 if quick else 21)
    seconds = 2 if quick else 20
    ours = [("remelt", f"rich-{seed}", 2, seed) for seed in seeds]
    theirs = [("ortools-default", f"rich-{seed}", seconds, seed) for seed in seeds]
    ran = side_by_side([*ours, *theirs])
    found, peers = ran[: len(seeds)], ran[len(seeds) :]
    whole = sum(1 for each in found if each["feasible"] and not each["missing"])
    yield Row(
        what="rich days served wholly in 2 s",
        ours=whole,
        unit=f"of {len(found)}",
        reach="all",
        met=whole == len(found),
        note=f"stops left out: {[each['missing'] for each in found]}; 2 s of CPU",
    )
    pairs = [
        (ours["cost"] / 100, peer["cost"] / 100)
        for ours, peer in zip(found, peers, strict=True)
        if peer["feasible"] and not peer["missing"]
    ]
    nothing = sum(1 for peer in peers if peer["missing"] or not peer["feasible"])
    ratio = fmean(ours / peer for ours, peer in pairs) if pairs else None
    yield Row(
        what="cost of a rich day, ours after 2 s",
        ours=fmean(ours for ours, _ in pairs) if pairs else 0,
        unit="CNY",
        peer=fmean(peer for _, peer in pairs) if pairs else None,
        peer_name=f"OR-Tools default, {seconds} s",
        ratio=ratio,
        reach="at most 0.85 x",
        met=None if quick or ratio is None else ratio <= 0.85,
        note=f"on {nothing} of {len(peers)} days OR-Tools found no plan that serves all",
    )
