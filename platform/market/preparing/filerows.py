"""Rows of a seller's own list of lots, cell by cell: each mistake is named by its cell."""

import hashlib
from dataclasses import dataclass
from typing import Final

from remelt.platform.kernel.sheets.cells import TOTALS, CellProblem, RowCells
from remelt.platform.kernel.sheets.headings import Headings, Vocabulary, find_headings
from remelt.platform.kernel.sheets.reading import read_sheet
from remelt.platform.market.models import MAX_MASS_G
from remelt.platform.market.preparing.errors import CellNotChecked

_WORDS: Final = """
number: 编号, 序号, 货号, 自编号, number, no, own number, ref
grade: 品名, 货名, 牌号, 品种, 材料, 名称, 物料, 俗名, grade, material, name, goods
mass: 重量, 估重, 预估重量, 质量, 净重, 数量, mass, weight, declared mass, quantity
price: 单价, 价格, 要价, 一口价, 起拍价, 报价, price, unit price, asking price
mode: 售卖方式, 销售方式, 出售方式, 方式, how to sell, mode, sale
reserve: 底价, 保留价, reserve, reserve price
step: 加价幅度, 加价, step, least rise
form: 形态, 状态, 包装, form
origin: 来源, 废料来源, origin
productive: 生产性, 生产性废料, productive, productive scrap
certificate: 证明编号, 证明, 证书, certificate
area: 产地, 外省, 省份, 国家, province or country, origin area, area
invoice: 含税, 含票, 开票, 发票, with invoice, invoice, tax included
vat: 税率, 增值税率, vat, vat rate
checked: 安全检查, 已检查, 安全, 检查, checked, safety checked
days: 挂牌天数, 天数, 时长, days, open days
title: 标题, title
description: 备注, 说明, 描述, note, description, remark
"""
VOCABULARY: Final = Vocabulary.of(
    _WORDS,
    needed=("grade", "mass", "price", "checked"),
    masses=("mass",),
    prices=("price", "reserve", "step"),
)
_YES: Final = {
    "是": "yes",
    "有": "yes",
    "√": "yes",
    "对": "yes",
    "yes": "yes",
    "y": "yes",
    "true": "yes",
    "1": "yes",
}
_NO: Final = {
    "否": "no",
    "无": "no",
    "不": "no",
    "×": "no",
    "no": "no",
    "n": "no",
    "false": "no",
    "0": "no",
}
YES_NO: Final = _YES | _NO
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
DAYS: Final = {str(n): str(n) for n in range(1, 31)}


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


@dataclass(frozen=True, slots=True)
class LotFile:
    """What a file of lots says; rows that could not be read stand in `problems`."""

    filename: str
    sha256: str
    rows: tuple[LotRow, ...]
    problems: tuple[CellProblem, ...]
    headings: Headings

    @property
    def unused(self) -> tuple[str, ...]:
        """Columns of the file that nothing is made of."""
        return self.headings.unused


def parse(
    content: bytes, *, filename: str, mass_unit: str | None = None, price_unit: str | None = None
) -> LotFile:
    """Read a CSV or XLSX of lots; touches no database.

    Masses may be in kg, t, 斤 or g and prices in yuan per t, kg or 斤, as the heading says or as
    `mass_unit` and `price_unit` do. Mistakes in cells are gathered; a file that cannot be read at
    all raises `FileUnreadable`, `FileTooLarge`, `HeadingsMissing` or `UnitMissing`.
    """
    sheet = read_sheet(content, filename=filename)
    headings = find_headings(sheet, VOCABULARY, mass_unit=mass_unit, price_unit=price_unit)
    rows: list[LotRow] = []
    problems: list[CellProblem] = []
    for number, cells in enumerate(sheet.rows[headings.row :], start=headings.row + 1):
        if not any(cells) or _is_total(cells[0]):
            continue
        at = RowCells(headings=headings, row=number, cells=cells)
        row = _read(at) if at.whole(sheet.merged) else None
        problems += at.problems
        if row is not None:
            rows.append(row)
    return LotFile(
        filename=filename[:200],
        sha256=hashlib.sha256(content).hexdigest(),
        rows=tuple(rows),
        problems=tuple(problems),
        headings=headings,
    )


def _is_total(cell: object) -> bool:
    return isinstance(cell, str) and cell.lower().startswith(TOTALS)


def _read(at: RowCells) -> LotRow | None:
    mass = at.mass("mass", limit=MAX_MASS_G, needed=True)
    price = at.price("price", needed=True)
    if at.one_of("checked", YES_NO, empty="no") != "yes":
        at.wrong("checked", CellNotChecked())
    words = {
        "number": at.text("number", most=40),
        "grade": at.text("grade", most=200, needed=True),
        "certificate": at.text("certificate", most=200),
        "area": at.text("area", most=2).upper(),
        "title": at.text("title", most=120),
        "description": at.text("description", most=2_000),
    }
    chosen = {
        "auction": at.one_of("mode", MODES, empty="fixed") == "auction",
        "form": at.one_of("form", FORM_WORDS, empty="loose"),
        "origin": at.one_of("origin", ORIGIN_WORDS, empty="unknown"),
        "productive": at.one_of("productive", YES_NO, empty="no") == "yes",
        "with_invoice": at.one_of("invoice", YES_NO, empty="no") == "yes",
        "days": int(at.one_of("days", DAYS, empty="7")),
    }
    rest = {
        "reserve_fen_per_t": at.price("reserve"),
        "step_fen_per_t": at.price("step"),
        "vat_rate_bp": at.share("vat") or 0,
    }
    if at.problems or mass is None or price is None:
        return None
    return LotRow(row=at.row, mass_g=mass, price_fen_per_t=price, **words, **chosen, **rest)  # type: ignore[arg-type]
