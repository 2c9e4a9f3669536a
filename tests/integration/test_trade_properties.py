"""A walk over the rooms: gate, void, sorting, furnace, the turn of the day; the world balances."""

import os
from collections import Counter
from random import Random

import pytest
from sqlmodel import select

from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.errors import Refusal
from remelt.platform.kernel.store import Store
from remelt.platform.works.heats import melt
from remelt.platform.works.sheets import Part
from remelt.platform.works.sorting import sort_lot
from remelt.platform.yard.models import Ticket
from remelt.platform.yard.voiding import void
from remelt.traceability.audit.audit import audit
from remelt.traceability.models import Lot
from remelt.traceability.rules.states import State
from remelt.traceability.tracing.balance import vector_drift, world_balance
from tests.parties import a_party
from tests.works import a_furnace, a_lot, a_sheet
from tests.yard import bought, hang_out

STEPS = int(os.environ.get("REMELT_PROPERTIES", "0")) or 24
KINDS = ("buy", "buy", "void", "sort", "melt", "night")


class Trade:
    """A hub that buys and sorts, a smelter that melts; each step is a transaction of its room."""

    def __init__(self, store: Store, clock: SimulatedClock) -> None:
        self.store, self.clock, self.done = store, clock, Counter()
        with store.write() as session:
            self.hub = a_party(session, clock=clock, role="hub", login="hub")
            self.smelter = a_party(session, clock=clock, role="smelter", login="smelt")
            self.furnace = a_furnace(session, clock=clock, at=self.smelter)
            hang_out(session, clock=clock, hub=self.hub)

    def do(self, kind: str, chance: Random) -> None:
        self.clock.advance(minutes=7)
        try:
            with self.store.write() as session:
                getattr(self, kind)(session, chance)
        except Refusal as refused:
            self.done[refused.code] += 1
        else:
            self.done[kind] += 1

    def buy(self, session, _chance: Random) -> None:
        bought(session, clock=self.clock, hub=self.hub)

    def void(self, session, chance: Random) -> None:
        ticket = chance.choice(session.exec(select(Ticket)).all())
        void(
            session, clock=self.clock, ticket_code=ticket.code, reason="wrong person",
            organisation_id=self.hub.organisation.key, person_id=self.hub.person.key,
        )  # fmt: skip

    def sort(self, session, chance: Random) -> None:
        lot = a_lot(session, clock=self.clock, at=self.hub, mass_g=chance.randint(100, 10**6))
        self.clock.advance(minutes=1)
        sort_lot(
            session, clock=self.clock, site_id=self.hub.site.key, person_id=self.hub.person.key,
            lot_code=lot.code, parts=[Part(mass_g=lot.mass_g - 1), Part(mass_g=1, waste=True)],
        )  # fmt: skip

    def melt(self, session, chance: Random) -> None:
        lot = a_lot(session, clock=self.clock, at=self.smelter, mass_g=chance.randint(10**4, 10**6))
        self.clock.advance(minutes=1)
        melt(
            session, clock=self.clock, site_id=self.smelter.site.key,
            person_id=self.smelter.person.key, heat=a_sheet(self.furnace, lot),
        )  # fmt: skip

    def night(self, _session, _chance: Random) -> None:
        self.clock.advance(days=1)


@pytest.mark.parametrize("seed", [3])
def test_the_world_balances_whatever_is_traded(store: Store, clock: SimulatedClock, seed: int):
    trade, chance = Trade(store, clock), Random(seed)
    for kind in (*KINDS, *(chance.choice(KINDS) for _ in range(STEPS))):
        trade.do(kind, chance)
        with store.read() as session:
            assert world_balance(session).drift_g == 0
            assert vector_drift(session) == State()
            assert all(lot.vectors.holds() for lot in session.exec(select(Lot)))
    with store.read() as session:
        assert audit(session) == []
    assert set(KINDS) <= set(trade.done)
