"""A walk over the rooms: gate, void, sorting, sale, road, refusal, furnace, money, the day's turn.

After each step the world balances, and what is owed under a contract follows its governing ticket.
"""

import os
from collections import Counter
from random import Random
from typing import Any

import pytest
from sqlmodel import col, select

from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.errors import Refusal
from remelt.platform.kernel.store import Store
from remelt.platform.market.models import Contract
from remelt.platform.market.queries import is_open
from remelt.platform.settlement.accounts import record_payment
from remelt.platform.settlement.books import balance, in_force
from remelt.platform.settlement.queries import money
from remelt.platform.works.heats import melt
from remelt.platform.works.sheets import Part
from remelt.platform.works.sorting import sort_lot
from remelt.platform.yard.models import Ticket, TicketLine
from remelt.platform.yard.returning import Cause, return_lot
from remelt.platform.yard.voiding import void
from remelt.platform.yard.weighing import weigh_lot
from remelt.traceability import ledger
from remelt.traceability.audit.audit import audit
from remelt.traceability.models import LedgerEvent, Lot
from remelt.traceability.rules.states import State
from remelt.traceability.tracing.balance import vector_drift, world_balance
from tests.market import a_contract
from tests.parties import Party, a_party
from tests.works import a_furnace, a_lot, a_sheet
from tests.yard import bought, hang_out

STEPS = int(os.environ.get("REMELT_PROPERTIES", "0")) or 24
KINDS = (
    "buy", "buy", "void", "sort", "melt", "sell", "sell", "deliver", "refuse", "pay", "correct",
    "night",
)  # fmt: skip


def ref(party: Party) -> ledger.SiteRef:
    return ledger.SiteRef(code=party.site.code, adcode=party.site.adcode)


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

    def sell(self, session, _chance: Random) -> None:
        a_contract(session, clock=self.clock, seller=self.hub, buyer=self.smelter)

    def _sent(self, session) -> Contract | None:
        """Put the oldest sold lot on the road to the smelter."""
        sold = session.exec(select(Contract).where(is_open()).order_by(col(Contract.id))).first()
        if sold is not None:
            ledger.move(
                session, clock=self.clock, lot_codes=[sold.lot_code], kind="ship",
                to_site=ref(self.smelter), custodian="CARRIER", actor="person:x",
            )  # fmt: skip
        return sold

    def deliver(self, session, chance: Random) -> None:
        """What stands at the smelter's gate is weighed: title passes, money is owed."""
        sold = self._sent(session)
        if sold is None:
            return
        ledger.move(
            session, clock=self.clock, lot_codes=[sold.lot_code], kind="receive",
            to_site=ref(self.smelter), custodian=self.smelter.organisation.code, actor="person:x",
        )  # fmt: skip
        weigh_lot(
            session, clock=self.clock, lot_code=sold.lot_code, tare_g=9_000_000,
            gross_g=9_000_000 + chance.randint(1, 50) * 100_000, **self._at(self.smelter),
        )  # fmt: skip

    def refuse(self, session, _chance: Random) -> None:
        sold = self._sent(session)
        if sold is not None:
            why = Cause(cause="grade", freight_by="carrier", co2e_by="carrier")
            return_lot(
                session, clock=self.clock, lot_code=sold.lot_code, why=why, **self._at(self.smelter)
            )

    def pay(self, session, _chance: Random) -> None:
        lines = money(session, organisation_id=self.smelter.organisation.key, kind="contract")
        for line in lines:
            if line.balance.open_fen > 1:
                record_payment(
                    session, clock=self.clock, settlement_code=line.code,
                    organisation_id=self.smelter.organisation.key,
                    person_id=self.smelter.person.key, amount_fen=line.balance.open_fen // 2,
                    paid_on=self.clock.now().date(),
                )  # fmt: skip

    def correct(self, session, chance: Random) -> None:
        """A lot that was brought in was weighed wrong: all that came of it is derived anew."""
        lots = session.exec(select(Lot).where(Lot.mass_g > 0).order_by(col(Lot.id))).all()
        lot = chance.choice(lots)
        event = session.exec(
            select(LedgerEvent).where(
                LedgerEvent.hash == lot.made_by, LedgerEvent.kind == "bring_in"
            )
        ).one_or_none()
        if event is not None:
            ledger.correct(
                session, clock=self.clock, event_hash=event.hash,
                mass_g=lot.mass_g + chance.randint(1, 9_000), reason="slip",
                site=ref(self.hub), actor="person:x",
            )  # fmt: skip

    def _at(self, party: Party) -> dict[str, Any]:
        return {"site_id": party.site.key, "person_id": party.person.key}

    def night(self, _session, _chance: Random) -> None:
        self.clock.advance(days=1)


def owed_is_right(session) -> None:
    """Each contract is open, over with its one settlement in force, or refused without any."""
    for sold in session.exec(select(Contract)):
        made = in_force(session, kind="contract", subject_code=sold.code)
        assert (made is not None) == (sold.title_passed_at is not None)
        if made is None or not made.net_g:  # a voided ticket: nothing is owed until the next
            continue
        [line] = session.exec(
            select(TicketLine)
            .join(Ticket, col(Ticket.id) == col(TicketLine.ticket_id))
            .where(Ticket.code == made.ticket_code)
        ).all()
        assert (line.lot_code, line.net_g) == (sold.lot_code, made.net_g)
        paid = balance(session, made)
        assert 0 <= paid.confirmed_fen <= paid.recorded_fen <= made.amount_fen


@pytest.mark.parametrize("seed", [3])
def test_the_world_balances_whatever_is_traded(store: Store, clock: SimulatedClock, seed: int):
    trade, chance = Trade(store, clock), Random(seed)
    for kind in (*KINDS, *(chance.choice(KINDS) for _ in range(STEPS))):
        trade.do(kind, chance)
        with store.read() as session:
            assert world_balance(session).drift_g == 0
            assert vector_drift(session) == State()
            assert all(lot.vectors.holds() for lot in session.exec(select(Lot)))
            owed_is_right(session)
    with store.read() as session:
        assert audit(session) == []
    assert set(KINDS) <= set(trade.done)
