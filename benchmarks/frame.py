"""What every benchmark prints: one table of figures beside their peers, or one JSON object.

A benchmark is a file of this folder, run by its name: `python benchmarks/ledger.py [--quick]
[--json] [--only NAME ...]`. Its measures yield rows; a row's ratio is against a peer of the same
run, because only ratios travel from machine to machine.
"""

import argparse
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass


@dataclass(frozen=True, kw_only=True)
class Row:
    """One figure. reach: what the issue asks for, in words; met: whether it was, None if unsaid.

    ours, peer: in `unit`; ratio: ours over peer, None where there is no peer. note: what a
    reader must know to read the figure (sizes, seeds, database).
    """

    what: str
    ours: float
    unit: str
    peer: float | None = None
    peer_name: str = ""
    ratio: float | None = None
    reach: str = ""
    met: bool | None = None
    note: str = ""


Measure = Callable[[bool], Iterable[Row]]


def run(title: str, measures: Mapping[str, Measure]) -> int:
    """Run the measures asked for on the command line and print them; 1 when a reach was missed."""
    asked = _asked(title, sorted(measures))
    rows: list[tuple[str, Row]] = []
    for name, measure in measures.items():
        if asked.only and name not in asked.only:
            continue
        start, cpu = time.perf_counter(), _cpu_s()
        for row in measure(asked.quick):
            rows.append((name, row))
            if not asked.json:
                _print_row(row)
        wall, cpu = time.perf_counter() - start, _cpu_s() - cpu
        print(f"# {name}: {wall:.1f} s wall, {cpu:.1f} s CPU, load {_load()}", file=sys.stderr)
    if asked.json:
        rows_said = [{"measure": name, **asdict(row)} for name, row in rows]
        said = {
            "title": title,
            "quick": asked.quick,
            "cores": os.cpu_count(),
            "load": _load(),
            "rows": rows_said,
        }
        print(json.dumps(said, ensure_ascii=False, indent=1))
    return 1 if any(row.met is False for _, row in rows) else 0


def _asked(title: str, names: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=title)
    parser.add_argument("--quick", action="store_true", help="small sizes; ends within 60 s")
    parser.add_argument("--json", action="store_true", help="one object of figures")
    parser.add_argument("--only", nargs="+", choices=names, metavar="NAME", help=", ".join(names))
    return parser.parse_args()


def _print_row(row: Row) -> None:
    ours = f"{_short(row.ours)} {row.unit}"
    peer = "" if row.peer is None else f"{row.peer_name} {_short(row.peer)} {row.unit}"
    ratio = "" if row.ratio is None else f"{row.ratio:.2f} x"
    verdict = {True: "reached", False: "MISSED", None: ""}[row.met]
    print(
        f"{row.what:<46} {ours:>18}  {peer:<36} {ratio:>9}  {row.reach:<28} {verdict}", flush=True
    )
    if row.note:
        print(f"  {row.note}", flush=True)


def _short(figure: float) -> str:
    if float(figure).is_integer() or abs(figure) >= 1000:
        return f"{figure:,.0f}"
    return f"{figure:.3g}" if abs(figure) < 1 else f"{figure:.2f}"


def _cpu_s() -> float:
    """CPU seconds of this process and the children it has waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def _load() -> float:
    return round(os.getloadavg()[0], 1)
