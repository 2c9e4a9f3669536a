"""What lots weighed at some moment, as it is believed now: every correction since laid in."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import func
from sqlmodel import Session, col, exists, select

from remelt.traceability.corrections.pasts import among, portions
from remelt.traceability.models import BookLine, EventLot, Lot
from remelt.traceability.models_restating import LotBefore, Restatement


class Moment(NamedTuple):
    """The moment after an event of a lot, by their keys; the event may wait for its number."""

    lot_id: int
    event_key: int


def moment_of(session: Session, lot: Lot) -> Moment:
    """Return the moment after the last event of a lot, to be asked about later."""
    last = select(func.max(EventLot.event_key)).where(EventLot.lot_id == lot.key)
    return Moment(lot.key, int(session.exec(last).one() or 0))


def masses_at(session: Session, moments: Sequence[Moment]) -> dict[Moment, int]:
    """Return what each lot weighed then, in g, in a fixed number of statements.

    A lot weighed as much as the next working found, or as it weighs now where none came, less
    what its weighings, its leaving and its coming back have changed in between.
    """
    found: dict[Moment, int] = {}
    for some in portions(sorted(set(moments))):
        ids = sorted({lot_id for lot_id, _ in some})
        since = min(key for _, key in some)
        held = _held(session, ids)
        workings = _workings(session, ids, since=since)
        changes = _changes(session, ids, since=since)
        for lot_id, key in some:
            later = [(at, mass_g) for at, mass_g in workings.get(lot_id, ()) if at > key]
            until, mass_g = min(later, default=(None, held[lot_id]))
            found[Moment(lot_id, key)] = mass_g - sum(
                change_g
                for at, change_g in changes.get(lot_id, ())
                if key < at and (until is None or at < until)
            )
    return found


def _held(session: Session, ids: Sequence[int]) -> dict[int, int]:
    rows = session.exec(select(Lot.id, Lot.mass_g).where(among(Lot.id, ids)))
    return {lot_id or 0: mass_g for lot_id, mass_g in rows}


def _workings(
    session: Session, ids: Sequence[int], *, since: int
) -> dict[int, list[tuple[int, int]]]:
    """Return by lot (key of a later working, what it found), the newest writing of each."""
    corrects = exists().where(col(Restatement.written_key) == col(LotBefore.event_key))
    rows = session.exec(
        select(LotBefore.lot_id, LotBefore.event_key, LotBefore.lot)
        .where(among(LotBefore.lot_id, ids), col(LotBefore.event_key) > since, ~corrects)
        .order_by(col(LotBefore.written_key))
    )
    newest = {(lot_id, key): int(lot["state"]["mass_g"]) for lot_id, key, lot in rows}
    found: dict[int, list[tuple[int, int]]] = {}
    for (lot_id, key), mass_g in newest.items():
        found.setdefault(lot_id, []).append((key, mass_g))
    return found


def _changes(
    session: Session, ids: Sequence[int], *, since: int
) -> dict[int, list[tuple[int, int]]]:
    """Return by lot (key of a later event, what it booked in or out, corrections laid in)."""
    of = func.coalesce(BookLine.restates, BookLine.event_key)
    rows = session.exec(
        select(BookLine.lot_id, of, func.sum(BookLine.mass_g))
        .where(among(BookLine.lot_id, ids), of > since)
        .group_by(col(BookLine.lot_id), of)
    )
    found: dict[int, list[tuple[int, int]]] = {}
    for lot_id, key, mass_g in rows:
        found.setdefault(lot_id or 0, []).append((key, int(mass_g)))
    return found
