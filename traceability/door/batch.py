"""A batch of actions in one session, and the lots that it has locked."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy import event as sa_event
from sqlalchemy.orm import ORMExecuteState, SessionTransaction
from sqlmodel import Session, col, select

from remelt.traceability.door.bulk import OURS
from remelt.traceability.door.private import keys_for
from remelt.traceability.door.sheet import Sheet
from remelt.traceability.door.sheet_rows import CARRIED, carried
from remelt.traceability.errors import NoSuchLot
from remelt.traceability.facts import Private
from remelt.traceability.models import Lot
from remelt.traceability.rules.views import LotView

AT_ONCE = 500
_OPEN = "ledger_batch"
_LOCKED = (
    select(Lot)
    .where(col(Lot.code).in_(bindparam("codes", expanding=True)))
    .order_by(col(Lot.id))
    .with_for_update()
    .execution_options(populate_existing=True, **{OURS: True})
)
_LOTS: Any = Lot.__table__  # type: ignore[attr-defined]  # SQLModel hides it
_CARRIED = (
    select(*[_LOTS.c[name] for name in CARRIED])
    .where(_LOTS.c.code.in_(bindparam("codes", expanding=True)))
    .order_by(_LOTS.c.id)
    .with_for_update()
)


@contextmanager
def batched(session: Session, *, about: Iterable[Private] = ()) -> Iterator[None]:
    """Let the actions inside share one batch: what they make true is written in one go.

    They see each other's lots at once; a query or a flush of the session first writes what waits
    (as autoflush does), so only actions that ask little gain. A lot's code that is taken is
    refused when the rows are written. What is refused inside without being caught leaves with
    the session; a savepoint that is rolled back inside is a fault.
    about: private values of those whom the batch will name: their keys are read at once.
    """
    if open_sheet(session) is not None:
        yield
        return
    sheet = session.info[_OPEN] = Sheet(session)
    if named := list(about):
        sheet.keys |= keys_for(session, {"about": named})
    for name, listener in _LISTENERS:
        sa_event.listen(session, name, listener)
    try:
        yield
        if session.info.get(_OPEN) is not sheet:
            raise RuntimeError("a savepoint was rolled back inside a batch")
        sheet.write()
    finally:
        session.info.pop(_OPEN, None)
        for name, listener in _LISTENERS:
            sa_event.remove(session, name, listener)


def open_sheet(session: Session) -> Sheet | None:
    """Return the batch that the session is in, or None."""
    sheet: Sheet | None = session.info.get(_OPEN)
    return sheet


def _before_query(state: ORMExecuteState) -> None:
    if not state.execution_options.get(OURS, False):
        _write_first(state.session)


def _before_flush(session: Any, *_flushed: object) -> None:
    _write_first(session)


def _write_first(session: Any) -> None:
    sheet = open_sheet(session)
    if sheet is not None:
        sheet.write()


def _close_batch(session: Session, _rolled_back: SessionTransaction) -> None:
    session.info.pop(_OPEN, None)


_LISTENERS: tuple[tuple[str, Callable[..., None]], ...] = (
    ("do_orm_execute", _before_query),
    ("before_flush", _before_flush),
    ("after_soft_rollback", _close_batch),
)


def lock_lots(session: Session, codes: Iterable[str]) -> dict[str, Lot]:
    """Lock the lots of `codes` in id order and return them by code. Raises `NoSuchLot`.

    Inside a batch, lots that it has met are locked already and as it has left them.
    """
    wanted = sorted(set(codes))
    sheet = open_sheet(session)
    met = {} if sheet is None else sheet.lots
    found = {code: met[code] for code in wanted if code in met}
    asked = [code for code in wanted if code not in met]
    for at in range(0, len(asked), AT_ONCE):
        rows = session.scalars(_LOCKED, {"codes": asked[at : at + AT_ONCE]})
        found |= {lot.code: lot for lot in rows}
    for code in wanted:
        if code not in found:
            raise NoSuchLot(lot_code=code)
    if sheet is not None:
        sheet.know(found)
    return found


def lock_carried(
    session: Session, codes: Iterable[str]
) -> tuple[dict[str, Lot], dict[int, LotView]]:
    """Lock lots as `lock_lots` does, and return rows of those alone that the session holds.

    Of all others only what a correction sets right is read, by id: it may reach a thousand lots,
    and nobody looks at their rows. Raises `NoSuchLot`.
    """
    wanted = set(codes)
    sheet = open_sheet(session)
    held = {
        row.__dict__.get("code") for row in session.identity_map.values() if isinstance(row, Lot)
    }
    held |= set() if sheet is None else sheet.lots.keys()
    rows = lock_lots(session, wanted & held)
    asked = sorted(wanted - rows.keys())
    found: dict[int, LotView] = {}
    for at in range(0, len(asked), AT_ONCE):
        for row in session.execute(_CARRIED, {"codes": asked[at : at + AT_ONCE]}):
            found[row[0]] = carried(row)
    for code in sorted(set(asked) - {lot.code for lot in found.values()}):
        raise NoSuchLot(lot_code=code)
    return rows, found
