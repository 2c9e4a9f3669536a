"""Sort, split, blend, melt: nothing is lost, what is missing is named."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlmodel import select

from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.codes import new_code
from remelt.platform.kernel.store import Store
from remelt.traceability import ledger
from remelt.traceability.errors import (
    FactorNotLifeCycle,
    HeapOfAnother,
    LossNotPositive,
    LotElsewhere,
    LotNotWeighed,
    LotTwice,
    LotUsedUp,
    NotEnoughMass,
    NothingIn,
    NothingOut,
    OwnerUnclear,
    OwnInput,
)
from remelt.traceability.ledger import Addition, EnergyLine, FactorRef, LotSpec, Output, Taken
from remelt.traceability.models import BookLine, Edge, Lot, MeltLine

from .ledger_world import ACTOR, CANS, CLIPS, DROSS, GRID, HUB, INGOT, PRIMARY, SMELTER, brought

GAS = FactorRef(id="gas", edition="2024", numerator=22, denominator=10, unit="m3")
TON = 1_000_000


def made(session, clock, kind, inputs, outputs, *, site=HUB, **more):
    clock.advance(minutes=1)
    return ledger.transform(
        session, clock=clock, kind=kind, inputs=inputs, outputs=outputs, site=site, actor=ACTOR,
        **more,
    )  # fmt: skip


def lines_of(session, event):
    found = session.exec(select(BookLine).where(BookLine.event_key == event.id)).all()
    return {(line.kind, line.name): line for line in found}


def test_a_split_leaves_the_rest_in_the_lot(store: Store, clock: SimulatedClock):
    with store.write() as session:
        lot = brought(session, clock, mass_g=10 * TON)
        done = made(session, clock, "split", [Taken(lot_code=lot.code, mass_g=3 * TON)],
                    [Output(spec=CANS, mass_g=3 * TON)])  # fmt: skip
        assert lot.mass_g == 7 * TON
        assert lot.status == "on_hand"
        (piece,) = done.outputs
        assert piece.vectors.elements == {"Al": 2_700 * TON, "unknown": 300 * TON}
        assert (done.unexplained_g, done.beyond_tolerance, piece.claims_blocked) == (0, False, "")


def test_a_sort_gives_each_output_its_own_metal(store: Store, clock: SimulatedClock):
    copper = LotSpec(
        metal="Cu", grade_system="ReMA", grade_code="Berry", form="wire", origin="unknown",
        metal_bp=9_900,
    )  # fmt: skip
    with store.write() as session:
        lot = brought(session, clock, mass_g=10 * TON)
        ledger.assay(
            session, clock=clock, lot_code=lot.code, method="hand sort", sample_ref="S1",
            elements_ppm={"Al": 800_000, "Cu": 100_000}, site=HUB, actor=ACTOR,
        )  # fmt: skip
        dirt = LotSpec(metal="Al", grade_system="own", grade_code="waste", form="waste",
                       origin="unknown")  # fmt: skip
        done = made(session, clock, "sort", [Taken(lot_code=lot.code)],
                    [Output(spec=CANS, mass_g=8 * TON), Output(spec=copper, mass_g=1 * TON),
                     Output(spec=dirt, mass_g=600_000, role="waste")],
                    losses={"moisture": 300_000, "dirt": 100_000})  # fmt: skip
        cans, wire, waste = done.outputs
        assert wire.vectors.elements["Cu"] >= 990 * TON
        assert cans.vectors.elements["Al"] >= 7_200 * TON
        assert waste.vectors.elements == {"unknown": 600 * TON}
        assert lot.status == "consumed"
        assert "hub" in cans.vectors.missing
        assert ("loss", "moisture") in lines_of(session, done.event)


def test_a_difference_beyond_the_scales_is_named_and_blocks_claims(
    store: Store, clock: SimulatedClock
):
    with store.write() as session:
        lot = brought(session, clock, mass_g=10 * TON)
        done = made(session, clock, "sort", [Taken(lot_code=lot.code)],
                    [Output(spec=CANS, mass_g=9 * TON)])  # fmt: skip
        assert (done.unexplained_g, done.beyond_tolerance) == (TON, True)
        assert done.outputs[0].claims_blocked == "unexplained"
        assert lines_of(session, done.event)["unexplained", ""].mass_g == -TON
        again = made(session, clock, "split", [Taken(lot_code=done.outputs[0].code)],
                     [Output(spec=CANS, mass_g=9 * TON)])  # fmt: skip
        assert again.outputs[0].claims_blocked == "unexplained"


def test_a_gain_is_recorded_and_blocks_but_never_refuses(store: Store, clock: SimulatedClock):
    with store.write() as session:
        lot = brought(session, clock, mass_g=TON)
        done = made(session, clock, "sort", [Taken(lot_code=lot.code)],
                    [Output(spec=CANS, mass_g=1_100_000)])  # fmt: skip
        assert (done.unexplained_g, done.beyond_tolerance) == (-100_000, True)
        state = done.outputs[0].vectors
        assert state.classes == {"post_consumer": TON, "unknown": 100_000}
        assert state.holds()


def melted(session, clock, **more):
    """One heat: 6 t cans, 2 t clippings, 1 t primary, 0.2 t run-around, silicon, flux, gas."""
    cans = brought(session, clock, mass_g=6 * TON, site=SMELTER)
    clips = brought(session, clock, mass_g=2 * TON, site=SMELTER, spec=CLIPS)
    ingot = brought(session, clock, mass_g=TON, site=SMELTER, spec=PRIMARY, upstream=GRID)
    round_ = brought(session, clock, mass_g=200_000, site=SMELTER, spec=CLIPS)
    terms = {
        "losses": {"burn_off": 400_000},
        "additions": [Addition(name="Si", mass_g=300_000, elements_bp={"Si": 9_900})],
        "energy": [
            EnergyLine(carrier="power", quantity=500_000, unit="kWh", factor=GRID),
            EnergyLine(carrier="gas", quantity=600_000, unit="m3", factor=GAS),
        ],
        "flux_g": 100_000,
        "oxygen_g": 50_000,
    }
    return made(
        session, clock, "melt",
        [
            Taken(lot_code=cans.code, recovery_bp=8_800),
            Taken(lot_code=clips.code, recovery_bp=9_600),
            Taken(lot_code=ingot.code),
            Taken(lot_code=round_.code, internal=True),
        ],
        [
            Output(spec=INGOT, mass_g=8 * TON),
            Output(spec=INGOT, mass_g=500_000, role="heel"),
            Output(spec=DROSS, mass_g=750_000, role="dross"),
        ],
        site=SMELTER,
        **(terms | more),
    )  # fmt: skip


def test_a_melt_tells_three_recycled_contents_and_the_footprint(
    store: Store, clock: SimulatedClock
):
    with store.write() as session:
        done = melted(session, clock)
        cast, heel, dross = done.outputs
        assert done.unexplained_g == 0
        assert cast.vectors.co2e_g + heel.vectors.co2e_g == 536_600 + 268_300 + 1_320_000
        assert dross.vectors.co2e_g == 0
        assert dross.vectors.elements["O"] == 50_000_000
        assert cast.vectors.missing == ("additions:Si", "collection", "pre_consumer_scrap_burden")
        assert cast.vectors.custody == "controlled_blending"
        assert set(done.figures) == {"product", "element", "charge", "waste_g"}
        numerator, denominator = done.figures["charge"]
        assert (numerator, denominator) == (8 * TON, 9_300_000)
        line = session.exec(select(MeltLine).where(MeltLine.metal == "Al")).one()
        assert line.post_mg == 5_280_000_000
        assert line.pre_mg == 1_920_000_000
        assert line.primary_mg == 997_000_000
        assert line.internal_mg == 196_000_000
        assert line.month == "2026-03"
        assert done.figures["element"] == [7_200_000_000, 8_197_000_000]


def test_a_heel_is_not_counted_twice(store: Store, clock: SimulatedClock):
    with store.write() as session:
        heel = melted(session, clock).outputs[1]
        done = made(session, clock, "melt", [Taken(lot_code=heel.code, role="heel")],
                    [Output(spec=INGOT, mass_g=500_000)], site=SMELTER)  # fmt: skip
        line = session.exec(select(MeltLine).where(MeltLine.event_hash == done.event.hash)).one()
        assert line.post_mg == line.pre_mg == 0
        assert line.remelted_mg > 0
        assert "melt_energy" in done.outputs[0].vectors.missing


def test_run_around_scrap_does_not_raise_the_recycled_content(store: Store, clock: SimulatedClock):
    with store.write() as session:
        shares = []
        back = None
        for _ in range(4):
            cans = brought(session, clock, mass_g=17 * TON, site=SMELTER, metal_bp=None)
            ingot = brought(session, clock, mass_g=3 * TON, site=SMELTER, spec=PRIMARY)
            charge = [Taken(lot_code=cans.code), Taken(lot_code=ingot.code)]
            extra = [Taken(lot_code=back.code, internal=True)] if back else []
            total = 20 * TON + (back.mass_g if back else 0)
            done = made(session, clock, "melt", [*charge, *extra],
                        [Output(spec=INGOT, mass_g=total - TON), Output(spec=INGOT, mass_g=TON)],
                        site=SMELTER)  # fmt: skip
            back = done.outputs[1]
            shares.append(tuple(done.figures["charge"]))
            post = done.outputs[0].vectors.classes["post_consumer"]
            assert abs(20 * post - 17 * done.outputs[0].mass_g) <= 40
        assert set(shares) == {(17 * TON, 20 * TON)}


def test_purchases_join_the_pool_of_the_day_and_the_rest_opens_the_next(
    store: Store, clock: SimulatedClock
):
    def bay(session):
        return ledger.pool_lot(
            session, clock=clock, site=HUB, bay="B1", spec=CANS, owner="ORG1", custodian="ORG1",
            actor=ACTOR,
        )  # fmt: skip

    with store.write() as session:
        pool = bay(session)
        assert bay(session).code == pool.code
        bought = [brought(session, clock, mass_g=g).code for g in (1_000, 2_500)]
        ledger.pool_in(
            session, clock=clock, pool_code=pool.code, lot_codes=bought, site=HUB, actor=ACTOR
        )
        assert (pool.mass_g, pool.vectors.custody) == (3_500, "controlled_blending")
        piece = made(session, clock, "split", [Taken(lot_code=pool.code, mass_g=500)],
                     [Output(spec=CANS, mass_g=500)]).outputs[0]  # fmt: skip
        with pytest.raises(OwnInput):
            ledger.pool_in(
                session, clock=clock, pool_code=pool.code, lot_codes=[piece.code], site=HUB,
                actor=ACTOR,
            )  # fmt: skip
        clock.advance(days=1)
        tomorrow = bay(session)
        assert (tomorrow.mass_g, pool.mass_g, pool.status) == (3_000, 0, "consumed")


@pytest.mark.parametrize("step", ["ship", "receive"])
@pytest.mark.parametrize("later", [{"hours": 1}, {"days": 1}])
def test_buying_goes_on_after_a_heap_was_sent_away(
    store: Store, clock: SimulatedClock, step: str, later: dict
):
    where = {"site": HUB, "actor": ACTOR}
    bay = {**where, "bay": "B1", "spec": CANS, "owner": "ORG1", "custodian": "ORG1"}
    with store.write() as session:
        sent = ledger.pool_lot(session, clock=clock, **bay)
        first = brought(session, clock, mass_g=4_000).code
        ledger.pool_in(session, clock=clock, pool_code=sent.code, lot_codes=[first], **where)
        for each in ("ship", "receive")[: 1 + (step == "receive")]:
            clock.advance(minutes=1)
            ledger.move(session, clock=clock, lot_codes=[sent.code], kind=each, to_site=SMELTER,
                        custodian="ORG2", actor=ACTOR)  # fmt: skip
    for held in (1_000, 2_000, 3_000):
        clock.advance(**later)
        with store.write() as session:
            heap = ledger.pool_lot(session, clock=clock, **bay)
            more = brought(session, clock, mass_g=1_000).code
            ledger.pool_in(session, clock=clock, pool_code=heap.code, lot_codes=[more], **where)
            assert (heap.mass_g, heap.site_code, heap.status) == (held, HUB.code, "on_hand")
    with store.read() as session:
        left = session.exec(select(Lot).where(Lot.code == sent.code)).one()
        assert left.mass_g == 4_000


def test_a_heap_takes_only_metal_of_its_owner(store: Store, clock: SimulatedClock):
    where = {"site": HUB, "actor": ACTOR}
    bay = {**where, "bay": "B1", "spec": CANS, "custodian": "ORG1"}
    with store.write() as session:
        own = ledger.pool_lot(session, clock=clock, owner="ORG1", **bay)
        assert ledger.pool_lot(session, clock=clock, owner="ORG2", **bay).code != own.code
        other = brought(session, clock, mass_g=1_000, owner="ORG2").code
        with pytest.raises(HeapOfAnother):
            ledger.pool_in(session, clock=clock, pool_code=own.code, lot_codes=[other], **where)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"inputs": []}, NothingIn),
        ({"outputs": []}, NothingOut),
        ({"inputs": "twice"}, LotTwice),
        ({"inputs": "more"}, NotEnoughMass),
        ({"losses": {"dirt": -1}}, LossNotPositive),
        ({"losses": {"theft": 1}}, LossNotPositive),
        ({"flux_g": -1}, LossNotPositive),
        ({"site": SMELTER}, LotElsewhere),
        ({"energy": "co2"}, FactorNotLifeCycle),
    ],
)
def test_a_transformation_is_refused(
    store: Store, clock: SimulatedClock, change: dict, refusal: type
):
    with store.write() as session:
        lot = brought(session, clock, mass_g=TON)
        named = {
            "twice": [Taken(lot_code=lot.code, mass_g=1), Taken(lot_code=lot.code, mass_g=1)],
            "more": [Taken(lot_code=lot.code, mass_g=TON + 1)],
            "co2": [
                EnergyLine(
                    carrier="power", quantity=1, unit="kWh",
                    factor=FactorRef(id="g", edition="1", numerator=1, denominator=1, unit="kWh",
                                     gas="CO2"),
                )
            ],
        }  # fmt: skip
        terms = {"inputs": [Taken(lot_code=lot.code)], "outputs": [Output(spec=CANS, mass_g=TON)]}
        terms |= {k: named.get(v, v) if isinstance(v, str) else v for k, v in change.items()}
        inputs, outputs = terms.pop("inputs"), terms.pop("outputs")
        with pytest.raises(refusal):
            made(session, clock, "split", inputs, outputs, **terms)
        assert lot.mass_g == TON


def test_a_lot_never_weighed_or_used_up_is_refused(store: Store, clock: SimulatedClock):
    with store.write() as session:
        lot = ledger.commission(
            session, clock=clock, lot_code=new_code(), spec=CANS, declared_mass_g=5,
            owner="A", custodian="A", site=HUB, actor=ACTOR,
        )  # fmt: skip
        with pytest.raises(LotNotWeighed):
            made(session, clock, "split", [Taken(lot_code=lot.code, mass_g=1)],
                 [Output(spec=CANS, mass_g=1)])  # fmt: skip
        other = brought(session, clock, mass_g=5)
        made(session, clock, "split", [Taken(lot_code=other.code)],
             [Output(spec=CANS, mass_g=5)])  # fmt: skip
        with pytest.raises(LotUsedUp):
            made(session, clock, "split", [Taken(lot_code=other.code, mass_g=1)],
                 [Output(spec=CANS, mass_g=1)])  # fmt: skip


def test_with_several_owners_the_output_says_whose_it_is(store: Store, clock: SimulatedClock):
    with store.write() as session:
        a = brought(session, clock, mass_g=5, owner="A")
        b = brought(session, clock, mass_g=5, owner="B")
        both = [Taken(lot_code=a.code), Taken(lot_code=b.code)]
        with pytest.raises(OwnerUnclear):
            made(session, clock, "blend", both, [Output(spec=CANS, mass_g=10)])
        done = made(session, clock, "blend", both, [Output(spec=CANS, mass_g=10, owner="B")])
        assert done.outputs[0].owner == "B"
        edges = session.exec(select(Edge)).all()
        assert sorted(edge.mass_g for edge in edges) == [5, 5]


def test_eight_yards_want_three_tonnes_of_ten_and_three_get_them(
    store: Store, clock: SimulatedClock
):
    with store.write() as session:
        code = brought(session, clock, mass_g=10 * TON).code

    def take(_i: int) -> bool:
        try:
            with store.write() as session:
                made(session, clock, "split", [Taken(lot_code=code, mass_g=3 * TON)],
                     [Output(spec=CANS, mass_g=3 * TON)])  # fmt: skip
        except NotEnoughMass:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(take, range(8))) == 3
    with store.read() as session:
        masses = sorted(session.exec(select(Lot.mass_g)))
        assert masses == [TON, 3 * TON, 3 * TON, 3 * TON]
