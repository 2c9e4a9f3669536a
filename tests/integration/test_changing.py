"""Changes in the day, on both databases: rounds go on from where they stand."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.outbox import OutboxRow
from remelt.platform.kernel.store import Store
from remelt.platform.logistics import queries
from remelt.platform.logistics.beside import beside
from remelt.platform.logistics.changing import add_order, beside_whom, lose_vehicle, take_off
from remelt.platform.logistics.errors import (
    AlreadyLoaded,
    DayNotPlanned,
    DayPast,
    NoPlace,
    NoSuchOrder,
    NoSuchPlan,
    NoSuchRound,
    NotOnARound,
    OrderNotOpen,
    RoundUnderWay,
)
from remelt.platform.logistics.handover import load, unload
from remelt.platform.logistics.models import Leg, RoundStop, TransportOrder
from remelt.platform.logistics.orders import cancel_order
from remelt.platform.logistics.planning import cancel_round
from remelt.platform.logistics.road_cache import Cached
from remelt.platform.logistics.road_engines import Address, Osrm
from tests.road import Road, a_delivery, a_pickup, a_plan, a_road
from tests.road_peer import a_peer


@pytest.fixture
def road(store: Store, clock: SimulatedClock) -> Road:
    """A hub with two trucks and three collectors; two pickups wait for tomorrow."""
    with store.write() as session:
        made = a_road(session, clock=clock, collectors=3, trucks=2)
        a_pickup(session, made, clock=clock, seller=0)
        a_pickup(session, made, clock=clock, seller=1)
    made.day += timedelta(days=1)
    return made


def _planned(store, road, clock):
    with store.write() as session:
        return a_plan(session, road, clock=clock, day=road.day).code


def _views(store, road):
    with store.read() as session:
        cards = queries.rounds_of_day(
            session, organisation_id=road.hub.organisation.key, day=road.day
        )
        return queries.views_of(session, cards)


def _own(road):
    return {"organisation_id": road.hub.organisation.key}


def _urgent(store, road, clock, **more):
    with store.write() as session:
        return a_pickup(session, road, clock=clock, seller=2, **more).code


def _add(store, road, clock, code):
    with store.write() as session:
        return add_order(session, clock=clock, code=code, day=road.day, **_own(road)).code


def test_an_urgent_lot_joins_a_round_and_the_round_says_so(store, clock, road):
    _planned(store, road, clock)
    [before] = _views(store, road)
    code = _add(store, road, clock, _urgent(store, road, clock))
    [after] = _views(store, road)
    assert after.card.round.code == before.card.round.code == code
    assert {line.order.code for line in after.stops} > {line.order.code for line in before.stops}
    row = after.card.round
    assert row.distance_m == sum(line.leg.distance_m for line in after.legs)
    assert row.co2e_g == row.forecast_co2e_g == sum(line.leg.co2e_g for line in after.legs)
    assert [line.stop.seq for line in after.stops] == list(range(len(after.stops)))
    with store.read() as session:
        [told] = session.exec(select(OutboxRow).where(OutboxRow.name == "round-changed")).all()
    assert told.body["round_code"] == code


def test_a_truck_at_home_is_sent_where_the_rounds_are_full(store, clock, road):
    _planned(store, road, clock)
    code = _add(store, road, clock, _urgent(store, road, clock, mass_g=7_000_000))
    views = _views(store, road)
    assert len(views) == 2
    assert code in {view.card.round.code for view in views}
    with pytest.raises(NoPlace):
        _add(store, road, clock, _urgent(store, road, clock, mass_g=9_000_000))


def test_what_is_loaded_stays_where_it_is(store, clock, road):
    _planned(store, road, clock)
    clock.set(clock.now().replace(hour=1) + timedelta(days=1))
    [before] = _views(store, road)
    first = before.stops[0]
    with store.write() as session:
        load(session, clock=clock, lot_code=first.order.lot_code, actor=road.hub.actor)
    _add(store, road, clock, _urgent(store, road, clock))
    under_way = next(v for v in _views(store, road) if v.card.round.id == before.card.round.id)
    assert under_way.stops[0].order.id == first.order.id
    assert under_way.stops[0].stop.done_at is not None
    assert under_way.card.round.started_at is not None
    for view in _views(store, road):
        for line in view.stops:
            if line.stop.done_at is None:
                do = load if line.stop.action == "load" else unload
                with store.write() as session:
                    do(session, clock=clock, lot_code=line.order.lot_code, actor=road.hub.actor)
    assert {view.card.round.state for view in _views(store, road)} == {"driven"}


def test_an_order_is_taken_off_until_it_is_loaded(store, clock, road):
    _planned(store, road, clock)
    [before] = _views(store, road)
    codes = [line.order.code for line in before.stops if line.stop.action == "load"]
    with store.write() as session:
        take_off(session, clock=clock, code=codes[0], **_own(road))
    [after] = _views(store, road)
    assert {line.order.code for line in after.stops} == {codes[1]}
    assert after.card.round.distance_m < before.card.round.distance_m
    with store.write() as session, pytest.raises(NotOnARound):
        take_off(session, clock=clock, code=codes[0], **_own(road))
    clock.advance(hours=24)
    with store.write() as session:
        lot = after.stops[0].order.lot_code
        load(session, clock=clock, lot_code=lot, actor=road.hub.actor)
    with store.write() as session, pytest.raises(AlreadyLoaded):
        take_off(session, clock=clock, code=codes[1], **_own(road))


def test_a_round_without_orders_is_taken_back(store, clock, road):
    _planned(store, road, clock)
    for line in [each for view in _views(store, road) for each in view.stops]:
        if line.stop.action == "load":
            with store.write() as session:
                take_off(session, clock=clock, code=line.order.code, **_own(road))
    assert _views(store, road) == []
    with store.read() as session:
        states = {order.state for order in session.exec(select(TransportOrder))}
        assert states == {"open"}


def test_another_truck_takes_over_from_a_lost_one(store, clock, road):
    _planned(store, road, clock)
    [before] = _views(store, road)
    with store.write() as session:
        relief = lose_vehicle(session, clock=clock, code=before.card.round.code, **_own(road))
    assert len(relief.taken_over) == 2
    assert (relief.left, relief.stranded) == ((), ())
    [after] = _views(store, road)
    assert after.card.vehicle.code != before.card.vehicle.code
    with store.read() as session:
        orders = session.exec(select(TransportOrder).order_by(col(TransportOrder.id))).all()
        assert {order.round_id for order in orders} == {after.card.round.id}


@pytest.mark.parametrize("hour", [-5, 1])  # loaded hours before the plan says so, and in its time
def test_what_a_lost_truck_has_on_board_stays_and_the_rest_has_a_reason(store, clock, road, hour):
    with store.write() as session:
        for at in (0, 1):
            a_pickup(session, road, clock=clock, seller=at, mass_g=6_000_000)
    _planned(store, road, clock)
    clock.set(clock.now().replace(hour=0) + timedelta(days=1, hours=hour))
    view = _views(store, road)[0]
    first = view.stops[0]
    with store.write() as session:
        load(session, clock=clock, lot_code=first.order.lot_code, actor=road.hub.actor)
    with store.write() as session:
        relief = lose_vehicle(session, clock=clock, code=view.card.round.code, **_own(road))
    assert first.order.code in relief.stranded
    assert first.order.code not in {*relief.taken_over, *(each.stop for each in relief.left)}
    with store.read() as session:
        by_code = {order.code: order for order in session.exec(select(TransportOrder))}
    for reason in relief.left:
        assert reason.code in {"capacity", "shift"}
        assert by_code[reason.stop].state == "open"
    assert by_code[first.order.code].state == "loaded"


def test_a_change_goes_by_what_the_operators_road_engine_said(store, clock, road, tmp_path):
    _planned(store, road, clock)
    urgent = _urgent(store, road, clock)
    with a_peer() as peer:
        engine = Cached(Osrm(Address(peer.url)), tmp_path / "roads.db")
        with store.read() as session:
            engine.ask_beside(beside_whom(session, code=urgent, **_own(road)))
        asked = len(peer.asked)
        with store.write() as session:  # rows are locked: from here on nobody is asked
            known = engine.kept()
            add_order(session, clock=clock, code=urgent, day=road.day, roads=known, **_own(road))
        assert len(peer.asked) == asked > 0
    [view] = _views(store, road)
    [place] = {s.order.from_site_id for s in view.stops if s.order.code == urgent}
    with store.read() as session:
        legs = _rows(session, Leg, view)
    told = {place in (leg.from_site_id, leg.to_site_id): leg.source for leg in legs}
    assert told[True] == "osrm"
    assert told[False].endswith("no osrm")


def _rows(session, table, view):
    of = view.card.round.id
    return session.exec(select(table).where(table.round_id == of).order_by(col(table.seq))).all()


def test_a_lost_truck_is_not_driven_home_in_the_books(store, clock, road):
    _planned(store, road, clock)
    clock.set(clock.now().replace(hour=0) + timedelta(days=1, hours=1))
    [view] = _views(store, road)
    first, second = (step.order for step in view.stops[:2])
    with store.write() as session:
        load(session, clock=clock, lot_code=first.lot_code, actor=road.hub.actor)
        relief = lose_vehicle(session, clock=clock, code=view.card.round.code, **_own(road))
    assert relief.stranded == (first.code,)
    assert relief.taken_over == (second.code,)
    with store.read() as session:
        legs, steps = (_rows(session, table, view) for table in (Leg, RoundStop))
        hub = road.hub.site.key
        assert [(leg.from_site_id, leg.to_site_id) for leg in legs] == [
            (hub, first.from_site_id),
            (first.from_site_id, first.from_site_id),
        ]
        assert legs[1].distance_m == 0
        assert [(step.action, step.site_id) for step in steps] == [
            ("load", first.from_site_id),
            ("unload", hub),
        ]
        assert steps[1].direct_m > 0  # its share of the round's emission goes by its own way


def test_deliveries_on_a_lost_truck_are_still_to_be_unloaded_where_they_go(store, clock, road):
    with store.write() as session:
        order = a_delivery(session, road, clock=clock)
        for each in road.orders[:2]:
            cancel_order(session, clock=clock, code=each.code, **_own(road))
    _planned(store, road, clock)
    clock.set(clock.now().replace(hour=0) + timedelta(days=1, hours=-5))
    [view] = _views(store, road)
    with store.write() as session:
        load(session, clock=clock, lot_code=order.lot_code, actor=road.hub.actor)
        relief = lose_vehicle(session, clock=clock, code=view.card.round.code, **_own(road))
    assert relief.stranded == (order.code,)
    with store.read() as session:
        assert [leg.distance_m for leg in _rows(session, Leg, view)] == [0]
        [_, off] = _rows(session, RoundStop, view)
        assert (off.action, off.site_id, off.done_at) == ("unload", order.to_site_id, None)


def test_changes_are_refused_by_name(store, clock, road):
    code = road.orders[0].code
    with pytest.raises(DayNotPlanned):
        _add(store, road, clock, code)
    _planned(store, road, clock)
    with pytest.raises(OrderNotOpen):
        _add(store, road, clock, code)
    with store.write() as session, pytest.raises(NoSuchOrder):
        add_order(session, clock=clock, code="X", day=road.day, **_own(road))
    urgent = _urgent(store, road, clock)
    with store.write() as session, pytest.raises(DayPast):
        day = road.day - timedelta(days=9)
        add_order(session, clock=clock, code=urgent, day=day, **_own(road))
    with store.write() as session, pytest.raises(NoSuchRound):
        lose_vehicle(session, clock=clock, code="X", **_own(road))
    [view] = _views(store, road)
    with store.write() as session:
        cancel_round(session, clock=clock, code=view.card.round.code, **_own(road))
    with store.write() as session, pytest.raises(RoundUnderWay):
        lose_vehicle(session, clock=clock, code=view.card.round.code, **_own(road))


def test_two_plans_stand_side_by_side(store, clock, road):
    one = _planned(store, road, clock)
    [view] = _views(store, road)
    with store.write() as session:
        cancel_round(session, clock=clock, code=view.card.round.code, **_own(road))
        a_delivery(session, road, clock=clock)
    two = _planned(store, road, clock)
    with store.read() as session:
        told = beside(session, code=one, other=two, **_own(road))
        same = beside(session, code=one, other=one, **_own(road))
        with pytest.raises(NoSuchPlan):
            beside(session, code=one, other="X", **_own(road))
    assert (told.was_orders, told.now_orders) == (2, 3)
    assert told.now.cost_fen > told.was.cost_fen
    assert any(each.was is None and each.moved for each in told.differences)
    assert same.differences == ()
