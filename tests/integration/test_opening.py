"""Buyer and auditor read other fields of the same proof; nobody reads the collector."""

import orjson
import pytest

from benchmarks.ledger_measures.passport_bits import settings_in
from remelt.traceability import ledger
from remelt.traceability.door.private import erase
from remelt.traceability.errors import NoSuchLot
from remelt.traceability.facts import canonical
from remelt.traceability.ledger import Output, Taken
from remelt.traceability.log.notes import read_verifier
from remelt.traceability.passports.certifying import issue
from remelt.traceability.proofs.keylist import fingerprint
from remelt.traceability.proofs.opening import check_openings, openings
from remelt.traceability.proofs.verifier import Bad
from remelt.web.keys import keyring
from remelt.web.transparency import event_proof
from tests.integration.ledger_world import ACTOR, CANS, HUB, brought


@pytest.fixture
def ring(tmp_path):
    return keyring(settings_in(tmp_path / "home"))


@pytest.fixture
def piece(store, clock):
    """A piece of 3 t cut off a purchase from a collector."""
    with store.write() as session:
        lot = brought(session, clock, seller="person:WANG")
        done = ledger.transform(
            session,
            clock=clock,
            kind="split",
            inputs=[Taken(lot_code=lot.code, mass_g=3_000_000)],
            outputs=[Output(spec=CANS, mass_g=3_000_000)],
            site=HUB,
            actor=ACTOR,
        )
        return lot.code, done.outputs[0].code


def opened(store, ring, code, tier, persons=()):
    with store.read() as session:
        return canonical(
            openings(
                session,
                lot_code=code,
                tier=tier,
                created="2026-03-02T09:00:00Z",
                prove=lambda index: event_proof(session, index=index, ring=ring),
                persons=lambda codes: codes & set(persons),
            )
        )


def checked(file, ring):
    root = fingerprint(read_verifier(ring.root))
    return check_openings(file, keys=ring.file, root=root)


def test_a_buyer_reads_masses_and_inputs_of_the_lots_own_events(store, ring, piece):
    first, second = piece
    file = opened(store, ring, second, "buyer")
    told = {(each["event"], each["path"]): each["value"] for each in checked(file, ring)}
    assert told[1, "/inputs/0/lot"] == first
    assert told[1, "/inputs/0/mass_g"] == 3_000_000
    assert told[1, "/site"] == "HUB1"
    assert {event for event, _ in told} == {1}
    for closed in (b"WANG", b"ZHAO", b"ORG1"):
        assert closed not in file


def test_a_buyer_opens_the_exact_mass_that_a_passport_seals(store, clock, ring):
    with store.write() as session:
        code = brought(session, clock, mass_g=4_387_123).code
    with store.write() as session:
        base = "https://id.example"
        made = issue(session, clock=clock, lot_code=code, base_url=base, actor=ACTOR, site=HUB)
        assert "4387123" not in made.certificate.body
    told = checked(opened(store, ring, code, "buyer"), ring)
    assert {"event": 1, "path": "/mass_g", "value": 4_387_123} in told


def test_an_auditor_reads_firms_and_what_it_was_made_of_but_no_person(store, ring, piece):
    file = opened(store, ring, piece[1], "auditor")
    told = {(each["event"], each["path"]): each["value"] for each in checked(file, ring)}
    assert told[0, "/mass_g"] == 10_000_000
    assert told[0, "/owner"] == "ORG1"
    for closed in (b"WANG", b"ZHAO"):
        assert closed not in file


@pytest.mark.parametrize("tier", ["buyer", "auditor"])
@pytest.mark.parametrize("person", ["ORG1", "HUB1"])
def test_a_firm_or_site_of_a_person_is_not_named(store, ring, piece, tier, person):
    file = opened(store, ring, piece[1], tier, persons=[person])
    assert person.encode() not in file
    assert 3_000_000 in {each["value"] for each in checked(file, ring)}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_changed_opening_is_refused(store, ring, piece):
    said = orjson.loads(opened(store, ring, piece[1], "buyer"))
    one = said["events"][0]["opened"]
    for at, name, value in (
        (0, "value", 1),
        (0, "salt", "0" * 64),
        (0, "path", "/nowhere"),
        (0, "path", "/inputs/9/lot"),
    ):
        kept = one[at][name]
        one[at][name] = value
        with pytest.raises(Bad, match="not what the event sealed"):
            checked(canonical(said), ring)
        one[at][name] = kept
    assert checked(canonical(said), ring)
    said["events"][0]["event"] = said["events"][0]["event"].replace("split", "blend")
    with pytest.raises(Bad):
        checked(canonical(said), ring)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_was_erased_is_not_opened_and_the_rest_still_is(store, ring, piece):
    with store.write() as session:
        erase(session, subject="org:ORG1")
    told = checked(opened(store, ring, piece[1], "auditor"), ring)
    assert {"/owner", "/custodian"}.isdisjoint(each["path"] for each in told)
    assert (0, 10_000_000) in {(e["event"], e["value"]) for e in told if e["path"] == "/mass_g"}


def test_an_unknown_lot_has_nothing_to_open(store, ring):
    with pytest.raises(NoSuchLot):
        opened(store, ring, "NONE", "buyer")
