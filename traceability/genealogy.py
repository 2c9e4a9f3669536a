"""Who came from whom: traces back and forward over the edges."""

from collections.abc import Iterable
from typing import Any

from sqlmodel import Session, col, select

from remelt.traceability.models import Edge, Lot


def descendants(session: Session, lot: Lot) -> list[str]:
    """Return the codes of all lots made of this one, at any depth."""
    start: Any = select(col(Edge.child_id).label("id")).where(Edge.parent_id == lot.key)
    below = start.cte("below", recursive=True)
    step = select(col(Edge.child_id)).join(below, col(Edge.parent_id) == below.c.id)
    tree = below.union(step)
    return list(session.exec(select(Lot.code).join(tree, col(Lot.id) == tree.c.id)))


def ancestors(session: Session, lot: Lot) -> list[str]:
    """Return the codes of all lots that this one was made of, at any depth."""
    start: Any = select(col(Edge.parent_id).label("id")).where(Edge.child_id == lot.key)
    above = start.cte("above", recursive=True)
    step = select(col(Edge.parent_id)).join(above, col(Edge.child_id) == above.c.id)
    tree = above.union(step)
    return list(session.exec(select(Lot.code).join(tree, col(Lot.id) == tree.c.id)))


def is_among_ancestors(session: Session, *, lot: Lot, of: Iterable[Lot]) -> bool:
    """Tell whether `lot` is an ancestor of any of `of`."""
    below = set(descendants(session, lot))
    return any(each.code in below for each in of)
