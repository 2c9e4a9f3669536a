"""The smelters' part of the week: furnaces, primary metal, heats, metered energy."""

from collections.abc import Sequence

from sqlmodel import Session

from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.works.furnaces import add_furnace
from remelt.platform.works.heats import Tapped, melt
from remelt.platform.works.sheets import (
    AdditionLine,
    CastLine,
    ChargeLine,
    EnergyUse,
    HeatSheet,
)
from remelt.traceability.models import Lot
from remelt.web.demo.stage import OnStage, Stage

ALLOYS = {
    "smelter": ("6063", "AA / GB/T 3190", "Al"),
    "smelter2": ("AD12.1", "JIS H 2118 (ingot)", "Al"),
    "smelter3": ("Cu-CATH-1", "GB/T 467 / EN 1978", "Cu"),
}
WH_PER_KG = 120
DM3_PER_KG = 68
HEEL_G = 400_000


def light_furnaces(session: Session, *, clock: SimulatedClock, stage: Stage) -> dict[str, str]:
    """Give every smelter a furnace; return its code by player."""
    codes = {}
    for key, (_alloy, _standard, metal) in ALLOYS.items():
        smelter = stage[key]
        furnace = add_furnace(
            session,
            clock=clock,
            site_id=smelter.site_id,
            person_id=smelter.person_ids[0],
            name="1#炉",
            kind="reverberatory",
            metal=metal,
            capacity_g=40_000_000,
            has_meter=key != "smelter2",
        )
        codes[key] = furnace.code
    return codes


def tap(
    session: Session,
    *,
    clock: SimulatedClock,
    smelter: OnStage,
    furnace: str,
    lots: Sequence[Lot],
    heel_in_g: int,
) -> Tapped:
    """Charge lots and a tenth of primary metal; cast, keep a heel, skim the dross."""
    clock.advance(hours=5)
    key = smelter.player.key
    alloy, standard, metal = ALLOYS[key]
    charged_g = sum(lot.mass_g for lot in lots)
    primary_g = charged_g // 9 // 1000 * 1000
    dross_g = charged_g * 28 // 1000 // 1000 * 1000
    oxygen_g = dross_g * 9 // 100
    burn_g = charged_g * 12 // 1000 // 1000 * 1000
    cast_g = heel_in_g + charged_g + primary_g + oxygen_g - dross_g - burn_g - HEEL_G
    half = cast_g // 2
    metered = key != "smelter2"
    sheet = HeatSheet(
        furnace_code=furnace,
        alloy=alloy,
        standard=standard,
        charges=tuple(ChargeLine(lot_code=lot.code, recovery_bp=9_400) for lot in lots),
        additions=(AdditionLine(name="原生金属", metal=metal, mass_g=primary_g, purity_bp=9_970),),
        casts=(CastLine(mass_g=half), CastLine(mass_g=cast_g - half)),
        dross_g=dross_g,
        oxygen_g=oxygen_g,
        losses_g={"burn_off": burn_g},
        heel_out_g=HEEL_G,
        heel_method="level",
        energy=(
            EnergyUse(carrier="electricity", quantity=charged_g // 1000 * WH_PER_KG),
            EnergyUse(carrier="natural_gas", quantity=charged_g // 1000 * DM3_PER_KG),
        )
        if metered
        else (),
    )
    return melt(
        session,
        clock=clock,
        site_id=smelter.site_id,
        person_id=smelter.person_ids[0],
        heat=sheet,
    )
