"""Two-stage location as MathOpt's guide builds it: every link row, HiGHS, nothing else."""

from datetime import timedelta

from ortools.math_opt.python import mathopt

from remelt.routing.siting.problem import Scenario


def cost_and_bound(scenario: Scenario, *, seconds: float) -> tuple[float, float]:
    """Return the best cost found and the proven bound."""
    model, roads = mathopt.Model(), scenario.roads
    supply = [each.supply_kg["unit"] for each in scenario.zones]
    room = [each.steps[0].capacity_kg for each in scenario.candidates]
    takes = [each.takes_kg["unit"] for each in scenario.smelters]
    hubs, zones, ends = range(len(room)), range(len(supply)), range(len(takes))
    near = [[roads.metres(z.place, h.place) for z in scenario.zones] for h in scenario.candidates]
    far = [[roads.metres(h.place, s.place) for s in scenario.smelters] for h in scenario.candidates]
    x = [[model.add_variable(lb=0, ub=1) for _ in zones] for _ in hubs]
    y = [[model.add_variable(lb=0) for _ in ends] for _ in hubs]
    open_, used = [[model.add_binary_variable() for _ in each] for each in (hubs, ends)]
    for k in zones:
        model.add_linear_constraint(sum(x[j][k] for j in hubs) == 1)
    for j in hubs:
        inflow = mathopt.LinearSum(supply[k] * x[j][k] for k in zones)
        model.add_linear_constraint(inflow <= room[j] * open_[j])
        model.add_linear_constraint(mathopt.LinearSum(y[j]) == inflow)
        for k in zones:
            model.add_linear_constraint(x[j][k] <= open_[j])
    for i in ends:
        model.add_linear_constraint(sum(y[j][i] for j in hubs) <= takes[i] * used[i])
    flows = [near[j][k] * supply[k] * x[j][k] for j in hubs for k in zones]
    flows += [far[j][i] * y[j][i] for j in hubs for i in ends]
    fixed = [
        each.steps[0].fixed_fen * z for each, z in zip(scenario.candidates, open_, strict=True)
    ]
    fixed += [each.fixed_fen * z for each, z in zip(scenario.smelters, used, strict=True)]
    model.minimize(mathopt.LinearSum(flows + fixed))
    limit = mathopt.SolveParameters(time_limit=timedelta(seconds=seconds))
    found = mathopt.solve(model, mathopt.SolverType.HIGHS, params=limit)
    cost = found.objective_value() if found.has_primal_feasible_solution() else float("inf")
    return cost, found.termination.objective_bounds.dual_bound
