"""Whatever two owners and a furnace can do to lots, in any order; I1 to I12 after each step."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from random import Random
from typing import Any, ClassVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlmodel import Session, col, func, select

from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.codes import new_code
from remelt.platform.kernel.errors import Refusal
from remelt.platform.kernel.store import Store
from remelt.traceability import ledger
from remelt.traceability.credits.schemes import declare_scheme
from remelt.traceability.errors import ClaimAboveCustody, NotEnoughMass
from remelt.traceability.ledger import Addition, EnergyLine, LegShare, Output, Taken
from remelt.traceability.models import LedgerEvent, Lot
from remelt.traceability.passports.certifying import issue
from remelt.traceability.passports.claiming import attribute, claim_content, issue_certificate
from remelt.traceability.proofs.certificates import of_lot
from remelt.traceability.rules.credits import Terms
from remelt.traceability.rules.custody import PHYSICAL, allows
from remelt.traceability.tracing.genealogy import descendants
from tests.integration.ledger_world import (
    ACTOR,
    CANS,
    CLIPS,
    DROSS,
    GRID,
    HUB,
    INGOT,
    PRIMARY,
    SMELTER,
)
from tests.invariants import INVARIANTS, Seen

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
MOST_G = 30_000_000
OWNERS = ("ORG1", "ORG2")
SITES = (HUB, SMELTER)
SPECS = (CANS, CANS, CLIPS, PRIMARY, replace(CANS, origin="unknown", metal_bp=None))
CLASSES = ("wrought:6xxx:6063", "wrought:3xxx+5xxx:", "cast:Al-Si-Cu:ADC12", "")
CREDITS = Terms(method="credits", from_month="2026-03", factor=(9, 10))
KINDS = {  # kind: lots in at most, lots out at most
    "split": (1, 3),
    "sort": (2, 3),
    "shred": (3, 2),
    "blend": (3, 1),
    "melt": (4, 2),
}
STEPS = (
    "bring_in", "register_then_weigh", "weigh_again", "move", "carry", "assay", "transfer",
    "ship_out", "heap_up", "take_too_much", "claim_what_it_holds", "claim_credits",
    "book_credits", "certify", "correct", "melt", *KINDS,
)  # fmt: skip


class LedgerMachine(RuleBasedStateMachine):
    """A ledger on which anything is done that can be done; `fresh` gives an empty one."""

    fresh: ClassVar[Callable[[], Store]]
    done: ClassVar[Counter[str]] = Counter()

    @initialize(correcting=st.booleans())
    def open(self, *, correcting: bool) -> None:
        self.begin(correcting=correcting)

    @rule(name=st.sampled_from(STEPS), seed=st.integers(0, 2**32))
    def do(self, name: str, seed: int) -> None:
        self.go(name, seed)

    @invariant()
    def everything_holds(self) -> None:
        if hasattr(self, "store"):
            self.check()

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()

    @classmethod
    def tour(cls, *, rounds: int) -> None:
        """Do everything once a round, in one order, and check after each step."""
        machine = cls()
        try:
            machine.begin(correcting=False)
            for seed in range(rounds):
                machine.correcting = seed == rounds - 1
                for name in STEPS:
                    machine.go(name, seed)
                    machine.check()
        finally:
            machine.teardown()

    def begin(self, *, correcting: bool) -> None:
        self.store = type(self).fresh()
        self.clock = SimulatedClock(NOON)
        self.seen = Seen()
        self.correcting = correcting  # half of the walks keep what can be counted exactly
        with self.store.write() as session:
            declare_scheme(
                session, clock=self.clock, site_code=SMELTER.code, organisation="ORG1",
                group_code="Al", metal="Al", grades=(), terms=CREDITS, edition="2026", actor=ACTOR,
            )  # fmt: skip
        for seed in range(4):
            self.bring_in(Random(seed))
        self.first_heat()

    def go(self, name: str, seed: int) -> None:
        if name == "correct" and not self.correcting:
            name = "melt"
        if name in KINDS:
            self.transform(Random(seed), kind=name)
        else:
            getattr(self, name)(Random(seed))

    def first_heat(self) -> None:
        """Cast a lot whose credits can be claimed."""
        with self.step("melt") as (session, common):
            scrap = ledger.bring_in(
                session, **common, lot_code=new_code(), spec=CANS, mass_g=MOST_G, owner="ORG1",
                custodian="ORG1", site=SMELTER,
            )  # fmt: skip
            ledger.transform(
                session, **common, kind="melt", inputs=[Taken(lot_code=scrap.code)],
                outputs=[Output(spec=INGOT, mass_g=MOST_G)], site=SMELTER,
            )  # fmt: skip
            self.seen.mass_g += MOST_G

    def check(self) -> None:
        with self.store.read() as session:
            for each in INVARIANTS:
                each(session, self.seen)

    def bring_in(self, chance: Random) -> None:
        with self.step("bring") as (session, common):
            self.bring(session, common, chance)

    def register_then_weigh(self, chance: Random) -> None:
        site, owner = chance.choice(SITES), chance.choice(OWNERS)
        with self.step("commission") as (session, common):
            lot = ledger.commission(
                session, **common, lot_code=new_code(), spec=chance.choice(SPECS), site=site,
                declared_mass_g=chance.randint(0, 10**6), owner=owner, custodian=owner,
            )  # fmt: skip
            self.weigh(session, common, lot, mass(chance))

    def weigh_again(self, chance: Random) -> None:
        with self.step("weigh") as (session, common):
            if lot := self.one(session, chance):
                self.weigh(session, common, lot, max(1, lot.mass_g + chance.randint(-900, 900)))

    def move(self, chance: Random) -> None:
        with self.step("move") as (session, common):
            if lot := self.one(session, chance):
                for kind in ("ship", "receive"):
                    ledger.move(
                        session, **common, lot_codes=[lot.code], kind=kind, custodian="CARRIER",
                        to_site=chance.choice(SITES),
                    )  # fmt: skip

    def carry(self, chance: Random) -> None:
        with self.step("carry") as (session, common):
            if lot := self.one(session, chance):
                co2e_g = chance.choice([None, chance.randint(0, 10**6)])
                leg = LegShare(lot_code=lot.code, co2e_g=co2e_g, mass_g=1, distance_m=1,
                               factors=(GRID,))  # fmt: skip
                ledger.carry(session, **common, legs=[leg])
                self.seen.co2e_g += co2e_g or 0

    def assay(self, chance: Random) -> None:
        with self.step("assay") as (session, common):
            if lot := self.one(session, chance):
                ledger.assay(
                    session, **common, lot_code=lot.code, method="OES", sample_ref="S",
                    elements_ppm={"Al": chance.randint(0, 900_000), "Si": 50_000}, site=at(lot),
                )  # fmt: skip

    def transfer(self, chance: Random) -> None:
        with self.step("transfer") as (session, common):
            if lot := self.one(session, chance):
                ledger.transfer(
                    session, **common, lot_code=lot.code, owner=chance.choice(OWNERS),
                    contract_ref="C",
                )  # fmt: skip

    def ship_out(self, chance: Random) -> None:
        with self.step("ship_out") as (session, common):
            if lot := self.one(session, chance):
                self.seen.mass_g -= lot.mass_g
                self.seen.co2e_g -= lot.vectors.co2e_g
                ledger.ship_out(session, **common, lot_code=lot.code, to="X", site=at(lot))

    def heap_up(self, chance: Random) -> None:
        with self.step("pool") as (session, common):
            lot = self.bring(session, common, chance)
            heap = ledger.pool_lot(
                session, **common, site=at(lot), bay="B1", spec=lot.spec, owner=lot.owner,
                custodian=lot.owner,
            )  # fmt: skip
            ledger.pool_in(session, **common, pool_code=heap.code, lot_codes=[lot.code],
                           site=at(lot))  # fmt: skip

    def transform(self, chance: Random, *, kind: str) -> None:
        with self.step(kind) as (session, common):
            most_in, most_out = KINDS[kind]
            every = self.lots(session)
            site = at(chance.choice(every)) if every else None
            lots = [lot for lot in every if at(lot) == site]
            if lots:
                lots = chance.sample(lots, min(len(lots), chance.randint(1, most_in)))
                self.make(session, common, chance, kind=kind, lots=lots, most_out=most_out)

    def take_too_much(self, chance: Random) -> None:
        with self.step("too much") as (session, common):
            if lot := self.one(session, chance):
                with pytest.raises(NotEnoughMass):
                    ledger.transform(
                        session, **common, kind="split", site=at(lot),
                        inputs=[Taken(lot_code=lot.code, mass_g=lot.mass_g + 1)],
                        outputs=[Output(spec=lot.spec, mass_g=lot.mass_g + 1)],
                    )  # fmt: skip

    def claim_what_it_holds(self, chance: Random) -> None:
        with self.step("claim") as (session, common):
            lots = self.lots(session)
            for lot in chance.sample(lots, min(2, len(lots))):
                model = chance.choice(PHYSICAL)
                allowed = allows(model, custody=lot.vectors.custody)
                terms = {"lot_code": lot.code, "owner": lot.owner, "model": model, **common}
                self.expect(partial(claim_content, session, **terms), allowed=allowed)

    def claim_credits(self, chance: Random) -> None:
        with self.step("attribute") as (session, common):
            here = [lot for lot in self.lots(session) if at(lot) == SMELTER]
            for lot in chance.sample(here, min(3, len(here))):
                allowed = allows("mass_balance", custody=lot.vectors.custody)
                terms = {"lot_code": lot.code, "owner": lot.owner, **common}
                mass_g = chance.choice([1, 1, 1 + lot.mass_g // 9, lot.mass_g])
                self.expect(partial(attribute, session, mass_g=mass_g, **terms), allowed=allowed)

    def book_credits(self, chance: Random) -> None:
        with self.step("certificate") as (session, common):
            self.expect(
                lambda: issue_certificate(
                    session, **common, site_code=SMELTER.code, group_code="Al",
                    mass_g=mass(chance), owner=chance.choice(OWNERS), beneficiary="MAKER",
                ),
                allowed=True,
            )  # fmt: skip

    def certify(self, _chance: Random) -> None:
        with self.step("certify") as (session, common):
            for lot in self.lots(session)[-2:]:
                terms = {"lot_code": lot.code, "base_url": "https://x.test", "site": at(lot)}
                self.expect(partial(issue, session, **common, **terms), allowed=True)

    def correct(self, chance: Random) -> None:
        with self.step("correct") as (session, common):
            events = list(session.exec(select(LedgerEvent)))
            declared = {event.corrects for event in events}
            wrong = [
                event
                for event in events
                if event.kind in {"bring_in", "weigh"} and event.hash not in declared
            ]
            if wrong:
                self.say_rightly(session, common, chance.choice(wrong), mass_g=mass(chance))

    # what the steps are made of

    @contextmanager
    def step(self, name: str) -> Iterator[tuple[Session, dict[str, Any]]]:
        """Open a write session, a minute after the last; it counts if it did something."""
        self.clock.advance(minutes=1)
        with self.store.write() as session:
            yield session, {"clock": self.clock, "actor": ACTOR}
        with self.store.read() as session:
            if session.exec(select(func.count(col(LedgerEvent.id)))).one() > len(self.seen.hashes):
                type(self).done[name] += 1

    def bring(self, session: Session, common: dict[str, Any], chance: Random) -> Lot:
        owner, mass_g = chance.choice(OWNERS), mass(chance)
        self.seen.mass_g += mass_g
        return ledger.bring_in(
            session, **common, lot_code=new_code(), spec=chance.choice(SPECS), mass_g=mass_g,
            owner=owner, custodian=owner, site=chance.choice(SITES),
        )  # fmt: skip

    def weigh(self, session: Session, common: dict[str, Any], lot: Lot, mass_g: int) -> None:
        self.seen.mass_g += mass_g - lot.mass_g
        ledger.weigh(
            session, **common, lot_code=lot.code, mass_g=mass_g, ticket_ref="T",
            scale_division_g=20, site=at(lot),
        )  # fmt: skip

    def make(
        self,
        session: Session,
        common: dict[str, Any],
        chance: Random,
        *,
        kind: str,
        lots: list[Lot],
        most_out: int,
    ) -> None:
        inputs = [
            Taken(
                lot_code=lot.code,
                mass_g=chance.choice([None, chance.randint(1, lot.mass_g)]),
                recovery_bp=chance.choice([None, chance.randint(0, 10_000)]),
                internal=chance.random() < 0.3,
                role="heel" if lot.role == "heel" else "charge",
                alloy_class=chance.choice(CLASSES),
            )
            for lot in lots
        ]
        whole = sum(t.mass_g or lot.mass_g for t, lot in zip(inputs, lots, strict=True))
        losses = {
            name: chance.randint(0, 1 + whole // 50)
            for name in ("moisture", "dirt", "burn_off")
            if chance.random() < 0.4
        }
        extra = self.furnace(chance) if kind == "melt" else {}
        added = sum(each.mass_g for each in extra.get("additions", ()))
        came = whole + added + extra.get("flux_g", 0) + extra.get("oxygen_g", 0)
        fair = came - sum(losses.values()) - chance.choice([0, 0, 1, whole // 100, whole // 4])
        outputs = self.outputs(chance, kind, max(1, fair), most_out, owner=lots[0].owner)
        ledger.transform(
            session, **common, kind=kind, inputs=inputs, outputs=outputs, losses=losses,
            site=at(lots[0]), **extra,
        )  # fmt: skip
        self.seen.mass_g += sum(output.mass_g for output in outputs) - whole

    def outputs(
        self, chance: Random, kind: str, fair: int, most: int, *, owner: str
    ) -> list[Output]:
        shares = [chance.randint(1, 9) for _ in range(chance.randint(1, most))]
        masses = [max(1, fair * share // sum(shares)) for share in shares]
        spec = chance.choice([CANS, INGOT])
        made = [
            Output(spec=spec, mass_g=g, owner=owner, alloy_class=chance.choice(CLASSES))
            for g in masses
        ]
        if kind == "melt" and len(made) > 1 and chance.random() < 0.5:
            made[-1] = replace(made[-1], role="heel")
        if kind in {"melt", "sort"} and chance.random() < 0.5:
            role = "dross" if kind == "melt" else "waste"
            made.append(Output(spec=DROSS, mass_g=1 + fair // 300, role=role, owner=owner))
        return made

    def furnace(self, chance: Random) -> dict[str, Any]:
        power = chance.randint(0, 10**7)
        self.seen.co2e_g += GRID.co2e_g(power)
        return {
            "additions": [Addition(name="Si", mass_g=chance.randint(1, 10**5))],
            "energy": [
                EnergyLine(carrier="power", quantity=power, unit="kWh", factor=GRID),
                EnergyLine(carrier="gas", quantity=1, unit="m3"),
            ],
            "flux_g": chance.randint(0, 10**4),
            "oxygen_g": chance.randint(0, 10**4),
        }

    def say_rightly(
        self, session: Session, common: dict[str, Any], wrong: LedgerEvent, *, mass_g: int
    ) -> None:
        promised = {
            lot.code: [
                each.certificate.code
                for each in of_lot(session, lot_id=lot.key)
                if each.status == "in-force"
            ]
            for lot in session.exec(select(Lot))
        }
        done = ledger.correct(
            session, **common, event_hash=wrong.hash, mass_g=mass_g, reason="slip", site=HUB
        )
        self.seen.exact = False
        assert set(done.affected) <= {*descendants(session, done.lot), done.lot.code}
        for code in {done.lot.code, *done.affected} if done.affected else ():
            self.seen.corrected[code] = self.seen.corrected.get(code, []) + promised[code]

    def lots(self, session: Session) -> list[Lot]:
        statement = select(Lot).where(Lot.mass_g > 0, Lot.status == "on_hand").order_by(col(Lot.id))
        return list(session.exec(statement))[-6:]

    def one(self, session: Session, chance: Random) -> Lot | None:
        lots = self.lots(session)
        return chance.choice(lots) if lots else None

    def expect(self, act: Callable[[], object], *, allowed: bool) -> None:
        """Do it; a claim above the lot's custody is refused by that name, no other is."""
        try:
            act()
        except ClaimAboveCustody as refused:
            assert not allowed
            type(self).done[refused.code] += 1
        except Refusal as refused:
            type(self).done[refused.code] += 1
        else:
            assert allowed


def at(lot: Lot) -> Any:
    return HUB if lot.site_code == HUB.code else SMELTER


def mass(chance: Random, most: int = MOST_G) -> int:
    return chance.choice([1, 7, chance.randint(1, most), chance.randint(1, most), most])
