"""Who a lot came from: in the order that things happened, to the gram, and no further than pays."""

from itertools import pairwise

import pytest
from sqlmodel import select

from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.store import Store
from remelt.traceability import ledger
from remelt.traceability.door.book import batched
from remelt.traceability.ledger import Addition, Output, Taken
from remelt.traceability.models import LedgerEvent, Lot
from remelt.traceability.tracing.genealogy import ancestors, descendants, evidence
from remelt.traceability.tracing.sources import sources

from .ledger_world import ACTOR, CANS, HUB, INGOT, brought


def made(session, clock, kind, inputs, outputs, **terms):
    """Make lots of lots at the hub and return what came out."""
    clock.advance(seconds=1)
    done = ledger.transform(
        session, clock=clock, kind=kind, inputs=inputs, outputs=outputs, site=HUB, actor=ACTOR,
        **terms,
    )  # fmt: skip
    return done.outputs


def heap_in(session, clock, pool, lot):
    clock.advance(seconds=1)
    ledger.pool_in(
        session, clock=clock, pool_code=pool.code, lot_codes=[lot.code], site=HUB, actor=ACTOR
    )


def a_heap(session, clock):
    return ledger.pool_lot(
        session, clock=clock, site=HUB, bay="B", spec=CANS, owner="ORG1", custodian="ORG1",
        actor=ACTOR,
    )  # fmt: skip


def piece(session, clock, pool, mass_g):
    """Cut a piece off the heap."""
    taken = [Taken(lot_code=pool.code, mass_g=mass_g)]
    return made(session, clock, "split", taken, [Output(spec=CANS, mass_g=mass_g)])[0]


def test_what_went_on_the_heap_later_is_no_ancestor_of_an_earlier_piece(
    store: Store, clock: SimulatedClock
):
    with store.write() as session:
        heap = a_heap(session, clock)
        early, late = (brought(session, clock, mass_g=g) for g in (600, 400))
        heap_in(session, clock, heap, early)
        first = piece(session, clock, heap, 300)
        heap_in(session, clock, heap, late)
        second = piece(session, clock, heap, 350)
        assert set(ancestors(session, first)) == {heap.code, early.code}
        assert set(ancestors(session, second)) == {heap.code, early.code, late.code}
        assert set(descendants(session, early)) == {heap.code, first.code, second.code}
        assert set(descendants(session, late)) == {heap.code, second.code}


def test_a_piece_of_a_heap_is_what_lay_on_it_when_it_was_cut(store: Store, clock: SimulatedClock):
    with store.write() as session:
        heap = a_heap(session, clock)
        early = brought(session, clock, mass_g=600, seller="person:A")
        late = brought(session, clock, mass_g=700, seller="person:B")
        heap_in(session, clock, heap, early)
        piece(session, clock, heap, 300)
        heap_in(session, clock, heap, late)
        second = piece(session, clock, heap, 500)
        found = sources(session, second)
        # 300 g of the first were left when 700 g of the second joined them
        assert [(each.code, each.mass_g) for each in found.sources] == [
            (late.code, 350),
            (early.code, 150),
        ]
        assert found.by_supplier() == {"person:B": 350, "person:A": 150}
        assert (found.of_g, found.added_g, found.residual_g) == (500, 0, 0)


def test_grams_of_sources_additions_and_residual_sum_to_the_lot(
    store: Store, clock: SimulatedClock
):
    with store.write() as session:
        lots = [brought(session, clock, mass_g=1_000_003 + i) for i in range(3)]
        cast, _ = made(
            session, clock, "melt",
            [Taken(lot_code=lot.code) for lot in lots],
            [Output(spec=INGOT, mass_g=2_000_000), Output(spec=INGOT, mass_g=950_000)],
            additions=[Addition(name="Si", mass_g=100_000)],
        )  # fmt: skip
        found = sources(session, cast)
        assert sum(each.mass_g for each in found.sources) + found.added_g == 2_000_000
        assert len(found.sources) == 3
        # what is lost is the dirt of the cans: all of the silicon is in the 2,950 kg that were cast
        assert found.added_g == pytest.approx(2_000_000 * 100_000 / 2_950_000, abs=1)


def test_a_lot_that_was_brought_in_is_its_own_source(store: Store, clock: SimulatedClock):
    with store.write() as session:
        lot = brought(session, clock, mass_g=77)
        found = sources(session, lot)
        assert [(each.code, each.mass_g) for each in found.sources] == [(lot.code, 77)]
        assert ancestors(session, lot) == []


def run_around(session, clock, heats: int):
    """Heats that each keep a heel and charge the scrap of the one before; returns the last cast."""
    own: list[Taken] = []
    for _ in range(heats):
        lot = brought(session, clock, mass_g=800_000)
        whole = 800_000 + sum(taken.mass_g or 0 for taken in own)
        kept = whole // 4
        cast, heel, scrap = made(
            session, clock, "melt", [Taken(lot_code=lot.code), *own],
            [
                Output(spec=INGOT, mass_g=whole - 2 * kept),
                Output(spec=INGOT, mass_g=kept, role="heel"),
                Output(spec=INGOT, mass_g=kept),
            ],
        )  # fmt: skip
        own = [
            Taken(lot_code=heel.code, mass_g=kept, internal=True, role="heel"),
            Taken(lot_code=scrap.code, mass_g=kept, internal=True),
        ]
    return cast


def test_run_around_scrap_is_not_walked_back_to_the_first_day(store: Store, clock: SimulatedClock):
    with store.write() as session, batched(session):
        cast = run_around(session, clock, 40)
        whole, most = sources(session, cast, residual_bp=0), sources(session, cast)
        assert len(whole.sources) == 40
        assert whole.residual_g == 0
        assert sum(each.mass_g for each in whole.sources) == whole.of_g == cast.mass_g
        assert (whole.steps, most.steps <= 20, most.reads <= 3) == (79, True, True)
        assert 0 < most.residual_g * 100 <= most.of_g
        assert sum(each.mass_g for each in most.sources) + most.residual_g == most.of_g
        exact = {each.code: each.mass_g for each in whole.sources}
        for each in most.sources:  # what is named is right, but for what is not walked yet
            assert 0 <= exact[each.code] - each.mass_g + 1 <= most.residual_g + 1


def test_evidence_is_every_event_of_a_lot_and_its_ancestors_in_order(
    store: Store, clock: SimulatedClock
):
    with store.write() as session:
        heap = a_heap(session, clock)
        early = brought(session, clock, mass_g=600)
        heap_in(session, clock, heap, early)
        first = piece(session, clock, heap, 300)
        late = brought(session, clock, mass_g=400)
        heap_in(session, clock, heap, late)
    with store.write() as session:
        wrong = session.exec(select(LedgerEvent).where(LedgerEvent.hash == early.made_by)).one()
        ledger.correct(
            session, clock=clock, event_hash=wrong.hash, mass_g=599, reason="slip", site=HUB,
            actor=ACTOR,
        )  # fmt: skip
    with store.read() as session:
        lot = session.exec(select(Lot).where(Lot.code == first.code)).one()
        found = evidence(session, lot)
        kinds = [each.kind for each in found]
        assert kinds == ["commission", "bring_in", "blend", "split", "correct", "declare"]
        assert all(one.seq < two.seq for one, two in pairwise(found))
        stored = {row.hash: row.body for row in session.exec(select(LedgerEvent))}
        assert all(stored[each.hash] == each.body for each in found)
