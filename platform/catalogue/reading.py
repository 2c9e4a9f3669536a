"""Read a reference file: every row of it, or every reason why not."""

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from remelt.platform.catalogue.cells import BadCell, Fields, Reader
from remelt.platform.catalogue.columns import VALIDITY
from remelt.platform.catalogue.kinds import KINDS, Kind

LARGEST_BYTES = 5_000_000
MOST_ROWS = 100_000
MOST_PROBLEMS = 500


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend: the row as a spreadsheet counts it (1 is the header), column, reason."""

    row: int
    column: str
    reason: str
    value: str = ""


@dataclass(slots=True)
class Reading:
    """What a file says: its kind and rows, or problems. `lines` are the rows' line numbers."""

    sha256: str
    kind: Kind | None = None
    rows: list[Fields] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def blame(self, row: int, column: str, reason: str, value: str = "") -> None:
        """Note a problem; what goes beyond the first 500 is left out."""
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Problem(row, column, reason, value[:60]))


def read_reference(content: bytes) -> Reading:
    """Read one CSV file: UTF-8, one header row. Touches no database and refuses nothing itself."""
    reading = Reading(sha256=hashlib.sha256(content).hexdigest())
    records = _records(content, reading)
    if records is None:
        return reading
    header = [cell.strip() for cell in records[0]]
    reading.kind = _kind_of(header)
    if reading.kind is None:
        reading.blame(1, "", "kind-unknown", ", ".join(header))
        return reading
    readers = _readers(reading.kind, header, reading)
    if not reading.problems:
        _read_rows(reading, records, header, readers)
        _check_rows(reading, reading.kind)
    return reading


def _records(content: bytes, reading: Reading) -> list[list[str]] | None:
    if len(content) > LARGEST_BYTES:
        reading.blame(1, "", "file-too-large")
        return None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as reason:
        reading.blame(content.count(b"\n", 0, reason.start) + 1, "", "not-utf-8")
        return None
    if "\0" in text:
        reading.blame(text.count("\n", 0, text.index("\0")) + 1, "", "control-character")
        return None
    try:
        records = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error:
        reading.blame(1, "", "not-csv")
        return None
    if len(records) < 2 or len(records) > MOST_ROWS:  # noqa: PLR2004 - a header and a row
        reading.blame(1, "", "no-rows" if len(records) < 2 else "file-too-large")  # noqa: PLR2004
        return None
    return records


def _kind_of(header: Sequence[str]) -> Kind | None:
    """The kind whose columns are most alike; half of both together must be shared."""
    given = set(header) - set(VALIDITY)
    shares = [
        (len(given & set(kind.columns)) / len(given | set(kind.columns)), kind) for kind in KINDS
    ]
    share, best = max(shares, key=lambda pair: pair[0])
    return best if share >= 0.5 else None  # noqa: PLR2004


def _readers(kind: Kind, header: Sequence[str], reading: Reading) -> Mapping[str, Reader]:
    readers = {**kind.columns, **kind.optional, **VALIDITY}
    for column in kind.columns:
        if column not in header:
            reading.blame(1, column, "column-missing")
    for place, column in enumerate(header):
        if column not in readers:
            reading.blame(1, column, "column-unknown")
        elif column in header[:place]:
            reading.blame(1, column, "column-twice")
    return readers


def _read_rows(
    reading: Reading,
    records: Sequence[Sequence[str]],
    header: Sequence[str],
    readers: Mapping[str, Reader],
) -> None:
    defaults = reading.kind.defaults if reading.kind else {}
    for line, record in enumerate(records[1:], start=2):
        if not any(cell.strip() for cell in record):
            continue
        if len(record) != len(header):
            few = len(record) < len(header)
            reading.blame(line, "", "cells-missing" if few else "cells-too-many")
            continue
        row: Fields = {**defaults, "valid_from": None, "valid_to": None}
        before = len(reading.problems)
        for column, cell in zip(header, record, strict=True):
            try:
                row.update(readers[column](cell))
            except BadCell as bad:
                reading.blame(line, column, bad.reason, cell)
        if len(reading.problems) == before:
            reading.rows.append(row)
            reading.lines.append(line)


def _check_rows(reading: Reading, kind: Kind) -> None:
    """Compare cells with their neighbours, and rows with each other."""
    seen: dict[tuple[Any, ...], int] = {}
    for line, row in _numbered(reading):
        for column, reason in kind.check(row):
            reading.blame(line, column, reason)
        start, end = row["valid_from"], row["valid_to"]
        if start is not None and end is not None and end < start:
            reading.blame(line, "valid_to", "before-valid-from", str(end))
        key = (*(row[name] for name in kind.key), start)
        if key in seen:
            reading.blame(line, kind.key[-1], "row-twice", f"{seen[key]}")
        seen[key] = line
    reading.problems.sort(key=lambda problem: problem.row)


def _numbered(reading: Reading) -> Iterator[tuple[int, Mapping[str, Any]]]:
    yield from zip(reading.lines, reading.rows, strict=True)
