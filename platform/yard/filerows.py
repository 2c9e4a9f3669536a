"""Rows of a weighbridge program's file, cell by cell: each mistake is named by its cell."""

import hashlib
import json
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Final

from remelt.platform.kernel.sheets.columns import (
    Column,
    amount,
    choice,
    mass,
    moment,
    price,
    share,
    words,
)
from remelt.platform.kernel.sheets.tables import RowCells, Table, read_table
from remelt.platform.yard.cells import AMOUNT_LIMIT_FEN, DIRECTIONS, METHOD_WORDS, OUTGOING, kg
from remelt.platform.yard.errors import CellNetDiffers
from remelt.platform.yard.weights import SCALE_LIMIT_G

NUMBER: Final = words(
    "number",
    "流水号, 票号, 磅单号, 过磅单号, 单号, 编号, 序号, "
    "ticket, ticket no, ticket number, no, number",
    most=40,
    needed=True,
)
TIME: Final = moment(
    "at",
    "过磅时间, 称重时间, 毛重时间, 日期时间, 时间, 称重日期, 过磅日期, 日期, "
    "time, date, date time, weighed at, gross time",
    needed=True,
)
MATERIAL: Final = words(
    "material",
    "货名, 品名, 物料, 物料名称, 货物名称, 货物, 品种, 材料, material, grade, goods, commodity",
    most=200,
    needed=True,
)
GROSS: Final = mass("gross", "毛重, gross, gross weight", limit=SCALE_LIMIT_G, needed=True)
TARE: Final = mass("tare", "皮重, tare, tare weight", limit=SCALE_LIMIT_G, needed=True)
NET: Final = mass("net", "净重, net, net weight", limit=SCALE_LIMIT_G)
DEDUCTION: Final = mass(
    "deduction", "扣重, 扣杂, 扣杂重, 扣除, deduction, deducted", limit=SCALE_LIMIT_G
)
DEDUCTION_SHARE: Final = share(
    "deduction_share", "扣率, 扣杂率, 扣点, deduction share, deduction rate"
)
PAYABLE: Final = mass(
    "payable", "结算重量, 实重, 结重, payable, payable weight, settled weight", limit=SCALE_LIMIT_G
)
PRICE: Final = price("price", "单价, 价格, price, unit price")
AMOUNT: Final = amount("amount", "金额, 总金额, 总价, 货款, amount, total", limit=AMOUNT_LIMIT_FEN)
METHOD: Final = choice(
    "method",
    "付款方式, 支付方式, 结算方式, paid by, payment, method",
    METHOD_WORDS,
    empty="",
)
SELLER: Final = words(
    "seller",
    "客户, 客户名称, 供货单位, 发货单位, 送货单位, 供应商, 卖方, 售货人, 姓名, "
    "seller, supplier, customer, name",
    most=60,
)
PLATE: Final = words(
    "plate", "车号, 车牌, 车牌号, 车牌号码, plate, vehicle, truck, licence plate", most=12
)
PHONE: Final = words("phone", "电话, 手机, 手机号, 联系电话, phone, mobile", most=21)
DIRECTION: Final = choice(
    "direction",
    "类型, 过磅类型, 业务类型, 进出, 方向, direction, type, in/out",
    DIRECTIONS,
    empty="in",
)
NOTE: Final = words("note", "备注, note, remark, remarks", most=200)
COLUMNS: Final = (
    NUMBER, TIME, PLATE, MATERIAL, GROSS, TARE, NET, DEDUCTION, DEDUCTION_SHARE, PAYABLE, PRICE,
    AMOUNT, METHOD, SELLER, PHONE, DIRECTION, NOTE,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FileRow:
    """One weighing of the file in kept units. Price, amount and method are None where not said.

    row: its line in the file, from 1. at: aware UTC; the file speaks Beijing time.
    occurrence: which of the rows that say the same, from 1; twins on one ticket are two.
    """

    row: int
    number: str
    at: datetime
    plate: str
    material: str
    gross_g: int
    tare_g: int
    deducted_g: int | None
    share_bp: int | None
    price_fen_per_t: int | None
    amount_fen: int | None
    method: str | None
    seller: str
    phone: str
    note: str
    occurrence: int = 1

    @property
    def sha256(self) -> str:
        """The hash of what the row says, wherever it stands and however it is written."""
        said = [str(getattr(self, name)) for name in _SAID]
        return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


_SAID: Final = tuple(each.name for each in fields(FileRow) if each.name != "row")


def parse(
    content: bytes,
    *,
    filename: str,
    mass_unit: str | None = None,
    price_unit: str | None = None,
) -> Table[FileRow]:
    """Read a CSV or XLSX of weighings; touches no database.

    Masses may be in kg, t, 斤 (0.5 kg) or g and prices in yuan per t, kg or 斤, as the heading
    or the cell says; `mass_unit` and `price_unit` speak for headings without a unit.
    Rows of goods that left are left out as `outgoing`. Raises what `read_table` raises.
    """
    return read_table(
        content,
        filename=filename,
        columns=COLUMNS,
        read=_row,
        skip=lambda at: "outgoing" if at.text(DIRECTION).lower() in OUTGOING else None,
        units={"mass_unit": mass_unit, "price_unit": price_unit},
    )


def _row(at: RowCells) -> FileRow | None:
    number, weighed_at, material = at[NUMBER], at[TIME], at[MATERIAL]
    gross_g, tare_g, share_bp = at[GROSS], at[TARE], at[DEDUCTION_SHARE]
    deducted_g = _deducted(at, gross_g, tare_g, share_bp)
    price_fen_per_t, amount_fen = at[PRICE], at[AMOUNT]
    incoming = at[DIRECTION] == "in"
    method, plate, phone = at[METHOD] or None, at[PLATE], at[PHONE]
    seller, note = at[SELLER], at[NOTE]
    if not incoming or weighed_at is None or gross_g is None or tare_g is None:
        return None
    return FileRow(
        row=at.row, number=number, at=weighed_at, plate=plate, material=material,
        gross_g=gross_g, tare_g=tare_g, deducted_g=deducted_g, share_bp=share_bp,
        price_fen_per_t=price_fen_per_t, amount_fen=amount_fen, method=method,
        seller=seller, phone=phone, note=note,
    )  # fmt: skip


def _deducted(
    at: RowCells, gross_g: int | None, tare_g: int | None, share_bp: int | None
) -> int | None:
    given, payable_g, net_g = at[DEDUCTION], at[PAYABLE], at[NET]
    if gross_g is None or tare_g is None:
        return None
    if tare_g >= gross_g:
        _differs(at, TARE, gross_g - tare_g)
        return None
    weighed_g = gross_g - tare_g
    if net_g is not None and net_g != weighed_g:
        _differs(at, NET, weighed_g)
    if payable_g is None or share_bp is not None:
        return _fits(at, given, weighed_g)
    if given is not None and given != weighed_g - payable_g:
        _differs(at, PAYABLE, weighed_g - given)
    if payable_g > weighed_g:
        _differs(at, PAYABLE, weighed_g)
    return (weighed_g - payable_g) or None


def _fits(at: RowCells, given: int | None, weighed_g: int) -> int | None:
    if given is not None and given > weighed_g:
        _differs(at, DEDUCTION, weighed_g)
    return given or None


def _differs(at: RowCells, column: Column[int | None], net_g: int) -> None:
    at.wrong(column, CellNetDiffers(net_kg=kg(net_g)))
