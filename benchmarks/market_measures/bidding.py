"""One hot auction: decisions a second of the engine, beside one locked transaction a bid."""

from collections.abc import Iterable

from frame import Row
from market_measures.auctions import Told, by_engine, by_peer, hall, processes
from market_measures.served import Served, bare, installed, product

from remelt.platform.kernel.clock import SystemClock

CLIENTS = 64
FULL_S, QUICK_S = 6.0, 1.5
SQLITE_A_SECOND, SQLITE_P99_MS = 5_000, 50
HTTP_A_SECOND, HTTP_P99_MS = 800, 150
HTTP_ON = (("postgresql", 2), ("sqlite", 1))
REACH = {1: 20.0, 2: 20.0, 4: 12.0}


def engine(quick: bool) -> Iterable[Row]:  # noqa: FBT001 - the frame's own flag
    """64 clients on one auction: SQLite in one process; PostgreSQL in 1, 2 and 4, and the peer.

    The quick form leaves out the 2 and 4: a process takes seconds to start.
    """
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
        for count, times in list(REACH.items())[: 1 if quick else None]:
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


def http(quick: bool) -> Iterable[Row]:  # noqa: FBT001 - the frame's own flag
    """The same auction by HTTP: PostgreSQL beside a bare app, SQLite; not in the quick run."""
    for database, workers in () if quick else HTTP_ON:
        with installed(database, workers=workers) as (settings, sale, other):
            ours = product(settings, sale, clients=CLIENTS, seconds=FULL_S)
            peer = None
            if database == "postgresql":
                peer = bare(settings, other, clients=CLIENTS, seconds=FULL_S)
        least, told = HTTP_A_SECOND * workers // 2, ours.told
        yield Row(
            what=f"http, {database}, {workers} workers",
            ours=told.a_second,
            unit="decisions/s",
            peer=peer.told.a_second if peer else None,
            peer_name="bare Flask, Core FOR UPDATE",
            ratio=told.a_second / peer.told.a_second if peer else None,
            reach=f">= {least}/s" + (f", p99 < {HTTP_P99_MS} ms" if peer else ""),
            met=told.a_second >= least and (not peer or told.percentile_ms(99) < HTTP_P99_MS),
            note=_over_http(ours) + (f"; peer {_over_http(peer)}" if peer else ""),
        )


def _over_http(lived: Served) -> str:
    told = lived.told
    return (
        f"p50 {told.percentile_ms(50):.0f} ms, p99 {told.percentile_ms(99):.0f} ms,"
        f" {told.accepted:,} accepted of {len(told.waits_s):,},"
        f" server {lived.server_cores:.2f} cores, load {told.cpu_s / told.wall_s:.2f} cores"
    )


def _note(told: Told) -> str:
    return (
        f"p50 {told.percentile_ms(50):.1f} ms, p99 {told.percentile_ms(99):.1f} ms,"
        f" {told.accepted:,} accepted of {len(told.waits_s):,},"
        f" clients and engine {told.cpu_s / told.wall_s:.2f} cores"
    )
