"""Commands of the reference data: import an edition, list what is loaded."""

import argparse
import sys
from pathlib import Path

from remelt.platform.catalogue.errors import BadFile
from remelt.platform.catalogue.loading import import_file
from remelt.platform.catalogue.queries import editions
from remelt.platform.catalogue.reading import MOST_PROBLEMS, Problem
from remelt.platform.kernel.clock import SystemClock
from remelt.platform.kernel.settings import Settings
from remelt.web.cli_base import as_installed
from remelt.web.messages.catalogue import REASONS
from remelt.web.wiring import new_store


def add_catalogue(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `catalogue import` and `catalogue list`."""
    room = commands.add_parser("catalogue", help="reference data: editions and where they are from")
    actions = room.add_subparsers(dest="action", required=True, metavar="ACTION")
    load = actions.add_parser("import", help="load a CSV as a new edition; all of it or nothing")
    load.add_argument("file", type=Path, metavar="FILE", help="CSV in UTF-8 with one header row")
    load.add_argument("--edition", help="the edition's name; the file's own name by default")
    load.set_defaults(run=run_import)
    shown = actions.add_parser("list", help="list the editions that are loaded")
    shown.set_defaults(run=run_list)


def run_import(asked: argparse.Namespace, settings: Settings) -> int:
    """Load one file; name every bad cell by row, column and reason, and change nothing then."""
    try:
        content = asked.file.read_bytes()
    except OSError as reason:
        print(f"remelt: {asked.file}: {reason.strerror}", file=sys.stderr)
        return 2
    store = new_store(as_installed(settings).url, clock=SystemClock())
    try:
        with store.write() as session:
            load = import_file(
                session,
                clock=SystemClock(),
                name=asked.file.name,
                content=content,
                edition=asked.edition or asked.file.stem,
            )
            print(f"loaded {load.rows} rows of {load.kind} as edition {load.name}")
    except BadFile as refused:
        _tell_problems(refused)
        raise
    finally:
        store.close()
    return 0


def run_list(_asked: argparse.Namespace, settings: Settings) -> int:
    """Print one line for each load: kind, rows, edition, file."""
    store = new_store(as_installed(settings).url, clock=SystemClock())
    with store.read() as session:
        for load in editions(session):
            at = load.loaded_at.strftime("%Y-%m-%d") if load.loaded_at else "-"
            print(f"{load.kind:12} {load.rows:6} {at:10}  {load.name}  ({load.file_name})")
    store.close()
    return 0


def _tell_problems(refused: BadFile) -> None:
    problems: list[Problem] = refused.facts["problems"]  # type: ignore[assignment]
    for problem in problems:
        column = f", column {problem.column}" if problem.column else ""
        value = f" ({problem.value!r})" if problem.value else ""
        reason = REASONS.get(problem.reason, problem.reason)
        print(f"row {problem.row}{column}: {reason}{value}", file=sys.stderr)
    if len(problems) == MOST_PROBLEMS:
        print(f"... only the first {MOST_PROBLEMS} are told", file=sys.stderr)
