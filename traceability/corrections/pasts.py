"""Earlier events as they are believed, read for a correction: few statements, plain rows."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

import orjson
from sqlalchemy import bindparam, text
from sqlmodel import Session, col, select

from remelt.traceability.door.seal import staged
from remelt.traceability.door.sheet_rows import melt_told
from remelt.traceability.epcis.words import told
from remelt.traceability.facts import Facts
from remelt.traceability.models import Lot, MeltLine
from remelt.traceability.rules.changing import RESTATES, STILL, change_of, changed
from remelt.traceability.rules.copies import but
from remelt.traceability.rules.states import NOTHING, State
from remelt.traceability.rules.views import UNMADE, Line, LotView, Past
from remelt.traceability.terms import LotSpec

FAR = 2**62
AT_ONCE = 1_000
T = TypeVar("T")
_UNSAID = Line(kind="", state=NOTHING)
_KEYS: Any = bindparam("keys", expanding=True)
_EVENTS = text(
    "SELECT id, hash, kind, body FROM ledger_event WHERE id IN :keys AND corrects IS NULL"
).bindparams(_KEYS)
_VALUES = text("SELECT event_key, path, value FROM private_value WHERE event_key IN :keys")
_VALUES = _VALUES.bindparams(_KEYS)
_CHANGES = text(
    "SELECT written_key, event_key, by_key FROM restatement"
    " WHERE event_key IN :keys AND written_key < :until"
).bindparams(_KEYS)
_BEFORE = text(
    "SELECT event_key, lot_id, owner, CAST(lot AS TEXT) FROM lot_before"
    " WHERE event_key IN :keys AND written_key < :until ORDER BY written_key"
).bindparams(_KEYS)
_LINES = text(
    "SELECT event_key, lot_id, kind, name, metal, CAST(vector AS TEXT), beyond_tolerance, sign"
    " FROM book_line WHERE event_key IN :keys UNION ALL"
    " SELECT restates, lot_id, kind, name, metal, CAST(vector AS TEXT), beyond_tolerance, sign"
    " FROM book_line WHERE restates IN :keys AND event_key < :until"
).bindparams(_KEYS)


def portions(every: Sequence[T]) -> Iterator[Sequence[T]]:
    """Yield `every` in pieces that fit one statement."""
    for at in range(0, len(every), AT_ONCE):
        yield every[at : at + AT_ONCE]


def among(column: Any, values: Sequence[Any]) -> Any:
    """Say that a column has one of `values`, bound as one: a tenth of the time of `in_`.

    They are of the column's type: guessed from the first, a small number would narrow the rest.
    """
    held: Any = col(column)
    return held.in_(bindparam(None, list(values), type_=held.type, expanding=True))


def pasts(session: Session, keys: Sequence[int], *, until: int) -> list[Past]:
    """Return events that changed lots, in order, as all before `until` would have them believed.

    keys: of events, rising; error declarations and corrections among them are left out.
    """
    events = [each for each in _events(session, keys) if each[2] not in STILL]
    said = _opened(session, events)
    kept = [key for key, _, _, _ in events]
    for key, change in _changes(session, kept, until=until):
        said[key] = changed(said[key], change)
    before = _rows(session, _BEFORE, kept, until=until)
    lines = _rows(session, _LINES, kept, until=until)
    lots = _lots(session, sorted({row[1] for row in (*before, *lines) if row[1] is not None}))
    found: dict[int, dict[str, LotView]] = {}
    newest = {(key, lot_id): (owner, stored) for key, lot_id, owner, stored in before}
    for (key, lot_id), (owner, stored) in newest.items():
        code, spec, made_by = lots[lot_id]
        view = _view(code, spec, made_by, owner, orjson.loads(stored))
        found.setdefault(key, {})[code] = view
    booked: dict[int, list[Line]] = {}
    for key, lot_id, *rest in lines:
        of = None if lot_id is None else lots[lot_id][0]
        booked.setdefault(key, []).append(_line(of, *rest))
    melts = _melts(session, [name for _, name, kind, _ in events if kind == "melt"], until=until)
    return [
        Past(
            key=key,
            hash=name,
            facts=said[key],
            before=found.get(key, {}),
            lines=tuple(booked.get(key, ())),
            melts=melts.get(name, {}),
        )
        for key, name, _, _ in events
    ]


def _events(session: Session, keys: Sequence[int]) -> list[tuple[int, str, str, str]]:
    wanted = set(keys)
    waiting = [event for event in staged(session) if event.key in wanted and not event.corrects]
    rows = [(event.key, event.hash, event.kind, event.body) for event in waiting]
    there = {row[0] for row in rows}
    for some in portions([key for key in keys if key not in there]):
        rows += [(r[0], r[1], r[2], r[3]) for r in session.execute(_EVENTS, {"keys": list(some)})]
    return sorted(rows)


def _opened(session: Session, events: Sequence[tuple[int, str, str, str]]) -> dict[int, Facts]:
    said = {key: told(body) for key, _, _, body in events}
    for some in portions(list(said)):
        for key, path, value in session.execute(_VALUES, {"keys": list(some)}):
            _put(said[key], path, orjson.loads(value))
    return said


def _put(facts: Any, path: str, value: Any) -> None:
    *way, last = path.split("/")[1:]
    for step in way:
        facts = facts[int(step)] if isinstance(facts, list) else facts[step]
    facts[int(last) if isinstance(facts, list) else last] = value


def _rows(session: Session, statement: Any, keys: Sequence[int], *, until: int) -> list[Any]:
    found: list[Any] = []
    for some in portions(keys):
        found += session.execute(statement, {"keys": list(some), "until": until}).all()
    return found


def _changes(session: Session, keys: Sequence[int], *, until: int) -> Iterator[tuple[int, Facts]]:
    """Yield (key, what it should have said), in the order of belief."""
    rows = sorted(tuple(row) for row in _rows(session, _CHANGES, keys, until=until))
    if not rows:
        return
    every = _events(session, sorted({key for _, of, by in rows for key in (of, by)}))
    names = {key: name for key, name, _, _ in every}
    by_events = _opened(session, [each for each in every if each[2] in RESTATES])
    for _, of, by in rows:
        yield of, change_of(by_events[by], names[of])


def _lots(session: Session, ids: Sequence[int]) -> dict[int, tuple[str, LotSpec, str]]:
    names = LotSpec.__dataclass_fields__
    found: dict[int, tuple[str, LotSpec, str]] = {}
    for some in portions(ids):
        columns = [getattr(Lot, name) for name in ("id", "code", "made_by", *names)]
        statement: Any = select(*columns).where(among(Lot.id, some))
        for key, code, made_by, *rest in session.execute(statement):
            found[key] = (code, LotSpec(**dict(zip(names, rest, strict=True))), made_by)
    return found


def _view(code: str, spec: LotSpec, made_by: str, owner: str, stored: Mapping[str, Any]) -> LotView:
    """Return a lot as an event found it; who kept it then and where makes no difference here."""
    outside = stored.get("outside")
    return but(
        UNMADE,
        code=code,
        spec=spec,
        owner=owner,
        state=State.from_json(stored["state"]),
        outside=State.from_json(outside) if outside else NOTHING,
        status=stored["status"],
        claims_blocked=stored.get("claims_blocked", ""),
        source=stored.get("source", ""),
        made_by=made_by,
    )


def _line(code: str | None, kind: str, name: str, metal: str, vector: str, *marks: Any) -> Line:
    return but(
        _UNSAID,
        kind=kind,
        state=State.from_json(orjson.loads(vector)),
        name=name,
        lot_code=code,
        metal=metal,
        beyond_tolerance=bool(marks[0]),
        sign=marks[1],
    )


def _melts(
    session: Session, hashes: Sequence[str], *, until: int
) -> dict[str, dict[str, dict[str, Any]]]:
    """Return the melt lines of heats by hash and metal, the newest of each."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for some in portions(hashes):
        statement = (
            select(*MeltLine.__table__.columns)  # type: ignore[attr-defined]  # SQLModel hides it
            .where(among(MeltLine.event_hash, some), col(MeltLine.written_key) < until)
            .order_by(col(MeltLine.written_key))
        )
        for row in session.execute(statement).mappings():
            found.setdefault(row["event_hash"], {})[row["metal"]] = melt_told(row)
    return found
