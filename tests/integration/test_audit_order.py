"""The audit names the first event that is not as it was said, and what no event said."""

import pytest

from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.store import Store
from remelt.traceability.audit import audit as auditing
from remelt.traceability.audit.audit import audit

from .ledger_world import brought
from .test_ledger_audit import a_small_world, by_hand

SHARED = [
    ("UPDATE book_line SET mass_g = 1 WHERE id = (SELECT max(id) FROM book_line)",
     "lines-differ", 5),
    ("DELETE FROM lot_edge", "edges-differ", 1),
    ("UPDATE log_node SET hash = 'ff' WHERE level = 1 AND idx = 1", "log-node-changed", 3),
]  # fmt: skip
OTHERS = [
    ("DELETE FROM event_lot WHERE event_key = (SELECT id FROM ledger_event WHERE seq = 3)",
     "touched-differ", 3),
    ("UPDATE ledger_event SET body = body || ' ' WHERE seq = 4", "body-changed", 4),
    ("UPDATE ledger_event SET body = '' WHERE seq = 4", "body-changed", 4),
    ("UPDATE ledger_event SET seq = seq + 1 WHERE seq = 5", "number-gap", 5),
    ("INSERT INTO event_lot (lot_id, event_key) SELECT max(lot.id), min(ledger_event.id)"
     " FROM lot, ledger_event", "touched-differ", 0),
    ("INSERT INTO log_node (level, idx, hash) VALUES (9, 9, 'ff')", "log-does-not-fit", None),
    ("UPDATE lot_before SET lot = '{}'", "before-differ", 1),
    ("UPDATE lot SET code = 'X' WHERE id = (SELECT max(id) FROM lot)", "lines-differ", 5),
]  # fmt: skip


@pytest.mark.parametrize(
    ("database_url", "statement", "what", "seq"),
    [
        *(("sqlite", *each) for each in [*SHARED, *OTHERS]),
        *(pytest.param("postgresql", *each, marks=pytest.mark.postgresql) for each in SHARED),
    ],
    indirect=["database_url"],
)
def test_the_first_bad_event_is_named(
    store: Store, clock: SimulatedClock, monkeypatch, statement: str, what: str, seq: int | None
):
    monkeypatch.setattr(auditing, "PAGE", 2)
    a_small_world(store, clock)
    with store.write() as session:
        for _ in range(4):
            brought(session, clock)
    with store.read() as session:
        assert audit(session) == []
    by_hand(store, statement)
    with store.read() as session:
        first = audit(session)[0]
    assert (first.what, first.seq) == (what, seq)
