"""Winner determination: seconds and proven gaps on scrap sales, beside greedy and plain CP-SAT."""

import time
from collections.abc import Iterable

from baselines.winners_cp_sat import best
from frame import Row
from market_measures.worlds import sale_world

from remelt.platform.market.winners.award import award
from remelt.platform.market.winners.codec import sale_to_json
from remelt.platform.market.winners.verifier import check

# lots, buyers, gap in ppm that is near enough, seconds
SIZES = ((50, 10, 0, 3.0), (200, 20, 2_000, 10.0), (500, 30, 5_000, 10.0))
TIGHT = (0.9, 1.9)


def winners(quick: bool) -> Iterable[Row]:  # noqa: FBT001 - the frame's own flag
    """The slowest award of several seeds, its proven gap, and what greedy and CP-SAT reach."""
    seeds = (1,) if quick else (1, 2, 3)
    for lots, buyers, enough_ppm, seconds in SIZES:
        yield _measured(
            lots, buyers, enough_ppm=enough_ppm, seconds=seconds, seeds=seeds, beside=not quick
        )
    if not quick:
        yield _tight()


def _measured(
    lots: int, buyers: int, *, enough_ppm: int, seconds: float, seeds: tuple[int, ...], beside: bool
) -> Row:
    slowest, gap, proven, never_worse, above, cpu = 0.0, 0, 0.0, True, 0.0, 0.0
    for seed in seeds:
        sale = sale_world(lots, buyers, seed=seed)
        start, used = time.perf_counter(), time.process_time()
        found = award(sale, enough_ppm=enough_ppm)
        slowest = max(slowest, time.perf_counter() - start)
        cpu = max(cpu, time.process_time() - used)
        gap = max(gap, found.gap_ppm)
        never_worse &= found.score_fen >= found.greedy_fen
        above = max(above, found.score_fen / found.greedy_fen - 1)
        if check(sale_to_json(sale), found.certificate):
            raise ArithmeticError("the verifier refuses the award")
        by_prices = found.certificate["bound_fen"]
        proven = max(proven, (by_prices - found.score_fen) / by_prices * 1e6)
    score, peer_ppm = best(sale, seconds=seconds) if beside else (0, 0.0)
    return Row(
        what=f"award, {lots} lots x {buyers} buyers", ours=slowest, unit="s",
        reach=f"{enough_ppm / 10_000:g} % in {seconds:g} s",
        met=slowest <= seconds and gap <= enough_ppm and never_worse,
        note=f"at most {cpu:.2f} s of CPU; gap proven {gap} ppm, "
        f"by the certificate's prices alone {proven:.0f} ppm; up to "
        f"{above * 100:.2f} % above greedy; seeds {list(seeds)}"
        + (f"; plain CP-SAT in {seconds:g} s (last seed): gap {peer_ppm:.0f} ppm, score "
           f"{(score / found.score_fen - 1) * 100:+.3f} %" if beside else ""),
    )  # fmt: skip


def _tight() -> Row:
    """Buyers who can hardly take the whole: the knapsacks bind, and proofs take longer."""
    sale = sale_world(50, 10, seed=1, room=TIGHT)
    start = time.perf_counter()
    found = award(sale)
    return Row(
        what="award, 50 x 10, capacity 0.9 to 1.9 even shares", ours=found.gap_ppm, unit="ppm",
        note=f"gap proven after {time.perf_counter() - start:.1f} s; harder than the family above",
    )  # fmt: skip
