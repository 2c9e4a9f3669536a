"""What the works' API gives: grams, Wh, dm3, 1/10,000."""

from datetime import date, datetime
from typing import Any

from pydantic import Field

from remelt.platform.works.balance import account_of
from remelt.platform.works.models import EnergyMonth
from remelt.platform.works.queries import HeatLine, SortingLine, Told
from remelt.traceability.models import Lot
from remelt.web.inputs import ApiOut


class LotLine(ApiOut):
    """A lot of a working, with the grams of that event."""

    code: str
    metal: str
    grade_system: str
    grade_code: str
    form: str
    mass_g: int
    role: str
    claims_blocked: str


class TransformationOut(ApiOut):
    """What a sorting, split or blend did; difference_g above zero is lost."""

    code: str
    kind: str
    site: str
    at: datetime
    in_g: int
    out_g: int
    lost_g: int
    difference_g: int
    beyond_tolerance: bool
    difference_note: str
    event_hash: str
    inputs: list[LotLine] = Field(default_factory=list)
    outputs: list[LotLine] = Field(default_factory=list)

    @classmethod
    def of(cls, line: SortingLine, told: Told | None) -> "TransformationOut":
        """Return it, with its lots when the ledger was asked."""
        return cls(
            **_named(cls, line.sorting, line.mass),
            site=line.site.code,
            **_lots(told),
        )


class TransformationsOut(ApiOut):
    """The last sortings, newest first."""

    items: list[TransformationOut]


class HeatOut(ApiOut):
    """One heat, line by line.

    Every figure is the ledger's, corrections laid in. energy: metered, provisional, missing, or
    laid (a closed month's). account, empty in a list: element (mg), origin (g) or stage (gCO2e)
    -> [charged with heel, added, cast, dross, closing heel, lost]. figures: recycled contents as
    [numerator, denominator]. burdens: the lines that this heat adds; co2e_g null is missing.
    """

    code: str
    number: int
    furnace: str
    site: str
    tapped_at: datetime
    metal: str
    alloy: str
    standard: str
    heel_method: str
    heel_in_g: int
    charged_g: int
    added_g: int
    flux_g: int
    oxygen_g: int
    cast_g: int
    dross_g: int
    heel_out_g: int
    difference_g: int
    beyond_tolerance: bool
    difference_note: str
    energy: str
    event_hash: str
    account: dict[str, dict[str, list[int]]] = Field(default_factory=dict)
    inputs: list[LotLine] = Field(default_factory=list)
    outputs: list[LotLine] = Field(default_factory=list)
    figures: dict[str, list[int]] = Field(default_factory=dict)
    burdens: list[dict[str, Any]] = Field(default_factory=list)

    @classmethod
    def of(cls, line: HeatLine, told: Told | None) -> "HeatOut":
        """Return it, with lots, figures and burdens when the ledger was asked."""
        mass = line.mass
        more: dict[str, Any] = {}
        if told is not None:
            base = next((melt for melt in told.melts if melt.base), None)
            more["figures"] = dict(base.figures) if base else {}
            more["burdens"] = list(told.facts["burdens"])
            more["account"] = account_of(told.working)
        return cls(
            **_named(cls, line.heat, mass) | {"energy": line.standing},
            heel_in_g=mass.opening_g,
            dross_g=mass.waste_g,
            heel_out_g=mass.closing_g,
            furnace=line.furnace_code,
            site=line.site.code,
            **_lots(told),
            **more,
        )


class HeatsOut(ApiOut):
    """The last heats, newest first."""

    items: list[HeatOut]


class StockLineOut(ApiOut):
    """A weighed lot on hand."""

    code: str
    site: str
    metal: str
    grade_system: str
    grade_code: str
    form: str
    mass_g: int
    bay: str
    origin: str
    role: str
    made_at: datetime
    claims_blocked: str

    @classmethod
    def of(cls, lot: Lot, *, bay: str) -> "StockLineOut":
        """Return a lot with the bay it lies in."""
        known = {
            name: getattr(lot, name) for name in cls.model_fields if name not in {"site", "bay"}
        }
        return cls(site=lot.site_code, bay=bay, **known)


class StockOut(ApiOut):
    """What is on hand, by grade and age."""

    items: list[StockLineOut]


class FurnaceOut(ApiOut):
    """A furnace and the lot that lies in it."""

    code: str
    name: str
    kind: str
    metal: str
    capacity_g: int
    has_meter: bool
    heel_lot: str | None
    heats: int


class MonthOut(ApiOut):
    """A closed month: quantity (Wh or dm3) over cast_g is the intensity that stands in later."""

    site: str
    month: str
    carrier: str
    quantity: int
    cast_g: int
    closed_at: datetime

    @classmethod
    def of(cls, row: EnergyMonth, *, site: str) -> "MonthOut":
        """Return a month of a site."""
        names = ("month", "carrier", "quantity", "cast_g", "closed_at")
        return cls(site=site, **{name: getattr(row, name) for name in names})


class MonthsOut(ApiOut):
    """Closed months."""

    items: list[MonthOut]


class FurnacesOut(ApiOut):
    """The furnaces."""

    items: list[FurnaceOut]


class ReadingOut(ApiOut):
    """A meter reading in force."""

    code: str
    carrier: str
    quantity: int
    since: date
    until: date
    meter: str
    at: datetime


class ReadingsOut(ApiOut):
    """Readings in force, newest first."""

    items: list[ReadingOut]


def _named(out: type[ApiOut], *sources: object) -> dict[str, Any]:
    """Return what an answer asks for by name, of the first source that has it."""
    return {
        name: next(getattr(each, name) for each in sources if hasattr(each, name))
        for name in out.model_fields
        if any(hasattr(each, name) for each in sources)
    }


def _lots(told: Told | None) -> dict[str, Any]:
    if told is None:
        return {}
    roles = [each["role"] for each in told.facts["inputs"]] if told.melts else []
    roles = roles or ["input"] * len(told.inputs)
    return {
        "inputs": [
            _lot(lot, mass_g, role) for (lot, mass_g), role in zip(told.inputs, roles, strict=True)
        ],
        "outputs": [_lot(lot, mass_g, role) for lot, mass_g, role in told.outputs],
    }


def _lot(lot: Any, mass_g: int, role: str) -> LotLine:
    return LotLine(
        code=lot.code,
        metal=lot.metal,
        grade_system=lot.grade_system,
        grade_code=lot.grade_code,
        form=lot.form,
        mass_g=mass_g,
        role=role,
        claims_blocked=lot.claims_blocked,
    )
