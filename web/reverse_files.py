"""Files of reverse invoicing: a month's agent filing, a quarter by seller, a seller's year."""

from collections.abc import Sequence
from datetime import timedelta

from flask_babel import gettext as _
from sqlmodel import Session

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import Clock, month_of, month_span
from remelt.platform.kernel.sheets.writing import Entry
from remelt.platform.parties.actors import Actor
from remelt.platform.settlement.reporting import read_quarter
from remelt.platform.settlement.reverse import queries
from remelt.platform.settlement.reverse.errors import BadMonth
from remelt.platform.settlement.reverse.events import IdentitiesOpened
from remelt.platform.settlement.reverse.models import ReverseInvoice
from remelt.platform.settlement.reverse.queries import InvoiceLine
from remelt.platform.settlement.reverse.rules import TaxRules
from remelt.platform.yard.identity import Vault
from remelt.platform.yard.models import SellerCard
from remelt.platform.yard.sellers import identified_sellers
from remelt.web.reverse_page import rules_at
from remelt.web.sheets import Table
from remelt.web.tax_figures import yuan


def filing_table(session: Session, *, clock: Clock, who: Actor, month: str, vault: Vault) -> Table:
    """Return a buyer's agent filing of a month, one line a seller with identity and taxes.

    The identity numbers are opened for it, which the audit trail keeps. Raises `BadMonth`.
    """
    rules = _rules(session, month=month)
    lines = queries.filing(session, buyer_id=who.organisation_id, month=month, rules=rules)
    cards = _cards_of(session, organisation_id=who.organisation_id)
    keep_opened(
        session, clock=clock, who=who, purpose="agent-filing", period=month, count=len(lines)
    )
    header = [
        _("Month"), _("Name"), _("Identity number"), _("Invoices"), _("Gross (CNY)"),
        _("Net of VAT (CNY)"), _("VAT invoiced (CNY)"), _("VAT due (CNY)"),
        _("Income tax prepaid (CNY)"), _("Above the month's threshold"),
    ]  # fmt: skip
    return header, [
        [
            month,
            *_person(cards.get(line.seller_id), vault=vault),
            line.invoices,
            yuan(line.gross_fen),
            yuan(line.net_fen),
            yuan(line.vat_fen),
            yuan(line.vat_due_fen),
            yuan(line.income_tax_fen),
            _("yes") if line.above else _("no"),
        ]
        for line in lines
    ]


def quarter_table(
    session: Session, *, clock: Clock, who: Actor, quarter: str, vault: Vault
) -> Table:
    """Return what a buyer invoiced in a quarter, one line a seller with identity and sums.

    Red invoices are returns. The identity numbers are opened for it, which the audit trail keeps.
    Raises `BadQuarter`.
    """
    span = read_quarter(quarter)
    months = (month_of(span.since), month_of(span.until - timedelta(seconds=1)))
    of: dict[int, list[ReverseInvoice]] = {}
    for line in queries.invoices(
        session, buyer_id=who.organisation_id, months=months, limit=100_000
    ):
        of.setdefault(line.invoice.natural_seller_id, []).append(line.invoice)
    cards = _cards_of(session, organisation_id=who.organisation_id)
    keep_opened(session, clock=clock, who=who, purpose="quarter", period=quarter, count=len(of))
    header = [
        _("Quarter"), _("Name"), _("Identity number"), _("Invoices"), _("Gross (CNY)"),
        _("Returned (CNY)"), _("Net of VAT (CNY)"), _("VAT invoiced (CNY)"),
        _("Income tax prepaid (CNY)"),
    ]  # fmt: skip
    return header, [
        [
            quarter,
            *_person(cards.get(seller_id), vault=vault),
            sum(row.sign > 0 for row in of[seller_id]),
            yuan(sum(row.gross_fen for row in of[seller_id] if row.sign > 0)),
            yuan(sum(row.gross_fen for row in of[seller_id] if row.sign < 0)),
            *(
                yuan(sum(row.sign * getattr(row, name) for row in of[seller_id]))
                for name in ("net_fen", "vat_fen", "income_tax_fen")
            ),
        ]
        for seller_id in sorted(of)
    ]


def year_table(session: Session, *, who: Actor, seller_id: int, year: str) -> Table:
    """Return a seller's statement of a year: every invoice of this buyer, red ones below zero."""
    months = (f"{year[:4]}-01", f"{year[:4]}-12")
    return year_rows(
        queries.invoices(
            session, buyer_id=who.organisation_id, seller_id=seller_id, months=months,
            limit=100_000,
        )
    )  # fmt: skip


def year_rows(lines: Sequence[InvoiceLine]) -> Table:
    """Return invoices, the latest first, as a table with the oldest first and their sums."""
    header = [
        _("Month"), _("Invoice"), _("Number"), _("Kind"), _("Purchase"), _("Gross (CNY)"),
        _("Net of VAT (CNY)"), _("VAT (CNY)"), _("Income tax prepaid (CNY)"),
    ]  # fmt: skip
    names = ("gross_fen", "net_fen", "vat_fen", "income_tax_fen")
    rows: list[list[Entry]] = [
        [
            line.invoice.month, line.invoice.code, line.number or "", line.invoice.kind,
            line.subject_code,
            *(yuan(line.invoice.sign * getattr(line.invoice, name)) for name in names),
        ]
        for line in reversed(lines)
    ]  # fmt: skip
    sums = [
        sum(line.invoice.sign * getattr(line.invoice, name) for line in lines) for name in names
    ]
    return header, [*rows, [_("Sum"), "", "", "", "", *map(yuan, sums)]]


def card_codes(session: Session, *, organisation_id: int) -> dict[int, str]:
    """Return the codes of a buyer's own cards by the seller that each leads to."""
    cards = _cards_of(session, organisation_id=organisation_id)
    return {seller_id: card.code for seller_id, card in cards.items()}


def _rules(session: Session, *, month: str) -> TaxRules:
    try:
        _first, after = month_span(month)
    except ValueError:
        raise BadMonth(field="period") from None
    return rules_at(session, after)


def _cards_of(session: Session, *, organisation_id: int) -> dict[int, SellerCard]:
    cards = identified_sellers(session, organisation_id=organisation_id)
    by_digest = {card.id_digest or "": card for card in cards}
    known = queries.sellers_of(session, digests=by_digest)
    return {seller.key: by_digest[digest] for digest, seller in known.items()}


def _person(card: SellerCard | None, *, vault: Vault) -> list[str]:
    if card is None or card.id_sealed is None:
        return [_("erased"), ""]
    return [card.name, vault.open(card.id_sealed)]


def keep_opened(
    session: Session, *, clock: Clock, who: Actor, purpose: str, period: str, count: int
) -> None:
    """Keep in the audit trail that identity numbers were opened, how many, for whom and what."""
    outbox.record(
        session,
        IdentitiesOpened(
            at=clock.now(session),
            organisation_id=who.organisation_id,
            person_id=who.person_id,
            purpose=purpose,
            period=period,
            count=count,
        ),
    )
