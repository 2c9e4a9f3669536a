"""Ceiling, threshold and rates as the reference data says them on a day."""

from datetime import date
from typing import Final

from sqlmodel import Session

from remelt.platform.catalogue import queries as catalogue
from remelt.platform.catalogue.models import PolicyTarget
from remelt.platform.settlement.reverse.rules import TaxRules

CEILING: Final = "reverse_invoice_cap"
THRESHOLD: Final = "reverse_invoice_month"
LEVY: Final = "reverse_invoice_levy"
INCOME_TAX: Final = "reverse_invoice_income_tax"
RULES: Final = (CEILING, THRESHOLD, LEVY, INCOME_TAX)


def tax_rules(session: Session, *, on: date) -> TaxRules:
    """Return the rules in force on a Beijing day; an edition of the operator stands above ours.

    A rule whose last day is past counts on until a new edition says otherwise.
    """
    newest, in_force = catalogue.targets(session), catalogue.targets(session, on=on)
    rows = {row.target_id: row for row in (*newest, *in_force)}
    found = [rows[name] for name in RULES]
    ceiling, threshold, levy, income_tax = (_hundredths(row) for row in found)
    return TaxRules(
        ceiling_fen=ceiling,
        threshold_fen=threshold,
        levy_bp=levy,
        income_tax_bp=income_tax,
        edition=", ".join(sorted({row.edition for row in found}))[:200],
        sources={row.target_id: (row.document, row.confidence) for row in found},
    )


def _hundredths(row: PolicyTarget) -> int:
    digits: int = row.value_digits or 0
    places: int = row.value_places or 0
    whole = 100 * digits
    if whole % (10**places):
        raise ValueError(f"{row.target_id} is finer than a hundredth")
    return int(whole // 10**places)
