"""The contract of a purchase as a document: who, what, at which price, on which terms."""

from typing import Any

from remelt.platform.settlement.finals.queries import TermsView
from remelt.platform.settlement.finals.terms import terms_json, terms_sha256
from remelt.web import fmt
from remelt.web.deal_page import clauses, sentences
from remelt.web.deeds import Deed, in_both, party_json, party_name


def purchase_deed(view: TermsView) -> Deed:
    """Return the contract of a purchase with its terms in force."""
    contract = view.sold.contract
    return Deed(
        code=contract.code, title="购销合同 Contract of purchase", made_at=contract.made_at,
        said=_said(view), rows=_rows(view), signers=("卖方 Seller", "买方 Buyer"),
    )  # fmt: skip


def _said(view: TermsView) -> dict[str, Any]:
    sold, contract = view.sold, view.sold.contract
    zh, en = sentences(view.terms)
    return {
        "version": 1,
        "kind": "purchase",
        "code": contract.code,
        "made_at": fmt.stamp(contract.made_at),
        "seller": party_json(sold.seller),
        "buyer": party_json(sold.buyer),
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


def _rows(view: TermsView) -> list[tuple[str, str]]:
    sold, contract = view.sold, view.sold.contract
    return [
        ("合同编号 No.", fmt.code(contract.code)),
        ("日期 Date", fmt.beijing(contract.made_at).date().isoformat()),
        ("卖方 Seller", party_name(sold.seller)),
        ("买方 Buyer", party_name(sold.buyer)),
        ("批次 Lot", f"{fmt.code(contract.lot_code)} {sold.listing.grade_zh}"),
        ("申报重量 Declared mass", fmt.mass(contract.declared_mass_g)),
        *in_both(lambda: clauses(view.terms)),
        ("状态 State", "双方已签 signed by both" if view.signed else "成交条款 as awarded"),
    ]
