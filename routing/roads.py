"""What every source of distances can tell: one pair, one row of legs, or a block of a table."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]
UNREACHABLE = -1


class Roads(ABC):
    """Metres and seconds from place to place; -1 metres is no road.

    A room of places that knows only `pairs` and `points` can answer all the rest, whether it
    keeps a table or works each pair out when it is asked.
    """

    keys: tuple[str, ...]
    _at: dict[str, int]

    @abstractmethod
    def pairs(self, starts: Whole, ends: Whole) -> tuple[Whole, Whole]:
        """Return metres and seconds of rows `starts` to rows `ends`, broadcast together."""

    @abstractmethod
    def points(self) -> NDArray[np.float64]:
        """Return a flat point for each place, near ones near: for drawing cells, not for cost."""

    @abstractmethod
    def part(self, keys: Sequence[str]) -> "Roads":
        """Return the same roads among some of the places only."""

    @abstractmethod
    def source(self, start: str, end: str) -> str:
        """Return where the figure of this pair comes from."""

    def table(self) -> "Roads":
        """Return the same roads with every pair worked out, for few places often asked about."""
        return self

    def sources_along(self, keys: Sequence[str]) -> list[str]:
        """Return where the figure of each leg of a way through `keys` comes from."""
        return [self.source(start, end) for start, end in pairwise(keys)]

    def fetch(self, starts: Whole, ends: Whole) -> None:
        """Work out many pairs at once, for roads that keep what they worked out."""
        del starts, ends  # a table has them all, and others are asked pair by pair

    def knows(self, key: str) -> bool:
        """Tell whether the place is known."""
        return key in self._at

    def index(self, key: str) -> int:
        """Return the row of a place."""
        return self._at[key]

    def metres(self, start: str, end: str) -> int | None:
        """Return the road distance; None where there is no road."""
        found = int(self.along((self._at[start], self._at[end]))[0][0])
        return None if found == UNREACHABLE else found

    def seconds(self, start: str, end: str) -> int:
        """Return the driving time; 0 where there is no road."""
        return int(self.along((self._at[start], self._at[end]))[1][0])

    def along(self, rows: Sequence[int]) -> tuple[list[int], list[int]]:
        """Return metres and seconds of each leg of a way through `rows`."""
        way = np.asarray(rows, dtype=np.int64)
        metres, seconds = self.pairs(way[:-1], way[1:])
        return metres.tolist(), seconds.tolist()

    def block(self, rows: Sequence[int]) -> tuple[Whole, Whole]:
        """Return the tables of metres and seconds among `rows`."""
        way = np.asarray(rows, dtype=np.int64)
        return self.pairs(way[:, None], way[None, :])
