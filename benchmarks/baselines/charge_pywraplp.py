"""The peer of charge planning: the whole programme through OR-Tools' linear wrapper, and GLOP."""

from itertools import product

from ortools.linear_solver import pywraplp

from remelt.platform.works.charging.matrix import Arrays


def cheapest(known: Arrays) -> float:
    """Return the least cost in CNY of charges that hold their limits; every lot is a column."""
    solver = pywraplp.Solver.CreateSolver("GLOP")
    lots, charges = known.cost.shape
    taken = [[solver.NumVar(0, solver.infinity(), "") for _ in range(charges)] for _ in range(lots)]
    for lot in range(lots):
        stock = solver.Constraint(0, float(known.stock_t[lot]))
        for charge in range(charges):
            stock.SetCoefficient(taken[lot][charge], 1)
    for charge, block in enumerate(known.blocks):
        for row in range(len(block.rows)):
            limit = solver.Constraint(float(block.low[row]), float(block.high[row]))
            for lot in range(lots):
                limit.SetCoefficient(taken[lot][charge], float(block.cells[row, lot]))
    for lot, charge in product(range(lots), range(charges)):
        solver.Objective().SetCoefficient(taken[lot][charge], float(known.cost[lot, charge]))
    solver.Objective().SetMinimization()
    if solver.Solve() != solver.OPTIMAL:
        raise ArithmeticError("no optimum")
    return float(solver.Objective().Value())
