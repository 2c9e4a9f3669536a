"""What a solver takes for an answer by its tolerance alone is cut off, in whole numbers.

A solver keeps a row to a millionth of its largest entry: with hubs of millions of yuan that is
thousands of fen of a budget. Cuts have entries of one only, so that no tolerance gets past them.
"""

import numpy as np

from remelt.routing.siting.network import Floats
from remelt.routing.siting.programme import INF, Cut, Programme

HALF = 0.5


def overspent(programme: Programme, values: Floats) -> Cut | None:
    """Return the cut that forbids what is built where it costs more than the budget.

    The fewest of the dearest sizes that overspend cannot all be built, nor as many where some
    are replaced by sizes dearer than any of them.
    """
    net = programme.network
    if net.scenario.terms.budget_fen is None:
        return None
    least = np.zeros(net.hubs, dtype=np.int64)  # below 0 where a standing hub may be refitted
    np.minimum.at(least, net.sizes.hub, net.sizes.budget_fen)
    fen = net.sizes.budget_fen - least[net.sizes.hub]
    budget = net.scenario.terms.budget_fen - int(least.sum())
    built = np.flatnonzero(values[programme.z] > HALF)
    dearest = built[np.argsort(-fen[built], kind="stable")]
    count = int(np.searchsorted(np.cumsum(fen[dearest]), budget, side="right")) + 1
    if count > len(dearest):
        return None
    as_dear = np.flatnonzero(fen >= fen[dearest[0]])
    return Cut(programme.z[np.union1d(dearest[:count], as_dear)], -INF, count - 1.0)


def flowless(programme: Programme, values: Floats) -> Cut:
    """Return the cut that asks for more than what is chosen, which no flows can serve.

    Fewer hubs, smaller choices of smelters or of whole ways could serve it even less.
    """
    columns = np.concatenate([programme.z, programme.w])
    if programme.network.scenario.terms.one_hub:
        columns = np.concatenate([columns, programme.x])
    return Cut(columns[values[columns] < HALF], 1.0, INF)
