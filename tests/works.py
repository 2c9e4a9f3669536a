"""Works for tests: a hub and a smelter with something to sort and to melt."""

from sqlmodel import Session

from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.works.furnaces import add_furnace
from remelt.platform.works.models import Furnace
from remelt.platform.works.sheets import CastLine, ChargeLine, EnergyUse, HeatSheet
from remelt.traceability import ledger
from remelt.traceability.ledger import LotSpec, SiteRef
from remelt.traceability.models import Lot
from tests.parties import Party

CANS = LotSpec(
    metal="Al",
    grade_system="ReMA",
    grade_code="Taldon",
    form="shred",
    origin="post_consumer",
    metal_bp=9_400,
    track="520115",
)
CLIPS = LotSpec(
    metal="Al",
    grade_system="CN-trade",
    grade_code="CN-6063-bai",
    form="extrusion",
    origin="pre_consumer",
    metal_bp=9_800,
    track="520181",
)
ALLOY = {"alloy": "6063", "standard": "AA / GB/T 3190"}


def a_lot(
    session: Session, *, clock: Clock, at: Party, spec: LotSpec = CANS, mass_g: int = 1_000_000
) -> Lot:
    """Bring a weighed lot into the stock of a party's site."""
    return ledger.bring_in(
        session,
        clock=clock,
        lot_code=new_code(),
        spec=spec,
        mass_g=mass_g,
        owner=at.organisation.code,
        custodian=at.organisation.code,
        site=SiteRef(code=at.site.code, adcode=at.site.adcode),
        actor=f"person:{at.person.code}",
    )


def a_furnace(session: Session, *, clock: Clock, at: Party, **changes: object) -> Furnace:
    """Set up a 10 t furnace with a meter."""
    terms: dict[str, object] = {
        "name": "1号炉",
        "kind": "reverberatory",
        "metal": "Al",
        "capacity_g": 10_000_000,
        "has_meter": True,
    }
    return add_furnace(
        session,
        clock=clock,
        site_id=at.site.key,
        person_id=at.person.key,
        **(terms | changes),  # type: ignore[arg-type]
    )


def a_sheet(furnace: Furnace, *lots: Lot, **changes: object) -> HeatSheet:
    """Charge whole lots; cast 94 % of them, 3 % dross, 3 % burnt off."""
    charged = sum(lot.mass_g for lot in lots)
    terms: dict[str, object] = {
        "furnace_code": furnace.code,
        "charges": tuple(ChargeLine(lot_code=lot.code) for lot in lots),
        "casts": (CastLine(mass_g=charged * 94 // 100),),
        "dross_g": charged * 3 // 100,
        "losses_g": {"burn_off": charged * 3 // 100},
        "energy": (
            EnergyUse(carrier="electricity", quantity=50_000),
            EnergyUse(carrier="natural_gas", quantity=60_000),
        ),
        **ALLOY,
    }
    return HeatSheet(**(terms | changes))  # type: ignore[arg-type]
