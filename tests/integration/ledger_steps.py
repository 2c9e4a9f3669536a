"""Steps of the trade for a random walk through the ledger's actions."""

from random import Random

from sqlmodel import col, select

from remelt.traceability import ledger
from remelt.traceability.ledger import Addition, EnergyLine, LegShare, Output, Taken
from remelt.traceability.models import Lot

from .ledger_world import ACTOR, CANS, CLIPS, DROSS, GRID, HUB, INGOT, PRIMARY, SMELTER, brought

STEPS = (
    "bring", "weigh", "move", "carry", "split", "sort", "blend", "melt", "assay", "correct",
    "pool", "out",
)  # fmt: skip
MOST_G = 30_000_000


class World:
    """The lots of one example in one database; each step chooses by `chance`."""

    def __init__(self, session, clock, chance: Random, *, after: int) -> None:
        self.session, self.clock, self.chance, self.after = session, clock, chance, after
        self.clock.advance(minutes=1)
        self.common = {"session": session, "clock": clock, "actor": ACTOR}

    def mass(self, most=MOST_G):
        return self.chance.choice([1, 7, self.chance.randint(1, most), most])

    def maybe(self, value):
        return self.chance.choice([None, value])

    def lots(self, *, site=None):
        statement = (
            select(Lot)
            .where(Lot.mass_g > 0, Lot.status == "on_hand", col(Lot.id) > self.after)
            .order_by(col(Lot.id))
        )
        found = list(self.session.exec(statement))
        return [lot for lot in found if site is None or lot.site_code == site.code][-6:]

    def one(self):
        lots = self.lots()
        return self.chance.choice(lots) if lots else self.bring()

    def site_of(self, lot):
        return HUB if lot.site_code == HUB.code else SMELTER

    def bring(self):
        return brought(
            self.session,
            self.clock,
            spec=self.chance.choice([CANS, CLIPS, PRIMARY]),
            mass_g=self.mass(),
            site=self.chance.choice([HUB, SMELTER]),
        )

    def weigh(self):
        lot = self.one()
        ledger.weigh(
            **self.common,
            lot_code=lot.code,
            mass_g=max(1, lot.mass_g + self.chance.randint(-5_000, 5_000)),
            ticket_ref="T",
            scale_division_g=20,
            site=self.site_of(lot),
        )

    def move(self):
        lot = self.one()
        for kind in ("ship", "receive"):
            ledger.move(
                **self.common,
                lot_codes=[lot.code],
                kind=kind,
                to_site=SMELTER,
                custodian="CARRIER",
            )

    def carry(self):
        leg = LegShare(
            lot_code=self.one().code,
            co2e_g=self.maybe(self.mass()),
            mass_g=1,
            distance_m=1,
            factors=(GRID,),
            stage=self.chance.choice(["collection", "transport"]),
        )
        ledger.carry(**self.common, legs=[leg])

    def assay(self):
        lot = self.one()
        ledger.assay(
            **self.common,
            lot_code=lot.code,
            method="OES",
            sample_ref="S",
            elements_ppm={"Al": self.chance.randint(0, 900_000), "Si": 50_000},
            site=self.site_of(lot),
        )

    def out(self):
        lot = self.one()
        ledger.ship_out(**self.common, lot_code=lot.code, to="X", site=self.site_of(lot))

    def pool(self):
        lot = brought(self.session, self.clock, mass_g=self.mass())
        heap = ledger.pool_lot(
            **self.common,
            site=HUB,
            bay=f"B{self.after}",
            spec=CANS,
            owner="ORG1",
            custodian="ORG1",
        )
        ledger.pool_in(**self.common, pool_code=heap.code, lot_codes=[lot.code], site=HUB)

    def split(self):
        self.make("split", 1, 3)

    def sort(self):
        self.make("sort", 2, 3, waste="waste")

    def blend(self):
        self.make("blend", 3, 1)

    def melt(self):
        self.make(
            "melt",
            4,
            2,
            waste="dross",
            additions=[Addition(name="Si", mass_g=self.mass(10**5))],
            energy=[
                EnergyLine(carrier="power", quantity=self.mass(), unit="kWh", factor=GRID),
                EnergyLine(carrier="gas", quantity=self.mass(), unit="m3"),
            ],
            flux_g=self.chance.randint(0, 10**5),
            oxygen_g=self.chance.randint(0, 10**5),
        )

    def make(self, kind, most_in, most_out, *, waste=None, **more):
        site = self.chance.choice([HUB, SMELTER])
        lots = self.lots(site=site)[:most_in]
        if not lots:
            return
        inputs = [
            Taken(
                lot_code=lot.code,
                mass_g=self.maybe(self.chance.randint(1, lot.mass_g)),
                recovery_bp=self.maybe(self.chance.randint(0, 10_000)),
                internal=self.chance.random() < 0.3,
            )
            for lot in lots
        ]
        whole = sum(t.mass_g or lot.mass_g for t, lot in zip(inputs, lots, strict=True))
        outputs = [
            Output(spec=self.chance.choice([CANS, INGOT]), mass_g=self.mass(whole))
            for _ in range(self.chance.randint(1, most_out))
        ]
        if waste and self.chance.random() < 0.7:
            outputs.append(Output(spec=DROSS, mass_g=self.mass(), role=waste))
        losses = {
            name: self.chance.randint(0, 1 + whole // 5)
            for name in ("moisture", "dirt", "burn_off", "dross")
            if self.chance.random() < 0.4
        }
        ledger.transform(
            **self.common, kind=kind, inputs=inputs, outputs=outputs, losses=losses, site=site,
            **more,
        )  # fmt: skip
