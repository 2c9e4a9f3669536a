"""The whole world's account: what was weighed in is on hand, out, lost or unexplained."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, func, select

from remelt.traceability.models import BookLine, Lot
from remelt.traceability.rules.states import State, merged, minus

AT_ONCE = 1_000


@dataclass(frozen=True, kw_only=True)
class Balance:
    """Signed grams by kind of line, grams on hand, and what does not fit (always 0).

    weighed_in + adjustments + additions + flux + oxygen = on_hand + out + losses
    + unexplained; lines are signed, so their sum is what is on hand.
    """

    lines: dict[str, int]
    losses: dict[str, int]
    on_hand_g: int
    flagged: int

    @property
    def drift_g(self) -> int:
        """Grams on hand less the sum of all lines: 0, or the books are wrong."""
        return self.on_hand_g - sum(self.lines.values())

    @property
    def weighed_in_g(self) -> int:
        """Grams that first weighings brought into the ledger."""
        return self.lines.get("weighed_in", 0)

    @property
    def unexplained_g(self) -> int:
        """Grams lost without a name, gains subtracted."""
        return -self.lines.get("unexplained", 0)


def world_balance(session: Session, *, metal: str | None = None) -> Balance:
    """Return the account of the world, or of the lots and lines of one base metal.

    By metal the account closes only where no sort turns one metal's lots into another's.
    """
    sums = select(BookLine.kind, BookLine.name, func.sum(BookLine.mass_g)).group_by(
        BookLine.kind, BookLine.name
    )
    held = select(func.coalesce(func.sum(Lot.mass_g), 0))
    flagged = select(func.coalesce(func.sum(BookLine.sign), 0)).where(
        col(BookLine.beyond_tolerance)
    )
    if metal is not None:
        sums = sums.where(BookLine.metal == metal)
        held = held.where(Lot.metal == metal)
        flagged = flagged.where(BookLine.metal == metal)
    lines: dict[str, int] = {}
    losses: dict[str, int] = {}
    for kind, name, grams in session.exec(sums):
        lines[kind] = lines.get(kind, 0) + int(grams)
        if kind == "loss":
            losses[name] = losses.get(name, 0) - int(grams)
    return Balance(
        lines={kind: grams for kind, grams in sorted(lines.items()) if grams},
        losses=losses,
        on_hand_g=int(session.exec(held).one()),
        flagged=int(session.exec(flagged).one()),
    )


def vector_drift(session: Session) -> State:
    """Return all lots less all lines, every vector entry by entry: an empty state, always."""
    lots = _summed(session, col(Lot.id), col(Lot.state))
    return minus(lots, _summed(session, col(BookLine.id), col(BookLine.vector)))


def _summed(session: Session, ids: Mapped[Any], vectors: Mapped[Any]) -> State:
    """Return the sum of stored vectors, some at a time: there may be millions."""
    total, after = State(), 0
    some = select(ids, vectors).order_by(ids).limit(AT_ONCE)
    while rows := session.exec(some.where(ids > after)).all():
        total = merged([total, *(State.from_json(dict(vector)) for _, vector in rows)])
        after = rows[-1][0]
    return total
