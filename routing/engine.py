"""The adapter to OR-Tools: a problem in, routes out. Nobody else speaks to the solver."""

from collections.abc import Callable, Sequence
from typing import Any

from google.protobuf import text_format
from ortools.constraint_solver import pywrapcp

from remelt.routing.problem import DAY_S, Problem, Routes, Stop, Vehicle, Visit
from remelt.routing.roads import UNREACHABLE
from remelt.routing.timing import place_of, service_of, windows_of

HORIZON_S = 2 * DAY_S
FAR_S = 10**9
NO_ROAD = 10**8
LEFT_OUT = 10**9
FEN = 1000  # the solver counts in thousandths of a fen, finer where carbon has a price
FINEST = 10**7
LEAST_UNIT = 20

# Measured best of the solver's own ways: savings or parallel insertion, then ruin and recreate
# with slack-induced string removals under simulated annealing.
SEARCH = """
use_iterated_local_search: true
iterated_local_search_parameters {
  perturbation_strategy: RUIN_AND_RECREATE
  improve_perturbed_solution: false
  ruin_recreate_parameters {
    ruin_strategies { sisr {
      max_removed_sequence_size: 10 avg_num_removed_visits: 10 bypass_factor: 0.01
    } }
    ruin_composition_strategy: RUN_ALL_SEQUENTIALLY
    recreate_strategy { heuristic: LOCAL_CHEAPEST_INSERTION }
  }
  reference_solution_acceptance_strategy { simulated_annealing { automatic_temperatures: true } }
  best_solution_acceptance_strategy { greedy_descent {} }
}
"""

# From a good start: descent through the whole neighbourhood, guided away from where it rests.
POLISH = "local_search_metaheuristic: GUIDED_LOCAL_SEARCH"


class Engine:
    """One model of one problem. Visits are its nodes; vehicles start and end at their places."""

    def __init__(self, problem: Problem, *, stops: Sequence[Stop]) -> None:
        """Build the model over `stops` in the order given: the order is the seed."""
        self._problem = problem
        self._fen = _fineness(problem)
        self._horizon = max(HORIZON_S, *(min(FAR_S, c.shift_end_s) for c in problem.vehicles))
        self._stops = list(stops)
        self._visits = [visit for stop in stops for visit in stop.visits()]
        self._places = [place_of(problem.stop(v.stop), v) for v in self._visits]
        cars = problem.vehicles
        ends = [place for car in cars for place in (car.start, car.end)]
        count = len(self._visits)
        self._manager = pywrapcp.RoutingIndexManager(
            count + len(ends),
            len(cars),
            [count + 2 * at for at in range(len(cars))],
            [count + 2 * at + 1 for at in range(len(cars))],
        )
        self._model = pywrapcp.RoutingModel(self._manager)
        self._rows = [problem.matrix.index(place) for place in (*self._places, *ends)]
        self._node = {visit: at for at, visit in enumerate(self._visits)}
        self._costs()
        self._time()
        self._load()
        for stop in self._stops:
            self._stop(stop)
        self._families()
        self._carbon()

    def solve(self, *, time_ms: int, effort: int, at_solution: Callable[[], None]) -> Routes | None:
        """Return the best routes found within `time_ms` or `effort` solutions, or None."""
        parameters = pywrapcp.DefaultRoutingSearchParameters()
        extra = type(parameters)()
        text_format.Merge(SEARCH, extra)
        parameters.MergeFrom(extra)
        savings = all(stop.kind != "pair" for stop in self._stops)
        start = "PARALLEL_SAVINGS" if savings else "PARALLEL_CHEAPEST_INSERTION"
        text_format.Merge(f"first_solution_strategy: {start}", parameters)
        parameters.time_limit.FromMilliseconds(time_ms)
        parameters.solution_limit = effort
        self._model.AddAtSolutionCallback(at_solution)
        self._model.CloseModelWithParameters(parameters)
        found = self._model.SolveWithIteratedLocalSearch(parameters)
        return None if found is None else self._read(found)

    def improve(self, routes: Routes, *, time_ms: int, effort: int) -> Routes | None:
        """Return the best routes found from `routes` on, or None where they do not hold here."""
        parameters = pywrapcp.DefaultRoutingSearchParameters()
        text_format.Merge(POLISH, parameters)
        parameters.time_limit.FromMilliseconds(max(1, time_ms))
        parameters.solution_limit = effort
        self._model.CloseModelWithParameters(parameters)
        lines = [
            [self._node[visit] for visit in routes.get(car.key, ())]
            for car in self._problem.vehicles
        ]
        start = self._model.ReadAssignmentFromRoutes(lines, True)  # noqa: FBT003 - positional there
        if start is None:
            return None
        found = self._model.SolveFromAssignmentWithParameters(start, parameters)
        return None if found is None else self._read(found)

    def _read(self, found: Any) -> Routes:
        routes: Routes = {}
        for at, car in enumerate(self._problem.vehicles):
            line: list[Visit] = []
            index = self._model.Start(at)
            while not self._model.IsEnd(index):
                node = self._manager.IndexToNode(index)
                if node < len(self._visits):
                    line.append(self._visits[node])
                index = found.Value(self._model.NextVar(index))
            if line:
                routes[car.key] = tuple(line)
        return routes

    def _table(self, cell: Callable[[int, int], int]) -> list[list[int]]:
        return [[cell(a, b) for b in range(len(self._rows))] for a in range(len(self._rows))]

    def _costs(self) -> None:
        made: dict[float, int] = {}
        metres = self._problem.matrix.block(range(len(self._problem.matrix.keys)))[0].tolist()
        for at, car in enumerate(self._problem.vehicles):
            emitted = car.empty_g_per_km * self._problem.fen_per_kg_co2e / 1000
            rate = (car.fen_per_km + emitted) * self._fen / 1000

            def price(a: int, b: int, rate: float = rate) -> int:
                far = metres[self._rows[a]][self._rows[b]]
                return round(rate * (NO_ROAD if far == UNREACHABLE else far))

            if rate not in made:
                made[rate] = self._model.RegisterTransitMatrix(self._table(price))
            self._model.SetArcCostEvaluatorOfVehicle(made[rate], at)
            self._model.SetFixedCostOfVehicle(car.fixed_fen * self._fen, at)
        self._metres = metres

    def _time(self) -> None:
        problem = self._problem
        metres, seconds = (
            table.tolist() for table in problem.matrix.block(range(len(problem.matrix.keys)))
        )
        service = [service_of(problem.stop(v.stop), v) for v in self._visits]
        service += [0] * (len(self._rows) - len(service))

        def takes(a: int, b: int) -> int:
            row, column = self._rows[a], self._rows[b]
            if metres[row][column] == UNREACHABLE:
                return self._horizon + 1
            return int(service[a] + seconds[row][column])

        transit = self._model.RegisterTransitMatrix(self._table(takes))
        self._model.AddDimension(transit, self._horizon, self._horizon, False, "time")  # noqa: FBT003
        dimension = self._model.GetDimensionOrDie("time")
        for at, car in enumerate(problem.vehicles):
            self._shift(dimension, at, car)
        for at, visit in enumerate(self._visits):
            windows = sorted(
                windows_of(problem.stop(visit.stop), visit), key=lambda w: (w.start_s, w.end_s)
            )
            begin = dimension.CumulVar(self._manager.NodeToIndex(at))
            begin.SetRange(windows[0].start_s, min(self._horizon, max(w.end_s for w in windows)))
            end = windows[0].end_s
            for window in windows[1:]:
                if window.start_s > end + 1:
                    begin.RemoveInterval(end + 1, window.start_s - 1)
                end = max(end, window.end_s)

    def _shift(self, dimension: Any, at: int, car: Vehicle) -> None:
        out, home = self._problem.hub(car.start), self._problem.hub(car.end)
        start = dimension.CumulVar(self._model.Start(at))
        start.SetRange(
            max(car.shift_start_s, out.opens_s),
            min(self._horizon, max(car.shift_start_s, out.closes_s)),
        )
        end = dimension.CumulVar(self._model.End(at))
        end.SetRange(0, min(self._horizon, car.shift_end_s, home.closes_s))
        square = round(car.fen_per_hour_squared * self._fen / 3600**2)
        if square:  # with a plain price of hours beside it the solver finds nothing at all
            bound = pywrapcp.BoundCost(0, square)
            dimension.SetQuadraticCostSoftSpanUpperBoundForVehicle(bound, at)
        elif car.fen_per_hour:
            dimension.SetSpanCostCoefficientForVehicle(car.fen_per_hour * self._fen // 3600, at)
        self._model.AddVariableMinimizedByFinalizer(end)

    def _load(self) -> None:
        """Count what is on board; a delivery rides from the start, a pickup to the end."""
        caps = [car.capacity_kg for car in self._problem.vehicles]
        stops = [self._problem.stop(visit.stop) for visit in self._visits]
        padding = [0] * (len(self._rows) - len(stops))
        change = [
            stop.mass_kg if visit.action == "load" else -stop.mass_kg
            for stop, visit in zip(stops, self._visits, strict=True)
        ]
        given = [stop.mass_kg if stop.kind == "delivery" else 0 for stop in stops]
        empty_start = not any(given)
        self._capacity("load", change + padding, caps, empty_start=empty_start)
        if empty_start:
            return
        self._capacity("given", given + padding, caps, empty_start=True)
        load = self._model.GetDimensionOrDie("load")
        out = self._model.GetDimensionOrDie("given")
        for at in range(len(caps)):
            self._model.solver().Add(
                load.CumulVar(self._model.Start(at)) == out.CumulVar(self._model.End(at))
            )

    def _carbon(self) -> None:
        """Price each kilogram carried a metre; an empty vehicle's are in the leg's price."""
        units = [_per_kg_m(self._problem, car) * self._fen for car in self._problem.vehicles]
        if not any(units):
            return
        table = self._table(lambda a, b: max(0, self._metres[self._rows[a]][self._rows[b]]))
        far = self._model.RegisterTransitMatrix(table)
        self._model.AddDimension(far, 0, 2**50, True, "metres")  # noqa: FBT003 - positional there
        for at, unit in enumerate(units):
            if round(unit):
                self._model.SetPathEnergyCostOfVehicle("load", "metres", round(unit), at)

    def _capacity(
        self, name: str, change: list[int], caps: list[int], *, empty_start: bool
    ) -> None:
        vector = self._model.RegisterUnaryTransitVector(change)
        self._model.AddDimensionWithVehicleCapacity(vector, 0, caps, empty_start, name)

    def _stop(self, stop: Stop) -> None:
        model, cars = self._model, self._problem.vehicles
        nodes = [self._manager.NodeToIndex(self._node[visit]) for visit in stop.visits()]
        lost = self._fen * (LEFT_OUT if stop.prize_fen is None else stop.prize_fen)
        for node in nodes:
            model.AddDisjunction([node], lost // len(nodes))
            if stop.vehicles is not None:
                allowed = [at for at, car in enumerate(cars) if car.key in stop.vehicles]
                model.VehicleVar(node).SetValues([-1, *allowed])
        if stop.kind == "pair":
            load, unload = nodes
            time = model.GetDimensionOrDie("time")
            model.AddPickupAndDelivery(load, unload)
            model.solver().Add(model.VehicleVar(load) == model.VehicleVar(unload))
            model.solver().Add(time.CumulVar(load) <= time.CumulVar(unload))

    def _families(self) -> None:
        """Two families that quarrel never ride on one round: a round has one mode for each quarrel.

        The solver's own visit types are not used: from Python they write beyond its memory.
        """
        still = self._model.RegisterUnaryTransitVector([0] * len(self._rows))
        for number, quarrel in enumerate(sorted(self._problem.incompatible)):
            name = f"quarrel-{number}"
            self._model.AddDimension(still, 0, 1, False, name)  # noqa: FBT003 - positional there
            mode = self._model.GetDimensionOrDie(name)
            for at, visit in enumerate(self._visits):
                family = self._problem.stop(visit.stop).family
                if family in quarrel:
                    mode.CumulVar(self._manager.NodeToIndex(at)).SetValue(quarrel.index(family))


def _per_kg_m(problem: Problem, car: Vehicle) -> float:
    """Return what a kilogram carried a metre emits, in fen."""
    rise = car.full_g_per_km - car.empty_g_per_km
    return rise * problem.fen_per_kg_co2e / (1_000_000 * car.capacity_kg)


def _fineness(problem: Problem) -> int:
    """Return how finely a fen is counted: so that a kilogram carried a metre still counts.

    The same holds for a second of a round that is to be even.
    """
    units = [_per_kg_m(problem, car) for car in problem.vehicles]
    units += [car.fen_per_hour_squared / 3600**2 for car in problem.vehicles]
    least = min((unit for unit in units if unit), default=0)
    return min(FINEST, max(FEN, round(LEAST_UNIT / least))) if least else FEN
