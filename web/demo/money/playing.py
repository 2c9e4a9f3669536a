"""When what of the week's money happens."""

from datetime import date, timedelta

from remelt.platform.kernel.clock import BEIJING
from remelt.web.demo.money import deals, desk, known, prices
from remelt.web.demo.world import Week

BEFORE = timedelta(days=25)
REVISED_DAY = 2
"""Wednesday's quote is corrected after the week."""


def month_before(week: Week) -> None:
    """Before the week: the index begins, and money is paid in advance."""
    with week.act() as session:
        prices.publish_index(session, clock=week.clock, operator=week.stage["operator"])
    quote(week, since=_monday(week) - BEFORE, upto=_today(week) - prices.DAY)
    desk.prepay(week)


def monday(week: Week) -> None:
    """Take in the quotes since, and confirm last month's statement."""
    quote(week, since=_monday(week) - BEFORE, upto=_today(week) - prices.DAY)
    desk.state_month(week)
    known.say_methods(week)


def thursday(week: Week) -> list[str]:
    """Sign formulas on what was sold today, and call a price; return the contracts."""
    codes = deals.sign(week)
    quote(week, since=_monday(week), upto=_today(week))
    deals.call(week, codes)
    return codes


def saturday(week: Week) -> None:
    """Take in Friday's quote, net the prepayment over deliveries; a seller ties an account."""
    quote(week, since=_monday(week), upto=_monday(week) + 4 * prices.DAY)
    desk.net(week)
    known.tie(week)


def after(week: Week, codes: list[str]) -> None:
    """On the Monday after: laboratories, a corrected quote, the bank's file, papers."""
    week.until(7, hour=1)
    revised = _monday(week) + REVISED_DAY * prices.DAY
    deals.tell_results(week, codes)
    quote(week, since=revised, upto=revised, revised=revised)
    for key in (desk.PAYER, desk.PAYEE):
        desk.bank_day(week, week.stage[key])
        desk.keep_papers(week, week.stage[key], invoices=key == desk.PAYER)


def quote(week: Week, *, since: date, upto: date, revised: date | None = None) -> None:
    """Take in the quotes from a day to a day."""
    with week.act() as session:
        prices.take_in(
            session, clock=week.clock, operator=week.stage["operator"], since=since, upto=upto,
            revised=revised,
        )  # fmt: skip


def _monday(week: Week) -> date:
    return week.monday.astimezone(BEIJING).date()


def _today(week: Week) -> date:
    return week.clock.now().astimezone(BEIJING).date()
