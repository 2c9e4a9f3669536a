"""One hot auction: decisions a second of the engine, beside one locked transaction a bid."""

from collections.abc import Iterable

from frame import Row
from market_measures.auctions import Told, by_engine, by_peer, hall, processes

from remelt.platform.kernel.clock import SystemClock

CLIENTS = 64
FULL_S, QUICK_S = 6.0, 2.0
SQLITE_A_SECOND, SQLITE_P99_MS = 5_000, 50
REACH = {1: 20.0, 2: 20.0, 4: 12.0}


def engine(quick: bool) -> Iterable[Row]:  # noqa: FBT001 - the frame's own flag
    """64 clients on one auction: SQLite in one process; PostgreSQL in 1, 2 and 4, and the peer."""
    seconds, clock = QUICK_S if quick else FULL_S, SystemClock()
    with hall("sqlite", clock=clock) as opened:
        told = processes(by_engine, opened(), count=1, clients=CLIENTS, seconds=seconds)
    fast, soon = told.a_second >= SQLITE_A_SECOND, told.percentile_ms(99) < SQLITE_P99_MS
    yield Row(
        what="engine, SQLite, synchronous=FULL",
        ours=told.a_second,
        unit="decisions/s",
        reach=f">= {SQLITE_A_SECOND:,}, p99 < {SQLITE_P99_MS} ms",
        met=fast and soon,
        note=_note(told),
    )
    with hall("postgresql", clock=clock) as opened:
        peer = processes(by_peer, opened(), count=1, clients=CLIENTS, seconds=seconds)
        for count, times in REACH.items():
            told = processes(by_engine, opened(), count=count, clients=CLIENTS, seconds=seconds)
            yield _beside(peer, told, count=count, times=times)


def _beside(peer: Told, told: Told, *, count: int, times: float) -> Row:
    ratio = told.a_second / peer.a_second
    return Row(
        what=f"engine, PostgreSQL, {count} processes",
        ours=told.a_second,
        unit="decisions/s",
        peer=peer.a_second,
        peer_name="Core FOR UPDATE",
        ratio=ratio,
        reach=f">= {times:.0f} x",
        met=ratio >= times,
        note=f"{_note(told)}; peer {_note(peer)}",
    )


def _note(told: Told) -> str:
    return (
        f"p50 {told.percentile_ms(50):.1f} ms, p99 {told.percentile_ms(99):.1f} ms,"
        f" {told.accepted:,} accepted of {len(told.waits_s):,},"
        f" clients and engine {told.cpu_s / told.wall_s:.2f} cores"
    )
