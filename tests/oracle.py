"""An auction in memory, written apart from the product: given the order, it says the verdicts.

It shares no code with `market.bidding`; a disagreement means that one of the two is wrong.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass
class Oracle:
    """An ascending auction with a soft close, as market.md describes it."""

    seller: int
    start: int
    step: int
    closes: datetime
    hard_close: datetime
    extension: timedelta
    linked: frozenset[int] = frozenset()
    unfit: frozenset[int] = frozenset()
    best: int | None = None
    winner: int | None = None
    accepted: list[int] = field(default_factory=list)

    def hear(self, *, bidder: int, price: int, at: datetime) -> str:
        """Answer one bid with the empty string, or the code of its refusal."""
        if at >= self.closes:
            return "bidding-over"
        if bidder == self.seller:
            return "own-listing"
        if bidder in self.linked:
            return "linked-bidder"
        if bidder in self.unfit:
            return "unfit-for-productive-scrap"
        if price < (self.start if self.best is None else self.best + self.step):
            return "bid-too-low"
        self.best, self.winner = price, bidder
        self.accepted.append(price)
        if self.closes - at < self.extension:
            self.closes = min(at + self.extension, self.hard_close)
        return ""
