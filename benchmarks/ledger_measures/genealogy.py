"""Lineage, evidence and bounded traces in a world of a million events; conservation; the audit.

REMELT_EVENTS sets another size; REMELT_WORLD names a folder in which the worlds are kept between
runs: the SQLite file, and the PostgreSQL cluster beside it.
"""

import os
import resource
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from random import Random
from typing import Any

from baselines import lineage as bare
from databases import kept, postgresql, sqlite
from frame import Row
from ledger_measures.world import LOOP, START, World
from sqlmodel import Session, col, select

from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.store import Store
from remelt.traceability.audit.audit import audit
from remelt.traceability.models import LogHead, Lot
from remelt.traceability.rules.states import State
from remelt.traceability.tracing.balance import vector_drift
from remelt.traceability.tracing.genealogy import ancestors, descendants, evidence
from remelt.traceability.tracing.sources import Sources, sources

EVENTS = int(os.environ.get("REMELT_EVENTS", "1000000"))
QUICK_EVENTS = 3_000
ASKED = 300
LIMITS = {"sqlite": (2, 12, 30), "postgresql": (8, 40, 60)}
TWICE = 2.0
LONG_ENOUGH = 50_000

Timed = list[float]


def on_sqlite(quick: bool) -> Iterable[Row]:  # noqa: FBT001 - the frame's own signature
    """Grow the world on SQLite, ask it, check that nothing is lost, replay it."""
    opened = partial(sqlite, folder=kept("sqlite"))
    yield from _measured("sqlite", opened, QUICK_EVENTS if quick else EVENTS)


def on_postgresql(quick: bool) -> Iterable[Row]:  # noqa: FBT001 - likewise
    """The same on PostgreSQL; left out of the quick form, a cluster takes its time to start."""
    if not quick:
        yield from _measured("postgresql", partial(postgresql, folder=kept("pg")), EVENTS)


def _measured(
    name: str, opened: Callable[[SimulatedClock], AbstractContextManager[Store]], events: int
) -> Iterator[Row]:
    clock = SimulatedClock(START)
    with opened(clock) as store:
        yield from _grown(name, store, clock, events)
        with store.read() as session:
            yield from _walks(name, session)
            yield from _shares(name, session)
            yield from _sound(name, session)


def _grown(name: str, store: Store, clock: SimulatedClock, events: int) -> Iterator[Row]:
    """Let the world grow, unless it was kept from an earlier run."""
    with store.read() as session:
        if _size(session):
            return
    world, start = World(store, clock), time.perf_counter()
    while world.events < events:
        world.grow(min(50_000, events - world.events))
        per_s = world.events / (time.perf_counter() - start)
        print(f"# {name}: {world.events:,} events, {per_s:,.0f}/s", file=sys.stderr, flush=True)
    spent = time.perf_counter() - start
    if name == "postgresql":
        with store.engine.connect() as connection:
            connection.exec_driver_sql("ANALYZE")
    yield Row(
        what=f"{name}: world grown through rules and door",
        ours=world.events / spent,
        unit="events/s",
        note=f"{world.events:,} events, {world.lots:,} lots, {spent:.0f} s, peak {_peak_mb()} MB",
    )


def _walks(name: str, session: Session) -> Iterator[Row]:
    """Lineage and evidence of cast lots beside a bare recursive query on the same connection."""
    lots = _cast(session, loop=False)
    raw = session.connection().connection.cursor()
    at = "?" if name == "sqlite" else "%s"
    asked: list[tuple[str, Callable[[Lot], Any], Callable[[Lot], Any]]] = [
        ("lineage", partial(ancestors, session), lambda lot: bare.lineage(raw, lot.key, at)),
        ("full evidence", partial(evidence, session), lambda lot: bare.evidence(raw, lot.key, at)),
    ]
    for (what, ours, theirs), limit in zip(asked, LIMITS[name], strict=False):
        mine, others, sizes = _side_by_side(lots, ours, theirs)
        note = f"p50 {_at(mine, 50):.2f} against {_at(others, 50):.2f} ms, {sizes}"
        yield _row(f"{name}: {what}, p95", mine, others, limit, note)
    lots = _cast(session, loop=True)
    residuals: list[Sources] = []

    def bounded(lot: Lot) -> list[Any]:
        residuals.append(sources(session, lot))
        return list(residuals[-1].sources)

    mine, others, sizes = _side_by_side(lots, bounded, lambda lot: bare.lineage(raw, lot.key, at))
    most = max(each.residual_g * 10_000 / each.of_g for each in residuals) / 100
    steps = sorted(each.steps for each in residuals)[len(residuals) * 95 // 100]
    note = f"p50 {_at(mine, 50):.2f} against {_at(others, 50):.2f} ms, {sizes};"
    note += f" p95 {steps} inflows walked; residual at most {most:.2f} % of the mass"
    row = _row(f"{name}: bounded trace, run-around, p95", mine, others, LIMITS[name][2], note)
    if _size(session) < LONG_ENOUGH:  # a short history is soon walked in full
        row = replace(row, reach=f"<= {LIMITS[name][2]} ms", met=row.ours <= LIMITS[name][2])
    yield row


def _row(what: str, mine: Timed, others: Timed, limit: float, note: str) -> Row:
    ours, peer = _at(mine, 95), _at(others, 95)
    return Row(
        what=what,
        ours=ours,
        unit="ms",
        peer=peer,
        peer_name="bare recursive CTE",
        ratio=ours / peer,
        reach=f"<= {limit} ms, <= 2 x",
        met=ours <= limit and ours <= TWICE * peer,
        note=note,
    )


def _shares(name: str, session: Session) -> Iterator[Row]:
    """Exact shares of cast lots over all their sources, and what was made of bought lots."""
    lots = _cast(session, loop=False)
    exact: Timed = []
    for lot in lots:
        start = time.perf_counter()
        found = sources(session, lot, residual_bp=0)
        exact.append((time.perf_counter() - start) * 1e3)
        whole = sum(each.mass_g for each in found.sources) + found.added_g
        if whole != found.of_g or found.residual_g:
            raise AssertionError(lot.code)
    yield Row(
        what=f"{name}: exact shares over all sources, p95",
        ours=_at(exact, 95),
        unit="ms",
        note=f"p50 {_at(exact, 50):.2f} ms; every sum equals the lot, to the gram",
    )
    statement = select(Lot).where(col(Lot.supplier).like("person:%")).limit(ASKED)
    forward: Timed = []
    for lot in session.exec(statement).all():
        start = time.perf_counter()
        descendants(session, lot)
        forward.append((time.perf_counter() - start) * 1e3)
    note = f"p50 {_at(forward, 50):.2f} ms; of the first purchases, so run-around counts in full"
    yield Row(what=f"{name}: forward, p95", ours=_at(forward, 95), unit="ms", note=note)


def _sound(name: str, session: Session) -> Iterator[Row]:
    """Nothing lost in any vector; the replay gives every row that is there."""
    drift = vector_drift(session)
    off = {field: value for field, value in vars(drift).items() if value != vars(State())[field]}
    yield Row(
        what=f"{name}: drift of mass, classes, elements, CO2e",
        ours=len(off),
        unit="entries",
        reach="exactly 0",
        met=not off,
        note=str(off) if off else "all lots less all book lines, entry by entry",
    )
    events = _size(session)
    start = time.perf_counter()
    findings = audit(session)
    spent = time.perf_counter() - start
    yield Row(
        what=f"{name}: replay differs from the live tables",
        ours=len(findings),
        unit="rows",
        reach="bit for bit",
        met=not findings,
        note=f"{events / spent:,.0f} events/s, peak {_peak_mb()} MB"
        + "".join(f"; {each}" for each in findings[:3]),
    )


def _cast(session: Session, *, loop: bool) -> list[Lot]:
    """Return seeded cast lots of the works that runs its own scrap around, or of the others."""
    here = col(Lot.site_code) == LOOP if loop else col(Lot.site_code) != LOOP
    cast = (Lot.grade_code == "ADC12", here)
    ids = list(session.exec(select(Lot.id).where(*cast).order_by(col(Lot.id))))
    some = Random(7).sample(ids, min(ASKED, len(ids)))
    return list(session.exec(select(Lot).where(col(Lot.id).in_(some))))


def _side_by_side(
    lots: list[Lot], ours: Callable[[Lot], Any], theirs: Callable[[Lot], Any]
) -> tuple[Timed, Timed, str]:
    """Ask both in turn of every lot, after one round that warms both."""
    for lot in lots[:50]:
        ours(lot), theirs(lot)
    mine, others, rows = [], [], []
    cpu: tuple[Timed, Timed] = ([], [])
    for turn, lot in enumerate(lots):
        pair = [(mine, cpu[0], ours), (others, cpu[1], theirs)]
        for spent, used, ask in pair if turn % 2 else pair[::-1]:
            start, begun = time.perf_counter(), time.thread_time()
            found = ask(lot)
            used.append((time.thread_time() - begun) * 1e3)
            spent.append((time.perf_counter() - start) * 1e3)
            if ask is ours:
                rows.append(len(found))
    rows.sort()
    busy = f"CPU of this process p95 {_at(cpu[0], 95):.2f} against {_at(cpu[1], 95):.2f} ms"
    return mine, others, f"{rows[len(rows) // 2]:,} rows p50, {rows[-1]:,} at most; {busy}"


def _size(session: Session) -> int:
    return session.exec(select(LogHead.size)).first() or 0


def _at(spent: Timed, percent: int) -> float:
    return sorted(spent)[min(len(spent) - 1, len(spent) * percent // 100)]


def _peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
