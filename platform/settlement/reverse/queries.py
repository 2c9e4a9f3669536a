"""What pages read of reverse invoices: a buyer its own, of others no more than a meter's state."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from remelt.platform.settlement.models import Settlement
from remelt.platform.settlement.reverse.counting import meters
from remelt.platform.settlement.reverse.errors import NoSuchSellerPurchase
from remelt.platform.settlement.reverse.models import (
    InvoiceNumber,
    NaturalSeller,
    ReverseInvoice,
    SellerPurchase,
)
from remelt.platform.settlement.reverse.rules import Meter, TaxRules, vat_due


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One invoice of a buyer; `standing`: black, and not taken back."""

    invoice: ReverseInvoice
    subject_code: str
    number: str | None
    standing: bool


@dataclass(frozen=True, slots=True)
class PurchaseLine:
    """A purchase from a natural seller with what is to be invoiced for it, if anything."""

    kind: str
    subject_code: str
    seller_id: int
    buyer_id: int
    amount_fen: int
    at: datetime
    invoice: InvoiceLine | None


def sellers_of(session: Session, *, digests: Collection[str]) -> dict[str, NaturalSeller]:
    """Return the natural sellers by the digests of their identities."""
    rows = session.exec(select(NaturalSeller).where(col(NaturalSeller.digest).in_(list(digests))))
    return {row.digest: row for row in rows if row.digest is not None}


def invoices(
    session: Session,
    *,
    buyer_id: int | None = None,
    seller_id: int | None = None,
    months: tuple[str, str] | None = None,
    limit: int = 500,
) -> list[InvoiceLine]:
    """Return invoices, the latest first: of a buyer, a seller, or both; of months from and to.

    Of all buyers a seller's invoices are for the seller's own eyes alone.
    """
    if buyer_id is None and seller_id is None:
        raise ValueError("invoices are a buyer's or a seller's")
    red = aliased(ReverseInvoice)
    statement = (
        select(ReverseInvoice, SellerPurchase.subject_code, InvoiceNumber.number, red.code)
        .join(SellerPurchase, col(SellerPurchase.id) == col(ReverseInvoice.purchase_id))
        .outerjoin(InvoiceNumber, col(InvoiceNumber.invoice_id) == col(ReverseInvoice.id))
        .outerjoin(red, col(red.counters_id) == col(ReverseInvoice.id))
        .order_by(col(ReverseInvoice.id).desc())
        .limit(limit)
    )
    if buyer_id is not None:
        statement = statement.where(ReverseInvoice.buyer_id == buyer_id)
    if seller_id is not None:
        statement = statement.where(ReverseInvoice.natural_seller_id == seller_id)
    if months is not None:
        statement = statement.where(col(ReverseInvoice.month).between(*months))
    return [
        InvoiceLine(row, subject, number, standing=row.sign > 0 and countered is None)
        for row, subject, number, countered in session.exec(statement)
    ]


def purchases(
    session: Session,
    *,
    buyer_id: int | None = None,
    seller_id: int | None = None,
    subject_code: str | None = None,
    limit: int = 200,
) -> list[PurchaseLine]:
    """Return purchases from natural sellers, the latest first, with their invoices.

    Of a buyer, a seller, or both; of all buyers a seller's are for the seller's own eyes alone.
    """
    newer = aliased(Settlement)
    statement = (
        select(SellerPurchase, Settlement.amount_fen)
        .join(
            Settlement,
            (col(Settlement.subject_code) == col(SellerPurchase.subject_code))
            & (col(Settlement.kind) == col(SellerPurchase.kind)),
        )
        .outerjoin(newer, col(newer.supersedes_id) == col(Settlement.id))
        .where(col(newer.id).is_(None))
        .order_by(col(SellerPurchase.id).desc())
        .limit(limit)
    )
    if buyer_id is not None:
        statement = statement.where(SellerPurchase.buyer_id == buyer_id)
    if seller_id is not None:
        statement = statement.where(SellerPurchase.natural_seller_id == seller_id)
    if subject_code is not None:
        statement = statement.where(SellerPurchase.subject_code == subject_code)
    rows = session.exec(statement).all()
    drawn = {
        line.invoice.purchase_id: line
        for line in invoices(session, buyer_id=buyer_id, seller_id=seller_id, limit=10_000)
        if line.standing
    }
    return [
        PurchaseLine(
            kind=row.kind, subject_code=row.subject_code, seller_id=row.natural_seller_id,
            buyer_id=row.buyer_id, amount_fen=amount_fen, at=row.at, invoice=drawn.get(row.key),
        )
        for row, amount_fen in rows
    ]  # fmt: skip


def purchase(session: Session, *, buyer_id: int, subject_code: str) -> PurchaseLine:
    """Return one of a buyer's purchases. Raises `NoSuchSellerPurchase`."""
    found = purchases(session, buyer_id=buyer_id, subject_code=subject_code)
    if not found:
        raise NoSuchSellerPurchase(purchase_code=subject_code[:20])
    return found[0]


@dataclass(frozen=True, slots=True)
class FilingLine:
    """One seller of a month's agent filing: sums of a buyer's invoices, and what is due.

    month_fen: net of all buyers and elsewhere in the month, at least; above the threshold VAT is
    due on what was invoiced without it too (vat_due_fen).
    """

    seller_id: int
    invoices: int
    gross_fen: int
    net_fen: int
    vat_fen: int
    vat_due_fen: int
    income_tax_fen: int
    above: bool


def filing(session: Session, *, buyer_id: int, month: str, rules: TaxRules) -> list[FilingLine]:
    """Return a buyer's agent filing of a month: one line a seller, red invoices taken off."""
    of: dict[int, list[ReverseInvoice]] = {}
    for line in invoices(session, buyer_id=buyer_id, months=(month, month), limit=100_000):
        of.setdefault(line.invoice.natural_seller_id, []).append(line.invoice)
    counted = meters(session, seller_ids=of, month=month, rules=rules)
    return [
        _filed(seller_id, of[seller_id], counted=counted[seller_id], rules=rules)
        for seller_id in sorted(of)
    ]


def _filed(
    seller_id: int, rows: list[ReverseInvoice], *, counted: Meter, rules: TaxRules
) -> FilingLine:
    due = [
        row.sign
        * vat_due(
            vat_fen=row.vat_fen, net_fen=row.net_fen, vat_bp=row.vat_bp, above=counted.above,
            levy_bp=rules.levy_bp,
        )
        for row in rows
    ]  # fmt: skip
    return FilingLine(
        seller_id=seller_id,
        invoices=len(rows),
        gross_fen=sum(row.sign * row.gross_fen for row in rows),
        net_fen=sum(row.sign * row.net_fen for row in rows),
        vat_fen=sum(row.sign * row.vat_fen for row in rows),
        vat_due_fen=sum(due),
        income_tax_fen=sum(row.sign * row.income_tax_fen for row in rows),
        above=counted.above,
    )
