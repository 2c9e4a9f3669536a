"""What happened about reverse invoices. Amounts in fen; nobody is named, not by a code either."""

from dataclasses import dataclass
from typing import ClassVar

from remelt.platform.kernel.outbox import Event


@dataclass(frozen=True, kw_only=True)
class ReverseInvoiced(Event):
    """A reverse invoice was drawn up, or taken back by a red one (`sign` -1)."""

    name: ClassVar[str] = "reverse-invoiced"
    invoice_code: str
    subject_code: str
    organisation_id: int
    person_id: int
    month: str
    net_fen: int
    vat_fen: int
    income_tax_fen: int
    sign: int


@dataclass(frozen=True, kw_only=True)
class IdentitiesOpened(Event):
    """Sealed identity numbers were opened for a filing or report: how many, for what, by whom."""

    name: ClassVar[str] = "identities-opened"
    organisation_id: int
    person_id: int
    purpose: str
    period: str
    count: int


@dataclass(frozen=True, kw_only=True)
class SellerTied(Event):
    """An account was tied to what was invoiced for its person, or untied (`tied` false)."""

    name: ClassVar[str] = "seller-tied"
    organisation_id: int
    person_id: int
    tied: bool
