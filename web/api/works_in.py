"""What the works' API takes: grams, Wh, dm3, 1/10,000."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from remelt.platform.works.sheets import (
    AdditionLine,
    CastLine,
    ChargeLine,
    EnergyUse,
    HeatSheet,
    Part,
)
from remelt.web.inputs import ApiIn, Month

Grams = Annotated[int, Field(gt=0, le=10**12)]
Code = Annotated[str, Field(min_length=1, max_length=14)]
Name = Annotated[str, Field(max_length=40)]


class EnergyIn(ApiIn):
    """Energy: Wh of electricity, dm3 of natural gas at normal conditions."""

    carrier: Literal["electricity", "natural_gas"]
    quantity: Annotated[int, Field(ge=0, le=10**15)]

    def use(self) -> EnergyUse:
        """Return it as the works take it."""
        return EnergyUse(carrier=self.carrier, quantity=self.quantity)


class PartIn(ApiIn):
    """One part that comes out; without a grade it keeps that of what went in."""

    mass_g: Grams
    grade_system: Annotated[str, Field(max_length=20)] | None = None
    grade_code: Annotated[str, Field(max_length=40)] | None = None
    form: Name = ""
    bay: Name = ""
    heap: bool = False
    waste: bool = False

    def part(self) -> Part:
        """Return it as the works take it."""
        grade = (self.grade_system or "", self.grade_code or "")
        return Part(
            mass_g=self.mass_g,
            grade=grade if self.grade_code else None,
            form=self.form,
            bay=self.bay,
            heap=self.heap,
            waste=self.waste,
        )


class TakenIn(ApiIn):
    """A lot that goes in, all of it without a mass."""

    lot: Code
    mass_g: Grams | None = None


class TransformationIn(ApiIn):
    """A sorting or split of one lot, a blend or shredding of several, at a site of one's own.

    losses_g: of `moisture`, `dirt`, `packaging`, and `dust` of a shredder. rest: a split leaves
    what is not in the parts.
    """

    kind: Literal["sort", "split", "blend", "shred"]
    site: Code
    inputs: Annotated[list[TakenIn], Field(min_length=1, max_length=100)]
    outputs: Annotated[list[PartIn], Field(min_length=1, max_length=100)]
    losses_g: dict[Literal["moisture", "dirt", "packaging", "dust"], Grams] = Field(
        default_factory=dict
    )
    energy: Annotated[list[EnergyIn], Field(max_length=2)] = Field(default_factory=list)
    rest: bool = False
    difference_note: Annotated[str, Field(max_length=300)] = ""


class ChargeIn(ApiIn):
    """A charge; without a recovery the grade's metal content is expected back."""

    lot: Code
    mass_g: Grams | None = None
    recovery_bp: Annotated[int, Field(ge=0, le=10_000)] | None = None
    internal: bool = False

    def line(self) -> ChargeLine:
        """Return it as the works take it."""
        return ChargeLine(
            lot_code=self.lot,
            mass_g=self.mass_g,
            recovery_bp=self.recovery_bp,
            internal=self.internal,
        )


class AdditionIn(ApiIn):
    """Primary metal or alloying; without a factor its footprint is missing by name."""

    name: Annotated[str, Field(min_length=1, max_length=60)]
    metal: Annotated[str, Field(pattern="^[A-Z][a-z]?$")]
    mass_g: Grams
    purity_bp: Annotated[int, Field(gt=0, le=10_000)] = 10_000
    factor_id: Annotated[str, Field(max_length=60)] | None = None


class CastIn(ApiIn):
    """A cast lot; `scrap` when it is sold as pre-consumer scrap of this process."""

    mass_g: Grams
    form: Name = "ingot"
    bay: Name = ""
    scrap: bool = False


class HeatIn(ApiIn):
    """One heat: heel + charge + additions + flux + oxygen = cast + heel + dross + losses."""

    furnace: Code
    alloy: Name
    standard: Annotated[str, Field(max_length=100)]
    charges: Annotated[list[ChargeIn], Field(max_length=200)] = Field(default_factory=list)
    additions: Annotated[list[AdditionIn], Field(max_length=50)] = Field(default_factory=list)
    casts: Annotated[list[CastIn], Field(max_length=200)] = Field(default_factory=list)
    dross_g: Annotated[int, Field(ge=0, le=10**12)] = 0
    heel_out_g: Annotated[int, Field(ge=0, le=10**12)] = 0
    heel_method: Literal["drained", "level", "weighed", "none"] = "none"
    flux_g: Annotated[int, Field(ge=0, le=10**12)] = 0
    oxygen_g: Annotated[int, Field(ge=0, le=10**12)] = 0
    losses_g: dict[Literal["burn_off", "moisture", "dirt", "packaging"], Grams] = Field(
        default_factory=dict
    )
    energy: Annotated[list[EnergyIn], Field(max_length=2)] = Field(default_factory=list)
    difference_note: Annotated[str, Field(max_length=300)] = ""

    def sheet(self) -> HeatSheet:
        """Return it as the works take it."""
        return HeatSheet(
            furnace_code=self.furnace,
            alloy=self.alloy,
            standard=self.standard,
            charges=tuple(each.line() for each in self.charges),
            additions=tuple(AdditionLine(**each.model_dump()) for each in self.additions),
            casts=tuple(CastLine(**each.model_dump()) for each in self.casts),
            dross_g=self.dross_g,
            heel_out_g=self.heel_out_g,
            heel_method=self.heel_method,
            flux_g=self.flux_g,
            oxygen_g=self.oxygen_g,
            losses_g={str(name): mass_g for name, mass_g in self.losses_g.items()},
            energy=tuple(each.use() for each in self.energy),
            difference_note=self.difference_note,
        )


class FurnaceIn(ApiIn):
    """A furnace to set up. capacity_g: the melt it holds; has_meter: read for each heat."""

    site: Code
    name: Annotated[str, Field(min_length=1, max_length=40)]
    kind: Literal["reverberatory", "rotary", "tilting", "induction", "crucible", "holding"]
    metal: Annotated[str, Field(min_length=1, max_length=10)]
    capacity_g: Grams
    has_meter: bool = False


class FurnaceAgainIn(ApiIn):
    """What of a furnace may be said anew."""

    name: Annotated[str, Field(min_length=1, max_length=40)]
    capacity_g: Grams
    has_meter: bool = False


class PrimaryIn(ApiIn):
    """Bought primary metal; without a factor its footprint is missing by name.

    purity_bp: content of the base metal; the standard's minimum without. track: county of six
    digits, country of two letters.
    """

    site: Code
    alloy: Name
    standard: Annotated[str, Field(max_length=100)]
    mass_g: Grams
    form: Literal["ingot", "liquid"] = "ingot"
    purity_bp: Annotated[int, Field(gt=0, le=10_000)] | None = None
    factor_id: Annotated[str, Field(max_length=60)] | None = None
    track: Annotated[str, Field(pattern="^([0-9]{6}|[A-Z]{2})$")] | None = None
    ticket: Name = ""
    bay: Name = ""


class MonthIn(ApiIn):
    """A month of a site to close, YYYY-MM in Beijing."""

    site: Code
    month: Month


class ReadingIn(EnergyIn):
    """A meter reading of a site, or of one furnace, over Beijing days."""

    site: Code
    since: date
    until: date
    furnace: Code | None = None
    meter: Annotated[str, Field(max_length=60)] = ""
    corrects: Code | None = None
