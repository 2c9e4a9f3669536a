"""Roads that somebody knows better: measured pairs, and those that a road engine works out.

All the rest is geodesic times a detour factor, so that there is always an answer; each pair says
where its figure comes from.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from remelt.routing.field import Globe
from remelt.routing.matrix import MOST_IN_A_TABLE, Known, Matrix, better
from remelt.routing.roads import Roads, Whole

Degrees = tuple[float, float]
Found = list[list[tuple[int, int] | None]]
MOST_FAILURES = 2


class NoAnswer(Exception):
    """A road engine did not answer, or not with what was asked."""


class Engine(Protocol):
    """Works out metres and seconds of many pairs at once."""

    name: str
    most: int  # places in one request

    def table(self, starts: Sequence[Degrees], ends: Sequence[Degrees]) -> Found:
        """Return (metres, seconds) of each start to each end; None where it knows no way.

        Points are (lat, lon) in degrees. Raises `NoAnswer`.
        """


@dataclass(eq=False)
class Book(Roads):
    """A globe whose pairs can be told better. What was learnt is kept; nothing is forgotten.

    engine: asked for whole parts of the map at once (a cell, a small day), never pair by pair.
    until: a moment of `time.monotonic` after which no more is asked.
    """

    globe: Globe
    engine: Engine | None = None
    until: float | None = None
    failures: list[str] = field(default_factory=list)
    _codes: Whole = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    _told: Whole = field(default_factory=lambda: np.empty((0, 3), dtype=np.int64))
    _names: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.keys = self.globe.keys
        self._at = self.globe._at  # noqa: SLF001 - the same rows

    def learn(self, known: Mapping[tuple[str, str], Known]) -> None:
        """Take in what somebody knows of pairs; a later word stands above an earlier one."""
        rows = [
            (self._at[start], self._at[end], each)
            for (start, end), each in known.items()
            if start in self._at and end in self._at
        ]
        if not rows:
            return
        starts, ends = np.array([row[:2] for row in rows], dtype=np.int64).T
        metres, seconds = self.globe.pairs(starts, ends)
        told = [
            (*better(each, (int(m), int(s))), self._name(each.source))
            for (_, _, each), m, s in zip(rows, metres, seconds, strict=True)
        ]
        self._keep(starts * len(self.keys) + ends, np.array(told, dtype=np.int64))

    def pairs(self, starts: Whole, ends: Whole) -> tuple[Whole, Whole]:
        """Return metres and seconds of rows `starts` to rows `ends`, broadcast together."""
        metres, seconds = self.globe.pairs(starts, ends)
        self.overlay(starts, ends, metres, seconds)
        return metres, seconds

    def overlay(self, starts: Whole, ends: Whole, metres: Whole, seconds: Whole) -> None:
        """Write what was told of some pairs over the figures of all of them."""
        at, there = self._find(starts, ends)
        metres[there], seconds[there] = self._told[at[there], 0], self._told[at[there], 1]

    def told(self) -> tuple[Whole, Whole, Whole]:
        """Return what was told: row of the start x places + row of the end, metres, seconds."""
        return self._codes, self._told[:, 0], self._told[:, 1]

    def points(self) -> NDArray[np.float64]:
        """Return the points on a sheet."""
        return self.globe.points()

    def part(self, keys: Sequence[str]) -> Roads:
        """Return the roads among some of the places, all asked of the engine if there is one."""
        if len(keys) > MOST_IN_A_TABLE:
            return self._smaller(keys)
        rows = np.array([self._at[key] for key in keys], dtype=np.int64)
        self._ask(rows)
        metres, seconds = self.pairs(rows[:, None], rows[None, :])
        names, sources = self._sources(rows[:, None], rows[None, :])
        return Matrix(tuple(keys), metres, seconds, sources, names)

    def table(self) -> Roads:
        """Return the same roads with every pair worked out, unless they are too many for that."""
        return self if len(self.keys) > MOST_IN_A_TABLE else self.part(self.keys)

    def sources_along(self, keys: Sequence[str]) -> list[str]:
        """Return where the figure of each leg of a way through `keys` comes from."""
        rows = np.array([self._at[key] for key in keys], dtype=np.int64)
        names, sources = self._sources(rows[:-1], rows[1:])
        return [names[at] for at in sources.tolist()]

    def source(self, start: str, end: str) -> str:
        """Return where the figure of this pair comes from."""
        return self.sources_along((start, end))[0]

    def _smaller(self, keys: Sequence[str]) -> "Book":
        made = Book(self.globe.part(keys), self.engine, self.until, self.failures)
        wanted = {self._at[key]: at for at, key in enumerate(keys)}
        size = len(self.keys)
        codes, rows = [], []
        for code, told in zip(self._codes.tolist(), self._told.tolist(), strict=True):
            start, end = divmod(code, size)
            if start in wanted and end in wanted:
                codes.append(wanted[start] * len(keys) + wanted[end])
                rows.append((*told[:2], made._name(self._names[told[2]])))
        if codes:
            made._keep(np.array(codes), np.array(rows))
        return made

    def _ask(self, rows: Whole) -> None:
        """Ask the engine, block by block, for the pairs that nobody has told yet."""
        if self.engine is None:
            return
        half = max(1, self.engine.most // 2)
        blocks = [rows[at : at + half] for at in range(0, len(rows), half)]
        for starts, ends in product(blocks, blocks):
            if len(self.failures) >= MOST_FAILURES or self._late():
                return
            _, there = self._find(starts[:, None], ends[None, :])
            if not (there | (starts[:, None] == ends[None, :])).all():
                self._ask_block(self.engine, starts, ends)

    def _ask_block(self, engine: Engine, starts: Whole, ends: Whole) -> None:
        try:
            found = engine.table(self._degrees(starts), self._degrees(ends))
        except NoAnswer as reason:
            self.failures.append(str(reason)[:200])
            return
        name = self._name(engine.name)
        told = {
            int(start) * len(self.keys) + int(end): (*found[a][b], name)  # type: ignore[misc]
            for a, start in enumerate(starts)
            for b, end in enumerate(ends)
            if start != end and found[a][b] is not None
        }
        new = [code for code in told if not self._has(code)]
        if new:
            self._keep(np.array(new), np.array([told[code] for code in new], dtype=np.int64))

    def _degrees(self, rows: Whole) -> list[Degrees]:
        lat, lon = self.globe.lat[rows].tolist(), self.globe.lon[rows].tolist()
        return list(zip(lat, lon, strict=True))

    def _late(self) -> bool:
        return self.until is not None and time.monotonic() > self.until

    def _has(self, code: int) -> bool:
        at = int(np.searchsorted(self._codes, code))
        return at < len(self._codes) and int(self._codes[at]) == code

    def _find(self, starts: Whole, ends: Whole) -> tuple[Whole, NDArray[np.bool_]]:
        codes = starts * len(self.keys) + ends
        if not len(self._codes):
            return codes, np.zeros(codes.shape, dtype=bool)
        at = np.minimum(np.searchsorted(self._codes, codes), len(self._codes) - 1)
        return at, self._codes[at] == codes

    def _sources(self, starts: Whole, ends: Whole) -> tuple[tuple[str, ...], Whole]:
        names, sources = self.globe.sources(starts, ends)
        if self.engine is not None:
            lack = f", no {self.engine.name}"
            names = (names[0], *(f"{name}{lack}" for name in names[1:]))
        at, there = self._find(starts, ends)
        sources[there] = len(names) + self._told[at[there], 2]
        return (*names, *self._names), sources

    def _name(self, name: str) -> int:
        if name not in self._names:
            self._names.append(name)
        return self._names.index(name)

    def _keep(self, codes: Whole, told: Whole) -> None:
        """Merge in; of two words on one pair the later stands."""
        every = np.concatenate((self._codes, codes))
        rows = np.concatenate((self._told, told))
        order = np.argsort(every, kind="stable")
        every, rows = every[order], rows[order]
        last = np.ones(len(every), dtype=bool)
        last[:-1] = every[1:] != every[:-1]
        self._codes, self._told = every[last], rows[last]
