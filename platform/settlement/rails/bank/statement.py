"""A bank's file, read line by line: what its columns are called, which way money went."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Final

import orjson

from remelt.platform.kernel.clock import BEIJING
from remelt.platform.kernel.sheets.cells import read_time
from remelt.platform.kernel.sheets.columns import choice, signed, words
from remelt.platform.kernel.sheets.tables import RowCells, Table, read_table
from remelt.platform.settlement.rails.bank.errors import CellNoAmount, CellNotADay

LIMIT_MINOR: Final = 10**15
_IN: Final = dict.fromkeys(("贷", "收", "收入", "转入", "来账", "c", "cr", "credit", "+"), "in")
_OUT: Final = dict.fromkeys(
    ("借", "付", "支", "支出", "转出", "往账", "d", "dr", "debit", "-"), "out"
)
DAY: Final = replace(
    words(
        "day",
        "交易日期, 记账日期, 入账日期, 记账日, 交易日, 日期, 交易时间, 入账时间, 记账时间, "
        "date, transaction date, booking date",
        most=2_000,
    ),
    needed=True,
)
CLOCK: Final = words("clock", "时间, 交易时刻, time", most=40)
INCOME: Final = signed(
    "income",
    "收入金额, 收入, 贷方发生额, 贷方金额, 贷方, 贷方发生额(收入), 收方金额, 转入金额, 存入金额, "
    "存入, credit, credit amount, deposit",
    limit=LIMIT_MINOR,
)
SPENT: Final = signed(
    "spent",
    "支出金额, 支出, 借方发生额, 借方金额, 借方, 借方发生额(支取), 付方金额, 转出金额, 支取金额, "
    "debit, debit amount, withdrawal",
    limit=LIMIT_MINOR,
)
AMOUNT: Final = signed("amount", "交易金额, 发生额, 金额, amount", limit=LIMIT_MINOR)
MONEY: Final = (INCOME, AMOUNT, SPENT)
SIDE: Final = choice(
    "side",
    "借贷标志, 借贷, 借贷方向, 收支, 收付标志, 收支方向, 交易方向, debit/credit, dr/cr, direction",
    _IN | _OUT,
    empty="",
)
BALANCE: Final = signed("balance", "余额, 账户余额, 本次余额, 当前余额, balance", limit=LIMIT_MINOR)
NAME: Final = words(
    "name",
    "对方户名, 对方账户名称, 对方名称, 对方单位, 对方单位名称, 对方账户名, 收(付)方名称, 对手户名, "
    "交易对手, counterparty, payee/payer",
    most=120,
)
ACCOUNT: Final = words(
    "account",
    "对方账号, 对方账户, 收(付)方账号, 对手账号, counterparty account",
    most=40,
)
BANK_REF: Final = words(
    "bank ref",
    "交易流水号, 流水号, 核心流水号, 业务流水号, 企业流水号, 交易参考号, 凭证号, 柜员流水号, "
    "transaction id, reference number",
    most=60,
)
TEXT: Final = words("text", "附言, 用途, 摘要, 交易摘要, remark, description, purpose", most=200)
NOTE: Final = words("note", "备注, 交易附言, 客户附言, note", most=99)
COLUMNS: Final = (
    DAY, CLOCK, INCOME, SPENT, AMOUNT, SIDE, BALANCE, NAME, ACCOUNT, BANK_REF, TEXT, NOTE,
)  # fmt: skip


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


def parse(
    content: bytes, *, filename: str, columns: Mapping[str, str] | None = None
) -> Table[StatementRow]:
    """Read a CSV (UTF-8, UTF-16, GB18030) or XLSX of a bank; touches no database.

    Amounts stand in a column for each way, or in one with a sign or a side beside it; they are
    in the unit of the currency, with two decimals. columns: headings that this bank uses besides
    the known ones -> the name of a column (day, clock, income, spent, amount, side, balance, name,
    account, bank ref, text, note). Raises what `read_table` raises.
    """
    table = read_table(
        content, filename=filename, columns=COLUMNS, read=_row, also=columns, one_of=MONEY
    )
    return replace(table, rows=_numbered(table.rows))


def gaps(rows: Sequence[StatementRow]) -> tuple[int, ...]:
    """Return lines whose balance does not follow from the line before: one is missing there."""
    told = [row for row in rows if row.balance_minor is not None]
    return min(_breaks(told), _breaks(told[::-1]), key=len)


def opening_minor(rows: Sequence[StatementRow]) -> int | None:
    """Return what the account stood at before the first line; None where no line says a balance."""
    told = [row for row in rows if row.balance_minor is not None]
    if not told:
        return None
    first = told[-1] if len(_breaks(told[::-1])) < len(_breaks(told)) else told[0]
    return (first.balance_minor or 0) - first.amount_minor


def _row(at: RowCells) -> StatementRow | None:
    moment, amount, balance = _moment(at), _amount(at), at[BALANCE]
    said = {
        "name": at[NAME],
        "account": at[ACCOUNT].replace(" ", ""),
        "bank_ref": at[BANK_REF],
        "text": " ".join(filter(None, (at[TEXT], at[NOTE]))),
    }
    if moment is None or amount is None:
        return None
    return StatementRow(row=at.row, at=moment, amount_minor=amount, balance_minor=balance, **said)


def _moment(at: RowCells) -> datetime | None:
    """Return when it was booked: noon of the day where the file says no time."""
    day = at[DAY]
    found = read_time(day)
    if found is None:
        at.wrong(DAY, CellNotADay(typed=day[:30]))
        return None
    if found.time() == datetime.min.time():
        found = read_time(f"{found:%Y-%m-%d} {at[CLOCK]}") or found
    told = found if found.time() != datetime.min.time() else found.replace(hour=12)
    return told.replace(tzinfo=BEIJING)


def _amount(at: RowCells) -> int | None:
    """Return what moved, in above zero; exactly one way."""
    income, spent = at[INCOME] or 0, at[SPENT] or 0
    if not income and not spent and AMOUNT in at:
        amount = at[AMOUNT] or 0
        income = {"": amount, "in": abs(amount), "out": -abs(amount)}[at[SIDE]]
    if at.problems:
        return None
    if (income != 0) == (spent != 0):
        at.wrong(next(each for each in MONEY if each in at), CellNoAmount())
        return None
    return income - spent


def _numbered(rows: Sequence[StatementRow]) -> tuple[StatementRow, ...]:
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
