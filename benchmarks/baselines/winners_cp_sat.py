"""The peer of winner determination: the sale said to CP-SAT as its manual shows it, one worker."""

from ortools.sat.python import cp_model

from remelt.platform.market.winners.problem import Sale, barred, score_fen


def best(sale: Sale, *, seconds: float) -> tuple[int, float]:
    """Return the score in fen, and the gap in ppm that CP-SAT proves in the time given."""
    out = barred(sale)
    bids = [bid for bid in sale.bids if bid.key not in out]
    mass = {lot.key: lot.mass_g for lot in sale.lots}
    model = cp_model.CpModel()
    wins = {bid.key: model.new_bool_var("") for bid in bids}
    for lot in sale.lots:
        model.add_at_most_one(wins[bid.key] for bid in bids if lot.key in bid.lots)
    for buyer in sale.buyers:
        own = [bid for bid in bids if bid.buyer == buyer.key]
        if buyer.capacity_g is not None:
            held = sum(sum(mass[x] for x in bid.lots) * wins[bid.key] for bid in own)
            model.add(held <= buyer.capacity_g)
        for mark in sorted({bid.exclusive for bid in own} - {""}):
            model.add_at_most_one(wins[bid.key] for bid in own if bid.exclusive == mark)
    model.maximize(sum(score_fen(sale, bid) * wins[bid.key] for bid in bids))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_time_in_seconds = seconds
    solver.solve(model)
    score, bound = solver.objective_value, solver.best_objective_bound
    return round(score), (bound - score) / bound * 1e6
