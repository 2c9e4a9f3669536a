"""One linear programme as arrays, solved by GLOP, or by SCIP where some columns are whole.

The only module of the works that knows OR-Tools. The model goes to MathOpt as one message made
from arrays: making it cell by cell took ten times as long as solving it.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ortools.math_opt import (
    callback_pb2,
    model_parameters_pb2,
    model_pb2,
    parameters_pb2,
    result_pb2,
)
from ortools.math_opt.core.python import solver

Numbers = NDArray[np.float64]
Places = NDArray[np.int64]
Flags = NDArray[np.bool_]

SOLVED = (result_pb2.TERMINATION_REASON_OPTIMAL, result_pb2.TERMINATION_REASON_FEASIBLE)


@dataclass(frozen=True, slots=True)
class Programme:
    """Minimise cost x over low <= A x <= high, 0 <= x <= upper.

    row, column, value: the cells of A, ordered by row, then column. whole: columns that must be
    whole numbers.
    """

    cost: Numbers
    upper: Numbers
    low: Numbers
    high: Numbers
    row: Places
    column: Places
    value: Numbers
    whole: Flags | None = None


@dataclass(frozen=True, slots=True)
class Solved:
    """What a solve gave: columns, duals of the rows (none where some are whole), objective.

    bound: no solution costs less. found is False when there is none, or none was found in time.
    """

    found: bool
    x: Numbers = field(default_factory=lambda: np.zeros(0))
    duals: Numbers = field(default_factory=lambda: np.zeros(0))
    objective: float = float("inf")
    bound: float = float("-inf")


def solve(programme: Programme, *, seconds: float = 60.0, gap: float = 0.0) -> Solved:
    """Solve one programme on one thread. gap: relative, at which whole solves may stop."""
    entire = programme.whole is not None and bool(programme.whole.any())
    parameters = parameters_pb2.SolveParametersProto(threads=1, random_seed=1)
    parameters.time_limit.FromNanoseconds(int(seconds * 1e9))
    if entire:
        parameters.relative_gap_tolerance = gap
    else:
        parameters.presolve = parameters_pb2.EMPHASIS_OFF
    answer = solver.solve(
        _model(programme),
        parameters_pb2.SOLVER_TYPE_GSCIP if entire else parameters_pb2.SOLVER_TYPE_GLOP,
        parameters_pb2.SolverInitializerProto(),
        parameters,
        model_parameters_pb2.ModelSolveParametersProto(),
        None,
        callback_pb2.CallbackRegistrationProto(),
        None,
        None,
    )
    return _read(programme, answer, entire=entire)


def _model(programme: Programme) -> model_pb2.ModelProto:
    model = model_pb2.ModelProto()
    columns, rows = len(programme.cost), len(programme.low)
    whole = np.zeros(columns, dtype=bool) if programme.whole is None else programme.whole
    ids = range(columns)
    model.variables.ids.extend(ids)
    model.variables.lower_bounds.extend([0.0] * columns)
    model.variables.upper_bounds.extend(programme.upper.tolist())
    model.variables.integers.extend(whole.tolist())
    model.linear_constraints.ids.extend(range(rows))
    model.linear_constraints.lower_bounds.extend(programme.low.tolist())
    model.linear_constraints.upper_bounds.extend(programme.high.tolist())
    model.linear_constraint_matrix.row_ids.extend(programme.row.tolist())
    model.linear_constraint_matrix.column_ids.extend(programme.column.tolist())
    model.linear_constraint_matrix.coefficients.extend(programme.value.tolist())
    model.objective.linear_coefficients.ids.extend(ids)
    model.objective.linear_coefficients.values.extend(programme.cost.tolist())
    return model


def _read(programme: Programme, answer: Any, *, entire: bool) -> Solved:
    if answer.termination.reason not in SOLVED or not answer.solutions:
        return Solved(found=False)
    best = answer.solutions[0]
    duals = np.zeros(len(programme.low))
    if not entire and best.HasField("dual_solution"):
        said = best.dual_solution.dual_values
        duals[np.fromiter(said.ids, dtype=np.int64)] = np.fromiter(said.values, dtype=np.float64)
    x = np.zeros(len(programme.cost))
    named = best.primal_solution.variable_values
    x[np.fromiter(named.ids, dtype=np.int64)] = np.fromiter(named.values, dtype=np.float64)
    objective = float(best.primal_solution.objective_value)
    return Solved(
        found=True,
        x=x,
        duals=duals,
        objective=objective,
        bound=float(answer.termination.objective_bounds.dual_bound) if entire else objective,
    )
