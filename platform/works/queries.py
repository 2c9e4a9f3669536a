"""What the works' pages and API read. Masses and vectors are the ledger's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, func, select

from remelt.platform.parties.models import Site
from remelt.platform.works.errors import NoSuchFurnace, NoSuchHeat, NoSuchSorting
from remelt.platform.works.models import BayPlacing, Furnace, Heat, Sorting
from remelt.traceability.corrections.shown import laid
from remelt.traceability.corrections.workings import Working, working, workings
from remelt.traceability.facts import Facts
from remelt.traceability.models import Lot, MeltLine, in_force
from remelt.traceability.rules.reckoning import Reckoning
from remelt.traceability.rules.states import State

HERE = ("on_hand", "received")


@dataclass(frozen=True, slots=True)
class StockLine:
    """One lot in the custody of an organisation, and the bay it was put in."""

    lot: Lot
    bay: str

    @property
    def state(self) -> State:
        """Its vectors."""
        return self.lot.vectors


def stock(
    session: Session,
    *,
    organisation_code: str,
    site_codes: Sequence[str],
    metal: str | None = None,
    heels: bool = False,
) -> list[StockLine]:
    """Return weighed lots on hand at sites, by metal, grade and age; furnace heels when asked."""
    newest = (
        select(BayPlacing.lot_code, func.max(BayPlacing.id).label("id"))
        .group_by(BayPlacing.lot_code)
        .subquery()
    )
    statement = (
        select(Lot, BayPlacing.bay)
        .join(newest, col(Lot.code) == newest.c.lot_code, isouter=True)
        .join(BayPlacing, col(BayPlacing.id) == newest.c.id, isouter=True)
        .where(
            Lot.custodian == organisation_code,
            col(Lot.site_code).in_(site_codes),
            col(Lot.status).in_(HERE),
            Lot.mass_g > 0,
        )
        .order_by(col(Lot.metal), col(Lot.grade_system), col(Lot.grade_code), col(Lot.made_at))
    )
    if metal is not None:
        statement = statement.where(Lot.metal == metal)
    if not heels:
        statement = statement.where(Lot.role != "heel")
    return [StockLine(lot=row[0], bay=row[1] or "") for row in session.exec(statement)]


def furnaces(session: Session, *, site_ids: Sequence[int]) -> list[Furnace]:
    """Return the furnaces of sites that are in use, by site and name."""
    statement = (
        select(Furnace)
        .where(col(Furnace.site_id).in_(site_ids), col(Furnace.ended_at).is_(None))
        .order_by(col(Furnace.site_id), col(Furnace.name))
    )
    return list(session.exec(statement))


def furnace(session: Session, *, code: str, organisation_id: int) -> Furnace:
    """Return a furnace of one's organisation. Raises `NoSuchFurnace`."""
    found = session.exec(
        select(Furnace)
        .join(Site, col(Site.id) == col(Furnace.site_id))
        .where(Furnace.code == code, Site.organisation_id == organisation_id)
    ).one_or_none()
    if found is None:
        raise NoSuchFurnace(furnace_code=code[:20])
    return found


@dataclass(frozen=True, slots=True)
class HeatLine:
    """One heat in a list: its paper, the furnace and the site, its masses as they are now.

    standing: of its energy, `laid` once a closed month's was laid on it.
    """

    heat: Heat
    furnace_name: str
    furnace_code: str
    site: Site
    mass: Reckoning
    standing: str


def heats(session: Session, *, organisation_id: int, limit: int = 50) -> list[HeatLine]:
    """Return the heats of an organisation, the newest first."""
    statement = (
        select(Heat, Furnace, Site)
        .join(Furnace, col(Furnace.id) == col(Heat.furnace_id))
        .join(Site, col(Site.id) == col(Heat.site_id))
        .where(Site.organisation_id == organisation_id)
        .order_by(col(Heat.tapped_at).desc(), col(Heat.id).desc())
        .limit(limit)
    )
    return _heat_lines(session, session.exec(statement).all())


def heat(session: Session, *, code: str, organisation_id: int) -> HeatLine:
    """Return a heat of one's organisation. Raises `NoSuchHeat`."""
    row = session.exec(
        select(Heat, Furnace, Site)
        .join(Furnace, col(Furnace.id) == col(Heat.furnace_id))
        .join(Site, col(Site.id) == col(Heat.site_id))
        .where(Heat.code == code, Site.organisation_id == organisation_id)
    ).one_or_none()
    if row is None:
        raise NoSuchHeat(heat_code=code[:20])
    return _heat_lines(session, [row])[0]


def heat_line(session: Session, paper: Heat, *, furnace: Furnace, site: Site) -> HeatLine:
    """Return a heat in hand as a line; it may have been tapped in this very session."""
    return _heat_lines(session, [(paper, furnace, site)])[0]


def _heat_lines(session: Session, rows: Sequence[Any]) -> list[HeatLine]:
    hashes = [paper.event_hash for paper, _, _ in rows]
    found, with_month = workings(session, hashes), laid(session, hashes)
    return [
        HeatLine(
            heat=paper,
            furnace_name=furnace_row.name,
            furnace_code=furnace_row.code,
            site=site,
            mass=found[paper.event_hash].mass,
            standing="laid" if paper.event_hash in with_month else paper.energy,
        )
        for paper, furnace_row, site in rows
    ]


@dataclass(frozen=True, slots=True)
class Told:
    """What the ledger says of one working now: its facts, lots in order, melt lines."""

    working: Working
    inputs: tuple[tuple[Lot, int], ...]
    outputs: tuple[tuple[Lot, int, str], ...]
    melts: tuple[MeltLine, ...]

    @property
    def facts(self) -> Facts:
        """The facts of the event, corrections laid in."""
        return self.working.facts


def told(session: Session, *, event_hash: str) -> Told:
    """Return what the ledger says of a working: (lot, grams) in, (lot, grams, role) out.

    The lots are as they are now; the grams are those of the working, as they are believed.
    """
    found = working(session, event_hash=event_hash)
    facts = found.facts
    codes = [each["lot"] for each in (*facts["inputs"], *facts["outputs"])]
    lots = {lot.code: lot for lot in session.exec(select(Lot).where(col(Lot.code).in_(codes)))}
    melts = session.exec(
        select(MeltLine)
        .where(MeltLine.event_hash == event_hash, in_force())
        .order_by(col(MeltLine.id))
    )
    return Told(
        working=found,
        inputs=tuple((lots[each["lot"]], each["mass_g"]) for each in facts["inputs"]),
        outputs=tuple(
            (lots[each["lot"]], each["mass_g"], each["role"]) for each in facts["outputs"]
        ),
        melts=tuple(melts),
    )


@dataclass(frozen=True, slots=True)
class SortingLine:
    """One sorting in a list: its paper, the site, its masses as they are now."""

    sorting: Sorting
    site: Site
    mass: Reckoning


def sortings(session: Session, *, organisation_id: int, limit: int = 50) -> list[SortingLine]:
    """Return the sortings, splits and blends of an organisation, the newest first."""
    statement = (
        select(Sorting, Site)
        .join(Site, col(Site.id) == col(Sorting.site_id))
        .where(Site.organisation_id == organisation_id)
        .order_by(col(Sorting.at).desc(), col(Sorting.id).desc())
        .limit(limit)
    )
    return _sorting_lines(session, session.exec(statement).all())


def sorting(session: Session, *, code: str, organisation_id: int) -> SortingLine:
    """Return a sorting of one's organisation. Raises `NoSuchSorting`."""
    row = session.exec(
        select(Sorting, Site)
        .join(Site, col(Site.id) == col(Sorting.site_id))
        .where(Sorting.code == code, Site.organisation_id == organisation_id)
    ).one_or_none()
    if row is None:
        raise NoSuchSorting(sorting_code=code[:20])
    return _sorting_lines(session, [row])[0]


def sorting_line(session: Session, paper: Sorting, *, site: Site) -> SortingLine:
    """Return a sorting in hand as a line; it may have been done in this very session."""
    return _sorting_lines(session, [(paper, site)])[0]


def _sorting_lines(session: Session, rows: Sequence[Any]) -> list[SortingLine]:
    found = workings(session, [paper.event_hash for paper, _ in rows])
    return [
        SortingLine(sorting=paper, site=site, mass=found[paper.event_hash].mass)
        for paper, site in rows
    ]


def age_days(lot: Lot, *, now: datetime) -> int:
    """Return how many whole days a lot has been in the books."""
    return max(0, (now - lot.made_at).days)
