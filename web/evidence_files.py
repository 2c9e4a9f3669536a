"""Files of evidence: a month's purchases item by item, and months with what lacks an invoice."""

from collections.abc import Sequence
from datetime import datetime

from flask_babel import gettext as _
from sqlmodel import Session

from remelt.platform.kernel.clock import BEIJING, month_of, month_span
from remelt.platform.kernel.sheets.writing import Entry
from remelt.platform.settlement.evidence.queries import Purchase
from remelt.platform.settlement.evidence.queries import purchases as bought
from remelt.platform.settlement.evidence.rules import ITEMS, Ratio, ratio
from remelt.platform.settlement.reverse.errors import BadMonth
from remelt.platform.settlement.reverse.rules import months_before
from remelt.web.evidence_words import WORDS
from remelt.web.sheets import Table
from remelt.web.tax_figures import yuan

MOST_MONTHS = 36
HUNDREDTHS = 10_000


def purchases_table(found: Sequence[Purchase]) -> Table:
    """Return purchases with the state of each item, and their sums below."""
    called, states = WORDS["item"], WORDS["state"]
    header = [_("Purchase"), _("Kind"), _("Of whom"), _("Bought"), _("Amount (CNY)")]
    header += [_(called[item]) for item in ITEMS]
    rows: list[list[Entry]] = [
        [
            each.settlement.subject_code,
            _("gate") if each.settlement.kind == "gate" else _("contract"),
            "" if each.payee is None else each.payee.name_zh,
            f"{each.bought_at.astimezone(BEIJING):%Y-%m-%d}",
            yuan(each.settlement.amount_fen),
            *(_(states[each.items[item]]) for item in ITEMS),
        ]
        for each in found
    ]
    missing = [sum(each.items[item] == "missing" for each in found) for item in ITEMS]
    sums = ratio((each.settlement.amount_fen, each.items) for each in found)
    return header, [*rows, [_("missing"), "", "", "", yuan(sums.cost_fen), *missing]]


def months_told(first: str, last: str, *, now: datetime) -> list[str]:
    """Return the months from one to another; the twelve up to now by default. Raises `BadMonth`."""
    until = last or month_of(now)
    since = first or months_before(until, count=11)
    found = [until]
    while found[-1] > since and len(found) < MOST_MONTHS:
        found.append(months_before(found[-1], count=1))
    if found[-1] != since:
        raise BadMonth(field="first")
    months_before(since, count=0)
    return found[::-1]


def months_table(session: Session, *, organisation_id: int, months: Sequence[str]) -> Table:
    """Return each month's cost, what of it has no invoice or lacks evidence, and the whole."""
    header = [
        _("Month"), _("Purchases"), _("Cost (CNY)"), _("Without an invoice (CNY)"),
        _("Share without an invoice, per cent"), _("Purchases that lack something"),
        _("Their cost (CNY)"), _("Complete, per cent of cost"),
    ]  # fmt: skip
    counted = []
    every: list[tuple[int, dict[str, str]]] = []
    for month in months:
        since, before = month_span(month)
        found = [
            (each.settlement.amount_fen, dict(each.items))
            for each in bought(session, organisation_id=organisation_id, since=since, before=before)
        ]
        every += found
        counted.append((month, ratio(found)))
    return header, [_line(name, sums) for name, sums in (*counted, (_("Sum"), ratio(every)))]


def _line(name: str, sums: Ratio) -> list[Entry]:
    return [
        name, sums.purchases, yuan(sums.cost_fen), yuan(sums.uninvoiced_fen),
        _percent(sums.uninvoiced_fen, sums.cost_fen), sums.incomplete, yuan(sums.incomplete_fen),
        _percent(sums.cost_fen - sums.incomplete_fen, sums.cost_fen),
    ]  # fmt: skip


def _percent(part_fen: int, whole_fen: int) -> str:
    """Say a share in per cent with two places, half up; empty where nothing was bought.

    >>> _percent(1, 8), _percent(0, 0)
    ('12.50', '')
    """
    if not whole_fen:
        return ""
    hundredths = (2 * part_fen * HUNDREDTHS + whole_fen) // (2 * whole_fen)
    return yuan(hundredths)
