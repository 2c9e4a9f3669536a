"""A batch of events in memory: lots as the rules see them, and every row that comes of it."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import bindparam, update
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Session, col, select

from remelt.traceability import bulk
from remelt.traceability.errors import LotCodeTaken
from remelt.traceability.facts import Opened, canonical
from remelt.traceability.models import (
    BookLine,
    Edge,
    EventLot,
    LedgerEvent,
    Lot,
    MeltLine,
    PrivateValue,
)
from remelt.traceability.views import LotView, Outcome

PLAIN = (
    "code",
    "owner",
    "custodian",
    "supplier",
    "source",
    "site_code",
    "adcode",
    "declared_mass_g",
    "status",
    "handed_over",
    "claims_blocked",
    "role",
    "pool_key",
    "made_by",
    "made_at",
)
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
        self._clear()

    def _clear(self) -> None:
        self._events: list[LedgerEvent] = []
        self._fresh: list[Lot] = []
        self._changed: dict[str, set[str]] = {}
        self._touched: list[tuple[LedgerEvent, str]] = []
        self._edges: list[tuple[LedgerEvent, dict[str, Any]]] = []
        self._lines: list[tuple[LedgerEvent, dict[str, Any]]] = []
        self._melts: list[dict[str, Any]] = []
        self._values: list[tuple[LedgerEvent, Opened]] = []

    def know(self, lots: Mapping[str, Lot]) -> None:
        """Take in the locked rows of lots that the next events name."""
        for code, lot in lots.items():
            if self.lots.get(code) is not lot:
                self.lots[code], self.views[code] = lot, view(lot)

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
        self._melts += [{**melt, "event_hash": event.hash} for melt in outcome.melts]
        self._values += [(event, each) for each in opened]

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
        ids = {code: lot.key for code, lot in self.lots.items()}
        bulk.write(
            session, EventLot, [{"lot_id": ids[c], "event_key": e.id} for e, c in self._touched]
        )
        bulk.write(session, Edge, [_edge_row(event, edge, ids) for event, edge in self._edges])
        bulk.write(session, BookLine, [_line_row(event, line, ids) for event, line in self._lines])
        bulk.write(session, MeltLine, self._melts)
        bulk.write(session, PrivateValue, [_value_row(*each) for each in self._values])
        self._clear()

    def _new_id(self) -> int:
        """Return the id of a new lot, at once: other rooms may point at it."""
        if not self._ids:
            self._ids = bulk.reserve(self._session, Lot, count=self._most)
            self._most = min(2 * self._most, AT_ONCE)
        return self._ids.pop(0)

    def _take_changed(self, lot: LotView) -> None:
        row, before = self.lots[lot.code], self.views[lot.code]
        wanted = columns(lot, known=before, state=row.__dict__.get("state"))
        changed = self._changed.setdefault(lot.code, set())
        for name, value in wanted.items():
            if getattr(row, name) != value:
                set_committed_value(row, name, value)
                changed.add(name)

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
        for code, names in self._changed.items():
            if not names or code in new:
                continue
            row = self.lots[code]
            values = {name: getattr(row, name) for name in names}
            alike.setdefault(tuple(sorted(names)), []).append(values | {"the_id": row.key})
        for columns_changed, rows in sorted(alike.items()):
            statement = (
                update(Lot.__table__)  # type: ignore[attr-defined]  # SQLModel hides it
                .where(col(Lot.id) == bindparam("the_id"))
                .values({name: bindparam(name) for name in columns_changed})
            )
            session.connection().execute(statement, rows)


def _edge_row(
    event: LedgerEvent, edge: Mapping[str, Any], ids: Mapping[str, int]
) -> dict[str, Any]:
    child, parent = ids[edge["child"]], ids[edge["parent"]]
    rest = {name: edge[name] for name in ("mass_g", "held_g", "internal")}
    return {"child_id": child, "parent_id": parent, "event_key": event.id, **rest}


def _line_row(
    event: LedgerEvent, line: Mapping[str, Any], ids: Mapping[str, int]
) -> dict[str, Any]:
    rest = {name: value for name, value in line.items() if name != "lot"}
    return {**rest, "lot_id": ids.get(line["lot"]), "event_key": event.id}


def _value_row(event: LedgerEvent, opened: Opened) -> dict[str, Any]:
    value = canonical(opened.value).decode()
    return {
        "event_key": event.id,
        "path": opened.path,
        "subject": opened.subject,
        "value": value,
    }


def edges_of(outcome: Outcome) -> list[dict[str, Any]]:
    """Return the links of an outcome as rows, lots by code, with what the child then held."""
    held = {lot.code: lot.state.mass_g for lot in outcome.lots}
    return [
        {
            "child": link.child,
            "parent": link.parent,
            "mass_g": link.mass_g,
            "held_g": held[link.child],
            "internal": link.internal,
        }
        for link in outcome.links
    ]


def lines_of(outcome: Outcome) -> list[dict[str, Any]]:
    """Return the book lines of an outcome as rows, lots by code, an empty one for none."""
    return [
        {
            "lot": line.lot_code or "",
            "kind": line.kind,
            "name": line.name,
            "metal": line.metal,
            "mass_g": line.state.mass_g,
            "vector": line.state.to_json(),
            "beyond_tolerance": line.beyond_tolerance,
        }
        for line in outcome.lines
    ]


def view(lot: Lot) -> LotView:
    """Return the lot as the rules see it."""
    plain = {name: getattr(lot, name) for name in PLAIN}
    return LotView(spec=lot.spec, state=lot.vectors, **plain)


def columns(
    lot: LotView, *, known: LotView | None = None, state: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Return the lot as its row holds it.

    known, state: the lot before, and its state as the row holds it: what did not change is not
    spelt out again.
    """
    found = {name: getattr(lot, name) for name in PLAIN}
    if known is None or known.spec is not lot.spec:
        found |= asdict(lot.spec)
    same = known is not None and known.state is lot.state and state is not None
    found["state"] = state if same else lot.state.to_json()
    found["mass_g"] = lot.state.mass_g
    return found
