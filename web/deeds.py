"""A contract as a document: canonical JSON, and a PDF in both languages that carries its hash."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

from flask import Response, make_response
from flask_babel import force_locale
from fpdf import FPDF

from remelt.platform.settlement.finals.terms import canonical_json
from remelt.web.locale import LOCALES
from remelt.web.papers import FONT

MARGIN_MM: Final = 20.0
WIDTH_MM: Final = 170.0
LABEL_MM: Final = 52.0
LINE_MM: Final = 6.0
SIGNED_MM: Final = 45.0
Rows = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """A contract to be kept. said: all of it as plain JSON; the rest is what the paper shows.

    signers: what the two parties are called under their signatures.
    """

    code: str
    title: str
    made_at: datetime
    said: Mapping[str, Any]
    rows: Rows
    signers: tuple[str, str]

    @property
    def json(self) -> bytes:
        """The contract as canonical JSON."""
        return canonical_json(dict(self.said))

    @property
    def sha256(self) -> str:
        """The SHA-256 of the canonical JSON."""
        return hashlib.sha256(self.json).hexdigest()


def sent(deed: Deed, *, kind: str) -> Response:
    """Answer with the document as `json` or `pdf`; the hash of the JSON stands in the header."""
    response = make_response(deed.json if kind == "json" else paper(deed))
    response.headers["X-Content-SHA256"] = deed.sha256
    response.mimetype = f"application/{kind}"
    name = f"contract-{deed.code}.{kind}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def paper(deed: Deed) -> bytes:
    """Return a contract as a PDF of A4, with room for two signatures and the hash."""
    sheet = FPDF(unit="mm", format="A4")
    sheet.set_creator("Remelt")
    sheet.set_creation_date(deed.made_at)
    sheet.add_font("words", fname=FONT)
    sheet.set_margins(MARGIN_MM, MARGIN_MM)
    sheet.set_auto_page_break(auto=True, margin=MARGIN_MM)
    sheet.add_page()
    sheet.set_font("words", size=18)
    sheet.cell(WIDTH_MM, 12, deed.title, new_x="LMARGIN", new_y="NEXT")
    for name, value in deed.rows:
        _row(sheet, name, value)
    if sheet.will_page_break(SIGNED_MM):
        sheet.add_page()
    sheet.ln(10)
    for name in deed.signers:
        _row(sheet, f"{name}（签章 signature）", "_" * 36)
    sheet.ln(4)
    sheet.set_font("words", size=8)
    sheet.multi_cell(WIDTH_MM, 5, f"SHA-256 (contract.json)\n{deed.sha256}")
    return bytes(sheet.output())


def in_both(rows: Callable[[], Rows]) -> list[tuple[str, str]]:
    """Return rows that speak the page's language as rows that speak both, the Chinese first."""
    spoken = []
    for locale in LOCALES:
        with force_locale(locale):
            spoken.append(rows())
    return [
        (_beside(name, other_name, " "), _beside(value, other_value, "\n"))
        for (name, value), (other_name, other_value) in zip(*spoken, strict=True)
    ]


def party_json(row: Any) -> dict[str, str]:
    """Return a party as documents name it."""
    return {"code": row.code, "name_zh": row.name_zh, "name_en": row.name_en}


def party_name(row: Any) -> str:
    """Return a party's names as the paper shows them."""
    return _beside(row.name_zh, row.name_en, " ")


def _beside(first: str, second: str, between: str) -> str:
    return first if second in {"", first} else f"{first}{between}{second}"


def _row(sheet: FPDF, name: str, value: str) -> None:
    """Write a name and what it says side by side, on one page."""
    columns = ((LABEL_MM, 9, name), (WIDTH_MM - LABEL_MM, 10, value))
    height_mm = 1 + max(_height(sheet, width_mm, size, text) for width_mm, size, text in columns)
    if sheet.will_page_break(height_mm):
        sheet.add_page()
    top_mm, left_mm = sheet.get_y(), MARGIN_MM
    for width_mm, size, text in columns:
        sheet.set_font("words", size=size)
        sheet.set_xy(left_mm, top_mm)
        sheet.multi_cell(width_mm, LINE_MM, text, align="L")
        left_mm += width_mm
    sheet.set_xy(MARGIN_MM, top_mm + height_mm)


def _height(sheet: FPDF, width_mm: float, size: int, text: str) -> float:
    sheet.set_font("words", size=size)
    lines = sheet.multi_cell(width_mm, LINE_MM, text, dry_run=True, output="LINES")
    return LINE_MM * len(cast("list[str]", lines))
