"""The day on which somebody looks: auctions are open, a truck has come in, tomorrow is planned.

The week lies behind; the clock is wound to a little before now, so that pages served by the
system's clock find something going on.
"""

from datetime import datetime, timedelta

from remelt.platform.kernel.clock import BEIJING
from remelt.platform.works.queries import furnaces
from remelt.web.demo import charging, haulage, trading
from remelt.web.demo.goods import ALUMINIUM, COPPER, Good
from remelt.web.demo.week import actor_of
from remelt.web.demo.world import Week

HUB = "hub"
SMELTER = "smelter"
FETCHED = ("collector3", "collector2")
TO_BE_FETCHED = ("collector", "collector4", "collector8", "collector6", "collector7")
AUCTIONS = (
    ("collector5", ALUMINIUM[2], 3),
    ("collector", ALUMINIUM[0], 2),
    ("collector3", ALUMINIUM[3], 4),
    ("collector15", COPPER[1], 3),
    ("collector9", ALUMINIUM[5], 5),
    ("collector10", COPPER[3], 6),
)
"""Who offers what for how many days; the last one waits for its first offer."""
BEFORE = timedelta(hours=20)
LAST = timedelta(hours=3)


def play_today(week: Week, *, now: datetime) -> None:
    """Play the last day before `now`: sell and fetch, list and bid, plan the day after it."""
    week.tell(96, "today: auctions are open, tomorrow is planned")
    _to(week, now - BEFORE)
    _sell_at_once(week, FETCHED)
    _plan(week, now - LAST)
    _to(week, now - LAST)
    _fetch(week)
    _sell_at_once(week, TO_BE_FETCHED)
    _open_auctions(week)
    _plan(week, now + timedelta(days=1))
    _to(week, now)
    _charges(week)
    week.tell(100, "the week is over")


def _to(week: Week, moment: datetime) -> None:
    week.clock.set(max(moment, week.clock.now()))


def _sell_at_once(week: Week, sellers: tuple[str, ...]) -> None:
    """Let collectors offer a lot each at a fixed price, and a smelter take it."""
    for number, key in enumerate(sellers):
        _listed(week, key, ALUMINIUM[number + 1], days=1, auction=False)


def _open_auctions(week: Week) -> None:
    for key, good, days in AUCTIONS:
        _listed(week, key, good, days=days, auction=True, bids=key != AUCTIONS[-1][0])


def _listed(
    week: Week, key: str, good: Good, *, days: int, auction: bool, bids: bool = True
) -> None:
    with week.act() as session:
        listing = trading.offer(
            session, clock=week.clock, seller=week.stage[key], good=good, auction=auction,
            days=days, dice=week.dice,
        )  # fmt: skip
    if bids:
        with week.act() as session:
            trading.bid(
                session, clock=week.clock, stage=week.stage, code=listing.code, dice=week.dice
            )


def _plan(week: Week, moment: datetime) -> None:
    """Have the hub's rounds of the Beijing day of `moment` planned."""
    day = moment.astimezone(BEIJING).date()
    with week.act() as session:
        haulage.ask_plan(session, clock=week.clock, hub=week.stage[HUB], day=day)
    week.runner.run_pending()


def _charges(week: Week) -> None:
    """Have a smelter's next charges planned from its stock and today's auctions."""
    smelter = week.stage[SMELTER]
    with week.act() as session:
        recipes = charging.learn(session, clock=week.clock, smelter=smelter)
        furnace = furnaces(session, site_ids=[smelter.site_id])[0].code
        charging.ask(session, clock=week.clock, smelter=smelter, furnace=furnace, recipes=recipes)
    week.runner.run_pending()


def _fetch(week: Week) -> None:
    """Drive the hub's rounds of today; what they bring stands at the scale, not yet weighed."""
    hub, day = week.stage[HUB], week.clock.now().astimezone(BEIJING).date()
    with week.store.read() as session:
        views = haulage.views(session, hub=hub, day=day)
        driver = actor_of(session, hub)
    for view in views:
        with week.act() as session:
            haulage.drive(session, clock=week.clock, driver=driver, view=view)
