"""What programs send and get about bank accounts, their lines, and the book of money."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from remelt.web.inputs import ApiIn, ApiOut, ApiQuery
from remelt.web.uploads import TableIn


class BankAccountIn(ApiIn):
    """A bank account whose statements are to be taken in."""

    bank: Annotated[str, Field(min_length=1, max_length=60)]
    number: Annotated[str, Field(min_length=1, max_length=50)]


class BankStatementIn(TableIn):
    """A bank's file, CSV or XLSX, in base64; 8 MiB at most."""


class MovementsIn(ApiQuery):
    """Which lines: all, or those not fully matched."""

    open_only: bool = False
    limit: Annotated[int, Field(ge=1, le=500)] = 200


class BankMatchIn(ApiIn):
    """So much of a line for one thing, in the smallest unit.

    code: of what is due, or the kind of a ledger account where the line is no trade.
    """

    kind: Literal["settlement", "payment", "deposit", "payout", "account"]
    code: Annotated[str, Field(min_length=1, max_length=20)]
    amount_minor: Annotated[int, Field(gt=0, le=10**15)]


class MatchesIn(ApiIn):
    """What a line was for. write_off: a difference of one cent goes to rounding."""

    matches: Annotated[list[BankMatchIn], Field(min_length=1, max_length=20)]
    write_off: bool = False


class BankAccountOut(ApiOut):
    """A bank account with what its book says; in suspense: on a statement and not explained."""

    code: str
    bank: str
    number: str
    currency: str
    book_minor: int
    suspense_minor: int
    clearing_minor: int


class BankAccountsOut(ApiOut):
    """The bank accounts of the organisation."""

    accounts: list[BankAccountOut]


class OpenedOut(ApiOut):
    """The code of a bank account that was added."""

    code: str


class BankStatementOut(ApiOut):
    """A file taken in; fresh: lines that were new."""

    rows: int
    fresh: int
    sha256: str
    imported_at: datetime


class MovementOut(ApiOut):
    """One line of a statement: in above zero, out below."""

    code: str
    on_day: date
    amount_minor: int
    balance_minor: int | None
    name: str
    account: str
    bank_ref: str
    text: str
    state: str
    confirmed_minor: int
    waiting_minor: int
    left_minor: int


class MovementsOut(ApiOut):
    """Lines of statements, the newest first."""

    movements: list[MovementOut]


class BankMatchOut(ApiOut):
    """A match; it counts once its state is `confirmed`."""

    code: str
    kind: str
    booked_to: str
    amount_minor: int
    why: str
    needs_second: bool
    state: str
    reason: str


class MatchesOut(ApiOut):
    """Matches of one line."""

    matches: list[BankMatchOut]


class TrialIn(ApiQuery):
    """Over which days, both included, Beijing days."""

    since: date
    until: date


class TrialLineOut(ApiOut):
    """One account; signed, debit above zero, credit below; turnovers are both >= 0."""

    code: str
    number: str
    kind: str
    subject: str
    currency: str
    opening_minor: int
    debit_minor: int
    credit_minor: int
    closing_minor: int


class TrialOut(ApiOut):
    """Every account that moved; the closing balances are zero in sum per currency."""

    accounts: list[TrialLineOut]


class EntryLineOut(ApiOut):
    """One posting of an entry, debit above zero."""

    account_code: str
    kind: str
    subject: str
    currency: str
    amount_minor: int


class EntryOut(ApiOut):
    """An entry: what happened, to what, and its lines, zero in sum per currency."""

    code: str
    kind: str
    ref: str
    at: datetime
    on_day: date
    sha256: str
    reversed_by: str | None
    reverses: str | None
    lines: list[EntryLineOut]
