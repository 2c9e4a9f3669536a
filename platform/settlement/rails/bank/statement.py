"""A bank's file, read line by line: what its columns are called, which way money went."""

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Final

import orjson

from remelt.platform.kernel.clock import BEIJING
from remelt.platform.kernel.sheets.cells import (
    TOTALS,
    CellProblem,
    RowCells,
    read_time,
    read_whole,
    tidy,
)
from remelt.platform.kernel.sheets.errors import CellNotANumber, HeadingsMissing
from remelt.platform.kernel.sheets.headings import Headings, Vocabulary, find_headings
from remelt.platform.kernel.sheets.reading import Sheet, read_sheet
from remelt.platform.settlement.rails.bank.errors import CellNoAmount, CellNotADay

LIMIT_MINOR: Final = 10**15
_WORDS: Final = """
day: 交易日期, 记账日期, 入账日期, 记账日, 交易日, 日期, 交易时间, 入账时间, 记账时间, date, transaction date, booking date
clock: 时间, 交易时刻, time
income: 收入金额, 收入, 贷方发生额, 贷方金额, 贷方, 贷方发生额(收入), 收方金额, 转入金额, 存入金额, 存入, credit, credit amount, deposit
spent: 支出金额, 支出, 借方发生额, 借方金额, 借方, 借方发生额(支取), 付方金额, 转出金额, 支取金额, debit, debit amount, withdrawal
amount: 交易金额, 发生额, 金额, amount
side: 借贷标志, 借贷, 借贷方向, 收支, 收付标志, 收支方向, 交易方向, debit/credit, dr/cr, direction
balance: 余额, 账户余额, 本次余额, 当前余额, balance
name: 对方户名, 对方账户名称, 对方名称, 对方单位, 对方单位名称, 对方账户名, 收(付)方名称, 对手户名, 交易对手, counterparty, payee/payer
account: 对方账号, 对方账户, 收(付)方账号, 对手账号, counterparty account
bank ref: 交易流水号, 流水号, 核心流水号, 业务流水号, 企业流水号, 交易参考号, 凭证号, 柜员流水号, transaction id, reference number
text: 附言, 用途, 摘要, 交易摘要, remark, description, purpose
note: 备注, 交易附言, 客户附言, note
"""  # noqa: E501
VOCABULARY: Final = Vocabulary.of(_WORDS, needed=("day",), masses=(), prices=())
_IN: Final = dict.fromkeys(("贷", "收", "收入", "转入", "来账", "c", "cr", "credit", "+"), "in")
_OUT: Final = dict.fromkeys(
    ("借", "付", "支", "支出", "转出", "往账", "d", "dr", "debit", "-"), "out"
)
SIDES: Final = _IN | _OUT


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One line of the file; row: its line from 1. sha256: over all that it says, and how often."""

    row: int
    at: datetime
    amount_minor: int
    balance_minor: int | None
    name: str
    account: str
    bank_ref: str
    text: str
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class StatementFile:
    """What a file says; lines that could not be read stand in `problems`."""

    filename: str
    sha256: str
    rows: tuple[StatementRow, ...]
    problems: tuple[CellProblem, ...]
    headings: Headings

    @property
    def gaps(self) -> tuple[int, ...]:
        """Lines whose balance does not follow from the line before: a line is missing there."""
        rows = [row for row in self.rows if row.balance_minor is not None]
        upward = _breaks(rows)
        downward = _breaks(rows[::-1])
        return min(upward, downward, key=len)

    @property
    def opening_minor(self) -> int | None:
        """What the account stood at before the first line, None where no line says a balance."""
        rows = [row for row in self.rows if row.balance_minor is not None]
        if not rows:
            return None
        first = rows[-1] if len(_breaks(rows[::-1])) < len(_breaks(rows)) else rows[0]
        return (first.balance_minor or 0) - first.amount_minor


def parse(
    content: bytes, *, filename: str, columns: Mapping[str, str] | None = None
) -> StatementFile:
    """Read a CSV (UTF-8, UTF-16, GB18030) or XLSX of a bank; touches no database.

    Amounts stand in a column for each way, or in one with a sign or a side beside it; they are
    in the unit of the currency, with two decimals. columns: headings that this bank uses besides
    the known ones -> their meaning (day, clock, income, spent, amount, side, balance, name,
    account, bank ref, text, note). Mistakes in cells are gathered; a file that cannot be read
    raises `FileUnreadable`, `FileTooLarge` or `HeadingsMissing`.
    """
    sheet = read_sheet(content, filename=filename)
    own = {heading.strip().lower(): meaning for heading, meaning in (columns or {}).items()}
    vocabulary = replace(VOCABULARY, known={**VOCABULARY.known, **own})
    headings = find_headings(sheet, vocabulary)
    _check_columns(headings)
    rows, problems = _rows(sheet, headings)
    return StatementFile(
        filename=filename[:200],
        sha256=hashlib.sha256(content).hexdigest(),
        rows=_numbered(rows),
        problems=tuple(problems),
        headings=headings,
    )


def _check_columns(headings: Headings) -> None:
    found = set(headings.columns)
    if not found & {"income", "spent", "amount"}:
        raise HeadingsMissing(field="file", missing=VOCABULARY.named("amount"))


def _rows(sheet: Sheet, headings: Headings) -> tuple[list[StatementRow], list[CellProblem]]:
    rows: list[StatementRow] = []
    problems: list[CellProblem] = []
    for number, cells in enumerate(sheet.rows[headings.row :], start=headings.row + 1):
        if not any(cells) or tidy(cells[0]).lower().startswith(TOTALS):
            continue
        at = RowCells(headings=headings, row=number, cells=cells)
        row = _read(at)
        problems += at.problems
        if row is not None:
            rows.append(row)
    return rows, problems


def _read(at: RowCells) -> StatementRow | None:
    moment = _moment(at)
    amount = _amount(at)
    balance = _money(at, "balance") if tidy(at.cell("balance")) else None
    words = {
        "name": at.text("name", most=120),
        "account": at.text("account", most=40).replace(" ", ""),
        "bank_ref": at.text("bank ref", most=60),
        "text": " ".join(filter(None, (at.text("text", most=200), at.text("note", most=99)))),
    }
    if at.problems or moment is None or amount is None:
        return None
    return StatementRow(row=at.row, at=moment, amount_minor=amount, balance_minor=balance, **words)


def _moment(at: RowCells) -> datetime | None:
    """Return when it was booked: noon of the day where the file says no time."""
    day = tidy(at.cell("day"))
    if day.isdigit() and len(day) in {8, 14}:
        day = f"{day[:4]}-{day[4:6]}-{day[6:8]}" + (
            f" {day[8:10]}:{day[10:12]}:{day[12:]}" if day[8:] else ""
        )
    clock = tidy(at.cell("clock"))
    found = read_time(f"{day} {clock}") if clock else None
    found = found or read_time(day)
    if found is None:
        at.wrong("day", CellNotADay(typed=day[:30]))
        return None
    told = found if found.time() != datetime.min.time() else found.replace(hour=12)
    return told.replace(tzinfo=BEIJING)


def _amount(at: RowCells) -> int | None:
    """Return what moved, in above zero; exactly one way."""
    income, spent = _money(at, "income") or 0, _money(at, "spent") or 0
    if not income and not spent and "amount" in at.headings.columns:
        amount = _money(at, "amount") or 0
        side = at.one_of("side", SIDES, empty="")
        income = {"": amount, "in": abs(amount), "out": -abs(amount)}[side]
    if at.problems:
        return None
    if (income != 0) == (spent != 0):
        name = next(each for each in ("income", "amount", "spent") if each in at.headings.columns)
        at.wrong(name, CellNoAmount())
        return None
    return income - spent


def _money(at: RowCells, name: str) -> int | None:
    """Return a signed amount in the smallest unit, None for an empty cell."""
    text = tidy(at.cell(name)).lstrip("¥￥ ").removesuffix("元").strip()
    if text in {"", "-", "--"}:
        return None
    sign = -1 if text.startswith(("-", "(")) else 1
    bare = text.lstrip("+-(¥ ").rstrip(") ")
    value = read_whole(bare, factor=100, limit=LIMIT_MINOR)
    if value is None:
        at.wrong(name, CellNotANumber(typed=text[:30]))
        return None
    return sign * value


def _numbered(rows: list[StatementRow]) -> tuple[StatementRow, ...]:
    """Give each line its hash. Two lines that say the same are told apart by their order."""
    seen: Counter[bytes] = Counter()
    numbered = []
    for row in rows:
        said = orjson.dumps(
            [row.at.date().isoformat(), row.amount_minor, row.account, row.bank_ref]
            + ([] if row.bank_ref else [row.at.isoformat(), row.balance_minor, row.name, row.text])
        )
        seen[said] += 1
        sha256 = hashlib.sha256(said + str(seen[said]).encode()).hexdigest()
        numbered.append(replace(row, sha256=sha256))
    return tuple(numbered)


def _breaks(rows: list[StatementRow]) -> tuple[int, ...]:
    return tuple(
        row.row
        for before, row in pairwise(rows)
        if row.balance_minor != (before.balance_minor or 0) + row.amount_minor
    )
