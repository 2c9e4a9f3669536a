"""Counting what was invoiced for sellers: all buyers here, and what was stated from elsewhere."""

from collections import defaultdict
from collections.abc import Collection

from sqlmodel import Session, col, func, select

from remelt.platform.settlement.reverse.models import InvoicedElsewhere, ReverseInvoice
from remelt.platform.settlement.reverse.rules import Meter, TaxRules, window

ByMonth = dict[str, int]


def meter(session: Session, *, seller_id: int, month: str, rules: TaxRules) -> Meter:
    """Return how much was invoiced for a seller, at least, in the twelve months up to `month`."""
    return meters(session, seller_ids=[seller_id], month=month, rules=rules)[seller_id]


def meters(
    session: Session, *, seller_ids: Collection[int], month: str, rules: TaxRules
) -> dict[int, Meter]:
    """Return the meters of several sellers, in two statements however many they are."""
    here = platform_by_month(session, seller_ids=seller_ids, month=month)
    elsewhere = elsewhere_by_month(session, seller_ids=seller_ids, month=month)
    return {
        each: Meter(
            platform_fen=sum(here[each].values()),
            elsewhere_fen=sum(elsewhere[each].values()),
            ceiling_fen=rules.ceiling_fen,
            month_fen=here[each].get(month, 0) + elsewhere[each].get(month, 0),
            threshold_fen=rules.threshold_fen,
        )
        for each in seller_ids
    }


def platform_by_month(
    session: Session, *, seller_ids: Collection[int], month: str
) -> dict[int, ByMonth]:
    """Return the net of the invoices by all buyers here, by seller and month counted in, in fen."""
    first, last = window(month)
    net = func.sum(col(ReverseInvoice.net_fen) * col(ReverseInvoice.sign))
    rows = session.exec(
        select(ReverseInvoice.natural_seller_id, ReverseInvoice.counts_in, net)
        .where(
            col(ReverseInvoice.natural_seller_id).in_(seller_ids),
            col(ReverseInvoice.counts_in).between(first, last),
        )
        .group_by(col(ReverseInvoice.natural_seller_id), col(ReverseInvoice.counts_in))
    )
    found: dict[int, ByMonth] = defaultdict(dict)
    for seller_id, counts_in, fen in rows:
        found[seller_id][counts_in] = int(fen)
    return found


def elsewhere_by_month(
    session: Session, *, seller_ids: Collection[int], month: str
) -> dict[int, ByMonth]:
    """Return what was stated from elsewhere: of a month the largest of what the tellers say now."""
    first, last = window(month)
    rows = session.exec(
        select(InvoicedElsewhere)
        .where(
            col(InvoicedElsewhere.natural_seller_id).in_(seller_ids),
            col(InvoicedElsewhere.month).between(first, last),
        )
        .order_by(col(InvoicedElsewhere.id))
    )
    newest = {(row.natural_seller_id, row.month, row.told_by_id): row.net_fen for row in rows}
    largest: dict[int, ByMonth] = defaultdict(dict)
    for (seller_id, told_month, _teller), fen in newest.items():
        largest[seller_id][told_month] = max(largest[seller_id].get(told_month, 0), fen)
    return largest
