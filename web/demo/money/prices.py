"""The invented aluminium index of the demonstration, taken in from files as a price desk does."""

import random
from datetime import date, timedelta

from sqlmodel import Session

from remelt.platform.kernel.clock import BEIJING, SimulatedClock
from remelt.platform.settlement.finals.settling import resettle
from remelt.platform.settlement.pricing.importing import import_quotes, parse_quotes
from remelt.platform.settlement.pricing.indices import IndexDraft, add_index
from remelt.web.demo.stage import OnStage

INDEX = "DEMO_A00"
UNIT = "CNY/t"
SATURDAY = 5
DAY = timedelta(days=1)
FIRST_YUAN, STEP_YUAN = 20_480, 90
SEED = 20_480


def publish_index(session: Session, *, clock: SimulatedClock, operator: OnStage) -> None:
    """Keep the index: invented, and called so."""
    draft = IndexDraft(
        code=INDEX, name_zh="演示·铝锭价", name_en="Demo aluminium ingot price", source="演示",
        unit=UNIT, calendar="DEMO", vat_rate_bp=1_300,
    )  # fmt: skip
    add_index(session, draft, clock=clock, person_id=operator.person_ids[0])


def take_in(
    session: Session, *, clock: SimulatedClock, operator: OnStage, since: date, upto: date,
    revised: date | None = None,
) -> None:  # fmt: skip
    """Take in the quotes of some days as a file, and work anew what follows them.

    revised: a day whose quote the publisher corrected since.
    """
    lines = ["指数,日期,价格,单位"]
    for day in trading_days(since, upto):
        value = quote_of(day) - (STEP_YUAN if day == revised else 0)
        lines.append(f"{INDEX},{day.isoformat()},{value},{UNIT}")
    today = clock.now(session).astimezone(BEIJING).date()
    content = "\n".join(lines).encode()
    parsed = parse_quotes(content, filename="演示报价.csv", indices={INDEX: UNIT}, today=today)
    person = operator.person_ids[0]
    import_quotes(session, clock=clock, person_id=person, rows=parsed.rows, sha256=parsed.sha256)
    resettle(session, clock=clock, codes=[INDEX])


def quote_of(day: date) -> int:
    """Return the invented quote of a day, in yuan per tonne; the same day always gets the same."""
    dice = random.Random(SEED + day.toordinal())  # noqa: S311 - a play
    return FIRST_YUAN + STEP_YUAN * dice.randint(-4, 4) + 10 * dice.randint(0, 8)


def trading_days(since: date, upto: date) -> list[date]:
    """Return the weekdays from a day to a day, both counted."""
    days = [since + n * DAY for n in range((upto - since).days + 1)]
    return [day for day in days if day.weekday() < SATURDAY]
