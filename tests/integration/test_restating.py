"""A wrong weighing is set right in everything that came of it, in the books and on paper."""

from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import event as sa_event
from sqlmodel import Session, col, func, select

from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.files import FileStore
from remelt.platform.kernel.runner import JobRunner
from remelt.platform.kernel.settings import Settings
from remelt.platform.kernel.store import Store
from remelt.traceability import ledger, queries
from remelt.traceability.audit.audit import audit
from remelt.traceability.corrections import restated
from remelt.traceability.door.reading import opened_all
from remelt.traceability.door.sheet_rows import melt_told, view
from remelt.traceability.errors import CannotCorrect, NothingToTrueUp
from remelt.traceability.ledger import EnergyLine, LegShare, Output, Taken
from remelt.traceability.models import (
    BookLine,
    Edge,
    EventLot,
    LedgerEvent,
    Lot,
    MeltLine,
    in_force,
)
from remelt.traceability.models_restating import CorrectionWaiting
from remelt.traceability.rules.footprint import footprint
from remelt.traceability.rules.states import State
from remelt.traceability.tracing.balance import vector_drift, world_balance
from remelt.traceability.tracing.melting import shares
from remelt.web.wiring import job_kinds
from tests.remembered import Books, right_from_the_first

from .ledger_steps import STEPS, World
from .ledger_world import ACTOR, CANS, CLIPS, DROSS, GRID, INGOT, SMELTER, brought


def lived(session: Session) -> Books:
    """The live tables, as the reference world tells them."""
    events = told_events(session)
    keys = {event.key: n for n, event in enumerate(events)}
    codes = {lot.key: lot.code for lot in session.exec(select(Lot))}
    world = Books(lots={lot.code: view(lot) for lot in session.exec(select(Lot))})
    for line in session.exec(select(BookLine)):
        key = (line.kind, line.name, codes.get(line.lot_id), line.metal)
        world.lines.setdefault(key, []).append(State.from_json(line.vector))
        world.flags[key] += line.sign * line.beyond_tolerance
    for edge in session.exec(select(Edge)):
        key = (keys[edge.event_key], codes[edge.child_id], codes[edge.parent_id])
        world.links[key] = (edge.mass_g, edge.held_g, edge.internal)
    for melt in session.exec(select(MeltLine).where(in_force())):
        world.melts[melt.event_hash, melt.metal] = melt_told(melt.model_dump())
    return world


def told_events(session: Session) -> list[LedgerEvent]:
    statement = select(LedgerEvent).where(col(LedgerEvent.corrects).is_(None))
    return list(session.exec(statement.order_by(col(LedgerEvent.seq))))


def right(session: Session) -> Books:
    events = told_events(session)
    said = opened_all(session, events)
    return right_from_the_first([(e.hash, facts) for e, facts in zip(events, said, strict=True)])


def is_right(session: Session) -> bool:
    """Tell whether the books are those of the world that was weighed rightly at once."""
    assert lived(session).told() == right(session).told()
    assert vector_drift(session) == State()
    assert world_balance(session).drift_g == 0
    assert audit(session) == []
    return True


def weighing_of(session: Session, code: str) -> LedgerEvent:
    statement = (
        select(LedgerEvent)
        .join(EventLot, col(EventLot.event_key) == col(LedgerEvent.id))
        .join(Lot, col(Lot.id) == col(EventLot.lot_id))
        .where(Lot.code == code, col(LedgerEvent.kind).in_(("bring_in", "weigh")))
    )
    return session.exec(statement.order_by(col(LedgerEvent.id))).first()


def corrected(session, clock, code, mass_g, **more):
    clock.advance(minutes=1)
    return ledger.correct(
        session, clock=clock, event_hash=weighing_of(session, code).hash, mass_g=mass_g,
        reason="slip", site=SMELTER, actor=ACTOR, **more,
    )  # fmt: skip


def melted(session, clock, charges, *, cast_g, kind="melt", **more):
    clock.advance(minutes=1)
    energy = [EnergyLine(carrier="power", quantity=5_000_000, unit="kWh", factor=GRID)]
    return ledger.transform(
        session, clock=clock, kind=kind, inputs=charges,
        outputs=[Output(spec=INGOT, mass_g=cast_g), Output(spec=DROSS, mass_g=100_000,
            role="dross")],
        losses={"burn_off": 20_000}, energy=energy, site=SMELTER, actor=ACTOR, **more,
    )  # fmt: skip


def a_heat(session, clock):
    """10 t of cans and 5 t of clippings, carried, half of the clippings melted with the cans."""
    cans = brought(session, clock, spec=CANS, site=SMELTER)
    clips = brought(session, clock, spec=CLIPS, mass_g=5_000_000, site=SMELTER)
    leg = LegShare(lot_code=cans.code, co2e_g=700_000, mass_g=1, distance_m=1, factors=(GRID,))
    ledger.carry(session, clock=clock, legs=[leg], actor=ACTOR)
    half = Taken(lot_code=clips.code, mass_g=2_500_000)
    done = melted(session, clock, [Taken(lot_code=cans.code), half], cast_g=12_350_000)
    return cans.code, clips.code, done.outputs[0].code


def test_the_ingot_of_a_wrong_ticket_has_the_right_content(store: Store, clock: SimulatedClock):
    with store.write() as session:
        cans, _clips, ingot = a_heat(session, clock)
        before = queries.lot_state(session, code=ingot)
    with store.write() as session:
        done = corrected(session, clock, cans, 9_000_000)
        assert (done.put_off, ingot in done.affected) == (False, True)
    with store.read() as session:
        after = queries.lot_state(session, code=ingot)
        assert after.mass_g == before.mass_g
        assert after.classes["post_consumer"] < before.classes["post_consumer"]
        assert after.co2e == before.co2e
        assert is_right(session)
        row = shares(session, metal="Al", month_from="2026-03", month_to="2026-03", by="total")[0]
        assert row.share.post == sum(
            melt.post_mg for melt in session.exec(select(MeltLine).where(in_force()))
        )
        assert len(session.exec(select(MeltLine)).all()) == 2


def test_a_lot_whose_only_fault_was_the_weighing_is_free_again(store: Store, clock: SimulatedClock):
    with store.write() as session:
        cans, _clips, ingot = a_heat(session, clock)
    with store.write() as session:
        done = corrected(session, clock, cans, 8_000_000)
        assert queries.lot(session, code=ingot).claims_blocked == "unexplained"
        ledger.correct(
            session, clock=clock, event_hash=done.event.hash, mass_g=10_000_000,
            reason="it was right", site=SMELTER, actor=ACTOR,
        )  # fmt: skip
        assert queries.lot(session, code=ingot).claims_blocked == ""
    with store.read() as session:
        assert is_right(session)


def test_the_last_taker_gets_less_when_the_lot_held_less(store: Store, clock: SimulatedClock):
    with store.write() as session:
        lot = brought(session, clock, site=SMELTER)
        pieces = []
        for _ in range(3):
            clock.advance(minutes=1)
            cut = ledger.transform(
                session, clock=clock, kind="split",
                inputs=[Taken(lot_code=lot.code, mass_g=3_000_000)],
                outputs=[Output(spec=CANS, mass_g=3_000_000)], site=SMELTER, actor=ACTOR,
            )  # fmt: skip
            pieces.append(cut.outputs[0].code)
        clock.advance(minutes=1)
        ledger.ship_out(session, clock=clock, lot_code=lot.code, to="X", site=SMELTER, actor=ACTOR)
    with store.write() as session:
        corrected(session, clock, lot.code, 8_000_000)
    with store.read() as session:
        assert [queries.lot(session, code=code).claims_blocked for code in pieces] == [
            "", "", "unexplained",
        ]  # fmt: skip
        balance = world_balance(session)
        assert (balance.unexplained_g, balance.lines.get("out", 0)) == (-1_000_000, 0)
        assert is_right(session)


def test_far_corrections_wait_for_a_job_and_show_it(store: Store, clock: SimulatedClock, tmp_path):
    with store.write() as session:
        cans, clips, ingot = a_heat(session, clock)
    with store.write() as session:
        assert corrected(session, clock, cans, 9_000_000, near=1).put_off
        assert queries.lot(session, code=ingot).claims_blocked == "correcting"
        clock.advance(minutes=1)
        again = melted(session, clock, [Taken(lot_code=ingot)], cast_g=12_200_000)
        assert again.outputs[0].claims_blocked == "correcting"
    with store.write() as session:
        assert corrected(session, clock, clips, 4_900_000).put_off
    with store.read() as session:
        assert audit(session) == []
    clock.advance(minutes=1)
    kinds = job_kinds(
        store=store, clock=clock, files=FileStore(tmp_path), settings=Settings(home=tmp_path)
    )
    assert JobRunner(store, clock=clock, kinds=kinds).run_pending() == 2
    with store.write() as session:
        assert restated.restate(session, clock=clock) is None
        assert "correcting" not in set(session.exec(select(Lot.claims_blocked)))
        assert all(row.done_key for row in session.exec(select(CorrectionWaiting)))
        assert is_right(session)


def test_only_what_was_weighed_or_analysed_is_corrected_and_each_once(
    store: Store, clock: SimulatedClock
):
    with store.write() as session:
        cans, _clips, _ingot = a_heat(session, clock)
    with store.write() as session:
        first = corrected(session, clock, cans, 9_000_000)
    with store.write() as session, pytest.raises(CannotCorrect):
        corrected(session, clock, cans, 9_500_000)
    with store.write() as session:
        melt = session.exec(select(LedgerEvent).where(LedgerEvent.kind == "melt")).one()
        with pytest.raises(CannotCorrect):
            ledger.correct(
                session, clock=clock, event_hash=melt.hash, mass_g=1, reason="", site=SMELTER,
                actor=ACTOR,
            )  # fmt: skip
        with pytest.raises(CannotCorrect):
            ledger.correct_assay(
                session, clock=clock, event_hash=first.event.hash, elements_ppm={"Al": 1},
                reason="", site=SMELTER, actor=ACTOR,
            )  # fmt: skip


def test_a_corrected_analysis_reaches_the_casts(store: Store, clock: SimulatedClock):
    with store.write() as session:
        cans = brought(session, clock, site=SMELTER)
        ledger.assay(
            session, clock=clock, lot_code=cans.code, elements_ppm={"Al": 900_000}, method="OES",
            sample_ref="S", site=SMELTER, actor=ACTOR,
        )  # fmt: skip
        done = melted(session, clock, [Taken(lot_code=cans.code)], cast_g=9_500_000)
    with store.write() as session:
        said = session.exec(select(LedgerEvent).where(LedgerEvent.kind == "assay")).one()
        clock.advance(minutes=1)
        ledger.correct_assay(
            session, clock=clock, event_hash=said.hash, elements_ppm={"Al": 800_000, "Cu": 50_000},
            reason="wrong sample", site=SMELTER, actor=ACTOR,
        )  # fmt: skip
    with store.read() as session:
        assert "Cu" in queries.lot_state(session, code=done.outputs[0].code).elements
        assert is_right(session)


def test_the_yield_of_a_month_brings_expected_recovery_to_what_came_out(
    store: Store, clock: SimulatedClock
):
    with store.write() as session:
        cans = brought(session, clock, site=SMELTER, metal_bp=None)
        clips = brought(session, clock, spec=CLIPS, mass_g=5_000_000, site=SMELTER)
        charges = [
            Taken(lot_code=cans.code, recovery_bp=8_000),
            Taken(lot_code=clips.code, recovery_bp=9_000),
        ]
        done = melted(session, clock, charges, cast_g=14_000_000)
        before = session.exec(select(MeltLine)).one()
    with store.write() as session:
        clock.advance(days=30)
        said = ledger.true_up_yield(
            session, clock=clock, month="2026-03", heats=[done.event.hash], site=SMELTER,
            actor=ACTOR,
        )  # fmt: skip
        assert not said.put_off
    with store.read() as session:
        after = session.exec(select(MeltLine).where(in_force())).one()
        assert before.post_mg == 8_000_000_000
        assert after.post_mg == 10_000_000 * 8_000 // 10_000 * 14_000_000 // 12_500_000 * 1_000
        assert after.pre_mg == 4_900_000_000  # no more than the grade holds
        assert is_right(session)
    with store.write() as session, pytest.raises(NothingToTrueUp):
        ledger.true_up_yield(
            session, clock=clock, month="2026-03", heats=[], site=SMELTER, actor=ACTOR
        )


def test_metered_energy_takes_the_place_of_what_stood_in_for_it(
    store: Store, clock: SimulatedClock
):
    with store.write() as session:
        lots = [brought(session, clock, site=SMELTER) for _ in range(2)]
        heats = []
        for lot in lots:
            clock.advance(minutes=1)
            heats.append(
                ledger.transform(
                    session, clock=clock, kind="melt", inputs=[Taken(lot_code=lot.code)],
                    outputs=[Output(spec=INGOT, mass_g=9_960_000)], site=SMELTER, actor=ACTOR,
                    energy=[EnergyLine(carrier="electricity", quantity=1_000_000, unit="kWh",
                        factor=GRID, provisional=True)],
                )
            )  # fmt: skip
        clock.advance(minutes=1)
        blend = ledger.transform(
            session, clock=clock, kind="blend",
            inputs=[Taken(lot_code=heat.outputs[0].code) for heat in heats],
            outputs=[Output(spec=INGOT, mass_g=19_920_000)], site=SMELTER, actor=ACTOR,
        ).outputs[0]  # fmt: skip
        assert footprint(blend.vectors).provisional
    with store.write() as session:
        clock.advance(days=30)
        line = EnergyLine(carrier="electricity", quantity=0, unit="kWh", factor=GRID)
        said = ledger.true_up_energy(
            session, clock=clock, month="2026-03", lines=[line], site=SMELTER, actor=ACTOR,
            heats={heat.event.hash: [3_000_000] for heat in heats},
        )  # fmt: skip
        assert blend.code in {lot.code for lot in said.lots}
    with store.read() as session:
        after = queries.lot_state(session, code=blend.code)
        assert after.co2e["melt_energy"] == 2 * 3_000 * 5_366 // 10
        assert not footprint(after).provisional
        assert is_right(session)


class Corrected(World):
    """The world of the ledger's property test, in which any weighing may be wrong."""

    def correct(self):
        near = self.chance.choice([0, 1_000, 1_000, 1_000])
        statement = select(LedgerEvent).order_by(col(LedgerEvent.seq).desc()).limit(30)
        events = list(self.session.exec(statement))
        declared = {event.corrects for event in events}
        kinds = {"bring_in", "weigh", "correct"}
        wrong = [e for e in events if e.kind in kinds and e.hash not in declared | {None}]
        wrong = [event for event in wrong if event.corrects is None]
        if wrong:
            event = self.chance.choice(wrong)
            said = opened_all(self.session, [event])[0]["mass_g"]
            mass_g = self.chance.choice([self.mass(), max(1, said + self.chance.randint(-99, 99))])
            ledger.correct(
                **self.common, event_hash=event.hash, mass_g=mass_g, reason="slip", site=SMELTER,
                near=near,
            )  # fmt: skip

    def restate(self):
        restated.restate(self.session, clock=self.clock)


@settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    seed=st.integers(0, 2**32),
    plan=st.lists(st.sampled_from([*STEPS, "correct", "restate"]), min_size=6, max_size=16),
)
def test_the_books_after_any_correction_are_those_of_the_right_world(
    store: Store, clock: SimulatedClock, seed: int, plan: list[str]
):
    chance = Random(seed)
    with store.read() as session:
        after = session.exec(select(func.coalesce(func.max(col(Lot.id)), 0))).one()
    for step in ["bring", "bring", *plan, "restate"]:
        with store.write() as session:
            getattr(Corrected(session, clock, chance, after=after), step)()
    with store.read() as session:
        assert is_right(session)


def test_a_lot_that_a_correction_empties_stays_used_up_through_its_hold(
    store: Store, clock: SimulatedClock
):
    at = {"clock": clock, "site": SMELTER, "actor": ACTOR}
    with store.write() as session:
        lot = brought(session, clock, mass_g=10_000, site=SMELTER)
        clock.advance(seconds=5)
        ledger.transform(
            session, kind="split", inputs=[Taken(lot_code=lot.code, mass_g=9_000)],
            outputs=[Output(spec=CANS, mass_g=9_000)], **at,
        )  # fmt: skip
        clock.advance(seconds=5)
        ledger.hold(session, lot_code=lot.code, cause="radiation", **at)
    with store.write() as session:
        first = corrected(session, clock, lot.code, 8_000)
        now = queries.lot(session, code=lot.code)
        assert (now.status, now.mass_g) == ("consumed", 0)
    with store.write() as session:
        clock.advance(seconds=5)
        again = first.event.hash
        ledger.correct(session, event_hash=again, mass_g=9_500, reason="slip", **at)
        now = queries.lot(session, code=lot.code)
        assert (now.status, now.mass_g) == ("held", 500)
    with store.read() as session:
        assert audit(session) == []


def test_whether_a_weighing_was_corrected_before_is_asked_of_an_index(
    store: Store, clock: SimulatedClock
):
    asked: list[tuple[str, object]] = []

    def note(_connection, _cursor, statement, parameters, *_rest):
        asked.append((statement, parameters))

    with store.write() as session:
        lot = brought(session, clock)
        code = lot.code
    sa_event.listen(store.engine, "before_cursor_execute", note)
    with store.write() as session:
        corrected(session, clock, code, 9_000_000)
    sa_event.remove(store.engine, "before_cursor_execute", note)
    sqlite = store.engine.dialect.name == "sqlite"
    explain = "EXPLAIN QUERY PLAN" if sqlite else "EXPLAIN"
    with store.engine.connect() as connection:
        if not sqlite:  # which else reads so small a table whole, whatever its indexes
            connection.exec_driver_sql("SET enable_seqscan = off")
        for statement, parameters in asked:
            if statement.startswith("SELECT") and "FROM ledger_event" in statement:
                plan = str(connection.exec_driver_sql(f"{explain} {statement}", parameters).all())
                assert "SCAN ledger_event" not in plan, statement
                assert "Seq Scan on ledger_event" not in plan, statement
