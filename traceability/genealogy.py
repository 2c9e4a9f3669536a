"""Who came from whom: traces back and forward over the edges."""

from collections.abc import Iterable
from typing import Any

from sqlmodel import Session, col, select

from remelt.traceability.models import Edge, Lot


def descendants(session: Session, lot: Lot) -> list[str]:
    """Return the codes of all lots made of this one, at any depth."""
    tree = below(lot)
    return list(session.exec(select(Lot.code).join(tree, col(Lot.id) == tree.c.id)))


def ancestors(session: Session, lot: Lot) -> list[str]:
    """Return the codes of all lots that this one was made of, at any depth."""
    tree = above(lot)
    return list(session.exec(select(Lot.code).join(tree, col(Lot.id) == tree.c.id)))


def below(lot: Lot) -> Any:
    """Return the ids of all descendants, as a table to join with."""
    start: Any = select(col(Edge.child_id).label("id")).where(Edge.parent_id == lot.key)
    tree = start.cte("below", recursive=True)
    return tree.union(select(col(Edge.child_id)).join(tree, col(Edge.parent_id) == tree.c.id))


def above(lot: Lot) -> Any:
    """Return the ids of all ancestors, as a table to join with."""
    start: Any = select(col(Edge.parent_id).label("id")).where(Edge.child_id == lot.key)
    tree = start.cte("above", recursive=True)
    return tree.union(select(col(Edge.parent_id)).join(tree, col(Edge.child_id) == tree.c.id))


def is_among_ancestors(session: Session, *, lot: Lot, of: Iterable[Lot]) -> bool:
    """Tell whether `lot` is an ancestor of any of `of`."""
    made = [each for each in of if each.source != each.code]  # the others were brought in
    if not made:
        return False
    found = set(descendants(session, lot))
    return any(each.code in found for each in made)
