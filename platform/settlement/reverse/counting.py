"""Counting what was invoiced for a seller: all buyers here, and what was stated from elsewhere."""

from collections import defaultdict

from sqlmodel import Session, col, func, select

from remelt.platform.settlement.reverse.models import InvoicedElsewhere, ReverseInvoice
from remelt.platform.settlement.reverse.rules import Meter, TaxRules, window


def meter(session: Session, *, seller_id: int, month: str, rules: TaxRules) -> Meter:
    """Return how much was invoiced for a seller, at least, in the twelve months up to `month`."""
    here = platform_by_month(session, seller_id=seller_id, month=month)
    elsewhere = elsewhere_by_month(session, seller_id=seller_id, month=month)
    return Meter(
        platform_fen=sum(here.values()),
        elsewhere_fen=sum(elsewhere.values()),
        ceiling_fen=rules.ceiling_fen,
        month_fen=here.get(month, 0) + elsewhere.get(month, 0),
        threshold_fen=rules.threshold_fen,
    )


def platform_by_month(session: Session, *, seller_id: int, month: str) -> dict[str, int]:
    """Return the net of the invoices by all buyers here, by the month it counts in, in fen."""
    first, last = window(month)
    net = func.sum(col(ReverseInvoice.net_fen) * col(ReverseInvoice.sign))
    rows = session.exec(
        select(ReverseInvoice.counts_in, net)
        .where(
            ReverseInvoice.natural_seller_id == seller_id,
            col(ReverseInvoice.counts_in).between(first, last),
        )
        .group_by(col(ReverseInvoice.counts_in))
    )
    return {counts_in: int(fen) for counts_in, fen in rows}


def elsewhere_by_month(session: Session, *, seller_id: int, month: str) -> dict[str, int]:
    """Return what was stated from elsewhere by month: the largest of what the tellers say now."""
    first, last = window(month)
    rows = session.exec(
        select(InvoicedElsewhere)
        .where(
            InvoicedElsewhere.natural_seller_id == seller_id,
            col(InvoicedElsewhere.month).between(first, last),
        )
        .order_by(col(InvoicedElsewhere.id))
    )
    newest = {(row.month, row.told_by_id): row.net_fen for row in rows}
    largest: dict[str, int] = defaultdict(int)
    for (told_month, _teller), fen in newest.items():
        largest[told_month] = max(largest[told_month], fen)
    return dict(largest)
