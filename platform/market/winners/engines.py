"""The engines of an award: GLOP for prices, CP-SAT and SCIP for the choice.

The only module of the market that knows OR-Tools. Every search has one worker, a fixed seed and
a limit in work, not in time, so that the same sale gives the same award on any machine.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ortools.linear_solver import pywraplp
from ortools.sat.python import cp_model

SEED = 1
PATIENCE_S = 60.0
HALF = 0.5


@dataclass(frozen=True, slots=True)
class Packing:
    """Choose columns of the greatest value; each row holds at most its room.

    rows: (cells as (column, weight), room), weights and rooms whole and not negative.
    """

    values: Sequence[int]
    rows: Sequence[tuple[Sequence[tuple[int, int]], int]]


@dataclass(frozen=True, slots=True)
class Found:
    """A choice by an engine, the bound it proved, and whether it stopped by work, not by time."""

    chosen: tuple[int, ...]
    value: int
    bound: int
    repeatable: bool = True


def row_prices(packing: Packing) -> list[float]:
    """Return the duals of the rows with columns between nought and one taken in parts."""
    lp = pywraplp.Solver.CreateSolver("GLOP")
    columns = [lp.NumVar(0, lp.infinity(), "") for _ in packing.values]
    rows = []
    for cells, room in packing.rows:
        row = lp.Constraint(-lp.infinity(), float(room))
        for column, weight in cells:
            row.SetCoefficient(columns[column], float(weight))
        rows.append(row)
    for column, value in zip(columns, packing.values, strict=True):
        lp.Objective().SetCoefficient(column, float(value))
    lp.Objective().SetMaximization()
    if lp.Solve() != lp.OPTIMAL:
        raise ArithmeticError("the relaxed sale has no optimum")
    return [max(0.0, row.dual_value()) for row in rows]


def by_cp_sat(packing: Packing, hint: Sequence[int], *, effort: float) -> Found:
    """Choose by CP-SAT from a hint; effort: deterministic time."""
    model = cp_model.CpModel()
    columns = [model.new_bool_var("") for _ in packing.values]
    for cells, room in packing.rows:
        if all(weight == 1 for _column, weight in cells) and room == 1:
            model.add_at_most_one(columns[column] for column, _weight in cells)
        else:
            model.add(
                cp_model.LinearExpr.weighted_sum(
                    [columns[column] for column, _weight in cells],
                    [weight for _column, weight in cells],
                )
                <= room
            )
    model.maximize(cp_model.LinearExpr.weighted_sum(columns, list(packing.values)))
    hinted = set(hint)
    for number, column in enumerate(columns):
        model.add_hint(column, number in hinted)
    search = cp_model.CpSolver()
    search.parameters.num_workers = 1
    search.parameters.random_seed = SEED
    search.parameters.max_deterministic_time = effort
    search.parameters.max_time_in_seconds = PATIENCE_S
    search.parameters.linearization_level = 2
    state = search.solve(model)
    if state not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Found((), 0, sum(max(0, value) for value in packing.values))
    chosen = tuple(n for n, column in enumerate(columns) if search.boolean_value(column))
    return Found(
        chosen=chosen,
        value=sum(packing.values[n] for n in chosen),
        bound=int(search.best_objective_bound + 0.5),
        repeatable=search.wall_time < PATIENCE_S,
    )


def by_scip(packing: Packing, hint: Sequence[int], *, nodes: int) -> Found:
    """Choose by SCIP from a hint; nodes: how many branches are looked at."""
    mip = pywraplp.Solver.CreateSolver("SCIP")
    columns = [mip.BoolVar("") for _ in packing.values]
    for cells, room in packing.rows:
        row = mip.Constraint(-mip.infinity(), float(room))
        for column, weight in cells:
            row.SetCoefficient(columns[column], float(weight))
    for column, value in zip(columns, packing.values, strict=True):
        mip.Objective().SetCoefficient(column, float(value))
    mip.Objective().SetMaximization()
    hinted = set(hint)
    mip.SetHint(columns, [float(n in hinted) for n in range(len(columns))])
    mip.SetNumThreads(1)
    mip.SetTimeLimit(int(PATIENCE_S * 1000))
    mip.SetSolverSpecificParametersAsString(
        f"limits/totalnodes = {nodes}\nrandomization/randomseedshift = {SEED}\n"
    )
    state = mip.Solve()
    if state not in (mip.OPTIMAL, mip.FEASIBLE):
        return Found((), 0, sum(max(0, value) for value in packing.values))
    chosen = tuple(n for n, column in enumerate(columns) if column.solution_value() > HALF)
    return Found(
        chosen=chosen,
        value=sum(packing.values[n] for n in chosen),
        bound=int(mip.Objective().BestBound() + 0.5),
        repeatable=mip.wall_time() < PATIENCE_S * 1000,
    )
