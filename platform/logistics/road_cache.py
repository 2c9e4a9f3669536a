"""What a road engine said, kept in a file: by pair of points rounded to some ten metres.

A cache and nothing else: it may be deleted at any time, and another edition of the map is
another name, so nothing old is taken for new.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final

from remelt.routing.book import Degrees, Engine, Found, NoAnswer

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
FROM: Final = (
    'SELECT "end", metres, seconds FROM pair WHERE source = ? AND start = ? AND metres IS NOT NULL'
)
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

    def ask_beside(self, points: Sequence[Degrees]) -> None:
        """Ask for the ways between the first point and the others, as far as it answers."""
        step = max(1, self.most - 1)
        with suppress(NoAnswer):
            for at in range(1, len(points), step):
                others = points[at : at + step]
                self.table(points[:1], others)
                self.table(others, points[:1])

    def kept(self) -> "Kept":
        """Return what the engine has said so far, for who may not wait for it."""
        return Kept(self.name, self.most, self._path)

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
        with _opened(self._path) as made:
            yield made


class Kept:
    """An engine's answers of before: what it never said, it does not know."""

    def __init__(self, name: str, most: int, path: Path) -> None:
        self.name, self.most, self._path = name, most, path

    def table(self, starts: Sequence[Degrees], ends: Sequence[Degrees]) -> Found:
        """Return (metres, seconds) of each pair that was ever asked, None of others."""
        there: dict[str, dict[str, tuple[int, int]]] = {}
        with suppress(sqlite3.Error, OSError), _opened(self._path) as rows:
            for start in {_key(each) for each in starts}:
                kept = rows.execute(FROM, (self.name, start))
                there[start] = {end: (metres, seconds) for end, metres, seconds in kept}
        return [[there.get(_key(a), {}).get(_key(b)) for b in ends] for a in starts]


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path, timeout=WAIT_S)) as made:
        made.execute("PRAGMA journal_mode=WAL")
        made.execute(MADE)
        yield made


def _key(point: Degrees) -> str:
    return f"{point[0]:.{PLACES}f},{point[1]:.{PLACES}f}"
