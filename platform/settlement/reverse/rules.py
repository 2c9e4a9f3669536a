"""How much may be invoiced for a natural person, and how an amount parts into net and taxes.

Rules that need no database. Sources: STA announcement 2024 No. 5 (ceiling, threshold, consent,
who files); rates from the reference data. A support for the work, no promise of compliance.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from remelt.platform.kernel.money import share_half_up
from remelt.platform.settlement.reverse.errors import BadInvoiceNumber, BadMonth, CeilingReached

WINDOW_MONTHS: Final = 12
WARN_BP: Final = 8_000
WHOLE_BP: Final = 10_000
_NUMBER = re.compile(r"\d{8,20}", re.ASCII)
_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])", re.ASCII)


@dataclass(frozen=True, slots=True)
class TaxRules:
    """What the reference data says on a day: limits in fen excluding VAT, rates in 1/10,000.

    edition: which rows these are, as kept on each invoice. sources: name of a rule -> its source.
    """

    ceiling_fen: int
    threshold_fen: int
    levy_bp: int
    income_tax_bp: int
    edition: str
    sources: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Parted:
    """An amount paid, parted: gross = net + VAT; the income tax is prepaid from the net."""

    vat_bp: int
    net_fen: int
    vat_fen: int
    income_tax_fen: int


@dataclass(frozen=True, slots=True)
class Meter:
    """How much was invoiced for a seller in the twelve months, at least: fen excluding VAT.

    platform_fen: by all buyers here; elsewhere_fen: as stated with proof.
    """

    platform_fen: int
    elsewhere_fen: int
    ceiling_fen: int
    month_fen: int
    threshold_fen: int

    @property
    def at_least_fen(self) -> int:
        """What is known to be invoiced; there may be more that nobody has told."""
        return self.platform_fen + self.elsewhere_fen

    @property
    def left_fen(self) -> int:
        """What may still be invoiced at most."""
        return max(self.ceiling_fen - self.at_least_fen, 0)

    @property
    def above(self) -> bool:
        """Whether more than the month's threshold is known to be invoiced."""
        return self.month_fen > self.threshold_fen

    @property
    def share_bp(self) -> int:
        """The used share of the ceiling in 1/10,000, rounded down, at most the whole."""
        return min(max(self.at_least_fen, 0) * WHOLE_BP // self.ceiling_fen, WHOLE_BP)

    @property
    def state(self) -> str:
        """free, near (80 % and more) or full (nothing left)."""
        if self.left_fen == 0:
            return "full"
        near = self.at_least_fen * WHOLE_BP >= self.ceiling_fen * WARN_BP
        return "near" if near else "free"


def part(gross_fen: int, *, vat_bp: int, income_tax_bp: int) -> Parted:
    """Part what was paid into net and VAT, halves of a fen rounded up, and work the income tax.

    gross_fen: > 0. The worked settlement's variant for a natural person (1 % VAT, 0.5 % tax):

    >>> part(158_149_952, vat_bp=100, income_tax_bp=50)
    Parted(vat_bp=100, net_fen=156584111, vat_fen=1565841, income_tax_fen=782921)
    """
    whole = WHOLE_BP + vat_bp
    net_fen = (2 * gross_fen * WHOLE_BP + whole) // (2 * whole)
    return Parted(
        vat_bp=vat_bp,
        net_fen=net_fen,
        vat_fen=gross_fen - net_fen,
        income_tax_fen=share_half_up(net_fen, share_bp=income_tax_bp),
    )


def invoice_kind(method: str) -> str:
    """Return the kind of invoice by the buyer's VAT method: special under the general one."""
    return "special" if method == "general" else "ordinary"


def vat_rate_bp(gross_fen: int, *, kind: str, month_fen: int, rules: TaxRules) -> int:
    """Return the VAT rate of an invoice: none up to the month's threshold, else the levy.

    month_fen: invoiced in the month so far, at least. A special invoice always bears the levy,
    because the buyer deducts it (to be checked with the tax office).
    """
    exempt = kind == "ordinary" and month_fen + gross_fen <= rules.threshold_fen
    return 0 if exempt else rules.levy_bp


def vat_due(*, vat_fen: int, net_fen: int, vat_bp: int, above: bool, levy_bp: int) -> int:
    """Return the VAT to be filed for an invoice, in fen >= 0.

    Above the month's threshold it is due on an invoice that was drawn up without it, too.
    """
    late = above and vat_bp == 0
    return share_half_up(net_fen, share_bp=levy_bp) if late else vat_fen


def check_ceiling(meter: Meter, *, net_fen: int) -> None:
    """Refuse an invoice that would bring the seller above the ceiling. Raises `CeilingReached`."""
    if meter.at_least_fen + net_fen > meter.ceiling_fen:
        left = meter.left_fen
        raise CeilingReached(left_yuan=f"{left // 100}.{left % 100:02d}")


def window(month: str) -> tuple[str, str]:
    """Return the first and last of the twelve calendar months that end with `month`.

    >>> window("2026-03")
    ('2025-04', '2026-03')
    """
    return months_before(month, count=WINDOW_MONTHS - 1), month


def months_before(month: str, *, count: int) -> str:
    """Return the month `count` months earlier. Raises `BadMonth`.

    >>> months_before("2026-01", count=1)
    '2025-12'
    """
    parts = _MONTH.fullmatch(month)
    if parts is None:
        raise BadMonth(field="month")
    whole = int(parts[1]) * 12 + int(parts[2]) - 1 - count
    return f"{whole // 12:04d}-{whole % 12 + 1:02d}"


def check_month(month: str, *, today: date) -> str:
    """Return a month of the window that ends today. Raises `BadMonth`."""
    first, last = window(today.strftime("%Y-%m"))
    if not (_MONTH.fullmatch(month) and first <= month <= last):
        raise BadMonth(field="month")
    return month


def read_number(text: str) -> str:
    """Return the number of an invoice, 8 to 20 digits. Raises `BadInvoiceNumber`."""
    tidy = text.replace(" ", "")
    if not _NUMBER.fullmatch(tidy):
        raise BadInvoiceNumber(field="number")
    return tidy
