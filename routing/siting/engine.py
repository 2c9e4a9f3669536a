"""MathOpt asked for a relaxation, for whole hubs, or for whole kilograms.

Never with `threads`: the HiGHS behind MathOpt refuses it.
"""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from ortools.math_opt import model_pb2
from ortools.math_opt.python import mathopt

from remelt.routing.siting.network import Floats

GAP = 5e-7  # half of what an answer may cost more and still be called the least
REASON = mathopt.TerminationReason
NO_ANSWER = frozenset({REASON.INFEASIBLE, REASON.INFEASIBLE_OR_UNBOUNDED})


class NoAnswer(Exception):
    """Nothing meets the terms."""


class NotInTime(Exception):
    """Neither an answer nor that there is none was found in time."""


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What a solver said: the best values, if any, and what none can be below.

    settled: nothing better exists (or nothing at all, when there are no values).
    """

    values: Floats | None
    objective: float
    bound: float
    settled: bool


@dataclass(frozen=True, slots=True, eq=False)
class Relaxed:
    """A relaxation solved: its value, the values, and the reduced costs."""

    objective: float
    values: Floats
    reduced: Floats


def relax(model: mathopt.Model, *, seconds: float) -> Relaxed | None:
    """Solve a linear programme; None when not in time. Raises `NoAnswer` when it has none."""
    limit = timedelta(seconds=max(0.05, seconds))
    result = mathopt.solve(
        model, mathopt.SolverType.GLOP, params=mathopt.SolveParameters(time_limit=limit)
    )
    if result.termination.reason in NO_ANSWER:
        raise NoAnswer
    return relaxed_of(model, result)


def relaxed_of(model: mathopt.Model, result: mathopt.SolveResult) -> Relaxed | None:
    """Read the values and reduced costs of an optimal relaxation."""
    if result.termination.reason != REASON.OPTIMAL:
        return None
    columns = list(model.variables())
    return Relaxed(
        result.objective_value(),
        np.array(result.variable_values(columns)),
        np.array(result.reduced_costs(columns))
        if result.has_dual_feasible_solution()
        else np.zeros(len(columns)),
    )


def whole(
    proto: model_pb2.ModelProto,
    *,
    seconds: float,
    better_than: float = float("inf"),
    nodes: int | None = None,
    gap: float = GAP,
    seed: int = 1,
) -> Found:
    """Solve with whole columns by HiGHS, looking only for what is below `better_than`."""
    params = mathopt.SolveParameters(
        time_limit=timedelta(seconds=max(0.05, seconds)),
        relative_gap_tolerance=gap,
        random_seed=seed,
    )
    if nodes is not None:
        params.highs.int_options["mip_max_nodes"] = nodes
    if better_than < float("inf"):
        params.highs.double_options["objective_bound"] = better_than
    model = mathopt.Model.from_model_proto(proto)
    result = mathopt.solve(model, mathopt.SolverType.HIGHS, params=params)
    reason = result.termination.reason
    bound = result.termination.objective_bounds.dual_bound
    if reason in NO_ANSWER:
        return Found(None, float("inf"), better_than, settled=True)
    if not result.has_primal_feasible_solution():
        return Found(None, float("inf"), bound, settled=False)
    values = np.array(result.variable_values(list(model.variables())))
    objective = result.objective_value()
    sure = objective - gap * abs(objective)  # HiGHS drops what is better by less, and says nothing
    return Found(values, objective, min(bound, sure), settled=reason == REASON.OPTIMAL)
