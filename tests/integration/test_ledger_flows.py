"""Shred, refine over a period, hold, send back, take back, analyse: nothing is lost or new."""

from dataclasses import replace

import pytest
from sqlmodel import select

from remelt.traceability import ledger
from remelt.traceability.audit.audit import audit
from remelt.traceability.errors import (
    BadAssay,
    BadPeriod,
    CannotHold,
    LotElsewhere,
    LotOnHold,
    LotUsedUp,
    NotGone,
    UnknownCause,
)
from remelt.traceability.ledger import EnergyLine, LotSpec, Output, Period, Taken
from remelt.traceability.models import BookLine, Lot
from remelt.traceability.rules.states import State
from remelt.traceability.tracing.balance import vector_drift, world_balance
from tests.integration.ledger_world import (
    ACTOR,
    CANS,
    CLIPS,
    DROSS,
    GRID,
    HUB,
    INGOT,
    SMELTER,
    brought,
)

ANODE = LotSpec(
    metal="Cu", grade_system="own", grade_code="anode", form="anode", origin="post_consumer",
    metal_bp=9_900, track="520102",
)  # fmt: skip
CATHODE = replace(ANODE, grade_code="Cu-CATH-1", form="cathode", metal_bp=9_999)
CELLS = replace(ANODE, grade_code="cells", form="in_process", metal_bp=None)
SLIMES = replace(ANODE, grade_code="slimes", form="slimes", metal_bp=None)


def common(session, clock, site=HUB):
    clock.advance(minutes=1)
    return {"session": session, "clock": clock, "site": site, "actor": ACTOR}


def books_hold(store):
    with store.read() as session:
        assert vector_drift(session) == State()
        assert world_balance(session).drift_g == 0
        assert all(lot.vectors.holds() for lot in session.exec(select(Lot)))
        assert audit(session) == []


def test_shredding_takes_several_lots_and_names_what_is_lost(store, clock):
    with store.write() as session:
        cars = [brought(session, clock, spec=spec) for spec in (CANS, CLIPS)]
        done = ledger.transform(
            **common(session, clock),
            kind="shred",
            inputs=[Taken(lot_code=lot.code) for lot in cars],
            outputs=[
                Output(spec=replace(CANS, form="shred"), mass_g=17_000_000),
                Output(spec=replace(DROSS, form="residue"), mass_g=2_400_000, role="waste"),
            ],
            losses={"moisture": 100_000, "dust": 500_000},
            energy=[
                EnergyLine(
                    carrier="electricity", quantity=900_000, unit="kWh", factor=GRID, stage="hub"
                )
            ],
        )
        shred, residue = done.outputs
        assert done.unexplained_g == 0
        assert shred.vectors.co2e == {"hub": 482_940}
        assert residue.vectors.co2e == {}
        # dust, moisture and residue take unanalysed mass first: all known metal is in the shred
        assert shred.vectors.elements["Al"] > residue.vectors.elements.get("Al", 0)
        assert shred.vectors.custody == "controlled_blending"
        lost = session.exec(select(BookLine).where(BookLine.kind == "loss")).all()
        assert {line.name: -line.mass_g for line in lost} == {"moisture": 100_000, "dust": 500_000}
    books_hold(store)


def run_cells(session, clock, *, anodes, opening, cathode_g, closing_g, slimes_g, **changes):
    inputs = [Taken(lot_code=anodes.code)]
    inputs += [Taken(lot_code=opening.code, role="heel")] if opening else []
    outputs = [Output(spec=CATHODE, mass_g=cathode_g)]
    outputs += [Output(spec=SLIMES, mass_g=slimes_g, role="waste")] if slimes_g else []
    outputs += [Output(spec=CELLS, mass_g=closing_g, role="heel")] if closing_g else []
    method = "counted" if closing_g else "drained"
    terms = {"period": Period(since="2026-02-01", until="2026-02-28", method=method)} | changes
    return ledger.transform(
        **common(session, clock, SMELTER), kind="refine", inputs=inputs, outputs=outputs, **terms
    )


def test_a_tankhouse_is_accounted_by_period_with_its_stock_in_process(store, clock):
    with store.write() as session:
        first = brought(session, clock, spec=ANODE, mass_g=100_000_000, site=SMELTER)
        opened = run_cells(
            session, clock, anodes=first, opening=None, cathode_g=60_000_000,
            closing_g=39_500_000, slimes_g=500_000,
        )  # fmt: skip
        cathode, slimes, cells = opened.outputs
        assert opened.unexplained_g == 0
        assert cells.role == "heel"
        assert cathode.vectors.elements["Cu"] >= 60_000_000 * 9_999 // 10
        assert slimes.vectors.elements.get("unknown", 0) == 500_000_000  # the anode's other 1 %
        assert "refining" in cathode.vectors.missing
        second = brought(session, clock, spec=ANODE, mass_g=50_000_000, site=SMELTER)
        drained = run_cells(
            session, clock, anodes=second, opening=cells, cathode_g=88_700_000,
            closing_g=0, slimes_g=700_000,
        )  # fmt: skip
        assert drained.unexplained_g == 100_000
        assert not drained.beyond_tolerance
        assert session.exec(select(Lot).where(Lot.code == cells.code)).one().status == "consumed"
    books_hold(store)


def test_a_period_runs_forward_and_says_its_method(store, clock):
    with store.write() as session:
        anodes = brought(session, clock, spec=ANODE, mass_g=1_000_000, site=SMELTER)
        for period in (
            Period(since="2026-02-02", until="2026-02-01", method="counted"),
            Period(since="2026-02-01", until="2026-02-02", method="guessed"),
        ):
            with pytest.raises(BadPeriod):
                run_cells(
                    session, clock, anodes=anodes, opening=None, cathode_g=1, closing_g=1,
                    slimes_g=0, period=period,
                )  # fmt: skip


def test_a_held_lot_is_weighed_and_nothing_else_until_released(store, clock):
    with store.write() as session:
        lot = brought(session, clock)
        ledger.hold(**common(session, clock), lot_code=lot.code, cause="radioactivity")
        assert lot.status == "held"
        seal = {"lot_code": lot.code, **common(session, clock)}
        ledger.weigh(**seal, mass_g=9_990_000, ticket_ref="T", scale_division_g=20)
        assert lot.status == "held"
        for forbidden in (
            lambda: ledger.ship_out(**seal, to="X"),
            lambda: ledger.transfer(
                session, clock=clock, lot_code=lot.code, owner="ORG2", contract_ref="C"
            ),
            lambda: ledger.move(
                session, clock=clock, lot_codes=[lot.code], kind="ship", to_site=SMELTER,
                custodian="CARRIER", actor=ACTOR,
            ),
            lambda: ledger.transform(
                **common(session, clock), kind="split", inputs=[Taken(lot_code=lot.code)],
                outputs=[Output(spec=CANS, mass_g=1)],
            ),
            lambda: ledger.send_back(
                **seal, cause="radiation", freight_by="A", co2e_by="A", custodian="ORG1"
            ),
        ):  # fmt: skip
            with pytest.raises(LotOnHold):
                forbidden()
        ledger.release(**common(session, clock), lot_code=lot.code, reason="measured again")
        assert lot.status == "on_hand"
        with pytest.raises(CannotHold):
            ledger.release(**common(session, clock), lot_code=lot.code, reason="again")
        ledger.ship_out(**seal, to="X")
    books_hold(store)


@pytest.mark.parametrize(
    ("co2e_by", "co2e_g", "transport", "missing"),
    [
        ("ORG1", 7_000, 7_000, False),
        ("ORG1", None, 0, True),
        ("ORG2", 7_000, 0, False),
        ("ORG2", None, 0, False),
    ],
)
def test_a_refused_lot_goes_back_as_it_was(store, clock, co2e_by, co2e_g, transport, missing):
    with store.write() as session:
        lot = brought(session, clock)
        before = lot.vectors
        ledger.send_back(
            **common(session, clock, SMELTER), lot_code=lot.code, cause="grade", freight_by="ORG1",
            co2e_by=co2e_by, co2e_g=co2e_g, custodian="CARRIER",
        )  # fmt: skip
        assert (lot.status, lot.custodian) == ("in_transit", "CARRIER")
        after = lot.vectors
        assert (after.classes, after.track) == (before.classes, before.track)
        assert after.co2e.get("transport", 0) == transport
        assert ("transport" in after.missing) is missing
        with pytest.raises(UnknownCause):
            ledger.send_back(
                **common(session, clock), lot_code=lot.code, cause="mood", freight_by="A",
                co2e_by="A", custodian="B",
            )  # fmt: skip
    books_hold(store)


def test_a_customers_ingot_comes_back_under_its_own_code_and_is_no_new_scrap(store, clock):
    back = {"cause": "surface", "freight_by": "ORG1", "co2e_by": "ORG1", "custodian": "ORG1"}
    with store.write() as session:
        scrap = brought(session, clock, site=SMELTER)
        melted = ledger.transform(
            **common(session, clock, SMELTER),
            kind="melt",
            inputs=[Taken(lot_code=scrap.code)],
            outputs=[Output(spec=INGOT, mass_g=10_000_000)],
        )
        (ingot,) = melted.outputs
        sold = ingot.vectors
        place = common(session, clock, SMELTER)
        ledger.ship_out(**place, lot_code=ingot.code, to="CUSTOMER")
        for mass_g in (1_000_001, 2_000_000):
            ledger.take_back(
                **common(session, clock, SMELTER), lot_code=ingot.code, mass_g=mass_g, **back
            )
        assert (ingot.mass_g, ingot.status) == (3_000_001, "on_hand")
        state = ingot.vectors
        assert state.melted_g == 3_000_001
        assert set(state.classes) == set(sold.classes)
        assert state.missing == tuple(sorted({*sold.missing, "transport"}))  # the way back, unsaid
        with pytest.raises(NotGone):
            ledger.take_back(**place, lot_code=ingot.code, mass_g=7_000_000, **back)
        again = ledger.transform(
            **common(session, clock, SMELTER),
            kind="melt",
            inputs=[Taken(lot_code=ingot.code)],
            outputs=[Output(spec=INGOT, mass_g=3_000_001)],
        )
        assert tuple(again.figures["element"]) == (0, 0)  # counted at its first furnace
        ledger.take_back(
            **common(session, clock, SMELTER), lot_code=ingot.code, mass_g=6_999_999, **back
        )
        assert ingot.mass_g == 6_999_999
        with pytest.raises(NotGone):
            ledger.take_back(**place, lot_code=ingot.code, mass_g=1, **back)
    books_hold(store)


def test_what_comes_back_joins_a_held_lot_and_only_where_that_lies(store, clock):
    back = {"cause": "surface", "freight_by": "ORG1", "co2e_by": "ORG1", "custodian": "ORG1"}
    with store.write() as session:
        lot = brought(session, clock)
        piece = {"lot_code": lot.code, "mass_g": 1_000_000, **back}
        ledger.ship_out(**common(session, clock), lot_code=lot.code, to="CUSTOMER")
        ledger.take_back(**common(session, clock), **piece)
        ledger.hold(**common(session, clock), lot_code=lot.code, cause="radioactivity")
        ledger.take_back(**common(session, clock), **piece)
        assert (lot.status, lot.mass_g) == ("held", 2_000_000)
        with pytest.raises(LotOnHold):
            ledger.transfer(session, clock=clock, lot_code=lot.code, owner="B", contract_ref="k")
        with pytest.raises(LotElsewhere):
            ledger.take_back(**common(session, clock, SMELTER), **piece)
        ledger.release(**common(session, clock), lot_code=lot.code, reason="natural")
        ledger.send_back(**common(session, clock), lot_code=lot.code, **back)
        with pytest.raises(LotElsewhere):
            ledger.take_back(**common(session, clock), **piece)
    books_hold(store)


def test_the_right_to_take_back_does_not_pass_with_the_title(store, clock):
    back = {"cause": "surface", "freight_by": "ORG1", "co2e_by": "ORG1", "custodian": "ORG1"}
    with store.write() as session:
        lot = brought(session, clock)
        ledger.ship_out(**common(session, clock), lot_code=lot.code, to="CUSTOMER")
        ledger.take_back(**common(session, clock), lot_code=lot.code, mass_g=2_000_000, **back)
        ledger.transfer(session, clock=clock, lot_code=lot.code, owner="B", contract_ref="k")
        with pytest.raises(NotGone):
            ledger.take_back(**common(session, clock), lot_code=lot.code, mass_g=1, **back)
        ledger.ship_out(**common(session, clock), lot_code=lot.code, to="ANOTHER")
        piece = {"lot_code": lot.code, **back | {"custodian": "B"}}
        with pytest.raises(NotGone):
            ledger.take_back(**common(session, clock), **piece, mass_g=2_000_001)
        ledger.take_back(**common(session, clock), **piece, mass_g=2_000_000)  # its own is its own
    books_hold(store)


def test_only_what_left_comes_back(store, clock):
    with store.write() as session:
        lot = brought(session, clock)
        with pytest.raises(NotGone):
            ledger.take_back(
                **common(session, clock), lot_code=lot.code, mass_g=1, cause="grade",
                freight_by="A", co2e_by="A", custodian="ORG1",
            )  # fmt: skip


def test_an_analysis_finds_the_base_metal_by_difference_or_leaves_it_unknown(store, clock):
    with store.write() as session:
        lot = brought(session, clock, mass_g=1_000_000)
        terms = {"lot_code": lot.code, "method": "OES", "sample_ref": "S1"}
        shares = {"Si": 9_600, "Fe": 7_000}
        ledger.assay(**common(session, clock), **terms, elements_ppm=shares)
        assert lot.vectors.elements["unknown"] == 983_400_000
        ledger.assay(**common(session, clock), **terms, elements_ppm=shares, balance="Al")
        assert lot.vectors.elements == {"Al": 983_400_000, "Fe": 7_000_000, "Si": 9_600_000}
        lines = session.exec(select(BookLine).where(BookLine.kind == "restated")).all()
        assert lines[-1].vector["elements"] == {"Al": 983_400_000, "unknown": -983_400_000}
        for wrong in ("Si", "unknown"):
            with pytest.raises(BadAssay):
                ledger.assay(**common(session, clock), **terms, elements_ppm=shares, balance=wrong)
        ledger.ship_out(**common(session, clock), lot_code=lot.code, to="X")
        with pytest.raises(LotUsedUp):
            ledger.assay(**common(session, clock), **terms, elements_ppm=shares)
        with pytest.raises(CannotHold):
            ledger.hold(**common(session, clock), lot_code=lot.code, cause="x")
    books_hold(store)


def test_a_corrected_weighing_reaches_what_was_held_sent_back_and_taken_back(store, clock):
    back = {"cause": "surface", "freight_by": "ORG1", "co2e_by": "ORG1", "custodian": "ORG1"}
    with store.write() as session:
        lot = brought(session, clock)
        other = brought(session, clock)
        seal = {"lot_code": other.code}
        ledger.hold(**common(session, clock), **seal, cause="radioactivity")
        ledger.release(**common(session, clock), **seal, reason="natural")
        ledger.send_back(**common(session, clock), **seal, **back, co2e_g=500)
        ledger.ship_out(**common(session, clock), lot_code=lot.code, to="CUSTOMER")
        ledger.take_back(**common(session, clock), lot_code=lot.code, mass_g=4_000_000, **back)
        first, second = lot.made_by, other.made_by
    with store.write() as session:
        for event_hash in (first, second):
            ledger.correct(
                **common(session, clock), event_hash=event_hash, mass_g=9_000_000, reason="slip"
            )
    with store.read() as session:
        assert session.exec(select(Lot).where(Lot.code == lot.code)).one().mass_g == 4_000_000
        sent = session.exec(select(Lot).where(Lot.code == other.code)).one()
        assert (sent.mass_g, sent.status) == (9_000_000, "in_transit")
    books_hold(store)
