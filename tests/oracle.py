"""An auction in memory, written apart from the product: given the order, it says the verdicts.

It shares no code with `market.bids`; a disagreement means that one of the two is wrong.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass
class Oracle:
    """An ascending auction with limits, a reserve and a soft close, as docs/bidding.md tells it.

    lines: who stood at which price with which verdict, in the order of the record.
    """

    seller: int
    start: int
    step: int
    closes: datetime
    hard_close: datetime
    extension: timedelta
    reserve: int = 0
    bands: tuple[tuple[int, int], ...] = ()
    tick: int = 1
    most_rise: int = 0
    linked: frozenset[int] = frozenset()
    unfit: frozenset[int] = frozenset()
    best: int | None = None
    top: int = 0
    winner: int | None = None
    accepted: list[int] = field(default_factory=list)
    lines: list[tuple[int, int, str]] = field(default_factory=list)

    def hear(self, *, bidder: int, price: int, at: datetime, limit: int | None = None) -> str:
        """Answer one offer with the empty string, or the code of its refusal."""
        most = price if limit is None else limit
        said = self._bars(bidder, at) or self._weigh(bidder, price, most, at)
        if said:
            self.lines.append((bidder, price, said))
        return said

    def _bars(self, bidder: int, at: datetime) -> str:
        if at >= self.closes:
            return "bidding-over"
        if bidder == self.seller:
            return "own-listing"
        if bidder in self.linked:
            return "linked-bidder"
        return "unfit-for-productive-scrap" if bidder in self.unfit else ""

    def _weigh(self, bidder: int, price: int, most: int, at: datetime) -> str:
        least = self.start if self.best is None else self._next(self.best)
        if most >= least:
            slip = self._slip(price, most, least)
            if slip:
                return slip
        if self.best is not None and bidder == self.winner:
            return self._leader_again(price, most, at)
        if most < least:
            return "bid-too-low"
        if self.best is None:
            self._take(bidder, max(price, self.start), most, at)
            return ""
        return self._contest(bidder, price, most, at)

    def _slip(self, price: int, most: int, least: int) -> str:
        if price // self.tick * self.tick != price or most // self.tick * self.tick != most:
            return "bid-off-tick"
        return "rise-too-great" if self.most_rise and price - least > self.most_rise else ""

    def _next(self, price: int) -> int:
        """The least that passes a price, by the step of the highest band at or under it."""
        reached = [by for start, by in self.bands if start <= price]
        return price + (reached[-1] if reached else self.step)

    def _contest(self, bidder: int, price: int, most: int, at: datetime) -> str:
        if most >= self._next(self.top):
            self._take(bidder, max(price, self._next(self.top)), most, at)
            return ""
        leader, top = self.winner, self.top
        if top >= self._next(most):
            self._take(bidder, most, most, at)
            self._take(leader, self._next(most), top, at)
            return ""
        self._take(leader, top, top, at)
        return "bid-too-low"

    def _leader_again(self, price: int, most: int, at: datetime) -> str:
        rises = price >= self._next(self.best)
        if not rises and (most <= self.top or most == price):
            return "bid-too-low"
        self._take(self.winner, price if rises else self.best, max(most, self.top), at)
        return ""

    def _take(self, bidder: int, price: int, most: int, at: datetime) -> None:
        price = max(price, self.reserve) if most >= self.reserve else price
        if self.best is None or price > self.best:
            self.accepted.append(price)
            if self.closes - at < self.extension:
                self.closes = max(self.closes, min(at + self.extension, self.hard_close))
        self.best, self.winner, self.top = price, bidder, most
        self.lines.append((bidder, price, ""))
