"""Captures beside each other: of many that bring the same events, one stores them."""

import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import delete, update
from sqlmodel import col, func, select

from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.store import Store
from remelt.traceability.audit.audit import audit
from remelt.traceability.capture.capturing import capture, prepared
from remelt.traceability.capture.checks import DocumentRefused, read
from remelt.traceability.capture.drafts import variant_of
from remelt.traceability.capture.models import CaptureJob, Evidence, EvidenceName
from remelt.traceability.capture.reading import Reader, event
from remelt.traceability.models import LedgerEvent, LogHead
from tests.counting import Counting
from tests.epcis import a_document, an_event, raw

FIRMS = 4
EVENTS = 20


def count(session, table) -> int:
    return session.exec(select(func.count(col(table.id)))).one()


def taken(store: Store, clock: SimulatedClock, *numbers: int, firm: str = "F0") -> CaptureJob:
    document = prepared(read(raw(a_document(*[an_event(n) for n in numbers]))))
    with store.write() as session:
        return capture(session, document, clock=clock, organisation=firm)


def test_the_same_events_brought_at_once_are_stored_once(store: Store, clock: SimulatedClock):
    at_once = Barrier(FIRMS)

    def bring(firm: int) -> int:
        at_once.wait()
        return taken(store, clock, *range(EVENTS), firm=f"F{firm}").fresh

    with ThreadPoolExecutor(FIRMS) as threads:
        stored = sorted(threads.map(bring, range(FIRMS)))
    assert stored == [EVENTS] * FIRMS  # each organisation counts its own
    with store.read() as session:
        assert count(session, LedgerEvent) == session.exec(select(LogHead.size)).one() == EVENTS
        assert count(session, Evidence) == FIRMS * EVENTS
        assert count(session, EvidenceName) == 2 * EVENTS
        assert audit(session) == []


def test_events_of_one_hash_are_told_apart_by_all_of_their_content():
    """A part of the digest could be met by trying; ids and variants joined could run together."""
    assert variant_of("said") == hashlib.sha256(b"said").hexdigest()
    [draft] = prepared(read(raw(a_document(an_event(1))))).drafts
    other = draft._replace(event_id=f"{draft.event_id}#a", declares="")
    assert other.identity != draft._replace(variant="a").identity
    assert (
        draft._replace(variant="a#b").identity
        != draft._replace(variant="a", declares="#b").identity
    )


def test_a_refused_document_leaves_nothing(store: Store, clock: SimulatedClock):
    late = a_document(an_event(1), an_event(2, eventTime="2026-03-09T00:00:00Z"))
    with pytest.raises(DocumentRefused), store.write() as session:
        capture(session, prepared(read(raw(late))), clock=clock, organisation="F0")
    with store.read() as session:
        assert [count(session, table) for table in (LedgerEvent, CaptureJob, Evidence)] == [0] * 3


@pytest.mark.parametrize("everything", [True, False])
def test_an_event_is_read_by_an_index_however_long_the_log_is(
    store: Store, clock: SimulatedClock, everything
):
    taken(store, clock, *range(3))
    [draft, *_] = prepared(read(raw(a_document(an_event(1))))).drafts
    reader = Reader("F0", everything=everything)
    with Counting(store) as count, store.read() as session:
        assert event(session, event_id=draft.event_id, reader=reader)
    statement, parameters = next(each for each in count.asked if "ledger_event.body" in each[0])
    with store.engine.connect() as connection:
        plan = "EXPLAIN QUERY PLAN "
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET enable_seqscan = off")  # leaves it where nothing else
            plan = "EXPLAIN "
        told = [str(row[-1]) for row in connection.exec_driver_sql(plan + statement, parameters)]
    assert not [line for line in told if re.search(r"SCAN ledger_event|Seq Scan|Filter.*ni:", line)]
    assert [line for line in told if "uq_ledger_event_event_id" in line], told


def test_evidence_is_only_added(store: Store, clock: SimulatedClock):
    taken(store, clock, 1)
    tables = (CaptureJob, Evidence, EvidenceName, LedgerEvent)
    changes = [delete(table) for table in tables]
    changes += [update(table).values(id=col(table.id) + 1) for table in tables]
    for change in changes:
        with pytest.raises(Exception, match="insert-only"), store.write() as session:
            session.connection().execute(change)


def test_evidence_that_was_made_an_event_of_the_ledger_is_found(
    store: Store, clock: SimulatedClock
):
    taken(store, clock, 1)
    with store.engine.begin() as connection:
        sqlite = connection.dialect.name == "sqlite"
        connection.exec_driver_sql(
            "DROP TRIGGER ledger_event_no_update"
            if sqlite
            else "ALTER TABLE ledger_event DISABLE TRIGGER ALL"
        )
        connection.exec_driver_sql("UPDATE ledger_event SET kind = 'weigh'")
    with store.read() as session:
        [found] = audit(session)
    assert (found.what, found.seq) == ("kind-changed", 0)
