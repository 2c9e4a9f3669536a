"""The regulator's figures with names, formula, coverage and the way down to the heats."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field
from sqlmodel import Session, col, select

from remelt.platform.catalogue import queries as catalogue
from remelt.platform.catalogue.models import Place
from remelt.platform.kernel.clock import month_of
from remelt.platform.parties import queries as parties
from remelt.platform.parties.models import Organisation, Site
from remelt.platform.parties.register import known_sites
from remelt.traceability import queries as ledger
from remelt.traceability.queries import Melt, ShareRow
from remelt.traceability.rules.shares import coverage_label
from remelt.traceability.tracing.sources import RESIDUAL_BP, Sources
from remelt.web.fields import plain
from remelt.web.fmt import is_chinese
from remelt.web.fmt import named as named_as
from remelt.web.inputs import MONTH, ApiQuery

By = Literal["month", "prefecture", "smelter", "metal"]
FIGURES = ("product", "element", "charge")
GRID = {
    "520500": (0, 0), "520300": (1, 0), "520600": (2, 0),
    "520200": (0, 1), "520100": (1, 1), "522600": (2, 1),
    "522300": (0, 2), "520400": (1, 2), "522700": (2, 2),
}  # fmt: skip
MOST_MONTHS = 60
TypedMonth = Annotated[str, BeforeValidator(plain), MONTH]


class Asked(ApiQuery):
    """What a table of shares is asked for: a metal, months (both included), the grouping."""

    metal: Annotated[str, Field(pattern=r"^[A-Za-z]{1,10}$")] = "Al"
    month_from: TypedMonth = ""
    month_to: TypedMonth = ""
    by: By = "month"


class AskedMelts(Asked):
    """Which row of the table its heats are asked for."""

    key: Annotated[str, Field(max_length=40)] = ""
    limit: Annotated[int, Field(ge=1, le=500)] = 200


@dataclass(frozen=True, slots=True)
class Period:
    """Months from `first` to `last`, both included, as `YYYY-MM`."""

    first: str
    last: str

    @property
    def months(self) -> list[str]:
        """Every month of the period, at most five years of them, the last ones."""
        begun, ended = _number(self.first), _number(self.last)
        every = range(max(begun, ended - MOST_MONTHS + 1), ended + 1)
        return [f"{number // 12:04}-{number % 12 + 1:02}" for number in every]


@dataclass(frozen=True, slots=True)
class Named:
    """A row of shares with the names of its key."""

    row: ShareRow
    place: Place | None = None
    site: Site | None = None
    organisation: Organisation | None = None


@dataclass(frozen=True, slots=True)
class Covered:
    """What a ratio stands for: who reports, who is known, who is silent."""

    label: str
    reporting: int
    register: int
    silent: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """One of the three recycled contents, summed over the heats of a metal."""

    name: str
    numerator: int
    denominator: int


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything on the regulator's first page, for one metal and period."""

    total: ShareRow | None
    by_month: tuple[ShareRow, ...]
    by_prefecture: tuple[Named, ...]
    by_smelter: tuple[Named, ...]
    figures: tuple[Figure, ...]
    covered: Covered


def period_of(asked: Asked, *, now: datetime) -> Period:
    """Return the months asked for; without them the twelve months up to now. Never backwards."""
    last = asked.month_to or month_of(now)
    twelve = _number(last) - 11
    first = asked.month_from or f"{twelve // 12:04}-{twelve % 12 + 1:02}"
    return Period(min(first, last), max(first, last))


def rows_of(session: Session, *, metal: str, period: Period, by: By) -> list[ShareRow]:
    """Return the rows of a table of shares; `metal` as grouping gives one row: the total."""
    return ledger.shares(
        session,
        metal=metal,
        month_from=period.first,
        month_to=period.last,
        by="total" if by == "metal" else by,
    )


def melts_of(session: Session, *, asked: AskedMelts, period: Period) -> list[Melt]:
    """Return the heats that make one row of a table."""
    return ledger.share_melts(
        session,
        metal=asked.metal,
        month_from=period.first,
        month_to=period.last,
        by="total" if asked.by == "metal" else asked.by,
        key="total" if asked.by == "metal" else asked.key,
    )


def desk(session: Session, *, metal: str, period: Period, province: int) -> Desk:
    """Return the first page of the regulator for one metal."""
    total = rows_of(session, metal=metal, period=period, by="metal")
    smelters = named(session, rows_of(session, metal=metal, period=period, by="smelter"))
    return Desk(
        total=total[0] if total else None,
        by_month=tuple(rows_of(session, metal=metal, period=period, by="month")),
        by_prefecture=named(session, rows_of(session, metal=metal, period=period, by="prefecture")),
        by_smelter=smelters,
        figures=_figures(
            ledger.melts(
                session, metal=metal, month_from=period.first, month_to=period.last, limit=None
            )
        ),
        covered=covered(
            session, metal=metal, reporting=[each.row.key for each in smelters], province=province
        ),
    )


def named(session: Session, rows: Sequence[ShareRow]) -> tuple[Named, ...]:
    """Return rows with the prefecture or the site that their key names."""
    places = {place.adcode: place for place in catalogue.places(session, level="prefecture")}
    sites = {
        site.code: (site, whose) for site, whose in parties.sites_that(session, capability="smelt")
    }
    return tuple(Named(row, places.get(row.key), *sites.get(row.key, (None, None))) for row in rows)


def covered(session: Session, *, metal: str, reporting: Sequence[str], province: int) -> Covered:
    """Return what the reporting sites cover of the register of known sites of a metal."""
    known = known_sites(session, metal=metal, adcode_prefix=str(province))
    heard = [site for _row, site in known if site in set(reporting)]
    silent = tuple(row.name_zh for row, site in known if site not in set(reporting))
    label = coverage_label(reporting=len(heard), register=len(known) or None)
    return Covered(label, len(reporting), len(known), silent)


def site_names(session: Session, codes: Iterable[str | None]) -> dict[str, str]:
    """Return site code -> its name and whose it is, for the sites that are known."""
    statement = (
        select(Site, Organisation)
        .join(Organisation, col(Organisation.id) == col(Site.organisation_id))
        .where(col(Site.code).in_([code for code in codes if code]))
    )
    zh = is_chinese()
    return {
        site.code: f"{named_as(whose, zh=zh)} · {named_as(site, zh=zh)}"
        for site, whose in session.exec(statement)
    }


def firm_names(session: Session, codes: Iterable[str]) -> dict[str, str]:
    """Return organisation code -> name, for those that are known."""
    statement = select(Organisation).where(col(Organisation.code).in_(list(codes)))
    zh = is_chinese()
    return {firm.code: named_as(firm, zh=zh) for firm in session.exec(statement)}


class AskedTrace(ApiQuery):
    """How much of a lot's mass may stay unexplained, in 1/10,000."""

    residual_bp: Annotated[int, Field(ge=1, le=10_000)] = RESIDUAL_BP


def supplier_names(session: Session, found: Sources) -> dict[str, str]:
    """Return supplier -> name, for those of a lot's sources that are firms."""
    codes = {supplier: supplier.removeprefix("org:") for supplier in found.by_supplier()}
    names = firm_names(session, codes.values())
    return {supplier: names[code] for supplier, code in codes.items() if code in names}


def _figures(melts: Sequence[Melt]) -> tuple[Figure, ...]:
    pairs = {name: [getattr(m, name) for m in melts if getattr(m, name)] for name in FIGURES}
    return tuple(
        Figure(name, sum(each[0] for each in found), sum(each[1] for each in found))
        for name, found in pairs.items()
    )


def _number(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:]) - 1
