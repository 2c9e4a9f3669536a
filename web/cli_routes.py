"""`remelt routes solve`: a file with a day to plan becomes a plan, without an installation."""

import argparse
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event

from remelt.platform.kernel.settings import Settings
from remelt.platform.logistics import open_plans
from remelt.platform.logistics.open_plans import SHAPES, Answered, How
from remelt.platform.logistics.places import package_counties
from remelt.platform.logistics.road_engines import engine_of
from remelt.platform.logistics.solving import ROADS_SHARE, prepare_solver

LEFT_OUT, REFUSED = 1, 2
MAKING = (
    "remelt: the compiled search is being made, once and about a minute; PyVRP and OR-Tools made "
    "this plan, and from then on the same seed and effort give another"
)


def add_routes(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `routes solve`."""
    room = commands.add_parser("routes", help="plan rounds from files")
    actions = room.add_subparsers(dest="action", required=True, metavar="WHAT")
    solve = actions.add_parser(
        "solve", help="our JSON, VROOM's, CVRPLIB, Solomon or Li-Lim becomes a plan"
    )
    solve.add_argument("file", type=Path, metavar="FILE")
    solve.add_argument("--deadline", type=_seconds, default=10.0, metavar="S")
    solve.add_argument("--seed", type=_whole, default=1, metavar="N")
    solve.add_argument("--effort", type=_whole, metavar="N", help="solutions looked at, at most")
    solve.add_argument("--processes", type=_whole, default=2, metavar="N")
    solve.add_argument("--as", dest="shape", choices=SHAPES, default="json")
    solve.add_argument("-o", "--out", type=Path, help="a file instead of standard output")
    solve.set_defaults(run=run_solve)


def run_solve(asked: argparse.Namespace, settings: Settings) -> int:
    """Solve and write the plan; 1 when it leaves stops out, 2 when the file is refused.

    Ctrl-C ends the search, not the plan: the best so far is written.
    """
    try:
        text = asked.file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as reason:
        return _tell(f"{asked.file}: {getattr(reason, 'strerror', None) or 'no UTF-8 text'}")
    problem = open_plans.read(text, counties=package_counties(), shape=asked.shape)
    place = asked.out
    if place is not None and not os.access(place.parent, os.W_OK):
        return _tell(f"{place}: cannot be written, so nothing was solved")
    until = time.monotonic() + ROADS_SHARE * asked.deadline
    problem = open_plans.on_roads(problem, engine_of(settings), until=until)
    making = prepare_solver()
    how = How(asked.deadline, asked.seed, asked.effort, max(1, asked.processes))
    with _until_interrupted() as stop:
        found = open_plans.solve(
            problem, how=how, shape=asked.shape, tell=_progress, stopped=stop.is_set
        )
    _write(found.text, place)
    print(_summary(found, place), file=sys.stderr)
    if making:
        print(MAKING, file=sys.stderr)
    return LEFT_OUT if found.left_out else 0


def _write(text: str, place: Path | None) -> None:
    """Write the whole plan or nothing; where the file fails at the last, print it."""
    if place is None:
        sys.stdout.write(text if text.endswith("\n") else f"{text}\n")
        return
    try:
        part = place.with_name(f".{place.name}.part")
        part.write_text(text, encoding="utf-8", newline="")
        part.replace(place)
    except OSError as reason:
        _tell(f"{place}: {reason.strerror}; the plan is printed instead")
        sys.stdout.write(text)


@contextmanager
def _until_interrupted() -> Iterator[Event]:
    """Set the event on the first Ctrl-C; the second one ends the program as ever."""
    stop = Event()
    before = signal.getsignal(signal.SIGINT)

    def heard(_number: int, _frame: object) -> None:
        signal.signal(signal.SIGINT, before)
        stop.set()

    with suppress(ValueError):  # not in the main thread: then there is nobody to interrupt
        signal.signal(signal.SIGINT, heard)
    try:
        yield stop
    finally:
        with suppress(ValueError):
            signal.signal(signal.SIGINT, before)


def _progress(progress: int, engine: str, routes: object) -> None:
    rounds = len(routes) if isinstance(routes, dict) else 0
    print(f"{progress / 10:5.1f} % {engine}, {rounds} rounds", file=sys.stderr)


def _summary(found: Answered, place: Path | None) -> str:
    told = f"{found.rounds} rounds, {found.served} stops served, {found.left_out} left out"
    return told if place is None else f"{told}; written to {place}"


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 < value <= 86_400:  # noqa: PLR2004 - a day of seconds
        raise argparse.ArgumentTypeError("between 0 and 86400 seconds")
    return value


def _whole(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) >= 2**31:
        raise argparse.ArgumentTypeError("a whole number of 0 or more")
    return int(text)


def _tell(sentence: str) -> int:
    print(f"remelt: {sentence}", file=sys.stderr)
    return REFUSED
