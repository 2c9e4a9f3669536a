"""Whatever a hand does to the events themselves, the audit finds it and names the first bad one."""

import hashlib

import orjson
import pytest
from sqlmodel import select, text

from remelt.migrations.tables import metadata
from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.store import Store
from remelt.traceability import ledger
from remelt.traceability.audit.audit import audit
from remelt.traceability.epcis.eventid import event_id
from remelt.traceability.facts import canonical
from remelt.traceability.ledger import Output, Taken
from remelt.traceability.log import merkle as log
from remelt.traceability.models import LedgerEvent, LogNode
from remelt.traceability.queries import checkpoint

from .ledger_world import ACTOR, CANS, HUB, brought
from .test_ledger_audit import by_hand

EVENTS = 6


def a_history(store: Store, clock: SimulatedClock) -> None:
    """Three purchases; a piece is cut off each."""
    for _ in range(EVENTS // 2):
        with store.write() as session:
            lot = brought(session, clock)
            clock.advance(minutes=1)
            ledger.transform(
                session, clock=clock, kind="split", site=HUB, actor=ACTOR,
                inputs=[Taken(lot_code=lot.code, mass_g=3_000_000)],
                outputs=[Output(spec=CANS, mass_g=3_000_000)],
            )  # fmt: skip


def events(store: Store) -> list[LedgerEvent]:
    with store.read() as session:
        return list(session.exec(select(LedgerEvent).order_by(LedgerEvent.seq)))


def first_bad(store: Store) -> int | None:
    with store.read() as session:
        found = audit(session)
    assert found
    return found[0].seq


def write(store: Store, event: LedgerEvent, body: dict) -> None:
    """Put another body in an event's place, with everything in its own row made to fit."""
    stored = canonical(body).decode()
    values = {
        "body": stored, "hash": hashlib.sha256(stored.encode()).hexdigest(),
        "event_id": event_id(body), "id": event.key,
    }  # fmt: skip
    with store.engine.connect() as connection, connection.begin():
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        connection.execute(
            text(
                "UPDATE ledger_event SET body = :body, hash = :hash, event_id = :event_id "
                "WHERE id = :id"
            ),
            values,
        )


def another(event: LedgerEvent) -> dict:
    """The same event as it would have been in another county."""
    body = orjson.loads(event.body)
    body["remelt:adcode"] = "520115"
    body["bizLocation"] = {"id": "urn:remelt:area:520115"}
    return {name: value for name, value in body.items() if name != "eventID"} | {
        "eventID": event_id(body)
    }


@pytest.mark.parametrize("at", [0, 3, EVENTS - 1])
def test_an_event_that_was_put_in_another_s_place_is_named(
    store: Store, clock: SimulatedClock, at: int
):
    a_history(store, clock)
    by_hand(store, "SELECT 1")  # the triggers come off
    write(store, events(store)[at], another(events(store)[at]))
    assert first_bad(store) == at


@pytest.mark.parametrize("at", [0, EVENTS - 2])
def test_two_events_that_were_swapped_are_named(store: Store, clock: SimulatedClock, at: int):
    a_history(store, clock)
    for way in (f"{at} THEN 99", f"{at + 1} THEN {at}", f"99 THEN {at + 1}"):
        seq, _then, after = way.split()
        by_hand(store, f"UPDATE ledger_event SET seq = {after} WHERE seq = {seq}")  # noqa: S608
    assert first_bad(store) == at


@pytest.mark.parametrize("at", [0, 3, EVENTS - 1])
def test_a_deleted_event_is_named(store: Store, clock: SimulatedClock, at: int):
    a_history(store, clock)
    key = events(store)[at].key
    for table in metadata.sorted_tables:
        if "event_key" in table.c:
            by_hand(store, f"DELETE FROM {table.name} WHERE event_key = {key}")  # noqa: S608
    by_hand(store, f"DELETE FROM ledger_event WHERE id = {key}")  # noqa: S608
    # the last event leaves no gap behind it: what tells is the log, which holds one more
    assert first_bad(store) == (at if at < EVENTS - 1 else None)


def test_a_log_grown_anew_over_another_past_is_a_fork(store: Store, clock: SimulatedClock):
    """Event, leaf, nodes and head all fit; the lots do not, nor does any head seen before."""
    a_history(store, clock)
    with store.read() as session:
        seen = checkpoint(session)
    by_hand(store, "SELECT 1")
    write(store, events(store)[2], another(events(store)[2]))
    edge, nodes = log.Frontier(), {}
    for event in events(store):
        edge, made = log.append(edge, leaf=log.leaf_hash(event.body.encode()))
        nodes |= {(node.level, node.index): node.hash for node in made}
    for (level, index), node in nodes.items():
        by_hand(
            store,
            f"UPDATE log_node SET hash = '{node.hex()}' WHERE level = {level} AND idx = {index}",  # noqa: S608
        )
    frontier = b"".join(edge.hashes).hex()
    by_hand(store, f"UPDATE log_head SET root = '{edge.root.hex()}', frontier = '{frontier}'")  # noqa: S608
    with store.read() as session:
        assert "lot-made_by" in {finding.what for finding in audit(session)}
        now = checkpoint(session)
        rows = list(session.exec(select(LogNode)))
    stored = {(row.level, row.idx): bytes.fromhex(row.hash) for row in rows}
    proof = log.consistency_proof(lambda *at: stored[at], old=seen.size, new=now.size)
    assert not log.verify_consistency(
        proof, old=seen.size, old_root=bytes.fromhex(seen.root), new=now.size,
        new_root=bytes.fromhex(now.root),
    )  # fmt: skip
