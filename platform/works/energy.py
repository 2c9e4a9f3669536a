"""Energy of heats, furnaces and sites; a closed month stands in where nothing was read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import exists
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import BEIJING, Clock, month_of, month_span
from remelt.platform.kernel.codes import new_code
from remelt.platform.works.allocating import allocate
from remelt.platform.works.errors import (
    AlreadyCorrected,
    MassNotGiven,
    MonthClosed,
    NoSuchEntry,
    NothingToClose,
)
from remelt.platform.works.events import EnergyMonthClosed, EnergyRecorded
from remelt.platform.works.factors import energy_lines, material_lines
from remelt.platform.works.furnaces import SMELTS, lock_furnace
from remelt.platform.works.models import CARRIERS, EnergyEntry, EnergyMonth, Heat
from remelt.platform.works.places import Place, place_of
from remelt.platform.works.power import by_contract
from remelt.platform.works.rules import check_month_over, check_period
from remelt.platform.works.sheets import EnergyUse, HeatSheet
from remelt.traceability.corrections.workings import workings
from remelt.traceability.ledger import EnergyLine

METERED, PROVISIONAL, MISSING = "metered", "provisional", "missing"
LARGEST = 10**15


@dataclass(frozen=True, slots=True)
class Burdens:
    """The burden lines of a heat, and how its energy stands: metered, provisional or missing."""

    lines: list[EnergyLine]
    standing: str


def heat_burdens(
    session: Session, *, clock: Clock, site_id: int, sheet: HeatSheet, cast_g: int
) -> Burdens:
    """Return what a heat burdens its casts with: energy, flux, treatment of the dross.

    Without a reading the intensity of the site's last closed month times the mass cast stands
    in, marked provisional; without a closed month the ledger names melt energy as missing.
    """
    at = clock.now(session)
    on = at.astimezone(BEIJING).date()
    standing, uses = METERED, list(sheet.energy)
    if not uses:
        uses = _stand_in(session, site_id=site_id, cast_g=cast_g)
        standing = PROVISIONAL if uses else MISSING
    lines = energy_lines(
        session, uses, on=on, stage="melt_energy", provisional=standing == PROVISIONAL
    )
    lines = by_contract(session, lines, site_id=site_id, on=on, at=at)
    lines += material_lines(session, flux_g=sheet.flux_g, dross_g=sheet.dross_g, on=on)
    return Burdens(lines=lines, standing=standing)


def _stand_in(session: Session, *, site_id: int, cast_g: int) -> list[EnergyUse]:
    last = session.exec(select(func.max(EnergyMonth.month)).where(EnergyMonth.site_id == site_id))
    months = session.exec(
        select(EnergyMonth)
        .where(EnergyMonth.site_id == site_id, EnergyMonth.month == last.one())
        .order_by(col(EnergyMonth.carrier))
    )
    return [
        EnergyUse(
            carrier=month.carrier,  # type: ignore[arg-type]  # the CHECK holds it to CARRIERS
            quantity=(2 * month.quantity * cast_g + month.cast_g) // (2 * month.cast_g),
        )
        for month in months
    ]


def keep_heat_entries(
    session: Session, *, heat: Heat, uses: Sequence[EnergyUse], at: datetime
) -> None:
    """Keep what was read for a heat as entries of its day."""
    day = at.astimezone(BEIJING).date()
    for use in uses:
        session.add(
            EnergyEntry(
                code=new_code(),
                site_id=heat.site_id,
                furnace_id=heat.furnace_id,
                heat_id=heat.key,
                carrier=use.carrier,
                quantity=use.quantity,
                since=day,
                until=day,
                person_id=heat.person_id,
                at=at,
            )
        )


def record_energy(
    session: Session,
    *,
    clock: Clock,
    site_id: int,
    person_id: int,
    use: EnergyUse,
    since: date,
    until: date,
    furnace_code: str | None = None,
    meter: str = "",
    corrects: str | None = None,
) -> EnergyEntry:
    """Keep a meter reading of a site, or of one furnace, over a period of Beijing days.

    A period belongs to the month of its last day. corrects: the code of the entry that this one
    replaces. Raises `SiteCannot`, `NoSuchFurnace`, `MassNotGiven`, `PeriodOutOfOrder`,
    `MonthClosed`, `NoSuchEntry`, `AlreadyCorrected`.
    """
    place = place_of(session, site_id=site_id, person_id=person_id, needs=SMELTS)
    furnace = lock_furnace(session, code=furnace_code, site_id=site_id) if furnace_code else None
    now = clock.now(session)
    check_period(since, until, today=now.astimezone(BEIJING).date())
    if not 0 <= use.quantity <= LARGEST:
        raise MassNotGiven(field="quantity")
    _check_open(session, place, month=until.strftime("%Y-%m"))
    before = _to_correct(session, place, code=corrects) if corrects else None
    entry = EnergyEntry(
        code=new_code(),
        site_id=site_id,
        furnace_id=furnace.key if furnace else None,
        carrier=use.carrier,
        quantity=use.quantity,
        since=since,
        until=until,
        meter=meter,
        person_id=person_id,
        at=now,
        corrects_id=before.key if before else None,
    )
    session.add(entry)
    outbox.record(
        session,
        EnergyRecorded(
            at=now,
            entry_code=entry.code,
            site_code=place.site.code,
            carrier=use.carrier,
            quantity=use.quantity,
        ),
    )
    session.flush()
    return entry


def _check_open(session: Session, place: Place, *, month: str) -> None:
    closed = session.exec(
        select(EnergyMonth.id).where(
            EnergyMonth.site_id == place.site.key, EnergyMonth.month == month
        )
    ).first()
    if closed is not None:
        raise MonthClosed(field="until", month=month)


def _to_correct(session: Session, place: Place, *, code: str) -> EnergyEntry:
    entry = session.exec(
        select(EnergyEntry).where(EnergyEntry.code == code, EnergyEntry.site_id == place.site.key)
    ).one_or_none()
    if entry is None:
        raise NoSuchEntry(entry_code=code[:20])
    newer = session.exec(select(EnergyEntry.id).where(EnergyEntry.corrects_id == entry.key)).first()
    if newer is not None:
        raise AlreadyCorrected(field="corrects")
    _check_open(session, place, month=entry.until.strftime("%Y-%m"))
    return entry


def close_month(
    session: Session, *, clock: Clock, site_id: int, person_id: int, month: str
) -> list[EnergyMonth]:
    """Close a month (YYYY-MM, Beijing) of a site: its energy is final.

    What the site's meters read, less what heats with a meter of their own used, rests on the
    mass that the other heats cast. Readings of the site stand above those of furnaces, those
    above heats. It takes the place of what stood in for a reading: the footprints of these heats
    and of all that was made of them are final then. The intensity stands in for later heats.

    Raises `MonthNotOver`, `MonthClosed`, `NothingToClose`.
    """
    place = place_of(session, site_id=site_id, person_id=person_id, needs=SMELTS)
    now = clock.now(session)
    check_month_over(month, this_month=month_of(now))
    _check_open(session, place, month=month)
    heats = _heats_of(session, site_id, month=month)
    cast_g = casts_of(session, heats)
    entries = entries_in_force(session, site_id, month=month)
    closed = [
        EnergyMonth(
            site_id=site_id,
            month=month,
            carrier=carrier,
            quantity=shared[0],
            cast_g=shared[1],
            closed_at=now,
            person_id=person_id,
        )
        for carrier in CARRIERS
        if (shared := shared_over(carrier, entries=entries, cast_g=cast_g)) is not None
    ]
    if not closed:
        raise NothingToClose(field="month", month=month)
    session.add_all(closed)
    outbox.record(session, EnergyMonthClosed(at=now, site_code=place.site.code, month=month))
    session.flush()
    read = {entry.heat_id for entry in entries if entry.heat_id is not None}
    unread = [heat for heat in heats if heat.id not in read]
    allocate(session, clock=clock, place=place, closed=closed, heats=unread, cast_g=cast_g)
    return closed


def shared_over(
    carrier: str, *, entries: Sequence[EnergyEntry], cast_g: Mapping[int, int]
) -> tuple[int, int] | None:
    """Return (quantity, grams cast) that a month's intensity rests on; None without either. Pure.

    cast_g: what each heat cast, by its id. Heats with a reading of their own are taken out on both
    sides, unless every heat has one.
    """
    mine = [entry for entry in entries if entry.carrier == carrier]
    of_site = [e.quantity for e in mine if e.furnace_id is None and e.heat_id is None]
    of_furnaces = [e.quantity for e in mine if e.furnace_id is not None and e.heat_id is None]
    of_heats = sum(e.quantity for e in mine if e.heat_id is not None)
    total = sum(of_site) if of_site else sum(of_furnaces) if of_furnaces else of_heats
    read = {e.heat_id for e in entries if e.heat_id is not None}
    others_g = sum(mass_g for heat, mass_g in cast_g.items() if heat not in read)
    every_g = sum(cast_g.values())
    if not mine or not every_g:
        return None
    return (max(0, total - of_heats), others_g) if others_g else (total, every_g)


def casts_of(session: Session, heats: Sequence[Heat]) -> dict[int, int]:
    """Return what each heat cast, by its id, in g: the ledger's figure."""
    found = workings(session, [heat.event_hash for heat in heats])
    return {heat.key: found[heat.event_hash].mass.cast_g for heat in heats}


def entries_in_force(
    session: Session, site_id: int, *, month: str | None = None, limit: int | None = None
) -> list[EnergyEntry]:
    """Return the entries of a site, or of one month, that no later one corrects, newest first."""
    later = aliased(EnergyEntry)
    statement = (
        select(EnergyEntry)
        .where(
            EnergyEntry.site_id == site_id,
            ~exists().where(col(later.corrects_id) == col(EnergyEntry.id)),
        )
        .order_by(col(EnergyEntry.id).desc())
        .limit(limit)
    )
    if month is not None:
        first = date.fromisoformat(f"{month}-01")
        after = (first + timedelta(days=32)).replace(day=1)
        statement = statement.where(col(EnergyEntry.until) >= first, col(EnergyEntry.until) < after)
    return list(session.exec(statement))


def months(session: Session, site_id: int) -> list[EnergyMonth]:
    """Return the closed months of a site, the newest first."""
    return list(
        session.exec(
            select(EnergyMonth)
            .where(EnergyMonth.site_id == site_id)
            .order_by(col(EnergyMonth.month).desc(), col(EnergyMonth.carrier))
        )
    )


def _heats_of(session: Session, site_id: int, *, month: str) -> list[Heat]:
    since, until = month_span(month)
    return list(
        session.exec(
            select(Heat)
            .where(
                Heat.site_id == site_id, col(Heat.tapped_at) >= since, col(Heat.tapped_at) < until
            )
            .order_by(col(Heat.id))
        )
    )
