"""What a bank calls the columns of its files, said once for an account where we do not know it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlmodel import Session, col, select

from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.sheets.cells import tidy
from remelt.platform.kernel.sheets.headings import folded
from remelt.platform.kernel.sheets.reading import SOUGHT_ROWS, read_sheet
from remelt.platform.settlement.rails.bank.accounts import bank_account
from remelt.platform.settlement.rails.bank.errors import LayoutIncomplete
from remelt.platform.settlement.rails.bank.models import BankAccount, BankLayout
from remelt.platform.settlement.rails.bank.statement import COLUMNS, DAY, MONEY

MEANINGS: Final = tuple(column.name for column in COLUMNS)
SAMPLE_ROWS: Final = 6
HEADING_MOST: Final = 60


@dataclass(frozen=True, slots=True)
class Sample:
    """The row of a file that looks like its headings, and the first rows below it as text.

    meanings: what is proposed for each heading, of what is known already.
    """

    row: int
    headings: tuple[str, ...]
    meanings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def sample(content: bytes, *, filename: str, said: Mapping[str, str]) -> Sample:
    """Return what a person needs to see to say what the columns of a file are.

    said: what was said of this account before. Raises `FileUnreadable` or `FileTooLarge`.
    """
    rows = [
        tuple(tidy(cell) for cell in row) for row in read_sheet(content, filename=filename).rows
    ]
    sought = rows[:SOUGHT_ROWS]
    width = max((_words(row) for row in sought), default=0)
    at = next((place for place, row in enumerate(sought) if _words(row) == width), 0)
    headings = sought[at] if sought else ()
    known = {word: column.name for column in COLUMNS for word in column.headings}
    known |= {folded(heading): meaning for heading, meaning in said.items()}
    return Sample(
        row=at + 1,
        headings=headings,
        meanings=tuple(known.get(folded(heading), "") for heading in headings),
        rows=tuple(rows[at + 1 : at + 1 + SAMPLE_ROWS]),
    )


def say_layout(
    session: Session,
    *,
    clock: Clock,
    account_code: str,
    organisation_id: int,
    person_id: int,
    columns: Sequence[tuple[str, str]],
) -> BankLayout:
    """Keep what the headings of a bank's files mean, heading by heading; the newest counts.

    Raises `NoSuchBankAccount` or `LayoutIncomplete`: a day and an amount are needed, and each
    meaning stands once.
    """
    account = bank_account(session, code=account_code, organisation_id=organisation_id)
    said = {heading[:HEADING_MOST]: meaning for heading, meaning in columns if meaning}
    check_layout(said)
    made = BankLayout(
        bank_account_id=account.key, columns=said, person_id=person_id, said_at=clock.now(session)
    )
    session.add(made)
    session.flush()
    return made


def layout_of(session: Session, account: BankAccount) -> dict[str, str]:
    """Return what was said last of an account's headings; nothing where nobody had to."""
    newest = session.exec(
        select(BankLayout)
        .where(BankLayout.bank_account_id == account.key)
        .order_by(col(BankLayout.id).desc())
        .limit(1)
    ).one_or_none()
    return {} if newest is None else dict(newest.columns)


def check_layout(said: Mapping[str, str]) -> None:
    """Refuse a layout that no statement can be read by. Touches no database."""
    meanings = list(said.values())
    for meaning in meanings:
        if meaning not in MEANINGS or meanings.count(meaning) > 1:
            raise LayoutIncomplete(field="columns")
    if DAY.name not in meanings:
        raise LayoutIncomplete(field="columns")
    if not {column.name for column in MONEY} & set(meanings):
        raise LayoutIncomplete(field="columns")


def _words(row: Sequence[str]) -> int:
    """Count the cells that name something rather than say a figure or a day."""
    return sum(bool(cell) and not any(sign.isdigit() for sign in cell) for cell in row)
