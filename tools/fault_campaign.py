"""The long form of the fault schedules: `python -m tools.fault_campaign 10000 [--workers 2]`.

Each schedule is named by its seed: `--first 4711 1` plays that one again.
"""

import argparse
import multiprocessing
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from remelt.migrations.upgrade import upgrade
from remelt.platform.kernel.clock import SimulatedClock
from remelt.web.wiring import new_store
from tests.conftest import NOON
from tests.fault_schedules import Schedule, a_campaign_desk, check_desk

AT_ONE_DESK = 100
FAST = Path("/dev/shm")  # noqa: S108 - a database that waits for no disk


@dataclass(frozen=True, slots=True)
class Played:
    """What came of the schedules of one desk."""

    schedules: int
    orders: int
    requests: int
    failures: tuple[str, ...]


def play(first: int, most: int, template: Path) -> Played:
    """Play schedules at one desk; a failure is told by its seed, and a new desk is taken."""
    failures: list[str] = []
    orders = 0
    with (
        tempfile.TemporaryDirectory(dir=template.parent) as folder,
        a_campaign_desk(template, Path(folder)) as desk,
    ):
        for at, seed in enumerate(range(first, first + most)):
            schedule = Schedule(desk, seed)
            try:
                schedule.run()
            except Exception:  # noqa: BLE001 - whatever it was, it is told with its seed
                failures.append(f"seed {seed}\n{traceback.format_exc()}")
                requests = desk.peer.twin.tally.counts["requests"]
                rest = play(seed + 1, most - at - 1, template) if at + 1 < most else NOTHING
                return _sum(Played(at + 1, orders, requests, tuple(failures)), rest)
            orders += len(schedule.keys)
        try:
            check_desk(desk)
        except AssertionError:
            failures.append(f"desk of seeds {first} on\n{traceback.format_exc()}")
        return Played(most, orders, desk.peer.twin.tally.counts["requests"], tuple(failures))


def campaign(first: int, schedules: int, workers: int) -> Iterator[Played]:
    """Yield what came of each desk, as they are done."""
    base = FAST if FAST.is_dir() else None
    with tempfile.TemporaryDirectory(dir=base, prefix="remelt-faults-") as folder:
        template = Path(folder) / "template.db"
        _migrate(template)
        end = first + schedules
        desks = [
            (start, min(AT_ONE_DESK, end - start), template)
            for start in range(first, end, AT_ONE_DESK)
        ]
        if workers == 1:
            yield from (play(*desk) for desk in desks)
            return
        with multiprocessing.get_context("spawn").Pool(workers) as pool:
            yield from pool.imap_unordered(_play, desks)


def main() -> int:
    """Play, tell how far it is after each desk, and say in the last line whether all held."""
    said = argparse.ArgumentParser(prog="tools.fault_campaign")
    said.add_argument("schedules", type=int)
    said.add_argument("--first", type=int, default=0)
    said.add_argument("--workers", type=int, default=1)
    asked = said.parse_args()
    begun, whole = time.monotonic(), NOTHING
    for part in campaign(asked.first, asked.schedules, asked.workers):
        whole = _sum(whole, part)
        for failure in part.failures:
            print(f"FAILED {failure}", flush=True)
        print(f"{whole.schedules:,} of {asked.schedules:,} {_told(whole, begun)}", flush=True)
    held = whole.schedules == asked.schedules and not whole.failures
    print(f"{'HELD' if held else 'BROKEN'}: {whole.schedules:,} {_told(whole, begun)}", flush=True)
    return 0 if held else 1


NOTHING = Played(0, 0, 0, ())


def _play(desk: tuple[int, int, Path]) -> Played:
    """Play a desk in a process of its own: what breaks there is told, for it may not travel."""
    try:
        return play(*desk)
    except Exception:  # noqa: BLE001 - as above
        return Played(0, 0, 0, (f"desk of seeds {desk[0]} on\n{traceback.format_exc()}",))


def _told(whole: Played, begun: float) -> str:
    took = time.monotonic() - begun
    return (
        f"schedules, {whole.orders:,} orders, {whole.requests:,} requests, "
        f"{len(whole.failures)} failures, {took:,.0f} s, "
        f"{took / max(whole.schedules, 1):.3f} s each"
    )


def _sum(one: Played, other: Played) -> Played:
    return Played(
        one.schedules + other.schedules,
        one.orders + other.orders,
        one.requests + other.requests,
        one.failures + other.failures,
    )


def _migrate(path: Path) -> None:
    store = new_store(f"sqlite:///{path}", clock=SimulatedClock(NOON))
    upgrade(store.engine, province=52)
    with store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()


if __name__ == "__main__":
    sys.exit(main())
