"""Lots in the ledger: declared, weighed, moved, carried, passed on, proven."""

import hashlib
from concurrent.futures import ThreadPoolExecutor

import orjson
import pytest
from sqlalchemy.exc import DBAPIError
from sqlmodel import select, text

from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.codes import new_code
from remelt.platform.kernel.store import Store
from remelt.traceability import ledger
from remelt.traceability.audit.audit import audit
from remelt.traceability.errors import LotCodeTaken, LotUsedUp, MassNotPositive, NoSuchLot
from remelt.traceability.ledger import LegShare
from remelt.traceability.models import LedgerEvent, LogHead, LogNode, Lot, PrivateValue

from .ledger_world import ACTOR, CANS, GRID, HUB, PRIMARY, SMELTER, brought


def commissioned(session, clock, code=None):
    return ledger.commission(
        session,
        clock=clock,
        lot_code=code or new_code(),
        spec=CANS,
        declared_mass_g=100_000,
        owner="LI",
        custodian="LI",
        site=HUB,
        actor="person:LI",
    )


def weighed(session, clock, code, mass_g, ticket="T1"):
    clock.advance(minutes=1)
    return ledger.weigh(
        session,
        clock=clock,
        lot_code=code,
        mass_g=mass_g,
        ticket_ref=ticket,
        scale_division_g=200,
        site=HUB,
        actor=ACTOR,
    )


def test_a_declared_lot_has_no_mass_until_it_is_weighed(store: Store, clock: SimulatedClock):
    with store.write() as session:
        lot = commissioned(session, clock)
        assert (lot.mass_g, lot.declared_mass_g, lot.status) == (0, 100_000, "registered")
        first = weighed(session, clock, lot.code, 108_000)
        assert first.first
        assert not first.beyond_tolerance
        assert lot.vectors.classes == {"post_consumer": 108_000}
        assert lot.vectors.elements == {"Al": 97_200_000, "unknown": 10_800_000}


def test_a_later_weighing_is_an_adjustment_with_a_sign(store: Store, clock: SimulatedClock):
    with store.write() as session:
        lot = brought(session, clock, mass_g=100_000)
        small = weighed(session, clock, lot.code, 99_900)
        assert (small.difference_g, small.beyond_tolerance) == (-100, False)
        large = weighed(session, clock, lot.code, 90_000, "T2")
        assert (large.difference_g, large.beyond_tolerance) == (-9_900, True)
        assert lot.vectors.holds()


def test_the_same_event_again_is_the_event_that_is_there(store: Store, clock: SimulatedClock):
    code = new_code()
    with store.write() as session:
        commissioned(session, clock, code)
    with store.write() as session:
        commissioned(session, clock, code)
    with store.read() as session:
        assert len(session.exec(select(LedgerEvent)).all()) == 1
    clock.advance(seconds=1)
    with pytest.raises(LotCodeTaken), store.write() as session:
        commissioned(session, clock, code)


def test_events_are_numbered_without_gap_and_hashed_into_the_log(
    store: Store, clock: SimulatedClock
):
    for _ in range(3):
        with store.write() as session:
            lot = brought(session, clock)
            weighed(session, clock, lot.code, 9_990_000)
    with store.read() as session:
        events = session.exec(select(LedgerEvent).order_by(LedgerEvent.seq)).all()
        assert [event.seq for event in events] == list(range(6))
        for event in events:
            assert event.hash == hashlib.sha256(event.body.encode()).hexdigest()
        head = session.exec(select(LogHead)).one()
        assert head.size == 6
        assert len(session.exec(select(LogNode)).all()) == 6 + 3 + 1


def test_the_public_body_tells_no_person_firm_site_time_or_purchase(
    store: Store, clock: SimulatedClock
):
    with store.write() as session:
        brought(session, clock, mass_g=123_457, seller="person:WANG", ticket_ref="GATE-77")
    with store.read() as session:
        event = session.exec(select(LedgerEvent)).one()
        for secret in ("WANG", "ZHAO", "ORG1", "HUB1", "123457", "GATE-77", "04:00"):
            assert secret not in event.body
        body = orjson.loads(event.body)
        assert body["type"] == "ObjectEvent"
        assert body["eventTime"] == "2026-03-02T00:00:00.000+08:00"
        values = session.exec(select(PrivateValue.value)).all()
        assert "123457" in values


def test_a_lot_goes_from_hand_to_hand(store: Store, clock: SimulatedClock):
    with store.write() as session:
        lot = commissioned(session, clock)
        assert not lot.handed_over
        for kind, status in (("pickup", "in_transit"), ("receive", "received")):
            clock.advance(minutes=5)
            ledger.move(
                session,
                clock=clock,
                lot_codes=[lot.code],
                kind=kind,
                to_site=SMELTER,
                custodian="CARRIER",
                actor=ACTOR,
            )
            assert (lot.status, lot.custodian, lot.handed_over) == (status, "CARRIER", True)
        assert (lot.site_code, lot.adcode) == ("SMELT1", "520304")
        ledger.transfer(session, clock=clock, lot_code=lot.code, owner="SMELT", contract_ref="C1")
        assert lot.owner == "SMELT"


def test_a_leg_lays_its_burden_on_the_lot_and_closes_the_gap(store: Store, clock: SimulatedClock):
    with store.write() as session:
        lot = brought(session, clock)
        assert lot.vectors.missing == ("collection",)
        leg = LegShare(
            lot_code=lot.code, co2e_g=12_345, mass_g=10, distance_m=9, stage="collection"
        )
        ledger.carry(session, clock=clock, legs=[leg])
        assert lot.vectors.missing == ()
        assert lot.vectors.co2e == {"collection": 12_345}


def test_bought_metal_brings_its_burden_or_a_named_gap(store: Store, clock: SimulatedClock):
    with store.write() as session:
        bare = brought(session, clock, spec=PRIMARY, mass_g=1_000_000)
        assert bare.vectors.missing == ("upstream",)
        known = brought(session, clock, spec=PRIMARY, mass_g=1_000_000, upstream=GRID)
        assert known.vectors.co2e == {"upstream": 536_600}
        assert known.vectors.missing == ()


def test_what_left_the_world_is_out(store: Store, clock: SimulatedClock):
    with store.write() as session:
        lot = brought(session, clock)
        ledger.ship_out(session, clock=clock, lot_code=lot.code, to="BUYER", site=HUB, actor=ACTOR)
        assert (lot.status, lot.mass_g) == ("out", 0)
        with pytest.raises(LotUsedUp):
            weighed(session, clock, lot.code, 5)


@pytest.mark.parametrize("mass_g", [0, -1, 10**12])
def test_no_scale_shows_such_a_mass(store: Store, clock: SimulatedClock, mass_g: int):
    with store.write() as session:
        lot = commissioned(session, clock)
        with pytest.raises(MassNotPositive):
            weighed(session, clock, lot.code, mass_g)


def test_an_unknown_lot_is_not_found(store: Store, clock: SimulatedClock):
    with store.write() as session, pytest.raises(NoSuchLot):
        weighed(session, clock, new_code(), 5)


@pytest.mark.parametrize("table", ["ledger_event", "event_lot", "book_line", "log_node"])
def test_the_database_itself_refuses_to_edit_history(
    store: Store, clock: SimulatedClock, table: str
):
    with store.write() as session:
        brought(session, clock)
    with pytest.raises(DBAPIError), store.write() as session:
        session.connection().execute(text(f"DELETE FROM {table}"))  # noqa: S608 - our own names


def test_eight_first_writers_share_one_log(store: Store, clock: SimulatedClock):
    def write(_i: int) -> None:
        with store.write() as session:
            brought(session, clock)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(16)))
    with store.read() as session:
        assert sorted(session.exec(select(LedgerEvent.seq))) == list(range(16))
        assert audit(session) == []


def test_lots_are_found_by_code(store: Store, clock: SimulatedClock):
    with store.write() as session:
        code = brought(session, clock).code
    with store.read() as session:
        assert session.exec(select(Lot).where(Lot.code == code)).one().mass_g == 10_000_000
