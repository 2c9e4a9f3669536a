"""Loops, order and races: what must not count does not, and one lot is taken once."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from random import Random
from threading import Barrier

import pytest
from sqlmodel import select

from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.store import Store
from remelt.traceability import ledger, queries
from remelt.traceability.audit.audit import audit
from remelt.traceability.errors import NotEnoughMass
from remelt.traceability.ledger import LegShare, Output, Taken
from remelt.traceability.models import Lot
from remelt.web.wiring import new_store

from .ledger_world import ACTOR, CANS, GRID, HUB, INGOT, PRIMARY, SMELTER, brought

TON = 1_000_000


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("loops", [0, 1, 5, 50])
def test_a_product_s_recycled_content_is_the_same_after_any_number_of_loops(
    store: Store, clock: SimulatedClock, loops: int
):
    with store.write() as session:
        back: list[Taken] = []
        for _ in range(loops + 1):
            cans = brought(session, clock, mass_g=17 * TON, site=SMELTER, metal_bp=None)
            ingot = brought(session, clock, mass_g=3 * TON, site=SMELTER, spec=PRIMARY)
            clock.advance(minutes=1)
            returned_g = TON if back else 0
            made = ledger.transform(
                session, clock=clock, kind="melt", site=SMELTER, actor=ACTOR,
                inputs=[Taken(lot_code=cans.code), Taken(lot_code=ingot.code), *back],
                outputs=[
                    Output(spec=INGOT, mass_g=19 * TON + returned_g),
                    Output(spec=INGOT, mass_g=TON),
                ],
            )  # fmt: skip
            back = [Taken(lot_code=made.outputs[1].code, internal=True)]
        product = made.outputs[0].vectors
        assert 20 * product.classes["post_consumer"] == 17 * product.mass_g
        heats = queries.melts(session, metal="Al", limit=None)
        assert {(heat.post_mg, heat.pre_mg, heat.primary_mg) for heat in heats} == {
            (17_000_000_000, 0, 2_991_000_000)
        }


def chains(clock: SimulatedClock):
    """Three lots, each bought, carried, cut, analysed: no step knows another lot's steps."""
    start = clock.now()

    def step(i: int, n: int):
        at = start + timedelta(minutes=10 * n + i)
        lot, piece = f"LOT{i}", f"PIECE{i}"
        common = {"clock": clock, "actor": ACTOR, "at": at}
        own = {"lot_code": lot, "site": HUB, **common}
        steps = (
            lambda s: ledger.bring_in(s, spec=CANS, mass_g=1_000_003 + i, owner="ORG1",
                                      custodian="ORG1", **own),
            lambda s: ledger.carry(s, legs=[LegShare(lot_code=lot, co2e_g=777 + i, mass_g=1,
                                   distance_m=1, factors=(GRID,))], **common),
            lambda s: ledger.transform(
                s, kind="split", inputs=[Taken(lot_code=lot, mass_g=333_333)], site=HUB,
                outputs=[Output(spec=CANS, mass_g=333_333, lot_code=piece)], **common),
            lambda s: ledger.assay(s, elements_ppm={"Al": 912_345, "Si": 7}, method="OES",
                                   sample_ref="S", **own),
        )  # fmt: skip
        return steps[n]

    return [[step(i, n) for n in range(4)] for i in range(3)]


@pytest.fixture
def fresh_copy(sqlite_template, tmp_path, clock):
    """Open an empty ledger, one after another."""

    @contextmanager
    def opened():
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.db"
        shutil.copy(sqlite_template, path)
        made = new_store(f"sqlite:///{path}", clock=clock)
        yield made
        made.close()

    return opened


def told(session) -> dict[str, tuple]:
    return {
        lot.code: (lot.mass_g, lot.state, lot.status, lot.owner, lot.site_code, lot.made_at)
        for lot in session.exec(select(Lot))
    }


def test_what_commutes_may_come_in_any_order_and_in_any_batches(clock, fresh_copy):
    worlds = []
    for seed in range(9):
        chance = Random(seed)
        waiting = chains(clock)
        sessions = chance.choice([1, 3, 12])  # steps to a transaction
        order = []
        while any(waiting):
            order.append(chance.choice([chain for chain in waiting if chain]).pop(0))
        with fresh_copy() as other:
            for at in range(0, len(order), sessions):
                with other.write() as session:
                    for step in order[at : at + sessions]:
                        step(session)
            with other.read() as session:
                worlds.append(told(session))
                assert audit(session) == []
    assert len(worlds[0]) == 6
    assert all(world == worlds[0] for world in worlds)


def test_eight_take_three_tonnes_from_ten_and_three_get_them(store: Store, clock: SimulatedClock):
    with store.write() as session:
        code = brought(session, clock, mass_g=10 * TON).code
    clock.advance(minutes=1)
    start = Barrier(8)

    def take(_number: int) -> bool:
        start.wait()
        try:
            with store.write() as session:
                ledger.transform(
                    session, clock=clock, kind="split", site=HUB, actor=ACTOR,
                    inputs=[Taken(lot_code=code, mass_g=3 * TON)],
                    outputs=[Output(spec=CANS, mass_g=3 * TON)],
                )  # fmt: skip
        except NotEnoughMass:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        taken = list(threads.map(take, range(8)))
    assert sum(taken) == 3
    with store.read() as session:
        assert queries.lot(session, code=code).mass_g == TON
        assert sum(lot.mass_g for lot in session.exec(select(Lot))) == 10 * TON
        assert audit(session) == []
