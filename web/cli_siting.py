"""`remelt siting solve`: a file with a scenario becomes an answer, without an installation."""

import argparse
import sys
from pathlib import Path
from typing import Any

import orjson

from remelt.platform.kernel.settings import Settings
from remelt.platform.logistics.siting.asking import DEADLINE_S
from remelt.platform.logistics.siting.solving import read_file, solved

SHAPES = ("json", "two-stage", "single-source")
IMPOSSIBLE, REFUSED = 1, 2
MOST_SECONDS = 86_400
FEN_PER_YUAN = 100


def add_siting(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `siting solve`."""
    room = commands.add_parser("siting", help="site hubs from files")
    actions = room.add_subparsers(dest="action", required=True, metavar="WHAT")
    solve = actions.add_parser("solve", help="a scenario becomes hubs and flows with their bound")
    solve.add_argument("file", type=Path, metavar="FILE")
    solve.add_argument("--format", dest="shape", choices=SHAPES, default="json")
    solve.add_argument("--deadline", type=_seconds, default=float(DEADLINE_S), metavar="S")
    solve.add_argument("--seed", type=int, default=1, metavar="N")
    solve.add_argument("-o", "--out", type=Path, help="a file instead of standard output")
    solve.set_defaults(run=run_solve)


def run_solve(asked: argparse.Namespace, _settings: Settings) -> int:
    """Solve and write the answer; 1 when none exists, 2 when the file cannot be read."""
    try:
        text = asked.file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as reason:
        print(f"remelt: {asked.file}: {reason}", file=sys.stderr)
        return REFUSED
    scenario, barred = read_file(text, shape=asked.shape)
    found = solved(scenario, barred, seed=asked.seed, deadline_s=asked.deadline, report=_told)
    written = orjson.dumps(found, option=orjson.OPT_INDENT_2).decode() + "\n"
    if asked.out is None:
        sys.stdout.write(written)
    else:
        asked.out.write_text(written, encoding="utf-8")
    print(_summary(found), file=sys.stderr)
    return IMPOSSIBLE if found["answer"] is None else 0


def _told(progress: int, note: str = "", incumbent: dict[str, Any] | None = None) -> None:
    if incumbent is not None:
        print(f"{progress / 10:5.1f} % {note}: {_figures(incumbent['answer'])}", file=sys.stderr)


def _summary(found: dict[str, Any]) -> str:
    if found["answer"] is None:
        return "no answer: " + "; ".join(
            f"{each['code']} {each['subject']}: {each['given']} given, {each['needed']} needed"
            for each in found["obstacles"]
        )
    return _figures(found["answer"])


def _figures(answer: dict[str, Any]) -> str:
    cost, bound = (
        fen / FEN_PER_YUAN for fen in (answer["verdict"]["total_fen"], answer["bound_fen"])
    )
    proof = "proven the least" if answer["proven"] else f"gap {answer['gap_ppm'] / 10_000:.3f} %"
    return f"{len(answer['sites']['steps'])} hubs, {cost:,.2f}, bound {bound:,.2f}, {proof}"


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 < value <= MOST_SECONDS:
        raise argparse.ArgumentTypeError("between 0 and 86400 seconds")
    return value
