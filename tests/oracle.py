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
        if self.best is None:
            if most < self.start:
                return "bid-too-low"
            self._take(bidder, max(price, self.start), most, at)
            return ""
        if bidder == self.winner:
            return self._leader_again(price, most, at)
        if most < self.best + self.step:
            return "bid-too-low"
        return self._contest(bidder, price, most, at)

    def _contest(self, bidder: int, price: int, most: int, at: datetime) -> str:
        ahead = most - self.top
        if ahead >= self.step:
            self._take(bidder, max(price, self.top + self.step), most, at)
            return ""
        leader, top = self.winner, self.top
        if -ahead >= self.step:
            self._take(bidder, most, most, at)
            self._take(leader, most + self.step, top, at)
            return ""
        self._take(leader, top, top, at)
        return "bid-too-low"

    def _leader_again(self, price: int, most: int, at: datetime) -> str:
        rises = price >= self.best + self.step
        if not rises and (most <= self.top or most == price):
            return "bid-too-low"
        self._take(self.winner, price if rises else self.best, max(most, self.top), at)
        return ""

    def _take(self, bidder: int, price: int, most: int, at: datetime) -> None:
        price = max(price, min(most, self.reserve))
        if self.best is None or price > self.best:
            self.accepted.append(price)
            if self.closes - at < self.extension:
                self.closes = max(self.closes, min(at + self.extension, self.hard_close))
        self.best, self.winner, self.top = price, bidder, most
        self.lines.append((bidder, price, ""))
