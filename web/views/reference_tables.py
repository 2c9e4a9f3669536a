"""The columns of each reference table, as people read them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from remelt.platform.catalogue import queries
from remelt.platform.catalogue.columns import fold
from remelt.platform.catalogue.queries import Alloy
from remelt.web.fmt import MISSING, decimal
from remelt.web.messages.marks import N_

Rows = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, what it says of a row, `num` when it lines up as a figure."""

    label: str
    says: Callable[[Any], str]
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """One reference table. `by_metal` names the attribute that the metal filter compares."""

    name: str
    title: str
    lead: str
    rows: Callable[[Session], Rows]
    columns: tuple[Column, ...]
    by_metal: str = ""

    def matching(self, rows: Rows, *, text: str, metal: str) -> list[Any]:
        """Return the rows of a metal that hold the text in any cell."""
        word = fold(text)
        return [
            row
            for row in rows
            if (not (metal and self.by_metal) or getattr(row, self.by_metal) == metal)
            and (not word or any(word in fold(column.says(row)) for column in self.columns))
        ]


def pct(bp: int | None) -> str:
    """Say 1/10,000 as per cent, without noughts at the end."""
    return MISSING if bp is None else decimal(bp, scale=100, digits=2, trim=True) + "%"


def degrees(e6: int) -> str:
    """Say micro-degrees as degrees with five decimals."""
    return decimal(e6, scale=1_000_000, digits=5)


def said(name: str) -> Callable[[Any], str]:
    """Return what says an attribute as it stands."""

    def says(row: Any) -> str:
        value = getattr(row, name)
        return MISSING if value in {None, ""} else str(value)

    return says


def in_pct(name: str) -> Callable[[Any], str]:
    """Return what says an attribute kept in 1/10,000 as per cent."""
    return lambda row: pct(getattr(row, name))


def spread(low: str, middle: str, high: str) -> Callable[[Any], str]:
    """Return what says a nominal value, or the range where there is one."""

    def says(row: Any) -> str:
        least, nominal, most = (getattr(row, name) for name in (low, middle, high))
        if least is None and most is None:
            return pct(nominal)
        return f"{pct(least)} … {pct(most)}"

    return says


def limits(alloy: Alloy) -> str:
    """Say the limits of an alloy: `Si 9.6–12, Fe ≤ 1.3`, in per cent by mass."""
    return ", ".join(
        limit(row.element, row.min_ppm, row.max_ppm)
        for row in alloy.limits
        if row.min_ppm is not None or row.max_ppm is not None
    )


def limit(element: str, low: int | None, high: int | None) -> str:
    """Say one limit in per cent.

    >>> limit("Si", 96_000, 120_000), limit("Fe", None, 13_000), limit("Al", 997_000, None)
    ('Si 9.6–12', 'Fe ≤ 1.3', 'Al ≥ 99.7')
    """
    texts = [None if ppm is None else decimal(ppm, scale=10_000, digits=4, trim=True)
             for ppm in (low, high)]  # fmt: skip
    if texts[0] is None:
        return f"{element} ≤ {texts[1]}"
    return f"{element} ≥ {texts[0]}" if texts[1] is None else f"{element} {texts[0]}–{texts[1]}"


def value(row: Any) -> str:
    """Say a value as printed with its unit; empty where it is missing."""
    return f"{row.printed} {row.unit}".strip() if row.printed else ""


def target(row: Any) -> str:
    """Say a target: `>= 24 %`, or the words of the document."""
    if not row.printed:
        return str(row.value_text or "")
    return " ".join(part for part in (row.op, row.printed, row.unit, row.value_text) if part)


NAMES = (Column(N_("Chinese"), said("name_zh")), Column(N_("English"), said("name_en")))

TABLES: tuple[Table, ...] = (
    Table(
        name="metals",
        title=N_("Metals"),
        lead=N_("What is traded here."),
        rows=queries.metals,
        columns=(Column(N_("Symbol"), said("code")), *NAMES),
    ),
    Table(
        name="grades",
        title=N_("Grades"),
        lead=N_("Scrap grades of the catalogues, with metal content where the source states it."),
        rows=lambda session: queries.grades(session, standards=True),
        columns=(
            Column(N_("Code"), said("code")),
            Column(N_("Catalogue"), said("system")),
            *NAMES,
            Column(N_("Metal"), said("metal")),
            Column(N_("Form"), said("form")),
            Column(N_("Metal, nominal"), in_pct("metal_nominal_bp"), "num"),
            Column(N_("Metal, minimum"), in_pct("metal_min_bp"), "num"),
            Column(N_("Limits"), said("limits")),
            Column(N_("Hazard"), said("hazard")),
        ),
        by_metal="metal",
    ),
    Table(
        name="aliases",
        title=N_("Trade words"),
        lead=N_("What yards call the grades. A word with one meaning finds its grade anywhere."),
        rows=queries.aliases,
        columns=(
            Column(N_("Word"), said("alias")),
            Column(N_("Catalogue"), said("system")),
            Column(N_("Code"), said("code")),
        ),
    ),
    Table(
        name="alloys",
        title=N_("Alloys"),
        lead=N_("Limits of the elements in per cent by mass. Incomplete alloys are not planned."),
        rows=queries.alloys,
        columns=(
            Column(N_("Alloy"), said("alloy")),
            Column(N_("Standard"), said("standard")),
            Column(N_("Near to"), said("name_zh_or_near")),
            Column(N_("Family"), said("family")),
            Column(N_("Limits"), limits),
        ),
        by_metal="base_metal",
    ),
    Table(
        name="factors",
        title=N_("Emission factors"),
        lead=N_("Factors, benchmarks and savings. CO₂ and CO₂e are different units, never mixed."),
        rows=queries.factors,
        columns=(
            Column(N_("Activity"), said("activity")),
            Column(N_("Value"), value, "num"),
            Column(N_("Scope"), said("scope")),
            Column(N_("Region"), said("region")),
            Column(N_("Id"), said("factor_id")),
            Column(N_("Note"), said("note")),
        ),
    ),
    Table(
        name="recovery",
        title=N_("Recovery rates"),
        lead=N_("Defaults only: a melt test at the works stands above them."),
        rows=lambda session: [
            row
            for one in queries.metals(session)
            for row in queries.recovery(session, metal=one.code)
        ],
        columns=(
            Column(N_("Class of scrap"), said("scrap_class")),
            Column(N_("Metal"), said("metal")),
            Column(
                N_("Metal content"),
                spread("metal_min_bp", "metal_nominal_bp", "metal_max_bp"),
                "num",
            ),
            Column(N_("Oxide"), in_pct("oxide_bp"), "num"),
            Column(N_("Foreign"), in_pct("foreign_bp"), "num"),
            Column(
                N_("Recovery"),
                spread("recovery_min_bp", "recovery_nominal_bp", "recovery_max_bp"),
                "num",
            ),
            Column(N_("Meaning"), said("meaning")),
        ),
        by_metal="metal",
    ),
    Table(
        name="targets",
        title=N_("Policy targets"),
        lead=N_("Targets, published figures and rules, each with its document."),
        rows=queries.targets,
        columns=(
            Column(N_("Indicator"), said("indicator")),
            Column(N_("Value"), target, "num"),
            Column(N_("Scope"), said("scope")),
            Column(N_("Until"), said("period_end")),
            Column(N_("Document"), said("document")),
            Column(N_("Note"), said("note")),
        ),
    ),
    Table(
        name="places",
        title=N_("Places"),
        lead=N_("Points are WGS84. Positions are for planning, not for surveying."),
        rows=queries.places,
        columns=(
            Column(N_("Code"), said("adcode")),
            *NAMES,
            Column(N_("Latitude"), lambda row: degrees(row.lat_e6), "num"),
            Column(N_("Longitude"), lambda row: degrees(row.lon_e6), "num"),
            Column(N_("Belongs to"), said("parent")),
            Column(N_("Note"), said("note")),
        ),
    ),
    Table(
        name="codes",
        title=N_("Tariff and waste codes"),
        lead=N_(
            "Customs tariff, Basel and hazardous waste. The description decides, not the code."
        ),
        rows=queries.codes,
        columns=(
            Column(N_("Code"), said("code")),
            Column(N_("List"), said("system")),
            *NAMES,
            Column(N_("Rule"), said("rule")),
        ),
    ),
    Table(
        name="facilities",
        title=N_("Facilities"),
        lead=N_("Real places, for the map only: none of them trades here."),
        rows=queries.facilities,
        columns=(
            *NAMES,
            Column(N_("Kind"), said("kind")),
            Column(N_("Metal"), said("metal")),
            Column(N_("Place"), said("place")),
            Column(N_("Position"), said("coord_precision")),
            Column(N_("Note"), said("note")),
        ),
    ),
)
