"""What the columns of a weighbridge program are called, and the units that they carry."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from remelt.platform.yard.errors import HeadingsMissing, UnitMissing
from remelt.platform.yard.sheets import Cell, Sheet, column_letters

MASS_UNITS: Final = {"g": 1, "kg": 1_000, "jin": 500, "t": 1_000_000}
PRICE_UNITS: Final = {"t": 100, "kg": 100_000, "jin": 200_000}
"""Yuan per unit, in fen per tonne."""

_UNIT_WORDS: Final = {
    "kg": "kg", "公斤": "kg", "千克": "kg", "kgs": "kg",
    "t": "t", "吨": "t", "ton": "t", "tonne": "t", "tonnes": "t",
    "斤": "jin", "市斤": "jin", "jin": "jin",
    "g": "g", "克": "g",
}  # fmt: skip
_WORDS: Final = """
number: 流水号, 票号, 磅单号, 过磅单号, 单号, 编号, 序号
number: ticket, ticket no, ticket number, no, number
at: 过磅时间, 称重时间, 毛重时间, 日期时间, 时间, 称重日期, 过磅日期, 日期
at: time, date, date time, weighed at, gross time
plate: 车号, 车牌, 车牌号, 车牌号码, plate, vehicle, truck, licence plate
material: 货名, 品名, 物料, 物料名称, 货物名称, 货物, 品种, 材料, material, grade, goods, commodity
gross: 毛重, gross, gross weight
tare: 皮重, tare, tare weight
net: 净重, net, net weight
deduction: 扣重, 扣杂, 扣杂重, 扣除, deduction, deducted
deduction_share: 扣率, 扣杂率, 扣点, deduction share, deduction rate
payable: 结算重量, 实重, 结重, payable, payable weight, settled weight
price: 单价, 价格, price, unit price
amount: 金额, 总金额, 总价, 货款, amount, total
method: 付款方式, 支付方式, 结算方式, paid by, payment, method
seller: 客户, 客户名称, 供货单位, 发货单位, 送货单位, 供应商, 卖方, 售货人, 姓名
seller: seller, supplier, customer, name
phone: 电话, 手机, 手机号, 联系电话, phone, mobile
direction: 类型, 过磅类型, 业务类型, 进出, 方向, direction, type, in/out
note: 备注, note, remark, remarks
"""
_NEEDED: Final = ("number", "at", "material", "gross", "tare")
_MASSES: Final = ("gross", "tare", "net", "deduction", "payable")
_BRACKETS = re.compile(r"[(\[（【/](.*?)[)\]）】]?$")
_KNOWN: Final = {
    word.strip(): line.split(":", 1)[0]
    for line in _WORDS.strip().splitlines()
    for word in line.split(":", 1)[1].split(",")
}
_FIRST: Final = {name: word for word, name in reversed(_KNOWN.items())}


@dataclass(frozen=True, slots=True)
class Column:
    """A column that is used: where it stands, what it is called, its factor to kept units.

    factor: grams, or fen per tonne, in one of the column's units; 1 where it has none.
    """

    index: int
    heading: str
    factor: int = 1

    @property
    def letters(self) -> str:
        """The column's name in a spreadsheet."""
        return column_letters(self.index)


@dataclass(frozen=True, slots=True)
class Headings:
    """The row (from 1) that names the columns, what each means, and those that are not used."""

    row: int
    columns: dict[str, Column]
    unused: tuple[str, ...]


def find_headings(
    sheet: Sheet, *, mass_unit: str | None = None, price_unit: str | None = None
) -> Headings:
    """Return the headings, sought in the first 20 rows.

    A unit stands in the heading (毛重(kg), 单价(元/吨), Price (CNY/kg)); where it does not,
    `mass_unit` (g, kg, jin, t) and `price_unit` (t, kg, jin) are what the person said.
    Raises `HeadingsMissing` and `UnitMissing`.
    """
    best: tuple[int, dict[str, tuple[int, str]]] = (0, {})
    for position, row in enumerate(sheet.rows[:20], start=1):
        found = _named(row)
        if len(found) > len(best[1]):
            best = (position, found)
    missing = [_FIRST[name] for name in _NEEDED if name not in best[1]]
    if missing:
        raise HeadingsMissing(field="file", missing=", ".join(missing))
    row_number, found = best
    columns = {
        name: Column(
            index=index,
            heading=heading,
            factor=_factor(name, heading, mass_unit=mass_unit, price_unit=price_unit),
        )
        for name, (index, heading) in found.items()
    }
    used = {column.index for column in columns.values()}
    unused = tuple(
        str(cell)
        for index, cell in enumerate(sheet.rows[row_number - 1])
        if cell and index not in used
    )
    return Headings(row=row_number, columns=columns, unused=unused)


def unit_of(text: str) -> str | None:
    """Return the unit that a heading's or cell's last word names: g, kg, jin, t or None."""
    return _UNIT_WORDS.get(text.strip().lower().rsplit("/", 1)[-1].strip())


def _named(row: Sequence[Cell]) -> dict[str, tuple[int, str]]:
    found: dict[str, tuple[int, str]] = {}
    for index, cell in enumerate(row):
        if not isinstance(cell, str):
            continue
        name = _KNOWN.get(_bare(cell))
        if name is not None:
            found.setdefault(name, (index, cell))
    return found


def _folded(heading: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", heading).replace("_", " ").lower().split())


def _bare(heading: str) -> str:
    folded = _folded(heading).removesuffix(":")
    if folded in _KNOWN:
        return folded
    return _BRACKETS.sub("", folded).strip().rstrip(".")


def _factor(name: str, heading: str, *, mass_unit: str | None, price_unit: str | None) -> int:
    if name not in {*_MASSES, "price"}:
        return 1
    inside = _BRACKETS.search(_folded(heading))
    said = unit_of(inside.group(1)) if inside else None
    unit = said or (price_unit if name == "price" else mass_unit)
    units = PRICE_UNITS if name == "price" else MASS_UNITS
    if unit not in units:
        raise UnitMissing(
            field="price_unit" if name == "price" else "mass_unit", heading=heading[:40]
        )
    return units[unit]
