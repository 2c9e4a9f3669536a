"""The forms of hub and works: kg and kWh as typed, grams and Wh as kept."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from remelt.platform.works.sheets import (
    AdditionLine,
    CastLine,
    ChargeLine,
    EnergyUse,
    HeatSheet,
    LineProduct,
    Part,
    PeriodSheet,
)
from remelt.web.fields import (
    MEGATONNE_G,
    Day,
    LotCode,
    Percent,
    PositiveKg,
    Text,
    Tick,
    Words,
    decimal,
    plain,
)
from remelt.web.forms import Form

BETWEEN = "|"


def _empty_or(read: Any) -> BeforeValidator:
    """Return a reader that takes an empty field for None."""
    return BeforeValidator(lambda text: read(text) if plain(text) else None)


KgOrNone = Annotated[int | None, _empty_or(decimal(scale=3, limit=MEGATONNE_G))]
"""kg with up to three decimals -> g; empty is None."""
PercentOrNone = Annotated[int | None, _empty_or(decimal(scale=2, limit=10_000))]
"""Per cent with up to two decimals -> 1/10,000; empty is None."""
UnitOrNone = Annotated[int | None, _empty_or(decimal(scale=3, limit=10**12))]
"""kWh or Nm3 with up to three decimals -> Wh or dm3; empty is None."""
Unit = Annotated[int, BeforeValidator(decimal(scale=3, limit=10**12))]


def _pair(text: Any) -> tuple[str, str]:
    first, _between, second = plain(text).partition(BETWEEN)
    return first[:100], second[:100]


Pair = Annotated[tuple[str, str] | None, _empty_or(_pair)]


class PartForm(Form):
    """One part that came out of a sorting."""

    mass_kg: PositiveKg
    grade: Pair = None
    form: Text = Field(default="", max_length=40)
    bay: Text = Field(default="", max_length=40)
    heap: Tick = False
    waste: Tick = False

    def part(self) -> Part:
        """Return the part in grams."""
        return Part(
            mass_g=self.mass_kg,
            grade=self.grade,
            form=self.form,
            bay=self.bay,
            heap=self.heap,
            waste=self.waste,
        )


class SortForm(Form):
    """A lot sorted, or split (`kind`), into parts; what is lost by name; why it differs."""

    kind: Words = Field(pattern="^(sort|split)$")
    parts: list[PartForm] = Field(default=[], max_length=50)
    moisture_kg: KgOrNone = None
    dirt_kg: KgOrNone = None
    packaging_kg: KgOrNone = None
    electricity_kwh: UnitOrNone = None
    rest: Tick = False
    difference_note: Text = Field(default="", max_length=300)

    @property
    def losses(self) -> dict[str, int]:
        """Named losses in grams."""
        return _named(moisture=self.moisture_kg, dirt=self.dirt_kg, packaging=self.packaging_kg)

    @property
    def energy(self) -> tuple[EnergyUse, ...]:
        """Energy of the sorting."""
        return _uses(self.electricity_kwh, None)


class TakenForm(Form):
    """One lot that goes into a blend; all of it without a mass."""

    lot: LotCode
    mass_kg: KgOrNone = None


class BlendForm(Form):
    """Lots blended into one."""

    site: Words = Field(max_length=14)
    lots: list[TakenForm] = Field(default=[], max_length=50)
    mass_kg: PositiveKg
    grade: Pair = None
    form: Text = Field(default="", max_length=40)
    bay: Text = Field(default="", max_length=40)
    heap: Tick = False
    dirt_kg: KgOrNone = None
    difference_note: Text = Field(default="", max_length=300)


class ShredForm(Form):
    """Lots shredded into fractions; what is lost by name; why it differs."""

    site: Words = Field(max_length=14)
    lots: list[TakenForm] = Field(default=[], max_length=50)
    parts: list[PartForm] = Field(default=[], max_length=50)
    moisture_kg: KgOrNone = None
    dirt_kg: KgOrNone = None
    dust_kg: KgOrNone = None
    electricity_kwh: UnitOrNone = None
    difference_note: Text = Field(default="", max_length=300)

    @property
    def losses(self) -> dict[str, int]:
        """Named losses in grams."""
        return _named(moisture=self.moisture_kg, dirt=self.dirt_kg, dust=self.dust_kg)

    @property
    def energy(self) -> tuple[EnergyUse, ...]:
        """Energy of the shredder."""
        return _uses(self.electricity_kwh, None)


class ChargeForm(Form):
    """One charge of a heat; all of the lot without a mass."""

    lot: LotCode
    mass_kg: KgOrNone = None
    recovery_pct: PercentOrNone = None
    internal: Tick = False

    def line(self) -> ChargeLine:
        """Return it as the works take it."""
        return ChargeLine(
            lot_code=self.lot,
            mass_g=self.mass_kg,
            recovery_bp=self.recovery_pct,
            internal=self.internal,
        )


class AdditionForm(Form):
    """Primary metal or alloying."""

    name: Words = Field(max_length=60)
    metal: Words = Field(pattern="^[A-Z][a-z]?$")
    mass_kg: PositiveKg
    purity_pct: Percent
    factor: Text = Field(default="", max_length=60)


class CastForm(Form):
    """One cast lot."""

    mass_kg: PositiveKg
    form: Text = Field(default="ingot", max_length=40)
    bay: Text = Field(default="", max_length=40)
    scrap: Tick = False


class HeatForm(Form):
    """One heat, as the furnace operator writes it down."""

    alloy: Pair
    charges: list[ChargeForm] = Field(default=[], max_length=50)
    additions: list[AdditionForm] = Field(default=[], max_length=20)
    casts: list[CastForm] = Field(default=[], max_length=50)
    dross_kg: KgOrNone = None
    burn_off_kg: KgOrNone = None
    moisture_kg: KgOrNone = None
    dirt_kg: KgOrNone = None
    flux_kg: KgOrNone = None
    oxygen_kg: KgOrNone = None
    heel_kg: KgOrNone = None
    heel_method: Words = Field(pattern="^(none|drained|level|weighed)$")
    electricity_kwh: UnitOrNone = None
    natural_gas_nm3: UnitOrNone = None
    difference_note: Text = Field(default="", max_length=300)

    def sheet(self, *, furnace_code: str) -> HeatSheet:
        """Return the heat's sheet in grams."""
        standard, alloy = self.alloy or ("", "")
        return HeatSheet(
            furnace_code=furnace_code,
            alloy=alloy,
            standard=standard,
            charges=tuple(each.line() for each in self.charges),
            additions=tuple(
                AdditionLine(
                    name=each.name,
                    metal=each.metal,
                    mass_g=each.mass_kg,
                    purity_bp=each.purity_pct,
                    factor_id=each.factor or None,
                )
                for each in self.additions
            ),
            casts=tuple(
                CastLine(
                    mass_g=each.mass_kg, form=each.form or "ingot", bay=each.bay, scrap=each.scrap
                )
                for each in self.casts
            ),
            dross_g=self.dross_kg or 0,
            heel_out_g=self.heel_kg or 0,
            heel_method=self.heel_method,  # type: ignore[arg-type]  # the pattern holds it
            flux_g=self.flux_kg or 0,
            oxygen_g=self.oxygen_kg or 0,
            losses_g=_named(
                burn_off=self.burn_off_kg, moisture=self.moisture_kg, dirt=self.dirt_kg
            ),
            energy=_uses(self.electricity_kwh, self.natural_gas_nm3),
            difference_note=self.difference_note,
        )


class ProductForm(Form):
    """One lot that a line gave."""

    mass_kg: PositiveKg
    name: Words = Field(max_length=60)
    form: Text = Field(default="", max_length=40)
    metal_pct: PercentOrNone = None
    bay: Text = Field(default="", max_length=40)
    waste: Tick = False


class PeriodForm(Form):
    """One period of a line, as its shift leader writes it down."""

    since: Day
    until: Day
    charges: list[ChargeForm] = Field(default=[], max_length=50)
    products: list[ProductForm] = Field(default=[], max_length=50)
    closing_kg: KgOrNone = None
    method: Words = Field(pattern="^(drained|level|counted|weighed|estimated)$")
    dross_kg: KgOrNone = None
    burn_off_kg: KgOrNone = None
    electricity_kwh: UnitOrNone = None
    natural_gas_nm3: UnitOrNone = None
    difference_note: Text = Field(default="", max_length=300)

    def sheet(self) -> PeriodSheet:
        """Return the period's sheet in grams."""
        return PeriodSheet(
            since=self.since,
            until=self.until,
            method=self.method,
            charges=tuple(each.line() for each in self.charges),
            products=tuple(
                LineProduct(
                    mass_g=each.mass_kg,
                    name=each.name,
                    form=each.form,
                    metal_bp=each.metal_pct,
                    bay=each.bay,
                    waste=each.waste,
                )
                for each in self.products
            ),
            closing_g=self.closing_kg or 0,
            losses_g=_named(dross=self.dross_kg, burn_off=self.burn_off_kg),
            energy=_uses(self.electricity_kwh, self.natural_gas_nm3),
            difference_note=self.difference_note,
        )


class LineForm(Form):
    """A continuous line to set up."""

    site: Words = Field(max_length=14)
    name: Words = Field(max_length=40)
    kind: Words = Field(pattern="^(tankhouse|rod_line|casting_line)$")
    metal: Words = Field(max_length=10)


class FurnaceForm(Form):
    """A furnace to set up."""

    site: Words = Field(max_length=14)
    name: Words = Field(max_length=40)
    kind: Words = Field(pattern="^(reverberatory|rotary|tilting|induction|crucible|holding)$")
    metal: Words = Field(max_length=10)
    capacity_kg: PositiveKg
    has_meter: Tick = False


class FurnaceAgainForm(Form):
    """What of a furnace may be said anew."""

    name: Words = Field(max_length=40)
    capacity_kg: PositiveKg
    has_meter: Tick = False


class PrimaryForm(Form):
    """Primary metal that was bought."""

    site: Words = Field(max_length=14)
    alloy: Pair
    mass_kg: PositiveKg
    form: Words = Field(pattern="^(ingot|liquid)$")
    purity_pct: PercentOrNone = None
    factor: Text = Field(default="", max_length=60)
    track: Text = Field(default="", max_length=6, pattern="^([0-9]{6}|[A-Z]{2})?$")
    ticket: Text = Field(default="", max_length=40)
    bay: Text = Field(default="", max_length=40)


class EnergyForm(Form):
    """A meter that was read."""

    site: Words = Field(max_length=14)
    carrier: Words = Field(pattern="^(electricity|natural_gas)$")
    quantity: Unit
    since: Day
    until: Day
    furnace: Text = Field(default="", max_length=14)
    meter: Text = Field(default="", max_length=60)
    corrects: Text = Field(default="", max_length=14)


class CertificateForm(Form):
    """A green certificate that is retired."""

    site: Words = Field(max_length=14)
    issuer: Words = Field(max_length=60)
    serial: Words = Field(max_length=80)
    technology: Words = Field(max_length=60)
    quantity: Unit
    since: Day
    until: Day


class MonthForm(Form):
    """A month to close."""

    site: Words = Field(max_length=14)
    month: Words = Field(pattern="^20[0-9]{2}-(0[1-9]|1[0-2])$")


def _named(**losses: int | None) -> dict[str, int]:
    return {name: mass_g for name, mass_g in losses.items() if mass_g}


def _uses(electricity: int | None, gas: int | None) -> tuple[EnergyUse, ...]:
    uses = []
    if electricity is not None:
        uses.append(EnergyUse(carrier="electricity", quantity=electricity))
    if gas is not None:
        uses.append(EnergyUse(carrier="natural_gas", quantity=gas))
    return tuple(uses)
