"""A person may be forgotten; while the law keeps the records, they are closed instead."""

from datetime import timedelta

import pytest
from sqlmodel import select

from remelt.traceability import queries
from remelt.traceability.audit.audit import audit
from remelt.traceability.models import PrivateValue
from remelt.traceability.proofs.forgetting import erase_due, forget, restricted
from tests.integration.ledger_world import ACTOR, brought

TERM = {"subject": ACTOR, "keep_days": 1_096}


def values(session):
    statement = select(PrivateValue.id).where(PrivateValue.subject == ACTOR)
    return len(session.exec(statement).all())


def test_within_the_term_a_person_is_closed_and_erased_at_its_end(store, clock):
    with store.write() as session:
        code = brought(session, clock).code
    with store.read() as session:
        assert queries.history(session, code=code, own=True)[0].actor == ACTOR
    with store.write() as session:
        done = forget(session, clock=clock, **TERM)
        assert done.until == clock.now() + timedelta(days=1_096)
        assert forget(session, clock=clock, **TERM).until == done.until
        assert values(session) == 1
    with store.read() as session:
        assert restricted(session) == {ACTOR}
        assert queries.history(session, code=code, own=True)[0].actor is None
    clock.advance(days=1_095)
    with store.write() as session:
        assert erase_due(session, clock=clock, keep_days=1_096) == []
    clock.advance(days=1)
    with store.write() as session:
        assert erase_due(session, clock=clock, keep_days=1_096) == [ACTOR]
        assert erase_due(session, clock=clock, keep_days=1_096) == []
    with store.read() as session:
        assert values(session) == 0
        assert audit(session) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_happens_after_the_request_puts_the_end_off(store, clock):
    with store.write() as session:
        brought(session, clock)
    with store.write() as session:
        asked = forget(session, clock=clock, **TERM).until
    clock.advance(days=200)
    with store.write() as session:
        brought(session, clock)
    clock.advance(days=896)
    with store.write() as session:
        assert clock.now() >= asked
        assert erase_due(session, clock=clock, keep_days=1_096) == []
        assert values(session) == 2
        assert forget(session, clock=clock, **TERM).until - asked >= timedelta(days=200)
    clock.advance(days=201)
    with store.write() as session:
        assert erase_due(session, clock=clock, keep_days=1_096) == [ACTOR]
        assert values(session) == 0
        assert restricted(session) == frozenset()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_after_the_term_a_person_is_erased_at_once(store, clock):
    with store.write() as session:
        brought(session, clock)
    clock.advance(days=1_097)
    with store.write() as session:
        done = forget(session, clock=clock, **TERM)
        assert (done.values, done.until) == (1, None)
        assert forget(session, clock=clock, subject="person:NOBODY", keep_days=1).values == 0
    with store.read() as session:
        assert values(session) == 0
        assert audit(session) == []
