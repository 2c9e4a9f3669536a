"""Orders, plans, rounds and hand-over, on both databases."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.codes import new_code
from remelt.platform.kernel.jobs import job_by_code
from remelt.platform.kernel.outbox import OutboxRow
from remelt.platform.kernel.store import Store
from remelt.platform.logistics import queries
from remelt.platform.logistics.errors import (
    AlreadyLoaded,
    AlreadyUnloaded,
    DayPast,
    HeapStays,
    LeftBehind,
    LotNotHere,
    NoSuchOrder,
    NoSuchRound,
    NothingToPlan,
    NotLoadedYet,
    NotOnARound,
    NotToday,
    OrderNotOpen,
    OrderStands,
    PlanRunning,
    PlateTaken,
    RoundUnderWay,
    SamePlace,
)
from remelt.platform.logistics.handover import leave, load, turn_away, unload
from remelt.platform.logistics.lots import sendable
from remelt.platform.logistics.models import Leg, TransportOrder
from remelt.platform.logistics.orders import (
    When,
    cancel_order,
    nearest_hub,
    order_delivery,
    order_for_award,
    order_pickup,
)
from remelt.platform.logistics.planning import cancel_round, open_orders, request_plan
from remelt.platform.logistics.saving import save_plan
from remelt.platform.logistics.solving import solve_day
from remelt.traceability import ledger
from remelt.traceability.models import Lot
from tests.counting import Counting
from tests.parties import a_party
from tests.road import SPEC, Road, a_delivery, a_pickup, a_ref, a_road, a_truck


def _quiet(progress, note="", incumbent=None):
    return None


def _ask(session, road, *, clock, day=None, **more):
    return request_plan(
        session,
        clock=clock,
        organisation_id=road.hub.organisation.key,
        site_id=road.hub.site.key,
        person_id=road.hub.person.key,
        day=day or road.day,
        **more,
    )


def _plan(store: Store, road: Road, *, clock: SimulatedClock, day=None):
    """Ask, solve in this process, keep; return the plan's code."""
    with store.write() as session:
        run = _ask(session, road, clock=clock, day=day, effort=300)
        payload = job_by_code(session, run.job_code).payload
    result = solve_day(payload, _quiet)
    with store.write() as session:
        save_plan(session, clock=clock, payload=payload, result=result)
    return run.code


def _view(store: Store, road: Road, plan: str):
    with store.read() as session:
        found = queries.plan_view(session, code=plan, organisation_id=road.hub.organisation.key)
        return found, queries.views_of(session, list(found.rounds))


@pytest.fixture
def road(store: Store, clock: SimulatedClock) -> Road:
    """A hub with one truck, two pickups of 2 t and a delivery of 5 t to the smelter."""
    clock.set(clock.now() - timedelta(0))
    with store.write() as session:
        made = a_road(session, clock=clock)
        a_pickup(session, made, clock=clock, seller=0)
        a_pickup(session, made, clock=clock, seller=1)
        a_delivery(session, made, clock=clock)
    return made


@pytest.fixture
def tomorrow(road: Road):
    return road.day + timedelta(days=1)


def test_a_day_is_planned_driven_and_carried_to_the_ledger(
    store: Store, clock: SimulatedClock, road: Road, tomorrow
):
    plan = _plan(store, road, clock=clock, day=tomorrow)
    found, [round_] = _view(store, road, plan)
    assert found.run.result["rounds"] == 1
    assert found.left_out == ()
    assert [line.stop.action for line in round_.stops].count("load") == 3
    assert round_.stops[0].order.kind == "delivery"
    assert round_.card.round.distance_m == sum(line.leg.distance_m for line in round_.legs)
    assert {line.leg.source for line in round_.legs} <= {"geodesic x 1.35", "geodesic x 1.45"}

    clock.advance(hours=24)
    for step in round_.stops:
        with store.write() as session:
            do = load if step.stop.action == "load" else unload
            do(session, clock=clock, lot_code=step.order.lot_code, actor=road.hub.actor)
        clock.advance(minutes=20)

    _, [driven] = _view(store, road, plan)
    with store.read() as session:
        lots = {lot.code: lot for lot in session.exec(select(Lot))}
        legs = session.exec(select(Leg).order_by(col(Leg.seq))).all()
        events = session.exec(select(OutboxRow).where(OutboxRow.name == "round-driven")).all()
    row = driven.card.round
    assert row.state == "driven"
    assert row.co2e_g == sum(leg.co2e_g for leg in legs) > 0
    carried = {
        order.lot_code: sum(lots[order.lot_code].vectors.co2e.values()) for order in road.orders
    }
    assert sum(carried.values()) == row.co2e_g
    assert len(events) == 1
    delivered = lots[road.orders[2].lot_code]
    assert delivered.site_code == road.smelter.site.code
    assert lots[road.orders[0].lot_code].site_code == road.hub.site.code
    assert lots[road.orders[0].lot_code].custodian == road.hub.organisation.code


def test_an_impossible_order_is_left_out_with_its_reason(
    store: Store, clock: SimulatedClock, road: Road, tomorrow
):
    with store.write() as session:
        heavy = a_pickup(session, road, clock=clock, seller=0, mass_g=9_000_000)
    found, _ = _view(store, road, _plan(store, road, clock=clock, day=tomorrow))
    [left] = found.left_out
    assert left.line.order.code == heavy.code
    assert (left.reason, left.remedy) == ("capacity", "bigger-vehicle")
    assert (left.facts["need_kg"], left.facts["most_kg"]) == (9000, 8000)
    assert left.facts["from_s"] < left.facts["until_s"]  # when the larger vehicle would be wanted
    with store.read() as session:
        waiting = open_orders(session, site_id=road.hub.site.key, day=tomorrow)
    assert [order.code for order in waiting] == [heavy.code]


def test_without_a_truck_everything_is_left_out(store: Store, clock: SimulatedClock, tomorrow):
    with store.write() as session:
        bare = a_road(session, clock=clock, trucks=0)
        a_pickup(session, bare, clock=clock, seller=0)
    found, _ = _view(store, bare, _plan(store, bare, clock=clock))
    [left] = found.left_out
    assert left.reason == "capacity"
    assert not left.facts.get("most_kg")  # which the page words as: no vehicle is free


def test_a_plan_made_on_orders_that_changed_is_not_kept(
    store: Store, clock: SimulatedClock, road: Road, tomorrow
):
    with store.write() as session:
        run = _ask(session, road, clock=clock, day=tomorrow)
        payload = job_by_code(session, run.job_code).payload
    result = solve_day(payload | {"effort": 100}, _quiet)
    with store.write() as session:
        cancel_order(
            session,
            clock=clock,
            code=road.orders[0].code,
            organisation_id=road.hub.organisation.key,
        )
    with store.write() as session:
        save_plan(session, clock=clock, payload=payload, result=result)
    found, rounds = _view(store, road, run.code)
    assert found.state == "refused"
    assert rounds == []


def test_a_plan_is_refused_with_a_sentence(store: Store, clock: SimulatedClock, road: Road):
    with pytest.raises(DayPast), store.write() as session:
        _ask(session, road, clock=clock, day=road.day - timedelta(days=1))
    with pytest.raises(PlanRunning), store.write() as session:
        _ask(session, road, clock=clock)
        _ask(session, road, clock=clock)
    with pytest.raises(NothingToPlan), store.write() as session:
        empty = a_road(session, clock=clock)
        _ask(session, empty, clock=clock)


def test_a_planned_round_can_be_taken_back_until_it_begins(
    store: Store, clock: SimulatedClock, road: Road
):
    own = {"organisation_id": road.hub.organisation.key}
    plan = _plan(store, road, clock=clock)
    _, [first] = _view(store, road, plan)
    with store.write() as session:
        cancel_round(session, clock=clock, code=first.card.round.code, **own)
    with store.read() as session:
        assert len(open_orders(session, site_id=road.hub.site.key, day=road.day)) == 3
    _, [second] = _view(store, road, _plan(store, road, clock=clock))
    with store.write() as session:
        load(session, clock=clock, lot_code=road.orders[0].lot_code, actor=road.hub.actor)
    with pytest.raises(RoundUnderWay), store.write() as session:
        cancel_round(session, clock=clock, code=second.card.round.code, **own)
    with pytest.raises(NoSuchRound), store.write() as session:
        cancel_round(
            session,
            clock=clock,
            code=second.card.round.code,
            organisation_id=road.smelter.organisation.key,
        )


def test_hand_over_in_the_wrong_state_is_explained(
    store: Store, clock: SimulatedClock, road: Road, tomorrow
):
    lot = road.orders[0].lot_code

    def refuse(error, do, *, actor=road.hub.actor):
        with pytest.raises(error), store.write() as session:
            do(session, clock=clock, lot_code=lot, actor=actor)

    refuse(NotOnARound, load)
    _plan(store, road, clock=clock, day=tomorrow)
    refuse(NotToday, load)
    clock.advance(days=1)
    refuse(NotLoadedYet, unload)
    refuse(NoSuchOrder, load, actor=road.smelter.actor)
    with store.write() as session:
        load(session, clock=clock, lot_code=lot.lower(), actor=road.hub.actor)
    refuse(AlreadyLoaded, load)
    refuse(AlreadyLoaded, leave)
    with store.write() as session:
        unload(session, clock=clock, lot_code=f"https://x.example/l/{lot}", actor=road.hub.actor)
    refuse(AlreadyUnloaded, unload)
    refuse(AlreadyUnloaded, load)


def test_a_lot_left_behind_waits_for_a_new_round(store: Store, clock: SimulatedClock, road: Road):
    plan = _plan(store, road, clock=clock)
    gone = road.orders[0]
    with store.write() as session:
        leave(
            session, clock=clock, lot_code=gone.lot_code, actor=road.hub.actor, because="gate shut"
        )
    with pytest.raises(LeftBehind), store.write() as session:
        load(session, clock=clock, lot_code=gone.lot_code, actor=road.hub.actor)
    for order in road.orders[1:]:
        for do in (load, unload):
            with store.write() as session:
                do(session, clock=clock, lot_code=order.lot_code, actor=road.hub.actor)
    _, [driven] = _view(store, road, plan)
    assert driven.card.round.state == "driven"
    with store.write() as session:
        a_truck(session, clock=clock, hub=road.hub)
    _, [again] = _view(store, road, _plan(store, road, clock=clock))
    assert [line.order.code for line in again.stops] == [gone.code, gone.code]


def test_a_load_refused_at_the_gate_leaves_no_stop_and_the_round_ends(
    store: Store, clock: SimulatedClock, road: Road
):
    """The delivery rode to the gate: it bears its share, and nothing of the round stays due."""
    refused = road.orders[2].lot_code
    plan = _plan(store, road, clock=clock, day=road.day)
    _, [round_] = _view(store, road, plan)
    clock.advance(hours=24)
    steps = [(line.stop.action, line.order.lot_code) for line in round_.stops]
    for action, code in steps:
        if (action, code) == ("unload", refused):
            continue
        with store.write() as session:
            do = load if action == "load" else unload
            do(session, clock=clock, lot_code=code, actor=road.hub.actor)
    _, [waits] = _view(store, road, plan)
    assert [line.state for line in waits.stops].count("due") == 1
    with store.write() as session:
        order = turn_away(session, clock=clock, lot_code=refused, actor="person:x")
        assert (order.state, order.lot_code) == ("cancelled", refused)
        assert turn_away(session, clock=clock, lot_code=refused, actor="person:x") is None
    _, [over] = _view(store, road, plan)
    assert {line.state for line in over.stops} == {"done"}
    assert over.card.round.state == "driven"
    with store.read() as session:
        lot = session.exec(select(Lot).where(Lot.code == refused)).one()
        assert lot.vectors.co2e["transport"] > 0
        carried = [sum(each.vectors.co2e.values()) for each in session.exec(select(Lot))]
        assert sum(carried) == over.card.round.co2e_g


def test_a_refused_lot_that_was_not_loaded_is_left_by_its_round(
    store: Store, clock: SimulatedClock, road: Road
):
    refused = road.orders[2].lot_code
    plan = _plan(store, road, clock=clock, day=road.day)
    with store.write() as session:
        turn_away(session, clock=clock, lot_code=refused, actor="person:x")
    _, [found] = _view(store, road, plan)
    assert [line.state for line in found.stops if line.order.lot_code == refused] == ["left"] * 2
    assert found.card.round.driven_at is None


def test_the_receiver_may_unload(store: Store, clock: SimulatedClock, road: Road):
    _plan(store, road, clock=clock)
    lot = road.orders[2].lot_code
    with store.write() as session:
        load(session, clock=clock, lot_code=lot, actor=road.hub.actor)
    with store.write() as session:
        made = unload(session, clock=clock, lot_code=lot, actor=road.smelter.actor, scanned=False)
    assert made.organisation_id == road.smelter.organisation.key


def test_a_heap_stays_until_a_lot_is_weighed_off_it(
    store: Store, clock: SimulatedClock, road: Road
):
    hub, where = road.hub, {"site": a_ref(road.hub), "actor": f"person:{road.hub.person.code}"}
    mine = {"owner": hub.organisation.code, "custodian": hub.organisation.code, **where}
    with store.write() as session:
        heap = ledger.pool_lot(session, clock=clock, bay="gate", spec=SPEC, **mine)
        lot = ledger.bring_in(session, clock=clock, lot_code=new_code(), spec=SPEC, mass_g=1_000,
                              **mine)  # fmt: skip
        ledger.pool_in(session, clock=clock, pool_code=heap.code, lot_codes=[lot.code], **where)
    with store.read() as session:
        assert heap.code not in {each.code for each in sendable(session, site_code=hub.site.code)}
    with pytest.raises(HeapStays), store.write() as session:
        order_delivery(
            session,
            clock=clock,
            lot_code=heap.code,
            organisation_id=hub.organisation.key,
            from_site_id=hub.site.key,
            to_site_id=road.smelter.site.key,
        )


def test_orders_are_refused_with_a_sentence(store: Store, clock: SimulatedClock, road: Road):
    order = road.orders[0]
    again = {
        "lot_code": order.lot_code,
        "metal": "Al",
        "mass_g": 1,
        "from_site_id": order.from_site_id,
    }
    with pytest.raises(OrderStands), store.write() as session:
        order_pickup(session, clock=clock, **again)
    with pytest.raises(SamePlace), store.write() as session:
        order_pickup(session, clock=clock, **again, to_site_id=order.from_site_id)
    with pytest.raises(LotNotHere), store.write() as session:
        order_delivery(
            session,
            clock=clock,
            lot_code=order.lot_code,
            organisation_id=road.hub.organisation.key,
            from_site_id=road.hub.site.key,
            to_site_id=road.smelter.site.key,
        )
    _plan(store, road, clock=clock)
    with pytest.raises(OrderNotOpen), store.write() as session:
        cancel_order(
            session, clock=clock, code=order.code, organisation_id=road.hub.organisation.key
        )
    with pytest.raises(PlateTaken), store.write() as session:
        a_truck(session, clock=clock, hub=road.hub, plate=road.trucks[0].plate)


def test_an_award_orders_what_is_needed(store: Store, clock: SimulatedClock):
    with store.write() as session:
        road = a_road(session, clock=clock)
        far = a_party(session, clock=clock, role="hub", lat_e6=28_200_000, lon_e6=108_100_000)
        lot = a_pickup(session, road, clock=clock, seller=0).lot_code
        cancel_order(
            session,
            clock=clock,
            code=road.orders[0].code,
            organisation_id=road.hub.organisation.key,
        )
        seller = road.collectors[0].site
        assert nearest_hub(session, seller).id == road.hub.site.id
        asked = {
            "lot_code": lot,
            "metal": "Al",
            "mass_g": 2_000_000,
            "contract_code": "C",
            "from_site_code": seller.code,
        }
        order = order_for_award(
            session, clock=clock, **asked, deliver_to_site_code=road.smelter.site.code
        )
        assert order is not None
        assert order.kind == "pickup"
        assert order.dispatch_site_id == road.hub.site.id
        assert (
            order_for_award(session, clock=clock, **asked, deliver_to_site_code=far.site.code)
            is None
        )


def test_state_and_open_orders_agree_over_every_combination(
    store: Store, clock: SimulatedClock, road: Road
):
    plan = _plan(store, road, clock=clock)
    _, [view] = _view(store, road, plan)
    with store.read() as session:
        row = session.exec(select(TransportOrder).where(TransportOrder.kind == "pickup")).first()
    now = clock.now()
    combinations = [
        {},
        {"round_id": view.card.round.key},
        {"round_id": view.card.round.key, "loaded_at": now},
        {"round_id": view.card.round.key, "loaded_at": now, "unloaded_at": now},
        {"cancelled_at": now},
    ]
    facts = ("round_id", "loaded_at", "unloaded_at", "cancelled_at")
    for combination in combinations:
        with store.write() as session:
            order = session.get(TransportOrder, row.id)
            for fact in facts:
                setattr(order, fact, combination.get(fact))
        with store.read() as session:
            order = session.get(TransportOrder, row.id)
            listed = open_orders(session, site_id=road.hub.site.key, day=road.day)
            assert (order.state == "open") == (order.id in {each.id for each in listed})


def test_an_order_waits_until_it_is_ready(
    store: Store, clock: SimulatedClock, road: Road, tomorrow
):
    with store.write() as session:
        party = a_party(session, clock=clock)
        order = order_pickup(
            session,
            clock=clock,
            lot_code="X",
            metal="Al",
            mass_g=1,
            from_site_id=party.site.key,
            to_site_id=road.hub.site.key,
            when=When(ready_on=tomorrow, from_min=600, to_min=660),
        )
        codes = {
            each.code for each in open_orders(session, site_id=road.hub.site.key, day=road.day)
        }
        assert order.code not in codes


def test_lists_ask_a_fixed_number_of_queries(store: Store, clock: SimulatedClock):
    def counted(collectors: int) -> int:
        with store.write() as session:
            road = a_road(session, clock=clock, collectors=collectors, trucks=1)
            for seller in range(collectors):
                a_pickup(session, road, clock=clock, seller=seller, mass_g=500_000)
        _plan(store, road, clock=clock)
        with Counting(store) as count, store.read() as session:
            own = {"organisation_id": road.hub.organisation.key}
            queries.orders_at(session, **own)
            cards = queries.rounds_of_day(session, **own, day=road.day)
            queries.views_of(session, cards)
        return count.statements

    assert counted(2) == counted(6)
