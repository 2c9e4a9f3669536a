"""The one door in batches: many events in one go are what they would be one by one."""

from dataclasses import asdict
from datetime import datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, func, select

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.codes import new_code
from remelt.platform.kernel.errors import Busy
from remelt.platform.kernel.store import Store
from remelt.traceability import ledger
from remelt.traceability.actions.acting import entry, header
from remelt.traceability.audit.audit import audit
from remelt.traceability.door import bulk
from remelt.traceability.door.book import Entry, append_all, batched, lock_lots
from remelt.traceability.door.private import of_site, org, person
from remelt.traceability.errors import BeforeItsLots, LotCodeTaken, LotUsedUp
from remelt.traceability.ledger import Output, Taken
from remelt.traceability.models import (
    BookLine,
    Edge,
    EventLot,
    LedgerEvent,
    LogHead,
    Lot,
    PrivateValue,
)

from .ledger_world import ACTOR, CANS, HUB, brought


def a_purchase(session, clock, *, lot_code: str, mass_g: int = 1_000) -> Entry:
    """One purchase at the gate, ready for the door."""
    clock.advance(seconds=1)
    facts = header(session, clock, "bring_in", site=HUB, actor=ACTOR, at=None) | {
        "lot": lot_code,
        "spec": asdict(CANS),
        "mass_g": of_site(HUB.code, mass_g),
        "ticket": of_site(HUB.code, "T"),
        "scale_division_g": 20,
        "seller": person("person:WANG"),
        "owner": org("ORG1"),
        "custodian": org("ORG1"),
        "upstream": None,
    }
    return entry(session, clock, facts, {})


def a_weighing(session, clock, *, lot_code: str, mass_g: int) -> Entry:
    """A second weighing of a lot."""
    clock.advance(seconds=1)
    facts = header(session, clock, "weigh", site=HUB, actor=ACTOR, at=None) | {
        "lot": lot_code,
        "mass_g": of_site(HUB.code, mass_g),
        "ticket": of_site(HUB.code, "T2"),
        "scale_division_g": 20,
    }
    return entry(session, clock, facts, {})


def counted(session, model) -> int:
    return session.exec(select(func.count()).select_from(model)).one()


def test_a_batch_names_lots_that_it_made_itself_and_leaves_their_rows_as_stored(
    store: Store, clock: SimulatedClock
):
    code = new_code()
    with store.write() as session:
        bought, weighed = append_all(
            session,
            [
                a_purchase(session, clock, lot_code=code),
                a_weighing(session, clock, lot_code=code, mass_g=990),
            ],
            lots={},
        )
        held = weighed.lots[code]
        assert (bought.fresh, weighed.fresh, held.mass_g) == (True, True, 990)
        assert session.exec(select(Lot).where(Lot.code == code)).one() is held
        session.refresh(held)
        assert (held.mass_g, held.vectors.mass_g, held.made_by) == (990, 990, bought.event.hash)
    assert (bought.event.seq, weighed.event.seq) == (0, 1)
    with store.read() as session:
        assert audit(session) == []


def test_the_same_event_again_is_the_one_that_is_there_in_the_batch_and_after_it(
    store: Store, clock: SimulatedClock
):
    code = new_code()
    with store.write() as session:
        one = a_purchase(session, clock, lot_code=code)
        first, again = append_all(session, [one, one], lots={})
        assert (first.fresh, again.fresh) == (True, False)
        assert again.event is first.event
        (staged,) = append_all(session, [one], lots={})
        assert staged.event is first.event
    with store.write() as session:
        other = a_purchase(session, clock, lot_code=new_code())
        known, fresh = append_all(session, [one, other], lots={})
        assert (known.fresh, known.event.hash, set(known.lots)) == (False, first.event.hash, {code})
        assert fresh.fresh
    with store.read() as session:
        assert (counted(session, LedgerEvent), session.exec(select(LogHead.size)).one()) == (2, 2)


@pytest.mark.parametrize("stored", [True, False])
def test_one_refusal_refuses_the_whole_batch(store: Store, clock: SimulatedClock, *, stored: bool):
    code = new_code()
    if stored:
        with store.write() as session:
            append_all(session, [a_purchase(session, clock, lot_code=code)], lots={})
    with pytest.raises(LotCodeTaken), store.write() as session:
        first = [] if stored else [a_purchase(session, clock, lot_code=code)]
        twice = a_purchase(session, clock, lot_code=code, mass_g=7)
        other = a_purchase(session, clock, lot_code=new_code())
        append_all(session, [*first, other, twice], lots={})
    with store.read() as session:
        assert counted(session, Lot) == counted(session, LedgerEvent) == int(stored)
        assert audit(session) == []


def test_each_check_sees_what_the_events_before_it_have_done(store: Store, clock: SimulatedClock):
    with store.write() as session:
        code = brought(session, clock).code
    with pytest.raises(LotUsedUp), store.write() as session:
        lots = lock_lots(session, [code])
        facts = header(session, clock, "ship_out", site=HUB, actor=ACTOR, at=None)
        gone = entry(session, clock, facts | {"lot": code, "to": org("X")}, lots)
        again = entry(session, clock, facts | {"lot": code, "to": org("Y")}, lots)
        append_all(session, [gone, again], lots=lots)


def test_what_a_rolled_back_savepoint_staged_is_not_numbered(store: Store, clock: SimulatedClock):
    with store.write() as session:
        brought(session, clock)
        with pytest.raises(RuntimeError), outbox.savepoint(session):
            brought(session, clock)
            raise RuntimeError
        with outbox.savepoint(session):
            brought(session, clock)
    with store.read() as session:
        assert session.exec(select(LogHead.size)).one() == 2
        keys = select(LedgerEvent.id)
        for model in (EventLot, PrivateValue):
            astray = select(model).where(col(model.event_key).not_in(keys))
            assert session.exec(astray).first() is None
        assert audit(session) == []


def test_a_lot_is_not_made_of_what_was_not_there_yet(store: Store, clock: SimulatedClock):
    with store.write() as session:
        lot = brought(session, clock)

    def split(at: datetime) -> None:
        with store.write() as session:
            ledger.transform(
                session,
                clock=clock,
                kind="split",
                inputs=[Taken(lot_code=lot.code, mass_g=100)],
                outputs=[Output(spec=CANS, mass_g=100)],
                site=HUB,
                actor=ACTOR,
                at=at,
            )

    with pytest.raises(BeforeItsLots) as refused:
        split(lot.made_at - timedelta(seconds=1))
    assert refused.value.facts == {"field": "at", "lot_code": lot.code}
    split(lot.made_at)


def test_actions_in_a_batch_see_each_other_and_end_as_they_would_alone(
    store: Store, clock: SimulatedClock
):
    with store.write() as session, batched(session):
        pool = ledger.pool_lot(
            session, clock=clock, site=HUB, bay="B", spec=CANS, owner="ORG1", custodian="ORG1",
            actor=ACTOR,
        )  # fmt: skip
        for mass_g in (600, 400):
            lot = brought(session, clock, mass_g=mass_g)
            ledger.pool_in(
                session, clock=clock, pool_code=pool.code, lot_codes=[lot.code], site=HUB,
                actor=ACTOR,
            )  # fmt: skip
            assert (lot.status, pool.mass_g) == ("consumed", 600 if mass_g == 600 else 1_000)
        held = session.exec(select(Lot.mass_g).where(Lot.code == pool.code)).one()
        assert held == 1_000  # a query first writes what waits
        ledger.transform(
            session,
            clock=clock,
            kind="split",
            inputs=[Taken(lot_code=pool.code, mass_g=300)],
            outputs=[Output(spec=CANS, mass_g=300)],
            site=HUB,
            actor=ACTOR,
        )
        assert pool.mass_g == 700
    with store.read() as session:
        edges = session.exec(select(Edge.mass_g, Edge.held_g).order_by(col(Edge.id))).all()
        assert edges == [(600, 600), (400, 1_000), (300, 300)]
        assert session.exec(select(LogHead.size)).one() == 6
        assert audit(session) == []


def test_a_known_event_in_a_batch_of_actions_is_the_one_that_is_there(
    store: Store, clock: SimulatedClock
):
    with store.write() as session, batched(session):
        one = a_purchase(session, clock, lot_code=new_code())
        (first,) = append_all(session, [one], lots={})
        (again,) = append_all(session, [one], lots={})
        assert (again.fresh, again.event, set(again.lots)) == (False, first.event, set(first.lots))
    with store.read() as session:
        assert session.exec(select(LogHead.size)).one() == 1


@pytest.mark.parametrize("count", [2, 200])
def test_rows_written_in_one_go_are_stored_as_said_and_refused_as_any_other(
    store: Store, clock: SimulatedClock, count: int
):
    with store.write() as session:
        lot_id = brought(session, clock).id
    with store.read() as session:
        event_key = session.exec(select(LedgerEvent.id)).one()
    odd = "\\N\t\n\\.\"'\\x00é金{}"
    line = {
        "event_key": event_key,
        "lot_id": lot_id,
        "kind": "burden",
        "metal": "",
        "mass_g": 0,
        "vector": {"co2e": {odd: 1}},
        "beyond_tolerance": False,
        "sign": 1,
        "restates": None,
    }
    with store.write() as session:
        bulk.write(session, BookLine, [line | {"name": f"{n}{odd}"} for n in range(count)])
    with store.read() as session:
        kept = session.exec(select(BookLine).where(BookLine.kind == "burden")).all()
        assert {(row.name, row.vector["co2e"][odd], row.restates) for row in kept} == {
            (f"{n}{odd}", 1, None) for n in range(count)
        }
    touched = {"lot_id": lot_id, "event_key": event_key}
    with pytest.raises((IntegrityError, Busy)), store.write() as session:
        bulk.write(session, EventLot, [touched] * count)
        session.flush()
