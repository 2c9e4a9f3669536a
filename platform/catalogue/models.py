"""Reference data with editions: what the trade looks up, and where each line comes from.

A row is never edited: a new edition adds a row under the same key, and the newest `valid_from`
that has come is in force. `edition` names the load that brought the row.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from remelt.platform.catalogue.cells import printed
from remelt.platform.kernel.rows import Row, bigint, one_of, table_args

CONFIDENCE = ("sourced", "partly sourced", "unverified", "missing")


class Edition(Row, table=True):
    """One load of one kind of table: from the package, or by an operator."""

    __tablename__ = "catalogue_edition"
    __table_args__ = table_args(
        UniqueConstraint("name", "kind", name="uq_catalogue_edition_name_kind")
    )

    name: str = Field(max_length=80)
    kind: str = Field(max_length=40)
    file_name: str = Field(max_length=200)
    sha256: str = Field(max_length=64)
    rows: int
    loaded_at: datetime | None = None


class Reference(Row):
    """What every line of reference data says of itself. `year` is that of the source."""

    edition: str = Field(max_length=80, index=True)
    valid_from: date
    valid_to: date | None = None
    source: str = Field(max_length=400)
    year: int | None = None
    confidence: str = Field(max_length=20)


def reference_args(*constraints: Any, unique: tuple[str, ...], name: str) -> tuple[Any, ...]:
    """Return `__table_args__` of a reference table: one row a key, edition and day."""
    return table_args(
        UniqueConstraint(*unique, "edition", "valid_from", name=f"uq_{name}_key"),
        one_of("confidence", CONFIDENCE),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="valid_in_order"),
        *constraints,
    )


class Metal(Reference, table=True):
    """A metal that is traded, or `mixed`."""

    __tablename__ = "metal"
    __table_args__ = reference_args(unique=("code",), name="metal")

    code: str = Field(max_length=10)
    name_en: str = Field(max_length=100)
    name_zh: str = Field(max_length=100)


class Grade(Reference, table=True):
    """A grade of a catalogue, or a standard that is only named (`kind`).

    `metal_nominal_bp` and `metal_min_bp` are metal content in 1/10,000; None where unknown.
    """

    __tablename__ = "grade"
    __table_args__ = reference_args(
        one_of("kind", ("grade", "standard")),
        CheckConstraint(
            "metal_nominal_bp IS NULL OR metal_nominal_bp BETWEEN 0 AND 10000",
            name="metal_nominal_in_range",
        ),
        CheckConstraint(
            "metal_min_bp IS NULL OR metal_min_bp BETWEEN 0 AND 10000", name="metal_min_in_range"
        ),
        unique=("system", "code"),
        name="grade",
    )

    system: str = Field(max_length=20)
    kind: str = Field(max_length=20)
    code: str = Field(max_length=40)
    metal: str = Field(max_length=10)
    name_en: str = Field(max_length=200)
    name_zh: str = Field(max_length=200)
    family: str = Field(max_length=40)
    alloy_series: str = Field(max_length=60)
    form: str = Field(max_length=40)
    metal_nominal_bp: int | None = None
    metal_min_bp: int | None = None
    limits: str = Field(max_length=400)
    grade_preserving_use: str = Field(max_length=200)
    hazard: str = Field(max_length=200)


class GradeAlias(Reference, table=True):
    """What a yard calls a grade. `folded` is the word as it is looked up."""

    __tablename__ = "grade_alias"
    __table_args__ = reference_args(
        one_of("lang", ("en", "zh")),
        unique=("folded", "lang", "system", "code"),
        name="grade_alias",
    )

    alias: str = Field(max_length=200)
    folded: str = Field(max_length=200, index=True)
    lang: str = Field(max_length=2)
    system: str = Field(max_length=20)
    code: str = Field(max_length=40)


class AlloyLimit(Reference, table=True):
    """The limit of one element in an alloy, in parts per million by mass; None is no limit.

    `complete` says whether every limit of the alloy is at hand; a planner refuses it otherwise.
    """

    __tablename__ = "alloy_limit"
    __table_args__ = reference_args(
        one_of("complete", ("yes", "no")),
        CheckConstraint(
            "min_ppm IS NULL OR max_ppm IS NULL OR min_ppm <= max_ppm", name="limits_in_order"
        ),
        CheckConstraint("min_ppm IS NULL OR min_ppm BETWEEN 0 AND 1000000", name="min_in_range"),
        CheckConstraint("max_ppm IS NULL OR max_ppm BETWEEN 0 AND 1000000", name="max_in_range"),
        unique=("standard", "alloy", "element"),
        name="alloy_limit",
    )

    alloy: str = Field(max_length=40)
    name_zh_or_near: str = Field(max_length=60)
    standard: str = Field(max_length=100)
    family: str = Field(max_length=40)
    base_metal: str = Field(max_length=10)
    element: str = Field(max_length=20)
    min_ppm: int | None = None
    max_ppm: int | None = None
    complete: str = Field(max_length=3)


class Factor(Reference, table=True):
    """An emission factor, a benchmark or a saving, exactly as its source prints it.

    The value is `value_digits / 10 ** value_places` in `unit`; None is missing, never zero.
    `gas` is CO2 or CO2e as the unit says, empty where the unit counts no gas.
    """

    __tablename__ = "factor"
    __table_args__ = reference_args(
        one_of("kind", ("factor", "benchmark", "saving")),
        one_of("gas", ("CO2", "CO2e", "")),
        CheckConstraint(
            "(value_digits IS NULL) = (value_places IS NULL)"
            " AND (value_digits IS NULL) = (confidence = 'missing')",
            name="missing_has_no_value",
        ),
        CheckConstraint("value_digits IS NULL OR value_digits >= 0", name="value_not_negative"),
        unique=("factor_id",),
        name="factor",
    )

    factor_id: str = Field(max_length=60)
    kind: str = Field(max_length=20)
    category: str = Field(max_length=40)
    activity: str = Field(max_length=200)
    value_digits: int | None = bigint(nullable=True, default=None)
    value_places: int | None = None
    unit: str = Field(max_length=40)
    gas: str = Field(max_length=4)
    scope: str = Field(max_length=200)
    region: str = Field(max_length=60)
    note: str = Field(max_length=400)

    @property
    def value(self) -> tuple[int, int] | None:
        """The value as (digits, decimal places): 0.5777 is (5777, 4). None where missing."""
        if self.value_digits is None or self.value_places is None:
            return None
        return self.value_digits, self.value_places

    @property
    def printed(self) -> str:
        """The value as its source prints it, trailing zeros kept; empty where missing."""
        return printed(self.value_digits, self.value_places)


class RecoveryRate(Reference, table=True):
    """What comes out of a class of scrap, in 1/10,000; `meaning` says of what."""

    __tablename__ = "recovery_rate"
    __table_args__ = reference_args(
        unique=("metal", "scrap_class", "meaning"), name="recovery_rate"
    )

    metal: str = Field(max_length=10)
    scrap_class: str = Field(max_length=100)
    standard_ref: str = Field(max_length=60)
    metal_min_bp: int | None = None
    metal_nominal_bp: int | None = None
    metal_max_bp: int | None = None
    oxide_bp: int | None = None
    foreign_bp: int | None = None
    recovery_min_bp: int | None = None
    recovery_nominal_bp: int | None = None
    recovery_max_bp: int | None = None
    meaning: str = Field(max_length=100)


class PolicyTarget(Reference, table=True):
    """A target, an actual figure or a rule: `op` and the value, or `value_text`."""

    __tablename__ = "policy_target"
    __table_args__ = reference_args(
        one_of("kind", ("target", "actual", "rule")),
        one_of("op", ("=", ">=", ">", "<", "<=", "")),
        unique=("target_id",),
        name="policy_target",
    )

    target_id: str = Field(max_length=60)
    kind: str = Field(max_length=20)
    indicator: str = Field(max_length=200)
    op: str = Field(max_length=2)
    value_digits: int | None = bigint(nullable=True, default=None)
    value_places: int | None = None
    value_text: str = Field(max_length=100)
    unit: str = Field(max_length=20)
    scope: str = Field(max_length=60)
    period_start: date | None = None
    period_end: date | None = None
    document: str = Field(max_length=300)
    note: str = Field(max_length=400)

    @property
    def printed(self) -> str:
        """The value as its source prints it; empty where it is said in words."""
        return printed(self.value_digits, self.value_places)


class Place(Reference, table=True):
    """A province, prefecture or county with its point: WGS84 in micro-degrees."""

    __tablename__ = "place"
    __table_args__ = reference_args(
        one_of("level", ("province", "prefecture", "county")),
        CheckConstraint("lat_e6 BETWEEN -90000000 AND 90000000", name="lat_in_range"),
        CheckConstraint("lon_e6 BETWEEN -180000000 AND 180000000", name="lon_in_range"),
        unique=("adcode",),
        name="place",
    )

    adcode: str = Field(max_length=6)
    name_zh: str = Field(max_length=60)
    name_en: str = Field(max_length=100)
    level: str = Field(max_length=20)
    parent: str = Field(max_length=6, index=True)
    lat_e6: int
    lon_e6: int
    note: str = Field(max_length=400)


class TariffCode(Reference, table=True):
    """A code of the customs tariff (HS), of Basel or of the hazardous waste list."""

    __tablename__ = "tariff_code"
    __table_args__ = reference_args(unique=("system", "code"), name="tariff_code")

    system: str = Field(max_length=20)
    code: str = Field(max_length=20)
    name_zh: str = Field(max_length=100)
    name_en: str = Field(max_length=200)
    rule: str = Field(max_length=300)


class Facility(Reference, table=True):
    """A real place of the trade, for the map only: nothing here is a party of the market."""

    __tablename__ = "facility"
    __table_args__ = reference_args(unique=("name_zh",), name="facility")

    name_zh: str = Field(max_length=100)
    name_en: str = Field(max_length=100)
    kind: str = Field(max_length=60)
    metal: str = Field(max_length=20)
    adcode: str = Field(max_length=6)
    place: str = Field(max_length=100)
    lat_e6: int
    lon_e6: int
    coord_precision: str = Field(max_length=40)
    capacity: str = Field(max_length=40)
    unit: str = Field(max_length=20)
    note: str = Field(max_length=400)
