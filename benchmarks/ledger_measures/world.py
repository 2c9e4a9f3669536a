"""A seeded world of metal for the ledger: gates, heaps, sorting, heats with heels, deliveries.

Everything goes through the real actions, rules and door, in batches of about a thousand events.
About 3.3 events a lot. Furnaces are drained every few heats, except those of the works named
`LOOP`: it keeps its heel for ever and charges its own scrap again, so everything it casts is
descended from everything it ever melted.
"""

import gc
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from sqlmodel import Session

from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.codes import BASE32, BODY, check_characters
from remelt.platform.kernel.store import Store
from remelt.traceability import ledger
from remelt.traceability.door.book import batched
from remelt.traceability.ledger import (
    Addition,
    EnergyLine,
    FactorRef,
    LegShare,
    LotSpec,
    Output,
    SiteRef,
    Taken,
)

START = datetime(2022, 1, 3, 0, 0, tzinfo=UTC)
BATCH = 2_000
HUBS = 12
WORKS = 5
LOOP = "WORKS0"
GRID = FactorRef(id="grid", edition="2023", numerator=5_366, denominator=10_000, unit="kWh")
GAS = FactorRef(id="gas", edition="2023", numerator=2_160, denominator=1_000, unit="m3")
DIESEL = FactorRef(id="diesel", edition="2023", numerator=3_100, denominator=1_000, unit="kg")
SILICON = FactorRef(id="silicon", edition="2023", numerator=11_000, denominator=1_000, unit="kg")
BOUGHT = (
    LotSpec(
        metal="Al",
        grade_system="ReMA",
        grade_code="Talc",
        form="cans",
        origin="post_consumer",
        metal_bp=9_000,
        track="520102",
    ),
    LotSpec(
        metal="Al",
        grade_system="ReMA",
        grade_code="Tense",
        form="castings",
        origin="post_consumer",
        metal_bp=8_600,
        track="520103",
    ),
    LotSpec(
        metal="Al",
        grade_system="ReMA",
        grade_code="Taboo",
        form="clippings",
        origin="pre_consumer",
        metal_bp=9_800,
        track="520304",
    ),
)
INGOT = LotSpec(
    metal="Al", grade_system="GB", grade_code="ADC12", form="ingot", origin="unknown", metal_bp=None
)
DROSS = replace(INGOT, grade_system="own", grade_code="dross", form="dross")
HEEL = replace(INGOT, grade_system="own", grade_code="heel", form="molten")
SCRAP = replace(INGOT, grade_system="own", grade_code="returns", form="returns")


@dataclass
class Furnace:
    """A furnace between two heats: its heel, its own scrap, what waits to be charged."""

    site: SiteRef
    charge: list[tuple[str, int]] = field(default_factory=list)
    heel: tuple[str, int] | None = None
    returns: list[tuple[str, int]] = field(default_factory=list)
    heats_left: int = 0


@dataclass
class World:
    """The state of the generator; the ledger itself is asked for nothing but locks."""

    store: Store
    clock: SimulatedClock
    seed: int = 1
    events: int = 0
    lots: int = 0
    ingots: list[str] = field(default_factory=list)
    loop_ingots: list[str] = field(default_factory=list)
    bought: list[str] = field(default_factory=list)
    suppliers: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.chance = Random(self.seed)
        self.furnaces = [Furnace(SiteRef(code=f"WORKS{i}", adcode="520304")) for i in range(WORKS)]
        self.hubs = [SiteRef(code=f"HUB{i}", adcode="520102") for i in range(HUBS)]
        self.left: dict[str, tuple[str, int]] = {}
        self.session: Session = None  # type: ignore[assignment]  # set for each batch
        self._steps = self._days()

    def grow(self, events: int) -> None:
        """Let the trade go on until the ledger holds at least `events` more."""
        end = self.events + events
        gc.set_threshold(100_000, 50, 1_000)  # a batch is many small objects, none of them a cycle
        while self.events < end:
            most = min(end, self.events + BATCH)
            with self.store.write() as self.session, batched(self.session):
                while self.events < most:
                    next(self._steps)

    def _days(self) -> Iterator[None]:
        day = START
        while True:
            self.clock.set(day)
            for hub in self.hubs:
                yield from self._hub_day(hub, day)
            day += timedelta(days=1)

    def _hub_day(self, hub: SiteRef, day: datetime) -> Iterator[None]:
        lots = [self._bought(hub) for _ in range(12)]
        yield
        heap = self._heap(hub, lots[:6], day)
        for code, mass_g in lots[6:]:
            self._weighed(hub, code, mass_g)
        yield
        yield from self._delivered(hub, self._sorted(hub, heap, lots[6:]))

    def _did(self, action: Any, **terms: Any) -> Any:
        self.clock.advance(seconds=50)
        self.events += 1
        return action(self.session, clock=self.clock, **terms)

    def _code(self) -> str:
        self.lots += 1
        body = "".join(self.chance.choices(BASE32, k=BODY))
        return body + check_characters(body)

    def _bought(self, hub: SiteRef) -> tuple[str, int]:
        code, seller = self._code(), f"person:{hub.code}-{self.chance.randrange(60)}"
        mass_g = self.chance.randint(80_000, 4_000_000)
        self._did(
            ledger.bring_in,
            lot_code=code,
            spec=self.chance.choice(BOUGHT),
            mass_g=mass_g,
            owner="HUBS",
            custodian="HUBS",
            site=hub,
            actor=f"person:CLERK-{hub.code}",
            ticket_ref=f"T{self.events}",
            scale_division_g=20,
            seller=seller,
        )
        self._carried(code, mass_g, "collection")
        self.bought.append(code)
        self.suppliers.add(seller)
        return code, mass_g

    def _carried(self, code: str, mass_g: int, stage: Any) -> None:
        leg = LegShare(
            lot_code=code,
            co2e_g=None if self.chance.random() < 0.02 else self.chance.randint(500, 90_000),
            mass_g=mass_g,
            distance_m=self.chance.randint(2_000, 200_000),
            factors=(DIESEL,),
            stage=stage,
            round_ref=f"R{self.events}",
        )
        self._did(ledger.carry, legs=[leg], actor="person:DRIVER")

    def _weighed(self, site: SiteRef, code: str, mass_g: int) -> None:
        self._did(
            ledger.weigh,
            lot_code=code,
            mass_g=mass_g,
            ticket_ref=f"W{self.events}",
            scale_division_g=20,
            site=site,
            actor=f"person:SCALE-{site.code}",
        )

    def _heap(self, hub: SiteRef, lots: list[tuple[str, int]], day: datetime) -> tuple[str, int]:
        """Open the day's heap with what yesterday left, and put purchases on it."""
        code = self._code()
        self._did(
            ledger.commission,
            lot_code=code,
            spec=BOUGHT[0],
            declared_mass_g=0,
            owner="HUBS",
            custodian="HUBS",
            site=hub,
            actor=f"person:CLERK-{hub.code}",
            pool_key=f"{hub.code}|B1|ReMA|Talc|HUBS|{day:%Y-%m-%d}",
        )
        rest = self.left.pop(hub.code, None)
        every = [rest, *lots] if rest else lots
        for each, _ in every:
            self._did(
                ledger.pool_in,
                pool_code=code,
                lot_codes=[each],
                site=hub,
                actor=f"person:CLERK-{hub.code}",
            )
        return code, sum(mass for _, mass in every)

    def _sorted(
        self, hub: SiteRef, heap: tuple[str, int], lots: list[tuple[str, int]]
    ) -> list[tuple[str, int]]:
        """Sort the heap and the lots of the day into two products and waste."""
        code, held_g = heap
        kept_g = held_g // 10 if self.chance.random() < 0.2 else 0
        if kept_g:
            self.left[hub.code] = (code, kept_g)
        whole_g = held_g - kept_g + sum(mass for _, mass in lots)
        waste_g, moisture_g = whole_g * 4 // 100, whole_g // 100
        unseen_g = self.chance.randint(-whole_g // 400, whole_g // 400)
        first_g = (whole_g - waste_g - moisture_g - unseen_g) * self.chance.randint(40, 60) // 100
        products = [first_g, whole_g - waste_g - moisture_g - unseen_g - first_g]
        codes = [self._code(), self._code(), self._code()]
        self._did(
            ledger.transform,
            kind="sort",
            inputs=[
                Taken(lot_code=code, mass_g=held_g - kept_g),
                *(Taken(lot_code=each) for each, _ in lots),
            ],
            outputs=[
                Output(spec=BOUGHT[0], mass_g=products[0], lot_code=codes[0]),
                Output(spec=BOUGHT[1], mass_g=products[1], lot_code=codes[1]),
                Output(spec=DROSS, mass_g=waste_g, role="waste", lot_code=codes[2]),
            ],
            losses={"moisture": moisture_g},
            energy=[
                EnergyLine(carrier="power", quantity=whole_g, unit="kWh", factor=GRID, stage="hub")
            ],
            site=hub,
            actor=f"person:SORTER-{hub.code}",
        )
        return [(codes[0], products[0]), (codes[1], products[1])]

    def _delivered(self, hub: SiteRef, products: list[tuple[str, int]]) -> Iterator[None]:
        """Assay, sell and carry the products to a works, which weighs and melts them."""
        furnace = self.chance.choice(self.furnaces)
        for code, mass_g in products:
            ppm = {
                "Al": self.chance.randint(860_000, 960_000),
                "Si": self.chance.randint(0, 30_000),
            }
            self._did(
                ledger.assay, lot_code=code, method="OES", sample_ref=f"S{self.events}",
                elements_ppm=ppm, site=hub, actor=f"person:LAB-{hub.code}",
            )  # fmt: skip
            self._did(
                ledger.transfer, lot_code=code, owner=furnace.site.code,
                contract_ref=f"C{self.events}", actor="person:TRADER",
            )  # fmt: skip
            for step in ("ship", "receive"):
                self._did(
                    ledger.move, lot_codes=[code], kind=step, to_site=furnace.site,
                    custodian="CARRIER" if step == "ship" else furnace.site.code,
                    actor="person:DRIVER",
                )  # fmt: skip
                if step == "ship":
                    self._carried(code, mass_g, "transport")
            arrived_g = mass_g + self.chance.randint(-mass_g // 1_000, mass_g // 1_000)
            self._weighed(furnace.site, code, arrived_g)
            furnace.charge.append((code, arrived_g))
        yield
        if len(furnace.charge) >= 5:
            self._heat(furnace)
            yield

    def _heat(self, furnace: Furnace) -> None:
        """Charge five lots, heel and returns; cast three ingot lots, dross, heel and returns."""
        loop = furnace.site.code == LOOP
        if furnace.heats_left == 0:
            furnace.heats_left = self.chance.randint(1, 5)
        furnace.heats_left -= 1
        last = furnace.heats_left == 0 and not loop
        lots, furnace.charge = furnace.charge[:5], furnace.charge[5:]
        heel, returns = furnace.heel, furnace.returns
        charged_g = sum(mass for _, mass in [*lots, *returns]) + (heel[1] if heel else 0)
        silicon_g, flux_g, oxygen_g = charged_g * 3 // 100, charged_g // 100, charged_g // 200
        came_g = charged_g + silicon_g + flux_g + oxygen_g
        dross_g, burnt_g = came_g * 3 // 100, came_g // 100
        heel_g = 0 if last else came_g * 12 // 100
        scrap_g = 0 if last else came_g * 8 // 100
        unseen_g = self.chance.randint(-came_g // 400, came_g // 400)
        cast_g = came_g - dross_g - burnt_g - heel_g - scrap_g - unseen_g
        thirds = [cast_g // 3, cast_g // 3, cast_g - 2 * (cast_g // 3)]
        outputs = [Output(spec=INGOT, mass_g=g, lot_code=self._code()) for g in thirds]
        outputs.append(Output(spec=DROSS, mass_g=dross_g, role="dross", lot_code=self._code()))
        furnace.heel, furnace.returns = None, []
        if heel_g:
            outputs.append(Output(spec=HEEL, mass_g=heel_g, role="heel", lot_code=self._code()))
            furnace.heel = (outputs[-1].lot_code or "", heel_g)
            outputs.append(Output(spec=SCRAP, mass_g=scrap_g, lot_code=self._code()))
            furnace.returns = [(outputs[-1].lot_code or "", scrap_g)]
        self._did(
            ledger.transform,
            kind="melt",
            inputs=[
                *(Taken(lot_code=code, recovery_bp=9_200) for code, _ in lots),
                *(Taken(lot_code=code, internal=True) for code, _ in returns),
                *([Taken(lot_code=heel[0], internal=True, role="heel")] if heel else []),
            ],
            outputs=outputs,
            losses={"burn_off": burnt_g},
            additions=[
                Addition(
                    name="Si", mass_g=silicon_g, elements_bp={"Si": 9_900, "Fe": 40}, factor=SILICON
                )
            ],
            energy=[
                EnergyLine(carrier="gas", quantity=came_g // 10, unit="m3", factor=GAS),
                EnergyLine(carrier="power", quantity=came_g // 5, unit="kWh", factor=GRID),
            ],
            flux_g=flux_g,
            oxygen_g=oxygen_g,
            site=furnace.site,
            actor=f"person:MELTER-{furnace.site.code}",
        )
        self._sold(furnace, [output.lot_code or "" for output in outputs[:3]], loop=loop)

    def _sold(self, furnace: Furnace, codes: list[str], *, loop: bool) -> None:
        for code in codes:
            ppm = {"Al": 860_000, "Si": self.chance.randint(90_000, 110_000), "Fe": 8_000}
            self._did(
                ledger.assay, lot_code=code, method="OES", sample_ref=f"S{self.events}",
                elements_ppm=ppm, site=furnace.site, actor="person:LAB",
            )  # fmt: skip
            self._did(
                ledger.transfer, lot_code=code, owner="FOUNDRY", contract_ref=f"C{self.events}",
                actor="person:TRADER",
            )  # fmt: skip
            self._did(
                ledger.ship_out, lot_code=code, to="FOUNDRY", site=furnace.site,
                actor="person:DRIVER",
            )  # fmt: skip
        (self.loop_ingots if loop else self.ingots).extend(codes)
