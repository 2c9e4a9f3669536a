"""What a person writes down at a hub or a furnace: frozen, whole numbers, no database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Carrier = Literal["electricity", "natural_gas"]
HeelMethod = Literal["drained", "level", "weighed", "none"]


@dataclass(frozen=True, kw_only=True)
class EnergyUse:
    """Energy as read off a meter: Wh of electricity, dm3 of gas at normal conditions."""

    carrier: Carrier
    quantity: int


@dataclass(frozen=True, kw_only=True)
class Part:
    """One thing that came out of a sorting.

    grade: system and code of the catalogue; None keeps the grade of what went in.
    heap: it joins the day's pool lot of its bay instead of becoming a lot of its own.
    waste: it is no metal for sale and carries no burden.
    """

    mass_g: int
    grade: tuple[str, str] | None = None
    form: str = ""
    bay: str = ""
    heap: bool = False
    waste: bool = False


@dataclass(frozen=True, kw_only=True)
class ChargeLine:
    """What is charged of a lot; all of it when mass_g is None.

    recovery_bp: metal expected back from the gross mass, in 1/10,000; the grade's content when
    None. internal: run-around scrap of the same process, which is no recycled inflow.
    """

    lot_code: str
    mass_g: int | None = None
    recovery_bp: int | None = None
    internal: bool = False


@dataclass(frozen=True, kw_only=True)
class AdditionLine:
    """Primary metal or alloying that enters without being a lot.

    metal: its element; purity_bp: content of it in 1/10,000. factor_id: what its making is
    counted with; without one the line is named as missing.
    """

    name: str
    metal: str
    mass_g: int
    purity_bp: int = 10_000
    factor_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class CastLine:
    """One lot that was cast. scrap: it is sold as pre-consumer scrap, not as the product."""

    mass_g: int
    form: str = "ingot"
    bay: str = ""
    scrap: bool = False

    @property
    def role(self) -> Literal["product", "scrap"]:
        """What the ledger takes it for: scrap carries no burden under cut-off."""
        return "scrap" if self.scrap else "product"


@dataclass(frozen=True, kw_only=True)
class LineProduct:
    """One lot that a continuous line gave in a period.

    name: what the works call it. metal_bp: content of the line's metal in 1/10,000, None when
    nobody says. waste: slimes, scale: no burden.
    """

    mass_g: int
    name: str
    form: str = ""
    metal_bp: int | None = None
    bay: str = ""
    waste: bool = False


@dataclass(frozen=True, kw_only=True)
class PeriodSheet:
    """One period of a line: opening stock + charges = products + closing stock + losses.

    The opening in-process stock is what the line holds; it is not named here. since, until:
    Beijing days, both included. method: how the closing stock was found.
    """

    since: date
    until: date
    method: str
    charges: tuple[ChargeLine, ...] = ()
    products: tuple[LineProduct, ...] = ()
    closing_g: int = 0
    losses_g: Mapping[str, int] = field(default_factory=dict)
    energy: tuple[EnergyUse, ...] = ()
    difference_note: str = ""


@dataclass(frozen=True, kw_only=True)
class HeatSheet:
    """One heat: opening heel + charge + additions + flux + oxygen = cast + heel + dross + losses.

    The opening heel is what the furnace holds; it is charged wholly and not named here.
    alloy, standard: of the catalogue. losses_g: of `moisture`, `dirt`, `packaging`, `burn_off`.
    heel_method: how the closing heel was found. energy: empty without a meter for this heat.
    difference_note: why in and out differ, needed beyond tolerance.
    """

    furnace_code: str
    alloy: str
    standard: str
    charges: tuple[ChargeLine, ...] = ()
    additions: tuple[AdditionLine, ...] = ()
    casts: tuple[CastLine, ...] = ()
    dross_g: int = 0
    heel_out_g: int = 0
    heel_method: HeelMethod = "none"
    flux_g: int = 0
    oxygen_g: int = 0
    losses_g: Mapping[str, int] = field(default_factory=dict)
    energy: tuple[EnergyUse, ...] = ()
    difference_note: str = ""
