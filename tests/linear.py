"""Whether a recorded history of offers could have happened one after another.

Each offer was handed in at one moment and answered at another; the record says in which order the
offers were decided. The history is linearizable when that order never turns real time round (who
was answered before another began stands before it), every answer is the one that its line keeps,
and the order, replayed by the oracle, gives every line again. A refusal that was not kept must
hold at some moment between its hand-in and its answer; prices only rise, so the last one decides.
"""

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from time import perf_counter_ns
from typing import Any

from tests.oracle import Oracle


@dataclass(frozen=True, slots=True)
class Op:
    """One offer as its bidder lived it: handed in, answered, with what."""

    began: int
    ended: int
    bidder: int
    price: int
    limit: int | None
    seq: int | None
    reason: str
    stands: int


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the record."""

    seq: int
    bidder: int
    price: int
    offered: int | None
    limit: int | None
    reason: str
    automatic: bool
    at: datetime


class Diary:
    """Gathers a history from many threads."""

    def __init__(self) -> None:
        self.ops: list[Op] = []
        self._lock = Lock()

    def live(self, offer: Any, place: Callable[[Any], Any]) -> Any:
        """Hand an offer in and write down when, and what came of it."""
        began = perf_counter_ns()
        answer = place(offer)
        ended = perf_counter_ns()
        op = Op(
            began, ended, offer.bidder_id, offer.price_fen_per_t, offer.limit_fen_per_t,
            answer.seq, answer.reason, answer.price_fen_per_t,
        )  # fmt: skip
        with self._lock:
            self.ops.append(op)
        return answer


def line_of(row: Any) -> Line:
    """Return a row of the record as the checker reads it."""
    return Line(
        row.seq, row.bidder_id, row.price_fen_per_t, row.offered_fen_per_t, row.limit_fen_per_t,
        row.reason, row.automatic, row.placed_at,
    )  # fmt: skip


def faults(ops: Sequence[Op], record: Sequence[Line], *, oracle: Oracle) -> list[str]:
    """Return everything that keeps a history from being linearizable; empty for nothing."""
    lines = {line.seq: line for line in record}
    if sorted(lines) != list(range(1, len(record) + 1)):
        return ["the record has a gap or a number twice"]
    kept = [op for op in ops if op.seq is not None]
    found = [
        *_unlike(kept, lines),
        *_turned(kept),
        *_illegal(record, oracle=deepcopy(oracle)),
    ]
    return found or list(_unfounded(ops, record, oracle=deepcopy(oracle)))


def _unlike(kept: Sequence[Op], lines: dict[int, Line]) -> list[str]:
    found = []
    if len({op.seq for op in kept}) != len(kept):
        found.append("two answers bear one number")
    for op in kept:
        line = lines.get(op.seq or 0)
        said = (op.bidder, op.price, op.limit, op.reason, op.stands)
        if line is None or line.automatic:
            found.append(f"answer {op.seq} is not in the record")
        elif said != (line.bidder, line.offered, line.limit, line.reason, line.price):
            found.append(f"answer {op.seq} is not what the record says")
    return found


def _turned(kept: Sequence[Op]) -> list[str]:
    """An offer that was answered before another was handed in has the smaller number."""
    found, latest = [], 0
    ended = sorted(kept, key=lambda op: op.ended)
    turn = 0
    for op in sorted(kept, key=lambda op: op.began):
        while ended[turn].ended < op.began:
            latest = max(latest, ended[turn].seq or 0)
            turn += 1
        if (op.seq or 0) < latest:
            found.append(f"answer {op.seq} began after {latest} was known")
    return found


def _illegal(record: Sequence[Line], *, oracle: Oracle) -> list[str]:
    for line in record:
        if not line.automatic:
            oracle.hear(
                bidder=line.bidder, price=line.offered or line.price, limit=line.limit, at=line.at
            )
    told = [(line.bidder, line.price, line.reason) for line in record]
    return [
        f"line {number}: {ours} where the rules say {theirs}"
        for number, (ours, theirs) in enumerate(zip(told, oracle.lines, strict=False), start=1)
        if ours != theirs
    ] + ([] if len(told) == len(oracle.lines) else ["the record has lines too many or too few"])


def _unfounded(ops: Sequence[Op], record: Sequence[Line], *, oracle: Oracle) -> list[str]:
    """A refusal without a line holds at the last state that it may have seen."""
    least = [oracle.start]
    for line in record:
        if not line.reason:
            least.append(line.price + oracle.step)
        else:
            least.append(least[-1])
    found = []
    for op in ops:
        if op.seq is None and op.reason == "bid-too-low":
            begun = (o.seq or 0 for o in ops if o.began < op.ended)
            seen = max(begun, default=0)
            while seen < len(record) and record[seen].automatic:
                seen += 1
            if max(op.price, op.limit or 0) >= least[seen]:
                found.append(f"{op.price} was refused unheard, and nothing stood above it")
    return found
