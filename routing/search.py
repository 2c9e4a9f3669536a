"""PyVRP's search within a budget: its best at any moment, and on time."""

import logging
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import pyvrp
from pyvrp import (
    IteratedLocalSearch,
    IteratedLocalSearchCallbacks,
    IteratedLocalSearchParams,
    PenaltyManager,
    PenaltyParams,
    RandomNumberGenerator,
    Solution,
)
from pyvrp.search import (
    OPERATORS,
    LocalSearch,
    NeighbourhoodParams,
    PerturbationManager,
    PerturbationParams,
    compute_neighbours,
)

from remelt.routing.model import Model
from remelt.routing.problem import Problem, Routes

logging.getLogger("pyvrp").handlers.clear()  # it prints to the output that a solver answers on

LOOKS_PER_S = 2_000
LOOKS_PER_HISTORY = 300
SHORTEST, LONGEST = 20, 300
NEIGHBOURS, NEIGHBOURS_IN_WINDOWS = 20, 50
PENALTY = 100_000.0
TICK_S = 0.25
PENALTY_PER_MEAN = 10_000


@dataclass(frozen=True, slots=True)
class Budget:
    """How long to search. until: a moment of `time.monotonic`; looks: iterations at most.

    stopped: asked often; once it says yes, the search ends with what it has.
    """

    until: float
    looks: int | None = None
    stopped: Callable[[], bool] | None = None

    @property
    def left_s(self) -> float:
        """Seconds left."""
        return self.until - time.monotonic()

    def over(self) -> bool:
        """Tell whether it is time to end."""
        return time.monotonic() >= self.until or (self.stopped is not None and self.stopped())


class _Best(IteratedLocalSearchCallbacks):
    """Hears of each better solution; only whole ones are passed on."""

    def __init__(self, tell: Callable[[Solution], None]) -> None:
        self._tell = tell

    def on_best(self, best: Solution) -> None:
        """Pass a better solution on."""
        if best.is_feasible():
            self._tell(best)


def search(
    problem: Problem,
    *,
    seed: int,
    budget: Budget,
    routes: Routes | None = None,
    strict: bool = True,
    at_best: Callable[[Routes], None] | None = None,
    tick: Callable[[], None] | None = None,
) -> Routes | None:
    """Return the best routes PyVRP finds within the budget, from `routes` on if given.

    None where it found none that it holds feasible. The history of late acceptance, made for
    runs of an hour, is cut to the budget: a short run must become greedy before it ends.
    at_best hears of better routes, tick of the time that passes.
    """
    model = Model(problem, strict=strict)

    def tell(best: Solution) -> None:
        if at_best is not None:
            at_best(model.routes(best))

    data, rng = model.data, RandomNumberGenerator(seed=seed)
    near = NEIGHBOURS_IN_WINDOWS if data.has_time_windows() else NEIGHBOURS
    neighbours = compute_neighbours(data, NeighbourhoodParams(num_neighbours=near))
    local = LocalSearch(data, rng, neighbours, PerturbationManager(PerturbationParams()))
    for operator in OPERATORS:
        if operator.supports(data):
            local.add_operator(operator(data))
    dear = PenaltyParams(max_penalty=max(PENALTY, PENALTY_PER_MEAN * model.cost_of_a_unit()))
    penalties = PenaltyManager(dear.midpoint_penalties(data), dear)
    if routes is None:
        first = Solution.make_random(data, rng)
        first = local(first, penalties.max_cost_evaluator(), exhaustive=True)
    else:
        first = model.solution(routes)
    parameters = IteratedLocalSearchParams(history_length=_history(budget), callbacks=_Best(tell))
    algorithm = IteratedLocalSearch(data, penalties, local, first, parameters)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", pyvrp.exceptions.PenaltyBoundWarning)
        found = algorithm.run(_Stop(budget, tick), collect_stats=False, display=False)
    return model.routes(found.best) if found.best.is_feasible() else None


class _Stop:
    """PyVRP asks it before each iteration."""

    def __init__(self, budget: Budget, tick: Callable[[], None] | None) -> None:
        self._budget, self._tick = budget, tick
        self._next = time.monotonic() + TICK_S
        self._looks = 0

    def __call__(self, best_cost: float) -> bool:  # noqa: ARG002 - PyVRP's protocol
        self._looks += 1
        if self._tick is not None and time.monotonic() > self._next:
            self._next = time.monotonic() + TICK_S
            self._tick()
        many = self._budget.looks is not None and self._looks > self._budget.looks
        return many or self._budget.over()


def _history(budget: Budget) -> int:
    """Return how long the memory of late acceptance is; whole seconds keep a seed's plan."""
    expected = LOOKS_PER_S * max(1, round(budget.left_s))
    if budget.looks is not None:
        expected = min(expected, budget.looks)
    return max(SHORTEST, min(LONGEST, expected // LOOKS_PER_HISTORY))
