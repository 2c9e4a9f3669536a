"""OR-Tools as its guides have it: reload nodes whose slack empties the truck, guided search."""

# ruff: noqa: FBT003 - the library takes its flags by position

from typing import Any

from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from remelt.routing.problem import DAY_S, Problem, Routes, Visit

DROPPED = 10**10


def routes(problem: Problem, *, seconds: float, seed: int) -> Routes:
    """Return the routes of a day of pickups, one reload a truck; none where it found none."""
    del seed  # it has none
    cars, stops = problem.vehicles, problem.stops
    reloads = [Visit(hub, "reload") for car in cars for hub in car.reload_at]
    visits = [*(stop.visits()[0] for stop in stops), *reloads]
    manager, model = _model(problem, visits)
    clock, kg, kind = (model.GetDimensionOrDie(name) for name in ("time", "load", "family"))
    families = sorted({stop.family for stop in stops})
    for at, stop in enumerate(stops):
        index = manager.NodeToIndex(at)
        clock.CumulVar(index).SetRange(stop.windows[0].start_s, stop.windows[0].end_s)
        kg.SlackVar(index).SetValue(0)
        kind.SlackVar(index).SetValue(0)
        kind.CumulVar(index).SetValue(families.index(stop.family))
        model.AddDisjunction([index], DROPPED)
    for number, visit in enumerate(reloads):
        index, hub = manager.NodeToIndex(len(stops) + number), problem.hub(visit.stop)
        clock.CumulVar(index).SetRange(hub.opens_s, hub.closes_s)
        model.VehicleVar(index).SetValues([-1, number // len(cars[0].reload_at)])
        model.AddDisjunction([index], 0)
    for at, car in enumerate(cars):
        model.SetFixedCostOfVehicle(car.fixed_fen, at)
        clock.SetSpanCostCoefficientForVehicle(car.fen_per_hour // 3600, at)
        for end in (model.Start(at), model.End(at)):
            clock.CumulVar(end).SetRange(car.shift_start_s, car.shift_end_s)
        kg.SlackVar(model.Start(at)).SetValue(0)
        kind.SlackVar(model.Start(at)).SetValue(0)
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    guided = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    parameters.local_search_metaheuristic = guided
    parameters.time_limit.FromMilliseconds(int(1000 * seconds))
    found = model.SolveWithParameters(parameters)
    return {} if found is None else _read(problem, visits, manager, model, found)


def _model(problem: Problem, visits: list[Visit]) -> tuple[Any, Any]:
    """Distances, times, loads and families: a reload's slack sets load and family anew."""
    cars, stops, first = problem.vehicles, problem.stops, len(visits)
    places = [stop.place for stop in stops] + [visit.stop for visit in visits[len(stops) :]]
    places += [place for car in cars for place in (car.start, car.end)]
    rows = [problem.matrix.index(each) for each in places]
    metres, drive = (table.tolist() for table in problem.matrix.block(rows))
    service = [stop.service_s for stop in stops]
    service += [problem.hub(place).service_s for place in places[len(stops) : first]]
    service += [0] * 2 * len(cars)
    starts, ends = ([first + 2 * at + end for at in range(len(cars))] for end in (0, 1))
    manager = pywrapcp.RoutingIndexManager(len(places), len(cars), starts, ends)
    model = pywrapcp.RoutingModel(manager)
    takes = [[service[at] + leg for leg in row] for at, row in enumerate(drive)]
    time = model.RegisterTransitMatrix(takes)
    model.AddDimension(time, 2 * DAY_S, 2 * DAY_S, False, "time")
    most, kinds = max(car.capacity_kg for car in cars), len({stop.family for stop in stops})
    idle, more = [0] * 2 * len(cars), first - len(stops)
    load = model.RegisterUnaryTransitVector([s.mass_kg for s in stops] + [-most] * more + idle)
    caps = [car.capacity_kg for car in cars]
    model.AddDimensionWithVehicleCapacity(load, most, caps, True, "load")
    mode = model.RegisterUnaryTransitVector([0] * len(stops) + [-kinds] * more + idle)
    model.AddDimension(mode, 2 * kinds, kinds, False, "family")
    for at, car in enumerate(cars):
        price = [[round(leg * car.fen_per_km / 1000) for leg in row] for row in metres]
        model.SetArcCostEvaluatorOfVehicle(model.RegisterTransitMatrix(price), at)
    return manager, model


def _read(problem: Problem, visits: list[Visit], manager: Any, model: Any, found: Any) -> Routes:
    out: Routes = {}
    for at, car in enumerate(problem.vehicles):
        index, line = found.Value(model.NextVar(model.Start(at))), []
        while not model.IsEnd(index):
            line.append(visits[manager.IndexToNode(index)])
            index = found.Value(model.NextVar(index))
        if any(visit.action != "reload" for visit in line):
            out[car.key] = tuple(line)
    return out
