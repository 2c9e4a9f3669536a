"""What the catalogue's API answers with. Missing values are null, never nought."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Generic, Self, TypeVar

from pydantic import computed_field

from remelt.web.inputs import ApiOut

T = TypeVar("T", bound=ApiOut)


class Listed(ApiOut, Generic[T]):
    """A list under `items`."""

    items: list[T]

    @classmethod
    def of(cls, rows: Iterable[Any]) -> Self:
        """Return the rows as read from the database."""
        return cls.model_validate({"items": list(rows)}, from_attributes=True)


class Sourced(ApiOut):
    """Where a line comes from and how far it can be trusted."""

    source: str
    year: int | None
    confidence: str
    edition: str
    valid_from: date
    valid_to: date | None


class MetalOut(Sourced):
    """A metal."""

    code: str
    name_en: str
    name_zh: str


class GradeOut(Sourced):
    """A grade; metal content in 1/10,000."""

    system: str
    kind: str
    code: str
    metal: str
    name_en: str
    name_zh: str
    family: str
    alloy_series: str
    form: str
    metal_nominal_bp: int | None
    metal_min_bp: int | None
    limits: str
    grade_preserving_use: str
    hazard: str


class AliasOut(Sourced):
    """A trade word and the grade it means."""

    alias: str
    lang: str
    system: str
    code: str


class AlloyLimitOut(Sourced):
    """The limit of one element in parts per million; null is no limit."""

    element: str
    min_ppm: int | None
    max_ppm: int | None


class AlloyOut(ApiOut):
    """An alloy; a planner refuses it until it is complete."""

    alloy: str
    standard: str
    name_zh_or_near: str
    family: str
    base_metal: str
    complete: bool
    confidence: str
    limits: list[AlloyLimitOut]


class FactorOut(Sourced):
    """A factor: the value is value_digits / 10 ** value_places in `unit`."""

    factor_id: str
    kind: str
    category: str
    activity: str
    value_digits: int | None
    value_places: int | None
    unit: str
    gas: str
    scope: str
    region: str
    note: str

    @computed_field  # type: ignore[prop-decorator]
    @property
    def must_supply(self) -> str | None:
        """What the operator must supply where the value is missing."""
        return f"a value in {self.unit} with its source" if self.value_digits is None else None


class RecoveryRateOut(Sourced):
    """A recovery rate, in 1/10,000."""

    metal: str
    scrap_class: str
    standard_ref: str
    metal_min_bp: int | None
    metal_nominal_bp: int | None
    metal_max_bp: int | None
    oxide_bp: int | None
    foreign_bp: int | None
    recovery_min_bp: int | None
    recovery_nominal_bp: int | None
    recovery_max_bp: int | None
    meaning: str


class TargetOut(Sourced):
    """A target, a published figure or a rule."""

    target_id: str
    kind: str
    indicator: str
    op: str
    value_digits: int | None
    value_places: int | None
    value_text: str
    unit: str
    scope: str
    period_start: date | None
    period_end: date | None
    document: str
    note: str


class PlaceOut(Sourced):
    """A place with its WGS84 point in micro-degrees."""

    adcode: str
    name_zh: str
    name_en: str
    level: str
    parent: str
    lat_e6: int
    lon_e6: int
    note: str


class CodeOut(Sourced):
    """A code of a list, and the rule that goes with it."""

    system: str
    code: str
    name_zh: str
    name_en: str
    rule: str


class FacilityOut(Sourced):
    """A real facility, for the map only."""

    name_zh: str
    name_en: str
    kind: str
    metal: str
    adcode: str
    place: str
    lat_e6: int
    lon_e6: int
    coord_precision: str
    capacity: str
    unit: str
    note: str


class EditionOut(ApiOut):
    """One load of one table."""

    name: str
    kind: str
    file_name: str
    sha256: str
    rows: int
    loaded_at: datetime | None


class MetalsOut(Listed[MetalOut]):
    """The metals."""


class GradesOut(Listed[GradeOut]):
    """The grades."""


class AliasesOut(Listed[AliasOut]):
    """The trade words."""


class AlloysOut(Listed[AlloyOut]):
    """The alloys."""


class FactorsOut(Listed[FactorOut]):
    """The factors."""


class RecoveryOut(Listed[RecoveryRateOut]):
    """The recovery rates."""


class TargetsOut(Listed[TargetOut]):
    """The targets."""


class PlacesOut(Listed[PlaceOut]):
    """The places."""


class CodesOut(Listed[CodeOut]):
    """The codes."""


class FacilitiesOut(Listed[FacilityOut]):
    """The facilities."""


class EditionsOut(Listed[EditionOut]):
    """The editions."""
