"""A small loop for the pages that read the ledger: cans collected, sorted, delivered, melted."""

from dataclasses import dataclass

from sqlmodel import Session

from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.codes import new_code
from remelt.platform.parties.models import Site
from remelt.traceability import ledger
from remelt.traceability.ledger import (
    Addition,
    EnergyLine,
    FactorRef,
    LegShare,
    LotSpec,
    Output,
    SiteRef,
    Taken,
    Transformation,
)
from remelt.traceability.models import Lot
from tests.parties import Party, a_party

TON = 1_000_000
CANS = LotSpec(
    metal="Al", grade_system="ReMA", grade_code="Talc", form="cans", origin="post_consumer",
    metal_bp=9_000, track="520115",
)  # fmt: skip
CLIPS = LotSpec(
    metal="Al", grade_system="ReMA", grade_code="Taboo", form="clippings", origin="pre_consumer",
    metal_bp=9_800, track="520302",
)  # fmt: skip
INGOT = LotSpec(
    metal="Al", grade_system="GB/T 8733", grade_code="ADC12", form="ingot", origin="unknown"
)
DROSS = LotSpec(metal="Al", grade_system="own", grade_code="dross", form="dross", origin="unknown")
GRID = FactorRef(id="grid", edition="2023", numerator=5_366, denominator=10_000, unit="kWh")
GAS = FactorRef(id="gas", edition="2024", numerator=22, denominator=10, unit="m3")


@dataclass(frozen=True)
class Loop:
    """Who trades and what became of it."""

    collector: Party
    hub: Party
    smelter: Party
    registered: Lot
    cans: Lot
    sorted_: Lot
    melt: Transformation

    @property
    def cast(self) -> Lot:
        """The lot that was cast."""
        return self.melt.outputs[0]


def a_loop(session: Session, *, clock: SimulatedClock) -> Loop:
    """Play one lot from the declaration to the ingot, and leave another one only declared."""
    collector = a_party(session, clock=clock, role="collector", name="铁人收购站")
    hub = a_party(session, clock=clock, role="hub", name="山城分拣中心")
    smelter = a_party(session, clock=clock, role="smelter", name="黔金再生铝厂", adcode="520302")
    registered = _declared(session, clock, collector)
    cans = _declared(session, clock, collector)
    sorted_ = _sorted(session, clock, cans, collector=collector, hub=hub)
    _hand_over(session, clock, sorted_, smelter)
    ledger.transfer(
        session,
        clock=clock,
        lot_code=sorted_.code,
        owner=smelter.organisation.code,
        contract_ref="C2",
    )
    melt = heat(session, clock=clock, lot=sorted_, smelter=smelter)
    return Loop(collector, hub, smelter, registered, cans, sorted_, melt)


def heat(
    session: Session, *, clock: SimulatedClock, lot: Lot, smelter: Party, cast_g: int = 4 * TON
) -> Transformation:
    """Melt a lot of cans with 1 t of bought clippings and silicon; 0.2 t of dross."""
    clock.advance(hours=1)
    clips = _bought(session, clock, smelter, CLIPS, mass_g=TON)
    whole_g = lot.mass_g + clips.mass_g + 100_000
    return ledger.transform(
        session,
        clock=clock,
        kind="melt",
        inputs=[
            Taken(lot_code=lot.code, recovery_bp=8_800),
            Taken(lot_code=clips.code, recovery_bp=9_600),
        ],
        outputs=[
            Output(spec=INGOT, mass_g=cast_g),
            Output(spec=DROSS, mass_g=200_000, role="dross"),
        ],
        losses={"burn_off": whole_g - cast_g - 200_000},
        additions=[Addition(name="Si", mass_g=100_000, elements_bp={"Si": 9_900})],
        energy=[
            EnergyLine(carrier="power", quantity=500_000, unit="kWh", factor=GRID),
            EnergyLine(carrier="gas", quantity=300_000, unit="m3", factor=GAS),
        ],
        site=ref(smelter.site),
        actor=f"person:{smelter.person.code}",
    )


def bring(session: Session, *, clock: SimulatedClock, party: Party, mass_g: int = 4 * TON) -> Lot:
    """Buy cans at the gate of a site."""
    return _bought(session, clock, party, CANS, mass_g=mass_g)


def ref(site: Site) -> SiteRef:
    """A site as the ledger names it."""
    return SiteRef(code=site.code, adcode=site.adcode)


def _declared(session: Session, clock: SimulatedClock, party: Party) -> Lot:
    return ledger.commission(
        session, clock=clock, lot_code=new_code(), spec=CANS, declared_mass_g=4 * TON,
        owner=party.organisation.code, custodian=party.organisation.code, site=ref(party.site),
        actor=f"person:{party.person.code}",
    )  # fmt: skip


def _bought(
    session: Session, clock: SimulatedClock, party: Party, spec: LotSpec, *, mass_g: int
) -> Lot:
    return ledger.bring_in(
        session, clock=clock, lot_code=new_code(), spec=spec, mass_g=mass_g,
        owner=party.organisation.code, custodian=party.organisation.code, site=ref(party.site),
        actor=f"person:{party.person.code}",
    )  # fmt: skip


def _sorted(
    session: Session, clock: SimulatedClock, lot: Lot, *, collector: Party, hub: Party
) -> Lot:
    _hand_over(session, clock, lot, hub, first="pickup")
    clock.advance(hours=2)
    at = {"site": ref(hub.site), "actor": f"person:{hub.person.code}"}
    ledger.weigh(
        session, clock=clock, lot_code=lot.code, mass_g=4 * TON, ticket_ref="1",
        scale_division_g=20_000, **at,
    )  # fmt: skip
    ledger.transfer(
        session, clock=clock, lot_code=lot.code, owner=hub.organisation.code, contract_ref="C1"
    )
    done = ledger.transform(
        session, clock=clock, kind="sort", inputs=[Taken(lot_code=lot.code)],
        outputs=[Output(spec=CANS, mass_g=3_800_000)],
        losses={"dirt": 150_000, "moisture": 50_000}, **at,
    )  # fmt: skip
    assert collector.organisation.code != hub.organisation.code
    return done.outputs[0]


def _hand_over(
    session: Session, clock: SimulatedClock, lot: Lot, to: Party, *, first: str = "ship"
) -> None:
    for step in (first, "receive"):
        clock.advance(hours=3)
        ledger.move(
            session, clock=clock, lot_codes=[lot.code], kind=step, to_site=ref(to.site),
            custodian=to.organisation.code, actor=f"person:{to.person.code}",
        )  # fmt: skip
    ledger.carry(
        session, clock=clock,
        legs=[LegShare(lot_code=lot.code, co2e_g=60_000, mass_g=4 * TON, distance_m=60_000,
                       stage="collection" if first == "pickup" else "transport")],
    )  # fmt: skip
