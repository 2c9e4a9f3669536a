"""Taxes that a buyer files for its sellers, in its book: to the fen what the filing says."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from remelt.platform.kernel.clock import BEIJING, Clock
from remelt.platform.settlement.ledger.chart import Account, Line
from remelt.platform.settlement.ledger.models import MoneyAccount, MoneyEntry, MoneyPosting
from remelt.platform.settlement.ledger.posting import book
from remelt.platform.settlement.models import Settlement
from remelt.platform.settlement.reverse.counting import meter
from remelt.platform.settlement.reverse.models import ReverseInvoice, SellerPurchase
from remelt.platform.settlement.reverse.rates import tax_rules
from remelt.platform.settlement.reverse.rules import vat_due
from remelt.platform.settlement.vouchers import enter, pair

TAXED = "reverse-taxed"


def enter_taxes(session: Session, *, clock: Clock, seller_id: int, months: Iterable[str]) -> None:
    """Enter what has changed of the taxes on a seller's invoices of these months, for every buyer.

    An invoice of one buyer, a red one, or what was invoiced elsewhere may lift the seller above
    the month's threshold or back: VAT is then due on the invoices without it too, or no more.
    """
    now = clock.now(session)
    rules = tax_rules(session, on=now.astimezone(BEIJING).date())
    for month in sorted(set(months)):
        counted = meter(session, seller_id=seller_id, month=month, rules=rules)
        rows = session.exec(
            select(ReverseInvoice)
            .where(ReverseInvoice.natural_seller_id == seller_id, ReverseInvoice.month == month)
            .order_by(col(ReverseInvoice.id))
        ).all()
        for row in rows:
            due_fen = vat_due(
                vat_fen=row.vat_fen, net_fen=row.net_fen, vat_bp=row.vat_bp, above=counted.above,
                levy_bp=rules.levy_bp,
            )  # fmt: skip
            _enter(session, row, vat_fen=row.sign * due_fen, at=now)


def _enter(session: Session, row: ReverseInvoice, *, vat_fen: int, at: datetime) -> None:
    """Enter the taxes of an invoice, less what was entered of them before."""
    before = _entered(session, row)
    vat_fen -= before.vat_fen
    tax_fen = row.sign * row.income_tax_fen - before.tax_fen
    purchase = session.get_one(SellerPurchase, row.purchase_id)
    lines = [
        Line(Account("tax_advanced", purchase.subject_code), vat_fen + tax_fen),
        Line(Account("vat_agent", row.month), -vat_fen),
        Line(Account("income_tax_agent", row.month), -tax_fen),
    ]
    if before.times == 0:
        lines += _deducted(session, row)
    lines = [line for line in lines if line.amount_minor]
    if lines:
        enter(session, [(row.buyer_id, lines)], key=f"{TAXED}:{row.code}:{before.times + 1}",
              kind=TAXED, ref=row.code, at=at)  # fmt: skip


def _deducted(session: Session, row: ReverseInvoice) -> list[Line]:
    """The VAT of a special invoice, which the buyer deducts, where the price was booked whole."""
    settled = session.get_one(Settlement, row.settlement_id)
    if row.kind != "special" or settled.tax_included:
        return []
    return pair(Account("tax_input"), Account("purchases"), row.sign * row.vat_fen)


@dataclass(frozen=True, slots=True)
class _Before:
    times: int
    vat_fen: int
    tax_fen: int


def _entered(session: Session, row: ReverseInvoice) -> _Before:
    book_id = book(session, organisation_id=row.buyer_id)
    ours = (MoneyEntry.book_id == book_id, MoneyEntry.kind == TAXED, MoneyEntry.ref == row.code)
    times = session.exec(select(func.count(col(MoneyEntry.id))).where(*ours)).one()
    sums = session.exec(
        select(MoneyAccount.kind, func.sum(MoneyPosting.amount_minor))
        .join(MoneyPosting, col(MoneyPosting.account_id) == col(MoneyAccount.id))
        .join(MoneyEntry, col(MoneyEntry.id) == col(MoneyPosting.entry_id))
        .where(*ours)
        .group_by(MoneyAccount.kind)
    )
    said = {kind: -int(amount) for kind, amount in sums}
    return _Before(times, said.get("vat_agent", 0), said.get("income_tax_agent", 0))
