"""Rows of a seller's own list of lots, cell by cell: each mistake is named by its cell."""

from dataclasses import dataclass
from typing import Final

from remelt.platform.kernel.sheets.columns import choice, mass, price, share, words
from remelt.platform.kernel.sheets.tables import RowCells, Table, read_table
from remelt.platform.market.models import MAX_MASS_G
from remelt.platform.market.preparing.errors import CellNotChecked

_YES: Final = ("是", "有", "√", "对", "yes", "y", "true", "1")
_NO: Final = ("否", "无", "不", "×", "no", "n", "false", "0")
YES_NO: Final = dict.fromkeys(_YES, True) | dict.fromkeys(_NO, False)
MODES: Final = {
    "一口价": "fixed", "定价": "fixed", "固定价": "fixed", "fixed": "fixed", "fixed price": "fixed",
    "竞价": "auction", "拍卖": "auction", "竞拍": "auction", "auction": "auction",
}  # fmt: skip
FORM_WORDS: Final = {
    "散装": "loose", "散": "loose", "散料": "loose", "loose": "loose",
    "打包": "bale", "压包": "bale", "包": "bale", "bale": "bale", "bales": "bale",
    "压块": "briquette", "块": "briquette", "briquette": "briquette",
    "破碎料": "shred", "破碎": "shred", "shred": "shred",
    "颗粒": "granule", "米": "granule", "granule": "granule",
    "屑": "turnings", "刨花": "turnings", "切屑": "turnings", "turnings": "turnings",
    "实心料": "solids", "边角料": "solids", "solids": "solids",
    "锭": "ingot", "ingot": "ingot",
}  # fmt: skip
ORIGIN_WORDS: Final = {
    "消费后": "post_consumer", "旧料": "post_consumer", "回收": "post_consumer",
    "post-consumer": "post_consumer", "post consumer": "post_consumer",
    "消费前": "pre_consumer", "新料": "pre_consumer", "边角": "pre_consumer",
    "pre-consumer": "pre_consumer", "pre consumer": "pre_consumer",
    "不明": "unknown", "未知": "unknown", "unknown": "unknown",
}  # fmt: skip
DAYS: Final = {str(n): n for n in range(1, 31)}

NUMBER: Final = words("number", "编号, 序号, 货号, 自编号, number, no, own number, ref", most=40)
GRADE: Final = words(
    "grade",
    "品名, 货名, 牌号, 品种, 材料, 名称, 物料, 俗名, grade, material, name, goods",
    most=200,
    needed=True,
)
MASS: Final = mass(
    "mass",
    "重量, 估重, 预估重量, 质量, 净重, 数量, mass, weight, declared mass, quantity",
    limit=MAX_MASS_G,
    needed=True,
)
PRICE: Final = price(
    "price",
    "单价, 价格, 要价, 一口价, 起拍价, 报价, price, unit price, asking price",
    needed=True,
)
MODE: Final = choice(
    "mode",
    "售卖方式, 销售方式, 出售方式, 方式, how to sell, mode, sale",
    MODES,
    empty="fixed",
)
RESERVE: Final = price("reserve", "底价, 保留价, reserve, reserve price")
STEP: Final = price("step", "加价幅度, 加价, step, least rise")
FORM: Final = choice("form", "形态, 状态, 包装, form", FORM_WORDS, empty="loose")
ORIGIN: Final = choice("origin", "来源, 废料来源, origin", ORIGIN_WORDS, empty="unknown")
PRODUCTIVE: Final = choice(
    "productive", "生产性, 生产性废料, productive, productive scrap", YES_NO, empty=False
)
CERTIFICATE: Final = words("certificate", "证明编号, 证明, 证书, certificate", most=200)
AREA: Final = words(
    "area", "产地, 外省, 省份, 国家, province or country, origin area, area", most=2
)
INVOICE: Final = choice(
    "invoice", "含税, 含票, 开票, 发票, with invoice, invoice, tax included", YES_NO, empty=False
)
VAT: Final = share("vat", "税率, 增值税率, vat, vat rate")
CHECKED: Final = choice(
    "checked",
    "安全检查, 已检查, 安全, 检查, checked, safety checked",
    YES_NO,
    empty=False,
    needed=True,
)
OPEN_DAYS: Final = choice("days", "挂牌天数, 天数, 时长, days, open days", DAYS, empty=7)
TITLE: Final = words("title", "标题, title", most=120)
DESCRIPTION: Final = words("description", "备注, 说明, 描述, note, description, remark", most=2_000)
COLUMNS: Final = (
    NUMBER, GRADE, MASS, PRICE, MODE, RESERVE, STEP, FORM, ORIGIN, PRODUCTIVE, CERTIFICATE, AREA,
    INVOICE, VAT, CHECKED, OPEN_DAYS, TITLE, DESCRIPTION,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LotRow:
    """One lot of the file in kept units; row: its line in the file, from 1."""

    row: int
    number: str
    grade: str
    mass_g: int
    price_fen_per_t: int
    auction: bool
    reserve_fen_per_t: int | None
    step_fen_per_t: int | None
    form: str
    origin: str
    productive: bool
    certificate: str
    area: str
    with_invoice: bool
    vat_rate_bp: int
    days: int
    title: str
    description: str


def parse(
    content: bytes, *, filename: str, mass_unit: str | None = None, price_unit: str | None = None
) -> Table[LotRow]:
    """Read a CSV or XLSX of lots; touches no database.

    Masses may be in kg, t, 斤 or g and prices in yuan per t, kg or 斤, as the heading says or as
    `mass_unit` and `price_unit` do. Raises what `read_table` raises.
    """
    return read_table(
        content,
        filename=filename,
        columns=COLUMNS,
        read=_row,
        units={"mass_unit": mass_unit, "price_unit": price_unit},
    )


def _row(at: RowCells) -> LotRow | None:
    mass_g, price_fen_per_t = at[MASS], at[PRICE]
    if not at[CHECKED]:
        at.wrong(CHECKED, CellNotChecked())
    if mass_g is None or price_fen_per_t is None:
        mass_g = price_fen_per_t = 0  # said above; the other cells are looked at all the same
    return LotRow(
        row=at.row,
        number=at[NUMBER],
        grade=at[GRADE],
        mass_g=mass_g,
        price_fen_per_t=price_fen_per_t,
        certificate=at[CERTIFICATE],
        area=at[AREA].upper(),
        title=at[TITLE],
        description=at[DESCRIPTION],
        auction=at[MODE] == "auction",
        form=at[FORM],
        origin=at[ORIGIN],
        productive=at[PRODUCTIVE],
        with_invoice=at[INVOICE],
        days=at[OPEN_DAYS],
        reserve_fen_per_t=at[RESERVE],
        step_fen_per_t=at[STEP],
        vat_rate_bp=at[VAT] or 0,
    )
