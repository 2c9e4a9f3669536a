"""Files of distances: a CSV of pairs, or JSON of pairs or of a whole table. Touches no database."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from remelt.platform.logistics.errors import BadRoadFile
from remelt.platform.logistics.road_problems import Problem

MOST_BYTES: Final = 4 * 2**20
MOST_LINES: Final = 20_000
MOST_PROBLEMS: Final = 100
COLUMNS: Final = frozenset({"from", "to", "distance_m", "duration_s"})
NO_ROAD: Final = -1


@dataclass(frozen=True, slots=True)
class Line:
    """What a file says of one pair; no distance is no road. row: as a spreadsheet counts it."""

    row: int
    start: str
    end: str
    distance_m: int | None
    duration_s: int | None


def read_roads(content: bytes) -> list[Line]:
    """Return the pairs of a file. Raises `BadRoadFile` with every bad line."""
    if len(content) > MOST_BYTES:
        raise BadRoadFile([Problem(1, "too-large")])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadRoadFile([Problem(1, "not-utf-8")]) from None
    rows = list(_of_json(text) if text.lstrip()[:1] in {"{", "["} else _of_csv(text))
    if not rows:
        raise BadRoadFile([Problem(1, "empty")])
    if len(rows) > MOST_LINES:
        raise BadRoadFile([Problem(MOST_LINES, "too-many-lines")])
    lines, problems = [], []
    for number, row in rows:
        try:
            lines.append(_line(number, row))
        except ValueError as reason:
            problems.append(Problem(number, str(reason)))
    if problems:
        raise BadRoadFile(problems[:MOST_PROBLEMS])
    return lines


def _of_csv(text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    reader = csv.DictReader(io.StringIO(text, newline=""))
    try:
        names = {(name or "").strip() for name in reader.fieldnames or ()}
        if not {"from", "to", "distance_m"} <= names <= COLUMNS:
            raise BadRoadFile([Problem(1, "columns")])
        for row in reader:
            yield reader.line_num, {str(name).strip(): cell for name, cell in row.items()}
    except csv.Error:
        raise BadRoadFile([Problem(reader.line_num, "not-csv")]) from None


def _of_json(text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        raise BadRoadFile([Problem(1, "not-json")]) from None
    if isinstance(told, list):
        for at, row in enumerate(told):
            if not isinstance(row, dict) or not {"from", "to"} <= row.keys() <= COLUMNS:
                raise BadRoadFile([Problem(at + 1, "columns")])
            yield at + 1, row
        return
    yield from _of_table(told)


def _of_table(told: dict[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    """A whole table: `keys`, `distance_m` and perhaps `duration_s`, row by row."""
    keys, tables = told.get("keys"), [told.get("distance_m"), told.get("duration_s")]
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
        raise BadRoadFile([Problem(1, "keys")])
    for table in tables if tables[1] is not None else tables[:1]:
        square = isinstance(table, list) and len(table) == len(keys)
        if not square or any(not isinstance(r, list) or len(r) != len(keys) for r in table or ()):
            raise BadRoadFile([Problem(1, "table-not-square")])
    for a, start in enumerate(keys):
        for b, end in enumerate(keys):
            if a != b:
                seconds = None if tables[1] is None else tables[1][a][b]
                row = {"distance_m": tables[0][a][b], "duration_s": seconds}  # type: ignore[index]
                yield a + 1, {"from": start, "to": end, **row}


def _line(number: int, row: dict[str, Any]) -> Line:
    start, end = row.get("from"), row.get("to")
    if not isinstance(start, str) or not isinstance(end, str):
        raise ValueError("from-and-to")  # noqa: TRY004 - one kind of refusal for a line
    metres = _figure(row.get("distance_m"), "distance_m")
    seconds = _figure(row.get("duration_s"), "duration_s")
    if metres is None or metres == NO_ROAD:
        return Line(number, start.strip(), end.strip(), None, None)
    return Line(number, start.strip(), end.strip(), metres, seconds)


def _figure(value: Any, name: str) -> int | None:
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, str):
        text = value.strip()
        if not (text.isascii() and text.removeprefix("-").isdigit() and len(text) <= 12):  # noqa: PLR2004 - digits of any road
            raise ValueError(name)
        return int(text)
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
        raise ValueError(name)
    return int(value)
