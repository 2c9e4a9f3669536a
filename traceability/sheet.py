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
    database follows with `write`. Codes, not ids, name lots until then.
    """

    def __init__(self, lots: Mapping[str, Lot]) -> None:
        self.lots = dict(lots)
        self.views = {code: view(lot) for code, lot in lots.items()}
        self._fresh: list[Lot] = []
        self._changed: dict[str, set[str]] = {}
        self._touched: list[tuple[str, int]] = []
        self._edges: list[dict[str, Any]] = []
        self._lines: list[dict[str, Any]] = []
        self._melts: list[dict[str, Any]] = []
        self._values: list[dict[str, Any]] = []

    def take_in(self, event: LedgerEvent, outcome: Outcome, opened: Iterable[Opened]) -> None:
        """Note what an event has made true. Raises `LotCodeTaken`."""
        for each in outcome.lots:
            if each.made_by == event.hash:
                self._take_new(each)
            else:
                self._take_changed(each)
            self.views[each.code] = each
        key = event.key
        self._touched += [(code, key) for code in dict.fromkeys(outcome.touched)]
        self._edges += [edge | {"event_key": key} for edge in edges_of(outcome)]
        self._lines += [line | {"event_key": key} for line in lines_of(outcome)]
        self._melts += [{**melt, "event_hash": event.hash} for melt in outcome.melts]
        self._values += [
            {
                "event_key": key,
                "path": each.path,
                "subject": each.subject,
                "value": canonical(each.value).decode(),
            }
            for each in opened
        ]

    def write(self, session: Session) -> None:
        """Write every row: lots first, then what points at them."""
        self._write_new(session)
        self._write_changed(session)
        ids = {code: lot.key for code, lot in self.lots.items()}
        touched = [{"lot_id": ids[code], "event_key": key} for code, key in self._touched]
        bulk.write(session, EventLot, touched)
        for edge in self._edges:
            edge["child_id"], edge["parent_id"] = ids[edge.pop("child")], ids[edge.pop("parent")]
        for line in self._lines:
            code = line.pop("lot")
            line["lot_id"] = ids[code] if code else None
        bulk.write(session, Edge, self._edges)
        bulk.write(session, BookLine, self._lines)
        bulk.write(session, MeltLine, self._melts)
        bulk.write(session, PrivateValue, self._values)

    def _take_new(self, lot: LotView) -> None:
        if lot.code in self.lots:
            raise LotCodeTaken(lot_code=lot.code)
        row = bulk.made(Lot, columns(lot) | {"id": None})
        self.lots[lot.code] = row
        self._fresh.append(row)

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
            taken = session.exec(statement).first()
            if taken is not None:
                raise LotCodeTaken(lot_code=taken)
        for row, key in zip(self._fresh, bulk.reserve(session, Lot, count=len(codes)), strict=True):
            row.__dict__["id"] = key
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
