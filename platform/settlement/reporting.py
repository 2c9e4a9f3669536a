"""The quarter's report of who sold here and for how much, as the tax office asks of platforms.

Sources: State Council decree 810 of 2025 (article 4: within the month after the quarter) and STA
announcement 2025 No. 15: identity, gross, returns and net of each seller. Purchases at a yard's own
gate are no sales over the platform and are left out. A support for the work, no promise of
compliance.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from remelt.platform.kernel.clock import BEIJING, month_span
from remelt.platform.parties.models import Filing, Organisation
from remelt.platform.settlement.errors import BadQuarter
from remelt.platform.settlement.models import Settlement
from remelt.platform.settlement.rules import vat_inside

LICENCE: Final = "business_licence"
MONTHS: Final = 3
_QUARTER = re.compile(r"(20\d\d)-Q([1-4])", re.ASCII)


@dataclass(frozen=True, slots=True)
class Sold:
    """What one settlement changed: in fen, below zero where less is owed than before."""

    seller_id: int
    subject_code: str
    amount_fen: int
    vat_fen: int


@dataclass(frozen=True, slots=True)
class SellerLine:
    """One seller of a quarter.

    gross_fen: what was settled, and settled higher later; returned_fen: what was settled lower or
    given up, above zero. vat_fen: the VAT inside gross - returned. licence: of the newest business
    licence that the operator has verified, None without one.
    """

    seller: Organisation
    licence: str | None
    deals: int
    gross_fen: int
    returned_fen: int
    vat_fen: int

    @property
    def net_fen(self) -> int:
        """Gross less what was returned."""
        return self.gross_fen - self.returned_fen


@dataclass(frozen=True, slots=True)
class Quarter:
    """A quarter of the Beijing year; `until` is the first moment after it, `due` its last day."""

    name: str
    since: datetime
    until: datetime
    due: date


def quarter_of(moment: datetime) -> str:
    """Return the quarter of a moment in Beijing time.

    >>> from datetime import UTC
    >>> quarter_of(datetime(2026, 3, 31, 16, 0, tzinfo=UTC))
    '2026-Q2'
    """
    local = moment.astimezone(BEIJING)
    return f"{local.year}-Q{(local.month - 1) // MONTHS + 1}"


def read_quarter(text: str) -> Quarter:
    """Return the quarter that `2026-Q1` names. Raises `BadQuarter`.

    >>> read_quarter("2026-Q1").due.isoformat()
    '2026-04-30'
    """
    parts = _QUARTER.fullmatch(text)
    if parts is None:
        raise BadQuarter(field="quarter")
    year, first = parts[1], (int(parts[2]) - 1) * MONTHS + 1
    since, _ = month_span(f"{year}-{first:02d}")
    _, until = month_span(f"{year}-{first + MONTHS - 1:02d}")
    _, after = month_span(until.astimezone(BEIJING).strftime("%Y-%m"))
    due = date.fromordinal(after.astimezone(BEIJING).toordinal() - 1)
    return Quarter(text, since, until, due)


def sellers_report(session: Session, *, quarter: Quarter) -> list[SellerLine]:
    """Return the sellers of a quarter, by name, each settlement in the quarter it was worked in."""
    by_seller: dict[int, list[Sold]] = {}
    for sold in _sold(session, quarter=quarter):
        by_seller.setdefault(sold.seller_id, []).append(sold)
    sellers = session.exec(
        select(Organisation)
        .where(col(Organisation.id).in_(by_seller))
        .order_by(col(Organisation.name_zh), col(Organisation.id))
    )
    licences = _licences(session, seller_ids=by_seller)
    return [
        line_of(seller, by_seller[seller.key], licence=licences.get(seller.key))
        for seller in sellers
    ]


def line_of(seller: Organisation, sold: Iterable[Sold], *, licence: str | None) -> SellerLine:
    """Sum what one seller's settlements changed in a quarter."""
    rows = list(sold)
    return SellerLine(
        seller=seller,
        licence=licence,
        deals=len({row.subject_code for row in rows}),
        gross_fen=sum(max(row.amount_fen, 0) for row in rows),
        returned_fen=sum(max(-row.amount_fen, 0) for row in rows),
        vat_fen=sum(row.vat_fen for row in rows),
    )


def _sold(session: Session, *, quarter: Quarter) -> Iterable[Sold]:
    before = aliased(Settlement)
    rows = session.exec(
        select(Settlement, before)
        .outerjoin(before, col(before.id) == col(Settlement.supersedes_id))
        .where(
            col(Settlement.payee_id).is_not(None),
            col(Settlement.computed_at) >= quarter.since,
            col(Settlement.computed_at) < quarter.until,
        )
    )
    for row in rows:
        made: Settlement = row[0]
        old: Settlement | None = row[1]
        changed = made.amount_fen - (0 if old is None else old.amount_fen)
        vat = _vat(made) - (0 if old is None else _vat(old))
        if changed and made.payee_id is not None:
            yield Sold(made.payee_id, made.subject_code, changed, vat)


def _vat(owed: Settlement) -> int:
    return vat_inside(owed.amount_fen, rate_bp=owed.vat_rate_bp if owed.tax_included else 0)


def _licences(session: Session, *, seller_ids: Iterable[int]) -> Mapping[int, str]:
    rows = session.exec(
        select(Filing.organisation_id, Filing.number)
        .where(
            col(Filing.organisation_id).in_(list(seller_ids)),
            Filing.kind == LICENCE,
            col(Filing.verified_at).is_not(None),
            col(Filing.ended_at).is_(None),
        )
        .order_by(col(Filing.id))
    )
    return dict(rows.all())
