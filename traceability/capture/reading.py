"""Reading events back: what somebody may see, page by page, in the order of the log."""

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import MAXYEAR, UTC, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import and_, union_all
from sqlmodel import Session, col, func, or_, select

from remelt.platform.kernel.clock import day_of
from remelt.traceability.capture import match as m
from remelt.traceability.capture.models import CaptureJob, Evidence, EvidenceName
from remelt.traceability.capture.query import BadQuery, Query, QueryTooLarge
from remelt.traceability.capture.witnesses import Found, bodies
from remelt.traceability.epcis.values import moment
from remelt.traceability.epcis.words import EVIDENCE, LOT
from remelt.traceability.errors import NoSuchCapture, NoSuchEvent
from remelt.traceability.models import EventLot, LedgerEvent, Lot

CONTEXT: list[Any] = [
    "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
    {"remelt": "urn:remelt:ns:"},
]
PORTION = 500
MOST_LOOKED_AT = 20_000  # events looked at for one page
MOST_SORTED = 10_000
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: an organisation, or all there is (regulator, auditor)."""

    organisation: str
    everything: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """Where the next page begins: past this number, below that one, so many given before."""

    past: int = -1
    below: int | None = None
    given: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """Bodies of events, a reader's own in its own words; the mark of the next page or None."""

    bodies: list[str]
    next: Mark | None


def events(
    session: Session, query: Query, *, reader: Reader, per_page: int, mark: Mark | None = None
) -> Page:
    """Return a page of the events that answer `query` and that `reader` may see.

    A page may be short, or empty, and yet be followed by another: only so many events are looked
    at for one. Raises `QueryTooLarge`.
    """
    here = mark or Mark()
    if query.order_by is not None or query.most is not None:
        return _sorted_page(session, query, reader=reader, per_page=per_page, mark=here)
    room = per_page if query.limit is None else min(per_page, query.limit - here.given)
    found: list[Found] = []
    last, looked = here.past, 0
    for each in _candidates(session, query, reader=reader, mark=here):
        if len(found) == room or looked == MOST_LOOKED_AT:
            given = here.given + len(found)
            ended = query.limit is not None and given >= query.limit
            mark = None if ended else Mark(past=last, given=given)
            return Page(bodies(session, found, judging=reader.everything), mark)
        last, looked = each.seq, looked + 1
        if _answers(query, each.event, each.recorded):
            found.append(each)
    return Page(bodies(session, found, judging=reader.everything), None)


def event(session: Session, *, event_id: str, reader: Reader) -> str:
    """Return the body of the event with this id: its hash, or the id its captor gave it.

    Raises `NoSuchEvent`, also for one that the reader may not see.
    """
    if "\0" in event_id:
        raise NoSuchEvent(event_id="")  # no database looks for it
    statement = (
        _visible(_columns(reader), reader)
        .where(_is([event_id], reader))
        .order_by(
            col(LedgerEvent.event_id) != event_id,
            col(LedgerEvent.corrects).is_not(None),
            col(LedgerEvent.seq),
        )
    )
    row = session.connection().execute(statement.limit(1)).first()
    if row is None:
        raise NoSuchEvent(event_id=event_id[:100])
    return bodies(session, [_read(row)], judging=reader.everything)[0]


def job(session: Session, *, code: str, reader: Reader) -> CaptureJob:
    """Return a capture job of the reader. Raises `NoSuchCapture`."""
    looked_for = CaptureJob.code == code.replace("\0", "")
    found: CaptureJob | None = session.exec(_jobs(reader).where(looked_for)).first()
    if found is None:
        raise NoSuchCapture(capture_id=code[:100])
    return found


def jobs(
    session: Session, *, reader: Reader, per_page: int, mark: Mark | None = None
) -> tuple[list[CaptureJob], Mark | None]:
    """Return a page of capture jobs, oldest first, and the mark of the next."""
    statement = _jobs(reader).where(col(CaptureJob.id) > (mark.past if mark else -1))
    found = list(session.exec(statement.order_by(col(CaptureJob.id)).limit(per_page + 1)))
    more = len(found) > per_page
    return found[:per_page], Mark(past=found[per_page - 1].key) if more else None


def token(mark: Mark) -> str:
    """Return a mark as a token for an address."""
    said = orjson.dumps([mark.past, mark.below, mark.given])
    return base64.urlsafe_b64encode(said).decode().rstrip("=")


def read_token(text: str) -> Mark:
    """Return the mark of a token. Raises `BadQuery`."""
    try:
        said = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        past, below, given = said
    except (ValueError, TypeError, binascii.Error):
        raise BadQuery(parameter="nextPageToken", why="value") from None
    numbers = (past, given) if below is None else (past, below, given)
    if not all(type(n) is int and -1 <= n < 2**62 for n in numbers):
        raise BadQuery(parameter="nextPageToken", why="value")
    return Mark(past=past, below=below, given=given)


def _sorted_page(
    session: Session, query: Query, *, reader: Reader, per_page: int, mark: Mark
) -> Page:
    """Gather every answer, sort them, and cut a page out; `below` keeps later events out."""
    found: list[Found] = []
    start = replace(mark, past=-1)
    top = mark.below or 0
    for looked, each in enumerate(_candidates(session, query, reader=reader, mark=start)):
        top = max(top, each.seq + 1)
        if _answers(query, each.event, each.recorded):
            found.append(each)
        if len(found) > min(MOST_SORTED, query.most or MOST_SORTED) or looked == 5 * MOST_LOOKED_AT:
            raise QueryTooLarge(most=query.most or MOST_SORTED)
    if query.order_by is not None:
        name = query.order_by
        found.sort(key=lambda each: _rank(each, name), reverse=query.descending)
    found = found[: query.limit] if query.limit is not None else found
    end = mark.given + per_page
    page = bodies(session, found[mark.given : end], judging=reader.everything)
    return Page(page, Mark(below=top, given=end) if end < len(found) else None)


def _rank(found: Found, name: str) -> tuple[Any, ...]:
    """Return what an event is sorted by: numbers before texts, those without at the end."""
    if name == "recordTime":
        return (1, found.recorded.timestamp(), "", found.seq)
    value = next(m.at(found.event, (name,)), None)
    instant = moment(value) if isinstance(value, str) else None
    if instant is not None:
        return (1, instant.timestamp(), "", found.seq)
    number = m.read_as(value, 0.0)
    if isinstance(number, float):
        return (1, number, "", found.seq)
    return (0, 0.0, value, found.seq) if isinstance(value, str) else (-1, 0.0, "", found.seq)


def _answers(query: Query, said: dict[str, Any], recorded: datetime) -> bool:
    for (field, operator), bound in query.times.items():
        at = recorded if field == "recordTime" else moment(said["eventTime"])
        if at is None or not m.COMPARE[operator](at, bound):
            return False
    return query.takes(said)


def _candidates(session: Session, query: Query, *, reader: Reader, mark: Mark) -> Iterator[Found]:
    """Give what the database can tell to be possible, in the order of the log."""
    statement = _visible(_columns(reader), reader)
    for ids in query.ids:
        statement = statement.where(_is(sorted(ids), reader))
    for names in query.names:
        statement = statement.where(col(LedgerEvent.id).in_(_naming(sorted(names))))
    columns = {"eventTime": LedgerEvent.occurred_at, "recordTime": LedgerEvent.recorded_at}
    for (field, operator), bound in query.times.items():
        column = col(columns[field])
        # an event of ours says its day only, so it may be up to a day before its exact time
        statement = statement.where(column >= bound if operator == "GE" else column < _later(bound))
    if mark.below is not None:
        statement = statement.where(col(LedgerEvent.seq) < mark.below)
    past = mark.past
    while True:
        page = statement.where(col(LedgerEvent.seq) > past).order_by(col(LedgerEvent.seq))
        rows = session.connection().execute(page.limit(PORTION)).all()
        yield from map(_read, rows)
        if len(rows) < PORTION:
            return
        past = rows[-1][0]


def _read(row: Any) -> Found:
    seq, body, kind, recorded, key, hash_id = row
    return Found(seq, body, orjson.loads(body), _told(recorded, kind), key, hash_id)


def _later(bound: datetime) -> datetime:
    return bound + _DAY if bound.year < MAXYEAR else bound


def _told(recorded: datetime, kind: str) -> datetime:
    """Return when an event was recorded, as far as readers may know: of ours, the day."""
    at = recorded if recorded.tzinfo else recorded.replace(tzinfo=UTC)
    return at if kind == EVIDENCE else datetime.fromisoformat(f"{day_of(at)}T00:00:00+08:00")


def _columns(reader: Reader) -> Any:
    """Return the columns of an event; what a reader captured itself in its own words."""
    columns: Any = (LedgerEvent.kind, LedgerEvent.recorded_at, LedgerEvent.id, LedgerEvent.event_id)
    if reader.everything:
        return select(LedgerEvent.seq, LedgerEvent.body, *columns)
    said = func.coalesce(Evidence.said, LedgerEvent.body)
    own = and_(
        col(Evidence.event_key) == col(LedgerEvent.id),
        col(Evidence.organisation_code) == reader.organisation,
    )
    return select(LedgerEvent.seq, said, *columns).select_from(LedgerEvent).outerjoin(Evidence, own)


def _visible(statement: Any, reader: Reader) -> Any:
    """Keep what the reader may see: its own evidence, and events of lots it owns or holds."""
    if reader.everything:
        return statement
    own = reader.organisation
    captured = select(Evidence.event_key).where(Evidence.organisation_code == own)
    about = (
        select(EventLot.event_key)
        .join(Lot, col(Lot.id) == col(EventLot.lot_id))
        .where(or_(Lot.owner == own, Lot.custodian == own))
    )
    return statement.where(col(LedgerEvent.id).in_(union_all(captured, about)))


def _is(ids: list[str], reader: Reader) -> Any:
    """Keep events with one of these hashes, or with one of these as the id that a captor gave.

    Nobody finds an event by what another wrote beside it; who reads everything finds a hash by
    what was hashed alone, not by an id that only looks like it.
    """
    said = select(Evidence.event_key)
    declares = col(LedgerEvent.corrects).is_not(None)
    hashed = select(LedgerEvent.id).where(col(LedgerEvent.event_id).in_(ids))
    if reader.everything:
        said = said.where(col(Evidence.said_id).in_([i for i in ids if not i.startswith("ni:")]))
    else:
        said = said.where(
            col(Evidence.said_id).in_(ids), Evidence.organisation_code == reader.organisation
        )
    # what declares an error and what does not have an index of their own each
    found: Any = union_all(hashed.where(declares), hashed.where(~declares), said)
    return col(LedgerEvent.id).in_(found)


def _naming(names: list[str]) -> Any:
    """Return the keys of events that name one of `names`: evidence, and events of our lots."""
    codes = [name.removeprefix(LOT) for name in names if name.startswith(LOT)]
    evidence = select(EvidenceName.event_key).where(col(EvidenceName.name).in_(names))
    ours = (
        select(EventLot.event_key)
        .join(Lot, col(Lot.id) == col(EventLot.lot_id))
        .where(col(Lot.code).in_(codes))
    )
    return union_all(evidence, ours)


def _jobs(reader: Reader) -> Any:
    statement = select(CaptureJob)
    if not reader.everything:
        statement = statement.where(CaptureJob.organisation_code == reader.organisation)
    return statement
