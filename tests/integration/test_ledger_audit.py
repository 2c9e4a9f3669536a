"""A hand in the database is found; a correction is said, not made by editing."""

import pytest
from sqlmodel import select, text

from remelt.migrations.ddl import INSERT_ONLY
from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.store import Store
from remelt.traceability import ledger, queries
from remelt.traceability.audit.audit import Finding, audit, replay
from remelt.traceability.door.private import erase
from remelt.traceability.errors import CannotCorrect, NoSuchEvent
from remelt.traceability.ledger import Output, Taken
from remelt.traceability.models import LedgerEvent, Lot
from remelt.traceability.rules.states import State
from remelt.traceability.tracing.balance import vector_drift

from .ledger_world import ACTOR, CANS, HUB, brought


def a_small_world(store: Store, clock: SimulatedClock) -> str:
    """One purchase of 10 t, a piece of 3 t cut off; returns the code of the purchase."""
    with store.write() as session:
        lot = brought(session, clock, seller="person:WANG")
        clock.advance(minutes=1)
        ledger.transform(
            session,
            clock=clock,
            kind="split",
            inputs=[Taken(lot_code=lot.code, mass_g=3_000_000)],
            outputs=[Output(spec=CANS, mass_g=3_000_000)],
            site=HUB,
            actor=ACTOR,
        )
        return lot.code


def by_hand(store: Store, statement: str) -> None:
    """Change the database as somebody would who takes the triggers off first."""
    with store.engine.connect() as connection, connection.begin():
        if connection.dialect.name == "sqlite":
            names = connection.exec_driver_sql(
                "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            )
            for (name,) in names.all():
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
            connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        else:
            for table in INSERT_ONLY:
                connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        connection.execute(text(statement))


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE lot SET mass_g = mass_g + 1 WHERE status = 'on_hand'", "lot-mass_g"),
        ("UPDATE lot SET owner = 'THIEF'", "lot-owner"),
        ("UPDATE lot_edge SET mass_g = mass_g - 1", "edges-differ"),
        ("UPDATE book_line SET mass_g = 1", "lines-differ"),
        ("UPDATE ledger_event SET body = '{}' WHERE seq = 1", "body-changed"),
        ("UPDATE ledger_event SET event_id = 'ni:///x' WHERE seq = 0", "id-changed"),
        ("UPDATE ledger_event SET seq = 7 WHERE seq = 1", "number-gap"),
        ("UPDATE private_value SET value = '9000000' WHERE value = '10000000'",
         "private-value-changed"),
        ("UPDATE log_head SET root = 'ab'", "log-does-not-fit"),
    ],
)  # fmt: skip
def test_an_edit_past_the_ledger_is_found(
    store: Store, clock: SimulatedClock, statement: str, what: str
):
    a_small_world(store, clock)
    with store.read() as session:
        assert audit(session) == []
    by_hand(store, statement)
    with store.read() as session:
        assert what in {finding.what for finding in audit(session)}


def test_a_corrected_weighing_moves_the_lot_that_still_holds_it(
    store: Store, clock: SimulatedClock
):
    with store.write() as session:
        code = brought(session, clock).code
    with store.write() as session:
        wrong = session.exec(select(LedgerEvent)).one()
        done = ledger.correct(
            session, clock=clock, event_hash=wrong.hash, mass_g=1_000_000,
            reason="tonnes typed as kilograms", site=HUB, actor=ACTOR,
        )  # fmt: skip
        assert (done.lot.mass_g, done.affected) == (1_000_000, ())
    with store.write() as session, pytest.raises(CannotCorrect):
        ledger.correct(
            session, clock=clock, event_hash=wrong.hash, mass_g=1, reason="again", site=HUB,
            actor=ACTOR,
        )  # fmt: skip
    with store.read() as session:
        steps = queries.history(session, code=code)
        assert [(step.kind, step.corrected) for step in steps] == [
            ("bring_in", True),
            ("correct", False),
            ("declare", False),
        ]
        assert steps[0].event_id == steps[2].event_id
        assert vector_drift(session) == State()
        assert audit(session) == []


def test_a_correction_after_use_is_as_if_it_had_been_weighed_so_at_once(
    store: Store, clock: SimulatedClock
):
    code = a_small_world(store, clock)
    with store.write() as session:
        wrong = session.exec(select(LedgerEvent).where(LedgerEvent.seq == 0)).one()
        done = ledger.correct(
            session, clock=clock, event_hash=wrong.hash, mass_g=9_000_000, reason="slip",
            site=HUB, actor=ACTOR,
        )  # fmt: skip
        assert done.affected == ()
    with store.read() as session:
        assert queries.lot(session, code=code).mass_g == 6_000_000
        assert queries.world_balance(session).weighed_in_g == 9_000_000
        assert queries.world_balance(session).unexplained_g == 0
        assert audit(session) == []


def test_only_weighings_that_exist_are_corrected(store: Store, clock: SimulatedClock):
    with store.write() as session, pytest.raises(NoSuchEvent):
        ledger.correct(
            session, clock=clock, event_hash="0" * 64, mass_g=1, reason="", site=HUB, actor=ACTOR
        )


def test_erasing_a_person_leaves_a_sound_ledger_without_the_person(
    store: Store, clock: SimulatedClock
):
    code = a_small_world(store, clock)
    with store.write() as session:
        assert erase(session, subject="person:WANG") == 1
        assert erase(session, subject="org:ORG1") > 0
    with store.read() as session:
        assert audit(session) == []
        assert replay(session).lots[code].state == queries.lot_state(session, code=code)
        assert session.exec(select(Lot.supplier).where(Lot.code == code)).one() == ""


def test_what_is_left_of_a_half_erased_event_is_still_checked(store: Store, clock: SimulatedClock):
    a_small_world(store, clock)
    with store.write() as session:
        assert erase(session, subject="person:WANG") == 1
    by_hand(store, "UPDATE private_value SET value = '9000000' WHERE value = '10000000'")
    with store.read() as session:
        assert audit(session)[0] == Finding(what="private-value-changed", where="/mass_g", seq=0)


def test_a_value_that_was_taken_out_by_hand_is_missed(store: Store, clock: SimulatedClock):
    a_small_world(store, clock)
    by_hand(store, "DELETE FROM private_value WHERE path = '/mass_g'")
    with store.read() as session:
        assert "private-value-changed" in {finding.what for finding in audit(session)}
