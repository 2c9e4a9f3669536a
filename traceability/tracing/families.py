"""What lies behind one lot or one heat, opened: for those who may see everything."""

from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, func, select

from remelt.traceability.errors import NoSuchEvent
from remelt.traceability.models import Edge, LedgerEvent, Lot, MeltLine, in_force
from remelt.traceability.tracing.genealogy import above, below

MOST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """One step of a lot's family: the other lot, and how many grams passed between them."""

    code: str
    metal: str
    grade_code: str
    status: str
    mass_g: int
    internal: bool
    event_hash: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Heat:
    """One heat's event, and the melt lines that the shares are summed from."""

    event: LedgerEvent
    lines: tuple[MeltLine, ...]
    difference_g: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A lot's nearest lots on both sides, and all beyond them (at most 200 each, counted all)."""

    made_of: tuple[Branch, ...]
    went_into: tuple[Branch, ...]
    ancestors: tuple[Lot, ...]
    descendants: tuple[Lot, ...]
    ancestor_count: int
    descendant_count: int


def heat(session: Session, *, event_hash: str) -> Heat:
    """Return one heat. Raises `NoSuchEvent` for anything that is no heat."""
    statement = select(LedgerEvent).where(
        LedgerEvent.hash == event_hash, LedgerEvent.kind == "melt"
    )
    event = session.exec(statement).first()
    if event is None:
        raise NoSuchEvent
    lines = session.exec(
        select(MeltLine)
        .where(MeltLine.event_hash == event_hash, in_force())
        .order_by(col(MeltLine.metal))
    ).all()
    return Heat(
        event=event,
        lines=tuple(lines),
        difference_g=lines[0].unexplained_g if lines else 0,
    )


def family(session: Session, lot: Lot) -> Family:
    """Return what a lot was made of and what was made of it."""
    up, down = above(lot), below(lot)
    return Family(
        made_of=_branches(session, lot, up=True),
        went_into=_branches(session, lot, up=False),
        ancestors=_lots(session, up),
        descendants=_lots(session, down),
        ancestor_count=session.exec(select(func.count()).select_from(up)).one(),
        descendant_count=session.exec(select(func.count()).select_from(down)).one(),
    )


def _branches(session: Session, lot: Lot, *, up: bool) -> tuple[Branch, ...]:
    here, there = (Edge.child_id, Edge.parent_id) if up else (Edge.parent_id, Edge.child_id)
    statement = (
        select(Edge, Lot, LedgerEvent.hash, LedgerEvent.kind)
        .join(Lot, col(Lot.id) == col(there))
        .join(LedgerEvent, col(LedgerEvent.id) == col(Edge.event_key))
        .where(here == lot.key)
        .order_by(col(Edge.mass_g).desc(), col(Lot.id))
        .limit(MOST)
    )
    return tuple(
        Branch(
            code=other.code,
            metal=other.metal,
            grade_code=other.grade_code,
            status=other.status,
            mass_g=edge.mass_g,
            internal=edge.internal,
            event_hash=event_hash,
            kind=kind,
        )
        for edge, other, event_hash, kind in session.exec(statement)
    )


def _lots(session: Session, tree: Any) -> tuple[Lot, ...]:
    statement = select(Lot).join(tree, col(Lot.id) == tree.c.id).order_by(col(Lot.id)).limit(MOST)
    return tuple(session.exec(statement))


def melted_metals(session: Session) -> set[str]:
    """Return the metals that any heat of this ledger has melted."""
    return set(session.exec(select(MeltLine.metal).distinct()))
