"""The kinds of reference file: their columns, what makes a row unique, what it refers to."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from remelt.platform.catalogue.cells import (
    Fields,
    Reader,
    day,
    decimal,
    one,
    passed_over,
    words,
    year,
)
from remelt.platform.catalogue.columns import (
    POINT,
    PROVENANCE,
    Check,
    adcode,
    alias,
    bp,
    check_factor,
    check_limits,
    check_target,
    must,
    ppm,
    text,
    unit,
)
from remelt.platform.catalogue.models import (
    CONFIDENCE,
    AlloyLimit,
    Facility,
    Factor,
    Grade,
    GradeAlias,
    Metal,
    Place,
    PolicyTarget,
    RecoveryRate,
    Reference,
    TariffCode,
)


@dataclass(frozen=True, slots=True)
class Link:
    """The cells of `columns` must name a row of `table` by its `fields`, or be empty."""

    columns: tuple[str, ...]
    table: type[Reference]
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of reference file.

    columns: header -> reader; all must be in the file. optional: those that may be.
    defaults: fields of a row whose optional cells are absent.
    key: fields that name a row within an edition. check: what cells must say together.
    """

    name: str
    file: str
    table: type[Reference]
    key: tuple[str, ...]
    columns: Mapping[str, Reader]
    optional: Mapping[str, Reader] = field(default_factory=dict)
    defaults: Fields = field(default_factory=dict)
    links: tuple[Link, ...] = ()
    check: Check = lambda _row: []


_METAL = Link(("metal",), Metal, ("code",))

KINDS: tuple[Kind, ...] = (
    Kind(
        name="metals",
        file="metals.csv",
        table=Metal,
        key=("code",),
        columns={**must(10, "code"), **must(100, "name_en", "name_zh"), **PROVENANCE},
    ),
    Kind(
        name="grades",
        file="grades.csv",
        table=Grade,
        key=("system", "code"),
        columns={
            **must(20, "system"),
            "kind": one("kind", ("grade", "standard")),
            **must(40, "code"),
            **must(10, "metal"),
            **must(200, "name_en"),
            **text(200, "name_zh", "grade_preserving_use", "hazard"),
            **text(40, "family", "form"),
            **text(60, "alloy_series"),
            "metal_nominal_pct": bp("metal_nominal_bp"),
            "metal_min_pct": bp("metal_min_bp"),
            **text(400, "limits"),
            **PROVENANCE,
        },
        links=(_METAL,),
    ),
    Kind(
        name="aliases",
        file="aliases.csv",
        table=GradeAlias,
        key=("folded", "lang", "system", "code"),
        columns={
            "alias": alias,
            "lang": one("lang", ("en", "zh")),
            **must(20, "system"),
            **must(40, "code"),
        },
        optional=PROVENANCE,
        defaults={
            "source": "starter set of trade words; yards add their own",
            "year": None,
            "confidence": "unverified",
        },
        links=(Link(("system", "code"), Grade, ("system", "code")),),
    ),
    Kind(
        name="alloys",
        file="alloys.csv",
        table=AlloyLimit,
        key=("standard", "alloy", "element"),
        columns={
            **must(40, "alloy"),
            **text(60, "name_zh_or_near"),
            **must(100, "standard"),
            **must(40, "family"),
            **must(10, "base_metal"),
            **must(20, "element"),
            "min_pct": ppm("min_ppm"),
            "max_pct": ppm("max_ppm"),
            **PROVENANCE,
            "complete": one("complete", ("yes", "no")),
        },
        links=(Link(("base_metal",), Metal, ("code",)),),
        check=check_limits,
    ),
    Kind(
        name="factors",
        file="emission_factors.csv",
        table=Factor,
        key=("factor_id",),
        columns={
            "id": words("factor_id", longest=60, required=True),
            "kind": one("kind", ("factor", "benchmark", "saving")),
            **must(40, "category"),
            **must(200, "activity"),
            "value": decimal("value"),
            "unit": unit,
            **text(200, "scope"),
            **text(60, "region"),
            **PROVENANCE,
            **text(400, "note"),
        },
        check=check_factor,
    ),
    Kind(
        name="recovery",
        file="recovery_rates.csv",
        table=RecoveryRate,
        key=("metal", "scrap_class", "meaning"),
        columns={
            **must(10, "metal"),
            **must(100, "scrap_class", "meaning"),
            **text(60, "standard_ref"),
            "metal_pct_min": bp("metal_min_bp"),
            "metal_pct_nominal": bp("metal_nominal_bp"),
            "metal_pct_max": bp("metal_max_bp"),
            "oxide_pct": bp("oxide_bp"),
            "foreign_pct": bp("foreign_bp"),
            "recovery_pct_min": bp("recovery_min_bp"),
            "recovery_pct_nominal": bp("recovery_nominal_bp"),
            "recovery_pct_max": bp("recovery_max_bp"),
            **PROVENANCE,
        },
        links=(_METAL,),
    ),
    Kind(
        name="targets",
        file="policy_targets.csv",
        table=PolicyTarget,
        key=("target_id",),
        columns={
            "id": words("target_id", longest=60, required=True),
            "kind": one("kind", ("target", "actual", "rule")),
            **must(200, "indicator"),
            "op": one("op", ("=", ">=", ">", "<", "<=", "")),
            "value": decimal("value"),
            **text(100, "value_text"),
            **text(20, "unit"),
            **text(60, "scope"),
            "period_start": day("period_start"),
            "period_end": day("period_end"),
            **text(300, "document"),
            **must(400, "source"),
            "confidence": one("confidence", CONFIDENCE),
            **text(400, "note"),
        },
        defaults={"year": None},
        check=check_target,
    ),
    Kind(
        name="places",
        file="places_guizhou.csv",
        table=Place,
        key=("adcode",),
        columns={
            "adcode": adcode("adcode", required=True),
            **must(60, "name_zh"),
            **must(100, "name_en"),
            "level": one("level", ("province", "prefecture", "county")),
            "parent_adcode": adcode("parent", required=False),
            **POINT,
            "point_in_polygon": one("point_in_polygon", ("yes",)),
            **must(400, "source"),
            "confidence": one("confidence", CONFIDENCE),
            **text(400, "note"),
            "codes_year": year("year"),
            "points_year": passed_over,
        },
        links=(Link(("parent",), Place, ("adcode",)),),
    ),
    Kind(
        name="codes",
        file="hs_codes.csv",
        table=TariffCode,
        key=("system", "code"),
        columns={
            **must(20, "system", "code"),
            **must(100, "name_zh"),
            **must(200, "name_en"),
            **text(300, "rule"),
            **PROVENANCE,
        },
    ),
    Kind(
        name="facilities",
        file="facilities_example.csv",
        table=Facility,
        key=("name_zh",),
        columns={
            **must(100, "name_zh", "name_en"),
            **must(60, "kind"),
            **must(20, "metal"),
            "adcode": adcode("adcode", required=False),
            **must(100, "place"),
            **POINT,
            **text(40, "coord_precision", "capacity"),
            **text(20, "unit"),
            **PROVENANCE,
            **text(400, "note"),
        },
    ),
)
