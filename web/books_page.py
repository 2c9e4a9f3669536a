"""The books as pages and files show them: accounts under their titles, origins, rows of tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from sqlmodel import Session, col, select

from remelt.platform.settlement.escrow.models import Payout
from remelt.platform.settlement.ledger.chart import CHART
from remelt.platform.settlement.ledger.models import MoneyAccount, MoneyEntry
from remelt.platform.settlement.ledger.reading import JournalLine, TrialLine
from remelt.platform.settlement.models import PaymentRecord, Settlement
from remelt.platform.settlement.running.models import Advance, RunningAccount
from remelt.web.money_words import ACCOUNT_WORDS, ENTRY_WORDS
from remelt.web.sheets import Table
from remelt.web.tax_figures import yuan

PAGES = {"contract": ("contracts.show", "code"), "gate": ("tickets.show", "ticket"),
         "tolling": ("tolling.one", "account")}  # fmt: skip
# kind of an entry, or its first word -> the page that its `ref` opens
ORIGINS = {
    "settled": ("money.show", "settlement"),
    "deposit": ("market.show", "code"),
    "on-statement": ("movements.show", "movement"),
    "matched": ("movements.show", "movement"),
    "opening": ("cashier.show", "bank_account"),
}

# first word of an entry's kind -> the page that shows all of it
WHOLE = {"provider": "operator_rails.index", "reverse": "reverse.index"}


@dataclass(frozen=True, slots=True)
class TitleLine:
    """The accounts of one kind and currency, summed as a general ledger shows them."""

    kind: str
    currency: str
    lines: tuple[TrialLine, ...]

    @property
    def opening_minor(self) -> int:
        """What they stood at."""
        return sum(line.opening_minor for line in self.lines)

    @property
    def debit_minor(self) -> int:
        """What came on the debit side."""
        return sum(line.debit_minor for line in self.lines)

    @property
    def credit_minor(self) -> int:
        """What came on the credit side."""
        return sum(line.credit_minor for line in self.lines)

    @property
    def closing_minor(self) -> int:
        """What they stand at."""
        return sum(line.closing_minor for line in self.lines)

    @property
    def number(self) -> str:
        """Its number in the chart."""
        return CHART[self.kind].number


def titles(lines: Sequence[TrialLine]) -> list[TitleLine]:
    """Sum the accounts of a trial balance by kind and currency, by number."""
    ordered = sorted(lines, key=lambda line: (line.title.number, line.account.currency))
    return [
        TitleLine(kind, currency, tuple(found))
        for (kind, currency), found in groupby(
            ordered, key=lambda line: (line.account.kind, line.account.currency)
        )
    ]


def totals(lines: Sequence[TitleLine]) -> list[TitleLine]:
    """Sum titles by currency: what has to be zero at the start and the end."""
    ordered = sorted(lines, key=lambda line: line.currency)
    return [
        TitleLine("", currency, tuple(each for title in found for each in title.lines))
        for currency, found in groupby(ordered, key=lambda line: line.currency)
    ]


def trial_table(lines: Sequence[TrialLine]) -> Table:
    """Return a trial balance as rows of a file, every account by itself."""
    header = [
        _("Number"), _("Ledger account"), _("Kept for"), _("Currency"), _("Opening"), _("Debit"),
        _("Credit"), _("Closing"),
    ]  # fmt: skip
    return header, [
        [
            each.title.number, _(ACCOUNT_WORDS[each.account.kind]), each.account.subject,
            each.account.currency, yuan(each.opening_minor), yuan(each.debit_minor),
            yuan(each.credit_minor), yuan(each.closing_minor),
        ]
        for each in lines
    ]  # fmt: skip


def journal_table(lines: Sequence[JournalLine]) -> Table:
    """Return the journal as rows of a file, a posting each, in the order of entry."""
    header = [
        _("Day"), _("Journal entry"), _("What"), _("Comes from"), _("Number"),
        _("Ledger account"), _("Kept for"), _("Currency"), _("Debit"), _("Credit"),
    ]  # fmt: skip
    return header, [
        [
            each.entry.on_day.isoformat(), each.entry.code, entry_word(each.entry.kind),
            each.entry.ref, CHART[each.account.kind].number,
            _(ACCOUNT_WORDS[each.account.kind]), each.account.subject, each.account.currency,
            yuan(max(each.amount_minor, 0)), yuan(max(-each.amount_minor, 0)),
        ]
        for each in lines
    ]  # fmt: skip


def entry_word(kind: str) -> str:
    """Return what an entry of a kind is called on the page."""
    return _(ENTRY_WORDS[kind]) if kind in ENTRY_WORDS else kind


def subject_page(session: Session, account: MoneyAccount, *, ours: bool) -> str | None:
    """Return the address of what an account is kept for; `ours`: not the platform's own book."""
    if account.kind == "bank":
        return url_for("cashier.show", bank_account=account.subject)
    if account.kind.startswith("deposit_"):
        return url_for("market.show", code=account.subject)
    kind = session.exec(
        select(Settlement.kind).where(Settlement.subject_code == account.subject).limit(1)
    ).first()
    if kind is None:
        return None
    if not ours:
        return url_for("payouts.show", contract=account.subject) if kind == "contract" else None
    endpoint, name = PAGES[kind]
    return _page(endpoint, name, account.subject)


def origin(session: Session, entry: MoneyEntry, *, ours: bool) -> str | None:
    """Return the address of what an entry comes from; `ours`: not the platform's own book."""
    family = entry.kind.partition("-")[0]
    if entry.kind in {"charged", "deposit-left", "paid-out", "payout-returned"}:
        return _kept_for(session, entry, ours=ours)
    known = ORIGINS.get(entry.kind) or ORIGINS.get(family)
    if known is not None:
        return _page(*known, entry.ref)
    if family in WHOLE:
        return url_for(WHOLE[family])
    if family in {"paid", "payment"}:
        return _payment(session, entry, ours=ours)
    if family == "advance":
        account = session.exec(
            select(RunningAccount.code)
            .join(Advance, col(Advance.account_id) == col(RunningAccount.id))
            .where(Advance.code == entry.ref)
        ).one_or_none()
        return account and url_for("running.show", account=account)
    return None


def _kept_for(session: Session, entry: MoneyEntry, *, ours: bool) -> str:
    """The contract or listing that the platform holds money for."""
    paid = session.exec(select(Payout).where(Payout.code == entry.ref)).one_or_none()
    subject = entry.ref if paid is None else paid.subject_code
    if paid is not None and paid.deposit_id is not None:
        return url_for("market.show", code=subject)
    if ours:
        return url_for("deals.settlement", code=subject)
    return url_for("payouts.show", contract=subject)


def _payment(session: Session, entry: MoneyEntry, *, ours: bool) -> str | None:
    """The settlement that a payment is for; to the operator what is held for its contract."""
    found = session.exec(
        select(Settlement)
        .join(PaymentRecord, col(PaymentRecord.settlement_id) == col(Settlement.id))
        .where(PaymentRecord.code == entry.ref)
    ).one_or_none()
    if found is None:
        return None
    if ours:
        return url_for("money.show", settlement=found.code)
    return url_for("payouts.show", contract=found.subject_code)


def _page(endpoint: str, name: str, code: str) -> str:
    values: dict[str, Any] = {name: code}
    return url_for(endpoint, **values)
