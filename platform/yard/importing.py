"""Taking in what a weighbridge program has written: a dry run first, then all of it or nothing."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import sqlalchemy
from sqlmodel import Session, col, select

from remelt.platform.kernel.clock import Clock, Stopped, day_of
from remelt.platform.kernel.many import insert_many
from remelt.platform.kernel.sheets.headings import CellProblem
from remelt.platform.kernel.sheets.tables import Table, stop_at
from remelt.platform.parties import queries as parties
from remelt.platform.yard.drafting import DraftTicket, Pricer
from remelt.platform.yard.errors import CellTicketDiffers, UnknownMethod
from remelt.platform.yard.filerows import NUMBER, FileRow, parse
from remelt.platform.yard.models import ImportedRow, SellerCard, Ticket
from remelt.platform.yard.purchases import Bought, Purchase, write_purchases
from remelt.platform.yard.sellers import SellerGiven, know_named
from remelt.platform.yard.tickets import check_yard, take_numbers
from remelt.platform.yard.words import METHODS

__all__ = ["DraftTicket", "Imported", "Preview", "dry_run", "import_tickets", "parse"]
_IMPORTED: sqlalchemy.Table = ImportedRow.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would do. `known`: rows already taken in. Ready only without problems."""

    parsed: Table[FileRow]
    tickets: tuple[DraftTicket, ...]
    problems: tuple[CellProblem, ...]
    known: tuple[FileRow, ...]

    @property
    def net_g(self) -> int:
        """Net mass of the tickets that would be written, in g."""
        return sum(line.payable.net_g for ticket in self.tickets for line in ticket.lines)

    @property
    def amount_fen(self) -> int:
        """What those tickets cost, in fen."""
        return sum(ticket.amount_fen for ticket in self.tickets)


@dataclass(frozen=True, slots=True)
class Imported:
    """The tickets written, and how many rows were there already."""

    tickets: tuple[Ticket, ...]
    known: int


def dry_run(
    session: Session,
    *,
    clock: Clock,
    site_id: int,
    parsed: Table[FileRow],
    paid_by: str | None = None,
) -> Preview:
    """Work out every ticket of the file and name every cell that stands in the way.

    paid_by: how tickets were paid whose rows do not say. Rows that were taken in before are
    told apart by their content; nothing is written.
    """
    if paid_by is not None and paid_by not in METHODS:
        raise UnknownMethod(field="paid_by")
    check_yard(parties.site_by_id(session, site_id=site_id))
    known, fresh, problems = _told_apart(session, site_id=site_id, parsed=parsed)
    work = Pricer.of(session, parsed=parsed, site_id=site_id, now=clock.now(session))
    tickets = []
    for rows in _by_number(fresh):
        draft, found = work.draft(rows, paid_by=paid_by)
        problems += found
        if draft is not None:
            tickets.append(draft)
    return Preview(
        parsed=parsed,
        tickets=tuple(tickets),
        problems=tuple(sorted((*parsed.problems, *problems), key=lambda each: each.row)),
        known=tuple(known),
    )


def import_tickets(
    session: Session,
    *,
    clock: Clock,
    site_id: int,
    person_id: int,
    parsed: Table[FileRow],
    paid_by: str | None = None,
) -> Imported:
    """Write every ticket of the file that was not taken in before, oldest first.

    Raises `ImportHasErrors` when one cell stands in the way: then nothing is written. The same
    file again writes nothing and says so.
    """
    site = parties.site_by_id(session, site_id=site_id, lock=True)
    preview = dry_run(session, clock=clock, site_id=site_id, parsed=parsed, paid_by=paid_by)
    stop_at(preview.problems)
    drafts = sorted(preview.tickets, key=lambda draft: (draft.rows[0].at, draft.rows[0].row))
    if not drafts:
        return Imported(tickets=(), known=len(preview.known))
    numbers = take_numbers(session, site_id=site_id, clock=clock, count=len(drafts))
    cards = _cards(session, drafts, organisation_id=site.organisation_id)
    tickets = write_purchases(
        session,
        clock=Stopped(clock.now(session)),
        site=site,
        person_id=person_id,
        bought=[
            Bought(taken, card, draft.lines, _purchase(draft))
            for taken, card, draft in zip(numbers, cards, drafts, strict=True)
        ],
    )
    _remember(session, zip(drafts, tickets, strict=True), parsed=parsed)
    return Imported(tickets=tuple(tickets), known=len(preview.known))


def _told_apart(
    session: Session, *, site_id: int, parsed: Table[FileRow]
) -> tuple[list[FileRow], list[FileRow], list[CellProblem]]:
    """Part known rows from fresh ones; a number that came with other content is a problem."""
    taken_in = session.exec(
        select(ImportedRow.row_sha256, ImportedRow.outside_number, ImportedRow.day).where(
            ImportedRow.site_id == site_id,
            col(ImportedRow.outside_number).in_({row.number for row in parsed.rows}),
        )
    ).all()
    hashes = {sha for sha, _, _ in taken_in}
    numbers = {(number, day) for _, number, day in taken_in}
    known: list[FileRow] = []
    fresh: list[FileRow] = []
    problems: list[CellProblem] = []
    for row in _counted(parsed.rows):
        if row.sha256 in hashes:
            known.append(row)
        elif (row.number, day_of(row.at)) in numbers:
            refusal = CellTicketDiffers(number=row.number)
            problems.append(parsed.headings.problem(NUMBER.name, row=row.row, refusal=refusal))
        else:
            fresh.append(row)
    return known, fresh, problems


def _counted(rows: Sequence[FileRow]) -> list[FileRow]:
    """Number the rows that say the same: two equal weighings of one ticket are both bought."""
    said: Counter[str] = Counter()
    found = []
    for row in rows:
        said[sha256 := row.sha256] += 1
        found.append(replace(row, occurrence=said[sha256]))
    return found


def _by_number(rows: Sequence[FileRow]) -> list[list[FileRow]]:
    """Gather rows of one number and Beijing day: programs begin again at 1 each day or year."""
    found: dict[tuple[str, str], list[FileRow]] = {}
    for row in rows:
        found.setdefault((row.number, day_of(row.at)), []).append(row)
    return list(found.values())


def _purchase(draft: DraftTicket) -> Purchase:
    first = draft.rows[0]
    return Purchase(
        method=draft.method,
        plate=first.plate,
        rounding_fen=draft.rounding_fen,
        note=first.note,
        opened_at=first.at,
        outside_number=draft.number,
    )


def _cards(
    session: Session, drafts: Sequence[DraftTicket], *, organisation_id: int
) -> list[SellerCard | None]:
    """Return the seller's card of each ticket; None where the file names nobody."""
    named = [(draft, draft.rows[0]) for draft in drafts if draft.rows[0].seller]
    given = [
        (SellerGiven(name=row.seller, phone=row.phone, plate=row.plate), row.at)
        for _draft, row in named
    ]
    known = know_named(session, organisation_id=organisation_id, given=given)
    cards = {draft.rows[0].row: card for (draft, _), card in zip(named, known, strict=True)}
    return [cards.get(draft.rows[0].row) for draft in drafts]


def _remember(
    session: Session, written: Iterable[tuple[DraftTicket, Ticket]], *, parsed: Table[FileRow]
) -> None:
    rows = [
        {
            "site_id": ticket.site_id, "row_sha256": row.sha256, "ticket_id": ticket.key,
            "outside_number": row.number, "day": day_of(row.at), "file_sha256": parsed.sha256,
            "file_row": row.row,
        }
        for draft, ticket in written
        for row in draft.rows
    ]  # fmt: skip
    insert_many(session, _IMPORTED, rows)
