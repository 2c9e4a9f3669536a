"""A passport is in force until a correction, a better figure or its issuer ends it."""

import hashlib

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from remelt.platform.kernel.codes import new_code
from remelt.traceability.errors import NoSuchCertificate
from remelt.traceability.proofs import certificates
from remelt.traceability.proofs.models import Certificate
from tests.integration.ledger_world import brought


def a_certificate(session, clock, lot):
    """A row as `issue` writes it."""
    body = f'{{"lot":"{lot.code}","n":"{new_code()}"}}'
    row = Certificate(
        code=new_code(),
        lot_id=lot.key,
        event_hash=lot.made_by,
        issued_at=clock.now(session),
        log_size=1,
        sha256=hashlib.sha256(body.encode()).hexdigest(),
        mass_g=lot.mass_g,
        body=body,
    )
    session.add(row)
    session.flush()
    return row


def test_a_correction_ends_what_was_promised_of_every_lot_it_reaches(store, clock):
    with store.write() as session:
        lots = [brought(session, clock) for _ in range(3)]
        issued = [a_certificate(session, clock, lot) for lot in lots]
        assert certificates.in_force(session, lot_id=lots[0].key) is issued[0]
        ended = certificates.supersede(
            session,
            lot_ids=[lots[0].key, lots[1].key],
            reason="correction",
            event_hash=lots[0].made_by,
            at=clock.now(session),
        )
        assert ended == 2
    with store.read() as session:
        held = [certificates.standing(session, code=each.code).status for each in issued]
        assert held == ["superseded", "superseded", "in-force"]
        assert certificates.in_force(session, lot_id=lots[0].key) is None
        history = certificates.of_lot(session, lot_id=lots[0].key)
        assert [(each.status, each.end.reason) for each in history] == [
            ("superseded", "correction")
        ]


def test_what_ended_does_not_end_twice(store, clock):
    with store.write() as session:
        lot = brought(session, clock)
        first = a_certificate(session, clock, lot)
        told = {"reason": "correction", "event_hash": lot.made_by, "at": clock.now(session)}
        assert certificates.supersede(session, lot_ids=[lot.key], **told) == 1
        assert certificates.supersede(session, lot_ids=[lot.key], **told) == 0
        certificates.revoke(session, code=first.code, reason="mistake", at=clock.now(session))
        assert certificates.standing(session, code=first.code).status == "superseded"
        again = a_certificate(session, clock, lot)
        certificates.revoke(session, code=again.code, reason="mistake", at=clock.now(session))
        assert certificates.standing(session, code=again.code).status == "revoked"


def test_more_lots_than_one_statement_holds(store, clock):
    with store.write() as session:
        lot = brought(session, clock)
        a_certificate(session, clock, lot)
        many = [*range(1, 1_200), lot.key]
        told = {"reason": "correction", "event_hash": lot.made_by, "at": clock.now(session)}
        assert certificates.supersede(session, lot_ids=many, **told) == 1


def test_an_unknown_code_is_refused(store):
    with store.read() as session, pytest.raises(NoSuchCertificate):
        certificates.standing(session, code="NONE")


def test_a_certificate_is_history(store, clock):
    with store.write() as session:
        a_certificate(session, clock, brought(session, clock))
    for statement in ("UPDATE certificate SET body = 'x'", "DELETE FROM certificate"):
        with pytest.raises(DatabaseError, match="insert-only"), store.write() as session:
            session.execute(text(statement))
