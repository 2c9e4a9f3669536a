"""A problem in PyVRP's words, and its solutions in ours."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import gcd
from typing import Any

import numpy as np
import pyvrp
from pyvrp import Activity, ActivityType, Client, ClientGroup, Depot, Location, Shipment

from remelt.routing.evaluator import judge_round
from remelt.routing.loading import sizes_of
from remelt.routing.problem import Problem, Routes, Stop, Vehicle, Visit, Window
from remelt.routing.roads import UNREACHABLE, Whole

FEN = 1000  # the solver counts in thousandths of a fen
FAR = 10**9  # metres and seconds of a leg that may not be driven
ENDLESS = 10**9
NEVER = 2**63 - 1
DEAR = 3  # a mandatory stop left out counts as so many rounds of its own


@dataclass(frozen=True, slots=True)
class Kind:
    """Vehicles that are alike for the solver: one of them, their keys, and who may not call."""

    vehicle: Vehicle
    keys: tuple[str, ...]
    barred: frozenset[str]


class Model:
    """One problem as PyVRP sees it.

    What PyVRP cannot say is left to the judge: families that quarrel, breaks, docks, the price of
    the load on board, and the second of several windows of a pair. strict: mandatory stops must
    be served, which is right where a plan that serves them all is known; else they may be left
    out at a price that no detour reaches.
    """

    def __init__(self, problem: Problem, *, strict: bool) -> None:
        self._problem = problem
        self._strict = strict
        self._kinds = kinds_of(problem)
        self._places: dict[str, int] = {}
        self._depots: dict[tuple[str, bool], int] = {}
        self._activities: dict[Visit, list[Activity]] = {}
        self._visits: dict[Activity, Visit] = {}
        self._clients: list[Client] = []
        self._groups: list[ClientGroup] = []
        self._shipments: list[Shipment] = []
        for stop in problem.stops:
            self._place(stop.place)
            self._place(stop.to or stop.place)
        types = [self._type(kind) for kind in self._kinds]
        common = self._common(types)
        self._lost = self._dearest(types)
        for stop in problem.stops:
            self._add(stop, common)
        profiles = list(dict.fromkeys(kind.barred for kind in self._kinds))
        tables: list[tuple[Any, Any]] = [self._tables(barred) for barred in profiles]
        bounded = any((metres >= FAR).any() for metres, _ in tables)
        self.data = pyvrp.ProblemData(
            locations=[Location(0, 0) for _ in self._places],
            clients=self._clients,
            depots=self._depot_rows(),
            vehicle_types=[
                self._priced(each, common, profiles.index(kind.barred), bounded=bounded)
                for each, kind in zip(types, self._kinds, strict=True)
            ],
            distance_matrices=[metres for metres, _ in tables],
            duration_matrices=[seconds for _, seconds in tables],
            groups=self._groups,
            shipments=self._shipments,
        )

    def routes(self, solution: pyvrp.Solution) -> Routes:
        """Return a solution as routes; like vehicles are taken in their order."""
        free = [list(reversed(kind.keys)) for kind in self._kinds]
        found: Routes = {}
        for route in solution.routes():
            visits = [self._visits[Activity(each.type, each.idx)] for each in list(route)[1:-1]]
            while visits and visits[-1].action == "reload":
                visits.pop()
            if visits:
                found[free[route.vehicle_type()].pop()] = tuple(visits)
        return found

    def solution(self, routes: Routes) -> pyvrp.Solution:
        """Return routes as a solution to start from."""
        made = [
            pyvrp.Route(self.data, self._way(key, routes[key]), at)
            for at, kind in enumerate(self._kinds)
            for key in kind.keys
            if routes.get(key)
        ]
        return pyvrp.Solution(self.data, made)

    def cost_of_a_unit(self) -> float:
        """Return what a mean leg costs for each kilogram of a mean load.

        Legs that may not be driven are left out: penalties by their length would run over, and
        the search would never come back.
        """
        stops = self._problem.stops
        mean_kg = sum(stop.mass_kg for stop in stops) / max(1, len(stops))
        metres: Whole = np.asarray(self.data.distance_matrix(0), dtype=np.int64)
        mean_m = float(metres.mean(where=metres < FAR)) if (metres < FAR).any() else 0.0
        return max(
            mean_m * each.unit_distance_cost / max(1.0, mean_kg)
            for each in self.data.vehicle_types()
        )

    def _way(self, key: str, visits: Sequence[Visit]) -> list[Activity]:
        begins: list[int] = []
        if any(len(self._activities[visit]) > 1 for visit in visits):
            judged = judge_round(self._problem, self._problem.vehicle(key), visits)
            begins = [call.begin_s for call in judged.calls]
        way = []
        for at, visit in enumerate(visits):
            choices = self._activities[visit]
            chosen = 0
            if len(choices) > 1 and begins:
                windows = self._problem.stop(visit.stop).windows
                fits = [n for n, w in enumerate(windows) if w.start_s <= begins[at] <= w.end_s]
                chosen = fits[0] if fits else 0
            way.append(choices[chosen])
        return way

    def _place(self, key: str) -> int:
        return self._places.setdefault(key, len(self._places))

    def _depot(self, place: str, *, reload: bool = False) -> int:
        self._place(place)
        at = self._depots.setdefault((place, reload), len(self._depots))
        if reload:
            activity, visit = Activity(ActivityType.DEPOT, at), Visit(place, "reload")
            self._activities[visit], self._visits[activity] = [activity], visit
        return at

    def _depot_rows(self) -> list[Depot]:
        rows = []
        for place, reload in self._depots:
            hub = self._problem.hub(place)
            late = _late(hub.closes_s)
            service = hub.service_s if reload else 0
            rows.append(Depot(self._places[place], hub.opens_s, late, service))
        return rows

    def _type(self, kind: Kind) -> pyvrp.VehicleType:
        car = kind.vehicle
        rest = sum(pause.length_s for pause in car.breaks)
        width = max(len(each.capacities) for each in self._problem.vehicles)
        bounds = [car.capacity_kg, *car.capacities]
        carbon = (car.empty_g_per_km + car.full_g_per_km) // 2 * self._problem.fen_per_kg_co2e
        more: dict[str, Any] = {}
        if car.regular_s is not None:
            more = {
                "shift_duration": max(0, car.regular_s - rest),
                "max_overtime": car.overtime_s,
                "unit_overtime_cost": car.fen_per_overtime_hour * FEN // 3600,
            }
        if car.range_m is not None:
            more["max_distance"] = car.range_m
        return pyvrp.VehicleType(
            num_available=len(kind.keys),
            capacity=bounds + [ENDLESS] * (1 + width - len(bounds)),
            start_depot=self._depot(car.start),
            end_depot=self._depot(car.end),
            fixed_cost=car.fixed_fen * FEN,
            tw_early=car.shift_start_s,
            tw_late=max(car.shift_start_s, _late(car.shift_end_s - rest)),
            unit_distance_cost=car.fen_per_km + carbon // 1000,
            unit_duration_cost=car.fen_per_hour * FEN // 3600,
            reload_depots=sorted({self._depot(place, reload=True) for place in car.reload_at})
            if car.reloads
            else [],
            max_reloads=car.reloads,
            **more,
        )

    def _common(self, types: Sequence[pyvrp.VehicleType]) -> int:
        """The largest divisor of all prices: the solver's penalties suit small numbers best."""
        prizes = [stop.prize_fen * FEN for stop in self._problem.stops if stop.prize_fen]
        names = ("fixed_cost", "unit_distance_cost", "unit_duration_cost", "unit_overtime_cost")
        prices = [getattr(each, name) for each in types for name in names]
        return gcd(*prices, *prizes) or 1

    def _priced(
        self, each: pyvrp.VehicleType, common: int, profile: int, *, bounded: bool
    ) -> pyvrp.VehicleType:
        return each.replace(
            fixed_cost=each.fixed_cost // common,
            unit_distance_cost=each.unit_distance_cost // common,
            unit_duration_cost=each.unit_duration_cost // common,
            unit_overtime_cost=each.unit_overtime_cost // common,
            max_distance=min(each.max_distance, FAR - 1) if bounded else each.max_distance,
            profile=profile,
        )

    def _dearest(self, types: Sequence[pyvrp.VehicleType]) -> int:
        """What leaving out a mandatory stop costs: more than any vehicle of its own."""
        metres, seconds = self._block()
        return DEAR * max(
            (
                each.fixed_cost
                + 2 * int(metres.max(initial=0)) * each.unit_distance_cost
                + 2 * int(seconds.max(initial=0)) * each.unit_duration_cost
                for each in types
            ),
            default=1,
        )

    def _block(self) -> tuple[Whole, Whole]:
        return self._problem.matrix.block([self._problem.matrix.index(key) for key in self._places])

    def _add(self, stop: Stop, common: int) -> None:
        required = self._strict and stop.prize_fen is None
        prize = (self._lost if stop.prize_fen is None else stop.prize_fen * FEN) // common
        width = max(len(each.capacities) for each in self._problem.vehicles)
        sizes = list(sizes_of(stop, replace(self._problem.vehicles[0], capacities=(1,) * width)))
        if stop.kind == "pair":
            self._pair(stop, sizes, required=required, prize=0 if required else prize)
            return
        group = len(self._groups) if len(stop.windows) > 1 else None
        if group is not None:
            self._groups.append(ClientGroup(required=required))
        [visit] = stop.visits()
        for window in stop.windows:
            at = len(self._clients)
            alone = required and group is None
            self._clients.append(
                Client(
                    self._places[stop.place],
                    delivery=sizes if stop.kind == "delivery" else [0] * len(sizes),
                    pickup=sizes if stop.kind == "pickup" else [0] * len(sizes),
                    service_duration=stop.service_s,
                    tw_early=window.start_s,
                    tw_late=_late(window.end_s),
                    release_time=min(stop.ready_s, _late(window.end_s)),
                    prize=0 if required else prize,
                    required=alone,
                    group=group,
                )
            )
            if group is not None:
                self._groups[group].add_client(at)
            self._know(visit, Activity(ActivityType.CLIENT, at))

    def _pair(self, stop: Stop, sizes: list[int], *, required: bool, prize: int) -> None:
        at = len(self._shipments)
        out, back = _hull(stop.windows), _hull(stop.to_windows)
        self._shipments.append(
            Shipment(
                self._places[stop.place],
                self._places[stop.to or stop.place],
                out.start_s,
                out.end_s,
                stop.service_s,
                back.start_s,
                back.end_s,
                stop.to_service_s,
                amount=sizes,
                prize=prize,
                required=required,
            )
        )
        load, unload = stop.visits()
        self._know(load, Activity(ActivityType.PICKUP, at))
        self._know(unload, Activity(ActivityType.DELIVERY, at))

    def _know(self, visit: Visit, activity: Activity) -> None:
        self._activities.setdefault(visit, []).append(activity)
        self._visits[activity] = visit

    def _tables(self, barred: frozenset[str]) -> tuple[Whole, Whole]:
        metres, seconds = (np.array(table) for table in self._block())
        never = metres == UNREACHABLE
        free = {self._places[s.place] for s in self._problem.stops if s.key not in barred}
        shut = [self._places[self._problem.stop(key).place] for key in barred]
        for at in set(shut) - free:
            never[at, :] = never[:, at] = True
        np.fill_diagonal(never, val=False)
        metres[never], seconds[never] = FAR, FAR
        return metres, seconds


def _late(moment_s: int) -> int:
    """Return a closing time; one so far off that it binds nobody is none for the solver."""
    return moment_s if moment_s < FAR else NEVER


def _hull(windows: Sequence[Window]) -> Window:
    latest = _late(max(each.end_s for each in windows))
    return Window(min(each.start_s for each in windows), latest)


def kinds_of(problem: Problem) -> list[Kind]:
    """Group the vehicles that differ in nothing but their key."""
    picky = [stop for stop in problem.stops if stop.vehicles is not None]
    found: dict[tuple[Vehicle, frozenset[str]], list[str]] = {}
    for car in problem.vehicles:
        barred = frozenset(stop.key for stop in picky if car.key not in (stop.vehicles or ()))
        found.setdefault((replace(car, key=""), barred), []).append(car.key)
    return [Kind(car, tuple(keys), barred) for (car, barred), keys in found.items()]
