"""Lots by code without end: the latest stand in memory, the others in a file that nobody sees."""

import sqlite3
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import orjson

from remelt.traceability.door.sheet_rows import PLAIN, columns
from remelt.traceability.rules.states import NOTHING, State
from remelt.traceability.rules.views import LotView
from remelt.traceability.terms import LotSpec

HOT = 20_000
_SPEC = tuple(LotSpec.__dataclass_fields__)


class Shelf(Mapping[str, LotView]):
    """A mapping of lots that keeps `hot` of them in memory and spills the rest to disk.

    The file is SQLite's own temporary one: it has no name and goes with the shelf.
    """

    def __init__(self, *, hot: int = HOT) -> None:
        self._most = hot
        self._hot: OrderedDict[str, LotView] = OrderedDict()
        self._cold: sqlite3.Connection | None = None
        self._count = 0

    def put(self, lot: LotView) -> None:
        """Keep a lot as it now is."""
        if lot.code not in self:
            self._count += 1
        self._keep(lot)

    def close(self) -> None:
        """Give the file back."""
        if self._cold is not None:
            self._cold.close()

    def __getitem__(self, code: str) -> LotView:
        found = self._hot.get(code)
        if found is not None:
            self._hot.move_to_end(code)
            return found
        row = self._asked("SELECT row FROM lot WHERE code = ?", code)
        if row is None:
            raise KeyError(code)
        lot = _read(orjson.loads(row[0]))
        self._keep(lot)
        return lot

    def __contains__(self, code: object) -> bool:
        return (
            code in self._hot or self._asked("SELECT 1 FROM lot WHERE code = ?", code) is not None
        )

    def __iter__(self) -> Iterator[str]:
        yield from list(self._hot)
        if self._cold is not None:
            for (code,) in self._cold.execute("SELECT code FROM lot ORDER BY code"):
                if code not in self._hot:
                    yield code

    def __len__(self) -> int:
        return self._count

    def _keep(self, lot: LotView) -> None:
        self._hot[lot.code] = lot
        self._hot.move_to_end(lot.code)
        if len(self._hot) > self._most:
            self._spill()

    def _spill(self) -> None:
        """Write the older half away."""
        if self._cold is None:
            self._cold = sqlite3.connect("", isolation_level=None)
            self._cold.execute("CREATE TABLE lot (code TEXT PRIMARY KEY, row BLOB) WITHOUT ROWID")
        older = [self._hot.popitem(last=False)[1] for _ in range(len(self._hot) // 2)]
        self._cold.execute("BEGIN")
        self._cold.executemany(
            "INSERT OR REPLACE INTO lot VALUES (?, ?)",
            [(lot.code, orjson.dumps(columns(lot))) for lot in older],
        )
        self._cold.execute("COMMIT")

    def _asked(self, statement: str, code: object) -> tuple[Any, ...] | None:
        if self._cold is None:
            return None
        row: tuple[Any, ...] | None = self._cold.execute(statement, (code,)).fetchone()
        return row


def _read(row: Mapping[str, Any]) -> LotView:
    plain = {name: row[name] for name in PLAIN}
    plain["made_at"] = datetime.fromisoformat(plain["made_at"])
    spec = LotSpec(**{name: row[name] for name in _SPEC})
    outside = State.from_json(row["outside"]) if row["outside"] else NOTHING
    return LotView(spec=spec, state=State.from_json(row["state"]), outside=outside, **plain)
