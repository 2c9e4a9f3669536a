"""A batch of events in memory: lots as the rules see them, and every row that comes of it."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Session, col, select

from remelt.traceability.door import bulk
from remelt.traceability.door.sheet_rows import (
    RELINKED,
    before_row,
    change_row,
    changes,
    columns,
    edge_row,
    edges_of,
    line_row,
    lines_of,
    link_row,
    melt_row,
    value_row,
    view,
)
from remelt.traceability.errors import LotCodeTaken
from remelt.traceability.facts import Opened
from remelt.traceability.models import (
    BookLine,
    Edge,
    EventLot,
    LedgerEvent,
    Lot,
    MeltLine,
    PrivateValue,
)
from remelt.traceability.models_restating import LotBefore, Restatement
from remelt.traceability.rules.views import Link, LotView, Outcome, Restated

AT_ONCE = 500


class Sheet:
    """What a batch does, event by event; `write` puts all of it into the database in one go.

    The rows of lots that the caller holds follow at once, so what is checked next sees them; the
    database follows with `write`. Until then events have no key.
    keys: the keys of private subjects that this batch has met.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._ids: list[int] = []
        self._most = 1
        self.lots: dict[str, Lot] = {}
        self.views: dict[str, LotView] = {}
        self.keys: dict[str, bytes] = {}
        self._seen: dict[str, int] = {}
        self._clear()

    def _clear(self) -> None:
        for code in self._seen:
            del self.views[code]
        self._seen.clear()
        self._events: list[LedgerEvent] = []
        self._fresh: list[Lot] = []
        self._changed: dict[str, dict[str, Any]] = {}
        self._touched: list[tuple[LedgerEvent, str]] = []
        self._edges: list[tuple[LedgerEvent, dict[str, Any]]] = []
        self._lines: list[tuple[LedgerEvent, dict[str, Any]]] = []
        self._melts: list[tuple[LedgerEvent, str, dict[str, Any]]] = []
        self._values: list[tuple[LedgerEvent, Opened]] = []
        self._before: list[tuple[LedgerEvent, int | None, LotView]] = []
        self._relinked: list[tuple[int, Link, int]] = []
        self._changes: list[tuple[LedgerEvent, int, int | None]] = []

    def know(self, lots: Mapping[str, Lot]) -> None:
        """Take in the locked rows of lots that the next events name."""
        for code, lot in lots.items():
            if self.lots.get(code) is not lot:
                self.lots[code], self.views[code] = lot, view(lot)

    def see(self, lots: Mapping[int, LotView]) -> None:
        """Take in what lots carry, by id, where nobody holds their rows; `write` forgets them."""
        for key, lot in lots.items():
            self._seen[lot.code], self.views[lot.code] = key, lot

    def take_in(self, event: LedgerEvent, outcome: Outcome, opened: Iterable[Opened]) -> None:
        """Note what an event has made true. Raises `LotCodeTaken`."""
        fresh = [lot for lot in outcome.lots if lot.made_by == event.hash]
        for lot in fresh:
            if lot.code in self.lots:
                raise LotCodeTaken(lot_code=lot.code)
        self._events.append(event)
        for lot in outcome.lots:
            if lot.made_by == event.hash:
                self.lots[lot.code] = bulk.made(Lot, columns(lot) | {"id": self._new_id()})
                self._fresh.append(self.lots[lot.code])
            else:
                self._take_changed(lot)
            self.views[lot.code] = lot
        self._touched += [(event, code) for code in dict.fromkeys(outcome.touched)]
        self._edges += [(event, edge) for edge in edges_of(outcome)]
        self._lines += [(event, line) for line in lines_of(outcome)]
        self._melts += [(event, event.hash, melt) for melt in outcome.melts]
        self._before += [(event, None, lot) for lot in outcome.before]
        self._take_restated(event, outcome.restated)
        self._values += [(event, each) for each in opened]

    def _take_restated(self, event: LedgerEvent, restated: Restated) -> None:
        """Note what a correction has said anew of earlier events."""
        self._melts += [(event, of, melt) for of, melt in restated.melts]
        self._before += [(event, of, lot) for of, lot in restated.before]
        self._relinked += restated.links
        self._changes += [(event, of, by) for of, by in restated.changes]

    def write(self) -> None:
        """Write every row: lots first, then what points at them; nothing is left to write."""
        session = self._session
        if not self._events:
            return
        keys = bulk.reserve(session, LedgerEvent, count=len(self._events))
        for event, key in zip(self._events, keys, strict=True):
            event.__dict__["id"] = key
        self._write_new(session)
        self._write_changed(session)
        ids = self._with_strangers(self._seen | {code: lot.key for code, lot in self.lots.items()})
        bulk.write(
            session, EventLot, [{"lot_id": ids[c], "event_key": e.id} for e, c in self._touched]
        )
        bulk.write(session, Edge, [edge_row(event, edge, ids) for event, edge in self._edges])
        bulk.write(session, BookLine, [line_row(event, line, ids) for event, line in self._lines])
        bulk.write(session, MeltLine, [melt_row(*each) for each in self._melts])
        bulk.write(session, PrivateValue, [value_row(*each) for each in self._values])
        bulk.write(session, LotBefore, [before_row(ids, *each) for each in self._before])
        bulk.write(session, Restatement, [change_row(*each) for each in self._changes])
        relinked = [link_row(ids, *each) for each in self._relinked]
        bulk.update(session, Edge, relinked, by=RELINKED)
        self._clear()

    def _new_id(self) -> int:
        """Return the id of a new lot, at once: other rooms may point at it."""
        if not self._ids:
            self._ids = bulk.reserve(self._session, Lot, count=self._most)
            self._most = min(2 * self._most, AT_ONCE)
        return self._ids.pop(0)

    def _with_strangers(self, ids: dict[str, int]) -> dict[str, int]:
        """Return `ids` with those of lots that stand in earlier events and stay as they are."""
        named = {code for _, link, _ in self._relinked for code in (link.child, link.parent)}
        named |= {lot.code for _, of, lot in self._before if of is not None}
        strange = sorted(named - ids.keys())
        known = dict(ids)
        for at in range(0, len(strange), AT_ONCE):
            statement = select(Lot.code, Lot.id).where(
                col(Lot.code).in_(strange[at : at + AT_ONCE])
            )
            known |= dict(self._session.connection().execute(statement).all())
        return known

    def _take_changed(self, lot: LotView) -> None:
        row, before = self.lots.get(lot.code), self.views[lot.code]
        changed = self._changed.setdefault(lot.code, {})
        for name, value in changes(lot, before).items():
            if row is None:
                changed[name] = value
            elif getattr(row, name) != value:
                set_committed_value(row, name, value)
                changed[name] = value

    def _write_new(self, session: Session) -> None:
        """Insert the new lots; a code that exists is refused before anything is written."""
        codes = [row.code for row in self._fresh]
        for at in range(0, len(codes), AT_ONCE):
            statement = select(Lot.code).where(col(Lot.code).in_(codes[at : at + AT_ONCE]))
            taken = session.connection().execute(statement).first()
            if taken is not None:
                raise LotCodeTaken(lot_code=taken.code)
        names = [column.name for column in Lot.__table__.columns]  # type: ignore[attr-defined]  # SQLModel hides it
        bulk.write(session, Lot, [{n: row.__dict__[n] for n in names} for row in self._fresh])
        for row in self._fresh:
            bulk.kept(session, row)

    def _write_changed(self, session: Session) -> None:
        """Update changed lots, those with the same changed columns in one statement."""
        alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
        new = {row.code for row in self._fresh}
        for code, values in self._changed.items():
            if not values or code in new:
                continue
            key = self._seen.get(code) or self.lots[code].key
            alike.setdefault(tuple(sorted(values)), []).append(values | {"id": key})
        for _, rows in sorted(alike.items()):
            bulk.update(session, Lot, rows, by=("id",))
