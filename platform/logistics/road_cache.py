"""What a road engine said, kept in a file: by pair of points rounded to some ten metres.

A cache and nothing else: it may be deleted at any time, and another edition of the map is
another name, so nothing old is taken for new.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final

from remelt.routing.book import Degrees, Engine, Found

MOST_ROWS: Final = 500_000
PLACES: Final = 4  # decimals of a degree: about 11 m
WAIT_S: Final = 2.0
MADE: Final = """
CREATE TABLE IF NOT EXISTS pair (
  source TEXT NOT NULL, start TEXT NOT NULL, "end" TEXT NOT NULL,
  metres INTEGER, seconds INTEGER,
  PRIMARY KEY (source, start, "end")
)
"""
LOOK: Final = 'SELECT metres, seconds FROM pair WHERE source = ? AND start = ? AND "end" = ?'
KEEP: Final = "INSERT OR REPLACE INTO pair VALUES (?, ?, ?, ?, ?)"
DROP: Final = (
    "DELETE FROM pair WHERE rowid IN (SELECT rowid FROM pair ORDER BY rowid LIMIT "
    "max(0, (SELECT count(*) FROM pair) - ?))"
)


class Cached:
    """An engine that is asked only for what it has not said yet.

    A file that cannot be opened or written is done without.
    """

    def __init__(self, engine: Engine, path: Path, *, most_rows: int = MOST_ROWS) -> None:
        self.name, self.most = engine.name, engine.most
        self._engine, self._path, self._most_rows = engine, path, most_rows

    def table(self, starts: Sequence[Degrees], ends: Sequence[Degrees]) -> Found:
        """Return (metres, seconds) of each start to each end. Raises `NoAnswer`."""
        known = self._known(starts, ends)
        if known is not None:
            return known
        found = self._engine.table(starts, ends)
        self._remember(starts, ends, found)
        return found

    def _known(self, starts: Sequence[Degrees], ends: Sequence[Degrees]) -> Found | None:
        """Return the whole table where every pair of it is kept."""
        found: Found = []
        with suppress(sqlite3.Error, OSError), self._open() as rows:
            for start in starts:
                row: list[tuple[int, int] | None] = []
                for end in ends:
                    kept = rows.execute(LOOK, (self.name, _key(start), _key(end))).fetchone()
                    if kept is None:
                        return None
                    row.append(None if kept[0] is None else (kept[0], kept[1]))
                found.append(row)
            return found
        return None

    def _remember(self, starts: Sequence[Degrees], ends: Sequence[Degrees], found: Found) -> None:
        rows = [
            (self.name, _key(start), _key(end), *(found[a][b] or (None, None)))
            for a, start in enumerate(starts)
            for b, end in enumerate(ends)
        ]
        with suppress(sqlite3.Error, OSError), self._open() as kept:
            kept.executemany(KEEP, rows)
            kept.execute(DROP, (self._most_rows,))
            kept.commit()

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self._path, timeout=WAIT_S)) as made:
            made.execute("PRAGMA journal_mode=WAL")
            made.execute(MADE)
            yield made


def _key(point: Degrees) -> str:
    return f"{point[0]:.{PLACES}f},{point[1]:.{PLACES}f}"
