"""A round's emission by hand: forecast, driven, shared, and what the factors reach."""

from datetime import datetime

import pytest
from sqlmodel import Session, col, select

from remelt.platform.catalogue.loading import import_file
from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.store import Store
from remelt.platform.logistics import queries
from remelt.platform.logistics.emissions import curve_of, factors_of
from remelt.platform.logistics.errors import BadConsumption
from remelt.platform.logistics.fleet import check_vehicle
from remelt.platform.logistics.handover import leave, load, unload
from remelt.platform.logistics.models import Leg, Round, Vehicle
from remelt.platform.logistics.roads import Fact, set_road
from remelt.platform.logistics.shares import Shares, shares_of
from remelt.routing.carbon import shares_by_leg, shares_of_round
from remelt.traceability.models import Lot
from tests.road import Road, a_pickup, a_plan, a_road, a_truck

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
UPSTREAM = (
    b"id,kind,category,activity,value,unit,scope,region,year,source,confidence,note\n"
    b"fuel_diesel_cn_upstream,factor,fuel,Diesel way to the tank,0.6,kgCO2e/kg,upstream,China,"
    b"2026,supplier's inventory,sourced,\n"
)


def a_triangle(session: Session, clock: SimulatedClock) -> Road:
    """Hub - first - second - hub: 10, 6 and 12 km, said by hand; a truck of 8 t (926 to 1188)."""
    road = a_road(session, clock=clock, collectors=2)
    hub, (first, second) = road.hub, road.collectors
    for start, end, metres in (
        (hub, first, 10_000),
        (first, second, 6_000),
        (second, hub, 12_000),
    ):
        set_road(
            session,
            clock=clock,
            organisation_id=hub.organisation.key,
            person_id=hub.person.key,
            from_site=start.site.code,
            to_site=end.site.code,
            fact=Fact("distance", distance_m=metres),
            both_ways=True,
        )
    a_pickup(session, road, clock=clock, seller=0, mass_g=2_000_000)
    a_pickup(session, road, clock=clock, seller=1, mass_g=4_000_000)
    return road


def shares(session: Session, road: Road) -> Shares:
    own = road.hub.organisation.key
    [card] = queries.rounds_of_day(session, organisation_id=own, day=road.day)
    view = queries.round_view(session, code=card.round.code, organisation_id=own)
    return shares_of(view)


def test_a_round_is_counted_and_shared_as_by_hand(store: Store, clock: SimulatedClock):
    with store.write() as session:
        road = a_triangle(session, clock)
        a_plan(session, road, clock=clock, day=road.day)
        row = session.exec(select(Round)).one()
        legs = session.exec(select(Leg).order_by(col(Leg.seq))).all()
        # one way round or the other: 8 t payload, so 32.75 g per km for each tonne on board
        ways = {
            (10_000, 6_000, 12_000): [9_260, (926 + 65.5) * 6, (926 + 196.5) * 12],
            (12_000, 6_000, 10_000): [11_112, (926 + 131) * 6, (926 + 196.5) * 10],
        }
        by_hand = ways[tuple(leg.distance_m for leg in legs)]
        assert [leg.co2e_g for leg in legs] == [round(each) for each in by_hand]
        assert row.co2e_g == row.forecast_co2e_g == sum(round(each) for each in by_hand)
        forecast = {line.mass_g: line.forecast_g for line in shares(session, road).lines}
        # mass x shortest road: 2 t x 10 km and 4 t x 12 km, so 20 to 48 of 68
        assert abs(forecast[2_000_000] - row.co2e_g * 20 / 68) <= 1
        assert abs(forecast[4_000_000] - row.co2e_g * 48 / 68) <= 1
        assert sum(forecast.values()) == row.co2e_g
        assert all(line.carried_g is None for line in shares(session, road).lines)
        assert {_burden(lot) for lot in _lots(session, road)} == {0}


def _burden(lot: Lot) -> int:
    return sum(lot.vectors.co2e.values())


def _lots(session: Session, road: Road) -> list[Lot]:
    codes = [order.lot_code for order in road.orders]
    return list(session.exec(select(Lot).where(col(Lot.code).in_(codes))))


def test_only_what_was_driven_enters_the_ledger(store: Store, clock: SimulatedClock):
    with store.write() as session:
        road = a_triangle(session, clock)
        a_plan(session, road, clock=clock, day=road.day)
        row = session.exec(select(Round)).one()
        planned = row.co2e_g
        kept, left = road.orders
        load(session, clock=clock, lot_code=kept.lot_code, actor=road.hub.actor)
        leave(session, clock=clock, lot_code=left.lot_code, actor=road.hub.actor)
        assert row.driven_at is None
        unload(session, clock=clock, lot_code=kept.lot_code, actor=road.hub.actor)
        assert isinstance(row.driven_at, datetime)
        legs = session.exec(select(Leg).order_by(col(Leg.seq))).all()
        assert row.forecast_co2e_g == planned == sum(leg.forecast_co2e_g for leg in legs)
        assert row.co2e_g == sum(leg.co2e_g for leg in legs) < planned
        lines = {line.order.code: line for line in shares(session, road).lines}
        assert lines[kept.code].carried_g == row.co2e_g
        assert lines[left.code].carried_g is None
        assert lines[left.code].forecast_g > 0
    with store.read() as session:
        found = {lot.code: _burden(lot) for lot in _lots(session, road)}
        assert found == {kept.lot_code: row.co2e_g, left.lot_code: 0}


def test_the_view_leg_by_leg_shares_each_leg_and_names_the_empty_way(
    store: Store, clock: SimulatedClock
):
    with store.write() as session:
        road = a_triangle(session, clock)
        a_plan(session, road, clock=clock, day=road.day)
        legs = session.exec(select(Leg).order_by(col(Leg.seq))).all()
        found = shares(session, road)
        assert found.empty_g == legs[0].co2e_g
        told = sum(line.by_leg_g for line in found.lines)
        assert told + found.empty_g == sum(leg.co2e_g for leg in legs)


def test_shares_are_whole_and_exact():
    loads = {"a": (1, 1), "b": (1, 1), "c": (1, 1)}
    assert shares_of_round(100, loads) == {"a": 34, "b": 33, "c": 33}
    assert shares_of_round(0, loads) == dict.fromkeys(loads, 0)
    assert shares_of_round(7, {"a": (0, 5), "b": (0, 9)}) == {"a": 4, "b": 3}
    assert shares_by_leg([(10, {}), (11, {"a": 1, "b": 1}), (5, {"b": 9})]) == (
        {"a": 6, "b": 10},
        10,
    )


@SQLITE
def test_an_electric_truck_counts_its_meter_by_the_footprint_of_power(
    store: Store, clock: SimulatedClock
):
    with store.write() as session:
        road = a_road(session, clock=clock)
        truck = a_truck(
            session,
            clock=clock,
            hub=road.hub,
            emission_class="electric",
            empty_wh_per_km=900,
            full_wh_per_km=1_450,
        )
        curve = curve_of(session, truck)
        # 0.5777 kg per kWh: 0.9 kWh are 519.93 g, 1.45 kWh are 837.665 g
        assert (curve.empty_g_per_km, curve.full_g_per_km) == (520, 838)
        assert curve.scope == "well-to-wheel"
        [factor] = factors_of(curve.to_json())
        assert (factor.id, factor.gas, factor.includes_upstream) == (
            "elec_pcf_cn_2024",
            "CO2e",
            True,
        )


@pytest.mark.parametrize(
    "wrong",
    [
        {"emission_class": "electric"},
        {"emission_class": "electric", "empty_wh_per_km": 900},
        {"emission_class": "electric", "empty_wh_per_km": 900, "full_wh_per_km": 800},
        {"emission_class": "electric", "empty_wh_per_km": 0, "full_wh_per_km": 800},
        {"emission_class": "electric", "empty_wh_per_km": 900, "full_wh_per_km": 20_001},
        {"empty_wh_per_km": 900, "full_wh_per_km": 1_450},
    ],
)
def test_a_meter_that_cannot_be_is_refused(wrong: dict[str, object]):
    given = {
        "plate": "x",
        "capacity_g": 1_000,
        "emission_class": "rigid_17",
        "shift_from_min": 1,
        "shift_to_min": 2,
    }
    with pytest.raises(BadConsumption):
        check_vehicle(Vehicle(**(given | wrong)))


@SQLITE
def test_diesel_counts_its_way_to_the_tank_once_it_is_known(store: Store, clock: SimulatedClock):
    with store.write() as session:
        road = a_road(session, clock=clock)
        [truck] = road.trucks
        exhaust = curve_of(session, truck)
        assert (exhaust.empty_g_per_km, exhaust.full_g_per_km) == (926, 1_188)
        assert exhaust.scope == "tank-to-wheel"
        assert not any(factor.includes_upstream for factor in exhaust.factors)
        import_file(session, clock=clock, name="own.csv", content=UPSTREAM, edition="own-1")
        whole = curve_of(session, truck)
        # 0.6 kg on the way for 3.1863 kg burnt: 18.83 % more
        assert (whole.empty_g_per_km, whole.full_g_per_km) == (1_100, 1_412)
        assert whole.scope == "well-to-wheel"
        assert all(factor.includes_upstream for factor in whole.factors)
        assert [factor.edition for factor in whole.factors][-1] == "own-1"
        a_pickup(session, road, clock=clock, seller=0)
        a_plan(session, road, clock=clock, day=road.day)
        [order] = road.orders
        load(session, clock=clock, lot_code=order.lot_code, actor=road.hub.actor)
        unload(session, clock=clock, lot_code=order.lot_code, actor=road.hub.actor)
    with store.read() as session:
        [lot] = _lots(session, road)
        assert _burden(lot) > 0
        assert "collection:fuel_upstream" not in lot.vectors.missing
