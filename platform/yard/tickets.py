"""Writing a ticket: its number without gaps, its lines, readings and deductions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Table
from sqlmodel import Session, select

from remelt.platform.kernel.clock import BEIJING, Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.kernel.many import insert_many, insert_unless
from remelt.platform.parties.models import Site
from remelt.platform.yard.errors import NotAYard
from remelt.platform.yard.models import Deduction, Reading, Ticket, TicketCounter, TicketLine
from remelt.platform.yard.weights import DeductionGiven, Payable

_COUNTERS: Table = TicketCounter.__table__  # type: ignore[attr-defined]
_READINGS: Table = Reading.__table__  # type: ignore[attr-defined]
_DEDUCTIONS: Table = Deduction.__table__  # type: ignore[attr-defined]
CAPABLE = ("purchase_point", "hub", "smelt", "process")


@dataclass(frozen=True, slots=True)
class Numbered:
    """A number taken for this transaction, and the moment it was taken."""

    now: datetime
    year: int
    number: int


def take_number(session: Session, *, site_id: int, clock: Clock) -> Numbered:
    """Take the next ticket number of the site, as `take_numbers` does."""
    return take_numbers(session, site_id=site_id, clock=clock, count=1)[0]


def take_numbers(session: Session, *, site_id: int, clock: Clock, count: int) -> list[Numbered]:
    """Take the next ticket numbers of the site in the Beijing year, all at one moment.

    The counter's row is locked before the clock is read, and rolls back with the tickets: the
    numbers of a site and year are 1, 2, 3 ... without a gap. A clock that runs back over New
    Year keeps counting in the later year.
    """
    counter = _lock_counter(session, site_id=site_id)
    now = clock.now(session)
    year = max(now.astimezone(BEIJING).year, counter.year)
    last = counter.last_number if year == counter.year else 0
    counter.last_number = last + count
    counter.year = year
    session.add(counter)
    session.flush()
    return [Numbered(now=now, year=year, number=last + n) for n in range(1, count + 1)]


def check_yard(site: Site) -> None:
    """Refuse a site that has no business weighing. Raises `NotAYard`."""
    if site.capabilities.isdisjoint(CAPABLE) or site.ended_at is not None:
        raise NotAYard(site_code=site.code)


def new_ticket(
    site: Site,
    *,
    taken: Numbered,
    kind: str,
    person_id: int,
    mode: str = "platform",
    plate: str = "",
    opened_at: datetime | None = None,
    tare_stored: bool = False,
    note: str = "",
) -> Ticket:
    """Return a ticket of the site, the scale's division and verification as they stand now."""
    return Ticket(
        code=new_code(),
        site_id=site.key,
        year=taken.year,
        number=taken.number,
        kind=kind,
        mode=mode,
        plate=plate,
        person_id=person_id,
        opened_at=opened_at or taken.now,
        closed_at=taken.now,
        scale_division_g=site.scale_division_g,
        scale_verified_until=site.scale_verified_until,
        tare_stored=tare_stored,
        note=note,
    )


def write_readings(
    session: Session, shown: Sequence[tuple[Ticket, Sequence[tuple[int, int]]]]
) -> None:
    """Keep what the scale showed on each ticket: gross and tare of its lines, in g.

    In successive weighing each figure stood on the scale only once.
    """
    rows = [row for ticket, weights in shown for row in _readings(ticket, weights)]
    insert_many(session, _READINGS, rows)


def _readings(ticket: Ticket, weights: Sequence[tuple[int, int]]) -> list[dict[str, Any]]:
    figures = [mass_g for pair in weights for mass_g in pair]
    if ticket.mode == "successive":
        figures = [weights[0][0], *(tare_g for _, tare_g in weights)]
    last = len(figures) - 1
    rows = []
    for position, mass_g in enumerate(figures):
        is_tare = position == last if ticket.mode == "successive" else position % 2 == 1
        rows.append(
            {
                "ticket_id": ticket.key, "position": position, "mass_g": mass_g,
                "stored": ticket.tare_stored and is_tare, "at": ticket.opened_at,
            }
        )  # fmt: skip
    return rows


@dataclass(frozen=True, slots=True)
class Deducted:
    """A line as written, what was deducted of it, and the masses that it came to."""

    line: TicketLine
    given: Sequence[DeductionGiven]
    found: Payable


def write_deductions(
    session: Session, deducted: Sequence[Deducted], *, person_id: int, at: datetime
) -> None:
    """Keep each deduction of lines with the mass it came to."""
    rows = [
        {
            "line_id": each.line.key, "kind": one.kind, "share_bp": one.share_bp,
            "mass_g": mass_g, "person_id": person_id, "photo_sha256": one.photo_sha256,
            "accepted": one.accepted, "at": at,
        }
        for each in deducted
        for one, mass_g in zip(each.given, each.found.deducted_g, strict=True)
    ]  # fmt: skip
    insert_many(session, _DEDUCTIONS, rows)


def _lock_counter(session: Session, *, site_id: int) -> TicketCounter:
    session.connection().execute(
        insert_unless(session, _COUNTERS)
        .values(site_id=site_id, year=0, last_number=0)
        .on_conflict_do_nothing(index_elements=["site_id"])
    )
    return session.exec(
        select(TicketCounter)
        .where(TicketCounter.site_id == site_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
