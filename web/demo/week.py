"""One trading week, Monday to Sunday, played through the public actions of every room."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from remelt.platform.kernel.clock import BEIJING, SimulatedClock
from remelt.platform.kernel.runner import JobRunner
from remelt.platform.kernel.settings import Settings
from remelt.platform.kernel.store import Store
from remelt.platform.market.models import Listing
from remelt.platform.parties import queries as parties
from remelt.platform.parties.actors import Actor
from remelt.platform.settlement import queries
from remelt.platform.settlement.accounts import confirm_payment, record_payment
from remelt.traceability.models import Lot
from remelt.web.demo import besides, flows, haulage, smelting, trading, yardwork
from remelt.web.demo.money import known, playing
from remelt.web.demo.stage import OnStage, enter
from remelt.web.demo.world import Tell, Week

GATE_TICKETS = 7


def eve_of(monday: datetime) -> datetime:
    """Return the 20th of the month before, when the firms of the week come on stage.

    >>> eve_of(datetime.fromisoformat("2026-11-09T08:00:00+08:00")).isoformat()
    '2026-10-20T08:00:00+08:00'
    """
    return (monday.replace(day=1) - timedelta(days=1)).replace(day=20)


def monday_before(now: datetime) -> datetime:
    """Return 08:00 in Beijing on the Monday of the last full week that was over a day ago.

    The day before `now` is played after the week, so Sunday's deals never reach into it.

    >>> monday_before(datetime.fromisoformat("2026-11-23T00:30+08:00")).isoformat()
    '2026-11-09T08:00:00+08:00'
    """
    local = (now - timedelta(days=1)).astimezone(BEIJING)
    monday = local - timedelta(days=local.weekday() + 7)
    return monday.replace(hour=8, minute=0, second=0, microsecond=0)


def play(
    store: Store,
    *,
    clock: SimulatedClock,
    runner: JobRunner,
    settings: Settings,
    monday: datetime,
    password_hash: str,
    tell: Tell,
) -> Week:
    """Play the whole week; `tell` hears progress in per cent with a word on each step.

    The clock stands at `eve_of(monday)`: who is on stage then paid in advance and agreed prices.
    """
    tell(2, "actors enter")
    with store.write() as session:
        stage = enter(session, clock=clock, password_hash=password_hash)
    week = Week(
        store=store, clock=clock, runner=runner, stage=stage, tell=tell, monday=monday,
        home=settings.home,
    )  # fmt: skip
    playing.month_before(week)
    week.until(0, hour=monday.hour)
    playing.monday(week)
    with week.act() as session:
        trading.hang_boards(session, clock=clock, stage=stage)
        haulage.buy_fleet(session, clock=clock, stage=stage)
        flows.declare(session, clock=clock, smelter=stage[besides.CASTER])
    _monday(week)
    _tuesday(week)
    known.buy_and_invoice(week)
    _haul(week, 2, percent=38, word="Wednesday: collection rounds")
    furnaces = _thursday(week)
    deals = playing.thursday(week)
    _haul(week, 4, percent=70, word="Friday: deliveries to the smelters")
    besides.before_heats(store, clock=clock, stage=stage)
    _saturday(week, furnaces)
    playing.saturday(week)
    tell(90, "Saturday: shredder, rod line, ladle, swap, claims, passports")
    besides.after_heats(store, clock=clock, stage=stage, base_url=settings.base_url)
    _sunday(week, deals)
    playing.after(week, deals)
    return week


def _monday(week: Week) -> None:
    week.tell(6, "Monday: lots are listed, the gates buy")
    with week.act() as session:
        trading.list_lots(session, clock=week.clock, stage=week.stage, dice=week.dice)
    _gates(week)


def _tuesday(week: Week) -> None:
    week.until(1, hour=9)
    week.tell(16, "Tuesday: bids, more purchases, the close")
    with week.store.read() as session:
        codes = list(session.exec(select(Listing.code).order_by(col(Listing.id))))
    for code in codes:
        with week.act() as session:
            trading.bid(session, clock=week.clock, stage=week.stage, code=code, dice=week.dice)
    _gates(week)
    week.until(1, hour=18)
    with week.act() as session:
        trading.close_all(session, clock=week.clock)
    _plan(week, percent=26)


def _thursday(week: Week) -> dict[str, str]:
    week.tell(52, "Thursday: the heaps are sorted, listed and sold")
    week.until(3, hour=8)
    with week.act() as session:
        furnaces = smelting.light_furnaces(session, clock=week.clock, stage=week.stage)
    for hub in week.hubs():
        for code in _heaps(week, hub):
            with week.act() as session:
                heap = session.exec(select(Lot).where(Lot.code == code)).one()
                clean = yardwork.sort_heap(
                    session, clock=week.clock, hub=hub, lot=heap, dice=week.dice
                )
                listing = yardwork.offer_stock(session, clock=week.clock, hub=hub, lot=clean)
            with week.act() as session:
                trading.bid(
                    session, clock=week.clock, stage=week.stage, code=listing.code, dice=week.dice
                )
    with week.act() as session:
        haulage.release(session, clock=week.clock, stage=week.stage)
    week.until(3, hour=20)
    _plan(week, percent=60)
    return furnaces


def _saturday(week: Week, furnaces: dict[str, str]) -> None:
    week.until(5, hour=6)
    for number, smelter in enumerate(week.smelters()):
        week.tell(80 + number * 4, "Saturday: heats")
        key = smelter.player.key
        with week.store.read() as session:
            codes = [lot.code for lot in _owned(session, smelter)]
        middle = (len(codes) + 1) // 2
        heel_in_g = 0
        for part in (codes[:middle], codes[middle:]):
            if not part:
                continue
            with week.act() as session:
                lots = list(session.exec(select(Lot).where(col(Lot.code).in_(part))))
                smelting.tap(
                    session,
                    clock=week.clock,
                    smelter=smelter,
                    furnace=furnaces[key],
                    lots=lots,
                    heel_in_g=heel_in_g,
                )
            heel_in_g = smelting.HEEL_G


def _sunday(week: Week, deals: list[str]) -> None:
    """Pay what the deals on formulas ask for, and four fifths of the rest."""
    week.until(6, hour=9)
    week.tell(93, "Sunday: money")
    with week.store.read() as session:
        due = [
            (line, smelter)
            for smelter in week.smelters()
            for line in queries.money(
                session, organisation_id=smelter.organisation_id, kind="contract"
            )[::-1]
            if line.pays and line.balance.open_fen > 0
        ]
    due.sort(key=lambda each: each[0].subject_code not in deals)
    for line, smelter in due[: len(due) * 4 // 5]:
        with week.act() as session:
            _pay(week, session, code=line.code, buyer=smelter, amount_fen=line.balance.open_fen)


def _pay(week: Week, session: Session, *, code: str, buyer: OnStage, amount_fen: int) -> None:
    week.clock.advance(minutes=3)
    payment = record_payment(
        session,
        clock=week.clock,
        settlement_code=code,
        organisation_id=buyer.organisation_id,
        person_id=buyer.person_ids[0],
        amount_fen=amount_fen,
        paid_on=week.clock.now().astimezone(BEIJING).date(),
        reference=f"演示-{code[:6]}",
    )
    if payment.needs_second:
        week.clock.advance(minutes=20)
        confirm_payment(
            session,
            clock=week.clock,
            payment_code=payment.code,
            organisation_id=buyer.organisation_id,
            person_id=buyer.person_ids[1],
        )


def _gates(week: Week) -> None:
    for hub in week.hubs():
        for _ in range(GATE_TICKETS):
            with week.act() as session:
                yardwork.buy_at_gate(
                    session,
                    clock=week.clock,
                    hub=hub,
                    number=week.dice.randint(1, 400),
                    dice=week.dice,
                )


def _plan(week: Week, *, percent: int) -> None:
    week.tell(percent, "tomorrow's rounds are planned")
    day = haulage.tomorrow(week.clock)
    week.days.append(day)
    for hub in week.hubs():
        with week.act() as session:
            code = haulage.ask_plan(session, clock=week.clock, hub=hub, day=day)
        if code is not None:
            week.plans.append((hub.player.key, code))
    week.runner.run_pending()


def _haul(week: Week, day_of_week: int, *, percent: int, word: str) -> None:
    """Drive every planned round of the next day; the receiver weighs what is handed over."""
    week.tell(percent, word)
    day = (week.monday + timedelta(days=day_of_week)).date()
    receivers = {player.site_id: player for player in week.stage.values()}
    for hub in week.hubs():
        with week.store.read() as session:
            views = haulage.views(session, hub=hub, day=day)
            driver = actor_of(session, hub)
        for view in views:
            week.until(day_of_week, hour=8)
            with week.act() as session:
                haulage.drive(session, clock=week.clock, driver=driver, view=view)
            unloaded = [line for line in view.stops if line.stop.action == "unload"]
            for line in unloaded:
                with week.act() as session:
                    lot = session.exec(select(Lot).where(Lot.code == line.order.lot_code)).one()
                    yardwork.weigh(
                        session,
                        clock=week.clock,
                        site=receivers[line.stop.site_id],
                        lot=lot,
                        expected_g=lot.mass_g or lot.declared_mass_g,
                        dice=week.dice,
                    )


def actor_of(session: Session, player: OnStage) -> Actor:
    """Return the first person of a player as they would act when signed in."""
    (membership,) = parties.memberships(session, person_id=player.person_ids[0])
    found = parties.actor(session, membership_id=membership.id)
    if found is None:
        raise LookupError(f"{player.player.key} left the stage")
    return found


def _heaps(week: Week, hub: OnStage) -> list[str]:
    with week.store.read() as session:
        lots = session.exec(
            select(Lot)
            .where(
                Lot.site_code == hub.site_code,
                Lot.owner == hub.organisation_code,
                col(Lot.pool_key).is_not(None),
                Lot.mass_g >= yardwork.SORTED_FROM_G,
            )
            .order_by(col(Lot.id))
        )
        return [lot.code for lot in lots]


def _owned(session: Session, smelter: OnStage) -> list[Lot]:
    return list(
        session.exec(
            select(Lot)
            .where(
                Lot.site_code == smelter.site_code,
                Lot.owner == smelter.organisation_code,
                Lot.mass_g > 0,
            )
            .order_by(col(Lot.id))
        )
    )
