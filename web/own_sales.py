"""What a seller sees of the own sales: money due, the ceiling, invoices of all buyers, a year."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask_babel import gettext as _
from sqlmodel import Session, col, select

from remelt.platform.kernel.clock import month_of
from remelt.platform.parties.actors import Actor
from remelt.platform.parties.models import Organisation
from remelt.platform.settlement import queries as settlements
from remelt.platform.settlement.queries import MoneyLine
from remelt.platform.settlement.reverse import queries, tying
from remelt.platform.settlement.reverse.counting import (
    elsewhere_by_month,
    meter,
    platform_by_month,
)
from remelt.platform.settlement.reverse.models import NaturalSeller
from remelt.platform.settlement.reverse.queries import InvoiceLine, PurchaseLine
from remelt.platform.settlement.reverse.rules import WINDOW_MONTHS, Meter, months_before
from remelt.platform.settlement.running import queries as accounts
from remelt.platform.settlement.running.models import RunningAccount
from remelt.platform.settlement.running.queries import StatementView
from remelt.web.reverse_files import year_rows
from remelt.web.reverse_page import rules_at
from remelt.web.sheets import Table

YEARS: Final = 5


@dataclass(frozen=True, slots=True)
class MonthLine:
    """A month of the twelve: invoiced by buyers here, and told from elsewhere; in fen, no VAT."""

    month: str
    here_fen: int
    elsewhere_fen: int


@dataclass(frozen=True, slots=True)
class OwnView:
    """A seller's own page. natural: a person, who may tie; meter: None until tied.

    buyers: by id. said: running accounts' statements, each with its account.
    """

    natural: bool
    seller: NaturalSeller | None
    meter: Meter | None
    months: tuple[MonthLine, ...]
    due: tuple[MoneyLine, ...]
    due_fen: int
    purchases: tuple[PurchaseLine, ...]
    invoices: tuple[InvoiceLine, ...]
    buyers: dict[int, Organisation]
    said: tuple[tuple[RunningAccount, StatementView], ...]
    years: tuple[str, ...]


def own_view(session: Session, *, who: Actor, now: datetime) -> OwnView:
    """Return everything of a seller's own page."""
    organisation_id = who.organisation_id
    seller = tying.tied_to(session, organisation_id=organisation_id)
    sold = [] if seller is None else queries.purchases(session, seller_id=seller.key, limit=50)
    invoiced = [] if seller is None else queries.invoices(session, seller_id=seller.key, limit=50)
    lines = settlements.money(session, organisation_id=organisation_id, limit=500)
    due = [line for line in lines if not line.pays and line.balance.open_fen > 0]
    met = {line.buyer_id for line in sold} | {line.invoice.buyer_id for line in invoiced}
    this_year = int(month_of(now)[:4])
    return OwnView(
        natural=tying.is_natural(session, organisation_id=organisation_id),
        seller=seller,
        meter=None if seller is None else own_meter(session, seller=seller, now=now),
        months=() if seller is None else tuple(_months(session, seller=seller, now=now)),
        due=tuple(due),
        due_fen=sum(line.balance.open_fen for line in due),
        purchases=tuple(sold),
        invoices=tuple(invoiced),
        buyers=_organisations(session, met),
        said=tuple(_statements(session, organisation_id=organisation_id)),
        years=tuple(str(this_year - back) for back in range(YEARS)),
    )


def own_meter(session: Session, *, seller: NaturalSeller, now: datetime) -> Meter:
    """Return the seller's own meter, to the fen."""
    return meter(session, seller_id=seller.key, month=month_of(now), rules=rules_at(session, now))


def own_year(session: Session, *, seller: NaturalSeller, year: str) -> Table:
    """Return what all buyers invoiced for a seller in a year, red ones below zero, with sums."""
    lines = queries.invoices(
        session, seller_id=seller.key, months=(f"{year}-01", f"{year}-12"), limit=100_000
    )
    buyers = _organisations(session, {line.invoice.buyer_id for line in lines})
    header, rows = year_rows(lines)
    names = [buyers[line.invoice.buyer_id].name_zh for line in reversed(lines)]
    return [_("Buyer"), *header], [
        [name, *row] for name, row in zip([*names, ""], rows, strict=True)
    ]


def _months(session: Session, *, seller: NaturalSeller, now: datetime) -> Iterable[MonthLine]:
    this = month_of(now)
    here = platform_by_month(session, seller_ids=[seller.key], month=this).get(seller.key, {})
    told = elsewhere_by_month(session, seller_ids=[seller.key], month=this).get(seller.key, {})
    for back in range(WINDOW_MONTHS):
        month = months_before(this, count=back)
        line = MonthLine(month, here.get(month, 0), told.get(month, 0))
        if line.here_fen or line.elsewhere_fen:
            yield line


def _statements(
    session: Session, *, organisation_id: int
) -> Iterable[tuple[RunningAccount, StatementView]]:
    for row in accounts.accounts_of(session, organisation_id=organisation_id):
        for said in accounts.statements_of(session, row):
            yield row, said


def _organisations(session: Session, ids: Iterable[int]) -> dict[int, Organisation]:
    rows = session.exec(select(Organisation).where(col(Organisation.id).in_(set(ids))))
    return {row.key: row for row in rows}
