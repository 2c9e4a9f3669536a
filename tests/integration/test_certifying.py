"""A passport is issued in the open: its hash is an event, and the newest says what holds."""

import hashlib

import orjson
import pytest
from sqlmodel import select

from remelt.traceability import ledger
from remelt.traceability.audit.audit import audit
from remelt.traceability.epcis.words import facts_of
from remelt.traceability.errors import ClaimsBlocked, NoPassportYet, NoSuchLot
from remelt.traceability.facts import SEALED
from remelt.traceability.ledger import Output, Taken
from remelt.traceability.models import LedgerEvent
from remelt.traceability.passports.certifying import issue
from remelt.traceability.proofs import certificates
from tests.integration.ledger_world import ACTOR, CANS, HUB, brought

BASE = "https://id.example"


def issued(session, clock, code):
    clock.advance(seconds=1)
    return issue(session, clock=clock, lot_code=code, base_url=BASE, actor=ACTOR, site=HUB)


def test_the_hash_of_the_passport_is_an_event(store, clock):
    with store.write() as session:
        brought(session, clock)
        code = brought(session, clock).code
        made = issued(session, clock, code)
        assert made.fresh
        assert made.certificate.log_size == 2
    with store.read() as session:
        row = session.exec(select(LedgerEvent).where(LedgerEvent.kind == "certify")).one()
        facts = facts_of(orjson.loads(row.body))
        certificate = made.certificate
        assert facts["credential"] == hashlib.sha256(certificate.body.encode()).hexdigest()
        assert facts["adcode"] == "520000"
        subject = orjson.loads(certificate.body)["credentialSubject"]
        assert subject["id"] == f"{BASE}/l/{code}"
        assert subject["mass_class"] == {"from_g": 10_000_000, "below_g": 100_000_000}
        assert subject["supersedes"] == []
        assert facts["mass_g"].startswith(SEALED)
        assert audit(session) == []


def test_the_same_claims_are_issued_once(store, clock):
    with store.write() as session:
        code = brought(session, clock).code
        first = issued(session, clock, code)
        again = issued(session, clock, code)
        assert (again.fresh, again.certificate.code) == (False, first.certificate.code)


def test_a_lot_of_which_a_piece_was_cut_gets_a_newer_passport(store, clock):
    with store.write() as session:
        code = brought(session, clock).code
        first = issued(session, clock, code)
        ledger.transform(
            session,
            clock=clock,
            kind="split",
            inputs=[Taken(lot_code=code, mass_g=3_000_000)],
            outputs=[Output(spec=CANS, mass_g=3_000_000)],
            site=HUB,
            actor=ACTOR,
        )
        second = issued(session, clock, code)
        assert second.fresh
    with store.read() as session:
        old = certificates.standing(session, code=first.certificate.code)
        assert (old.status, old.end.reason) == ("superseded", "newer")
        assert old.end.event_hash == second.certificate.event_hash
        said = orjson.loads(second.certificate.body)["credentialSubject"]["supersedes"]
        assert said == [
            {"certificate": old.certificate.code, "issued": "2026-03-02", "reason": "newer"}
        ]
        assert audit(session) == []


def test_nothing_is_claimed_of_what_is_unknown_unweighed_or_blocked(store, clock):
    with store.write() as session, pytest.raises(NoSuchLot):
        issued(session, clock, "NONE")
    with store.write() as session:
        declared = ledger.commission(
            session,
            clock=clock,
            lot_code="DECLARED",
            spec=CANS,
            declared_mass_g=5,
            owner="ORG1",
            custodian="ORG1",
            site=HUB,
            actor=ACTOR,
        )
        with pytest.raises(NoPassportYet):
            issued(session, clock, declared.code)
    with store.write() as session:
        blocked = brought(session, clock)
        blocked.claims_blocked = "unexplained"
        session.add(blocked)
        session.flush()
        with pytest.raises(ClaimsBlocked):
            issued(session, clock, blocked.code)
