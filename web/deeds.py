"""A contract as a document: canonical JSON, and a PDF that carries the JSON's hash."""

import hashlib
from typing import Any

from fpdf import FPDF

from remelt.platform.settlement.finals.queries import TermsView
from remelt.platform.settlement.finals.terms import canonical_json, terms_json, terms_sha256
from remelt.web import fmt
from remelt.web.deal_page import clauses, sentences
from remelt.web.papers import FONT

MARGIN_MM, WIDTH_MM, LABEL_MM = 20.0, 170.0, 52.0


def deed(view: TermsView) -> dict[str, Any]:
    """Return a contract with its terms in force as plain JSON."""
    sold, contract = view.sold, view.sold.contract
    zh, en = sentences(view.terms)
    return {
        "version": 1,
        "kind": "purchase",
        "code": contract.code,
        "made_at": fmt.stamp(contract.made_at),
        "seller": _party(sold.seller),
        "buyer": _party(sold.buyer),
        "lot": contract.lot_code,
        "grade": {"system": sold.listing.grade_system, "code": sold.listing.grade_code},
        "declared_mass_g": contract.declared_mass_g,
        "from_site": sold.from_site.code,
        "deliver_to_site": sold.to_site.code,
        "terms": terms_json(view.terms),
        "terms_sha256": terms_sha256(view.terms),
        "signed": view.signed is not None,
        "price_zh": zh,
        "price_en": en,
    }


def deed_bytes(view: TermsView) -> bytes:
    """Return the contract's canonical JSON."""
    return canonical_json(deed(view))


def deed_sha256(view: TermsView) -> str:
    """Return the SHA-256 of the contract's canonical JSON."""
    return hashlib.sha256(deed_bytes(view)).hexdigest()


def deed_pdf(view: TermsView) -> bytes:
    """Return the contract as a PDF of A4, with both sentences of the price and the hash."""
    paper = FPDF(unit="mm", format="A4")
    paper.set_creator("Remelt")
    paper.set_creation_date(view.sold.contract.made_at)
    paper.add_font("words", fname=FONT)
    paper.set_margins(MARGIN_MM, MARGIN_MM)
    paper.set_auto_page_break(auto=True, margin=MARGIN_MM)
    paper.add_page()
    paper.set_font("words", size=18)
    paper.cell(WIDTH_MM, 12, "购销合同 Contract of purchase", new_x="LMARGIN", new_y="NEXT")
    for name, value in _rows(view):
        _row(paper, name, value)
    paper.ln(10)
    for name in ("卖方 Seller", "买方 Buyer"):
        _row(paper, f"{name}（签章 signature）", "_" * 36)
    paper.ln(4)
    paper.set_font("words", size=8)
    paper.multi_cell(WIDTH_MM, 5, f"SHA-256 (contract.json)\n{deed_sha256(view)}")
    return bytes(paper.output())


def _rows(view: TermsView) -> list[tuple[str, str]]:
    sold, contract = view.sold, view.sold.contract
    zh, en = sentences(view.terms)
    return [
        ("合同编号 No.", fmt.code(contract.code)),
        ("日期 Date", fmt.beijing(contract.made_at).date().isoformat()),
        ("卖方 Seller", sold.seller.name_zh),
        ("买方 Buyer", sold.buyer.name_zh),
        ("批次 Lot", f"{fmt.code(contract.lot_code)} {sold.listing.grade_zh}"),
        ("申报重量 Declared mass", fmt.mass(contract.declared_mass_g)),
        ("价格", zh),
        ("Price", en),
        *clauses(view.terms),
        ("条款状态 Terms", "双方已签 signed by both" if view.signed else "成交条款 as awarded"),
    ]


def _row(paper: FPDF, name: str, value: str) -> None:
    paper.set_font("words", size=9)
    top = paper.get_y()
    paper.multi_cell(LABEL_MM, 6, name, new_x="RIGHT", new_y="TOP", align="L")
    paper.set_font("words", size=10)
    paper.multi_cell(WIDTH_MM - LABEL_MM, 6, value, new_x="LMARGIN", new_y="NEXT", align="L")
    paper.set_y(max(paper.get_y(), top + 7))


def _party(row: Any) -> dict[str, str]:
    return {"code": row.code, "name_zh": row.name_zh, "name_en": row.name_en}
