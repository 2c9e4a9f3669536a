"""Two-stage capacitated location as the collection of Fernandes and others writes it.

Plants, depots and customers become smelters, candidate hubs and zones with all arrows turned; the
costs of a unit stand in the table of roads, at a rate of one fen for a kilogram and metre.
"""

import numpy as np

from remelt.routing.formats.numbers import whole
from remelt.routing.matrix import Matrix
from remelt.routing.problem import BadProblem
from remelt.routing.roads import UNREACHABLE
from remelt.routing.siting.problem import Candidate, Haul, Scenario, Smelter, Step, Zone

FAMILY = "unit"
HEAD = 3
FEN_PER_UNIT = Haul(fen_per_t_km=1_000_000, g_co2e_per_t_km=0)


def read(text: str) -> Scenario:
    """Return the scenario; keys are p1.., h1.. and c1.. Raises `BadProblem` for another file."""
    words = text.split()
    if len(words) < HEAD:
        raise BadProblem("bad-file", "no sizes")
    plants, depots, customers = (whole(word) for word in words[:HEAD])
    figures = [whole(word) for word in words[HEAD:]]
    sizes = (customers, 2 * plants, plants * depots, 2 * depots, depots * customers)
    if min(plants, depots, customers) < 1 or sum(sizes) != len(figures):
        raise BadProblem("bad-file", f"{sum(sizes)} figures wanted, {len(figures)} found")
    ends = np.cumsum((0, *sizes))
    demand, plant, onward, depot, inward = (
        figures[ends[n] : ends[n + 1]] for n in range(len(sizes))
    )
    keys = (
        *(f"p{n + 1}" for n in range(plants)),
        *(f"h{n + 1}" for n in range(depots)),
        *(f"c{n + 1}" for n in range(customers)),
    )
    metres = np.full((len(keys), len(keys)), UNREACHABLE, dtype=np.int64)
    hubs, zones = slice(plants, plants + depots), slice(plants + depots, None)
    metres[hubs, :plants] = np.array(onward).reshape(plants, depots).T
    metres[zones, hubs] = np.array(inward).reshape(depots, customers).T
    zero = np.zeros_like(metres)
    return Scenario(
        roads=Matrix(keys, metres, zero, zero, ("file",)),
        zones=tuple(
            Zone(key, key, {FAMILY: kg}) for key, kg in zip(keys[zones], demand, strict=True)
        ),
        candidates=tuple(
            Candidate(key, key, (Step(depot[2 * n], depot[2 * n + 1]),))
            for n, key in enumerate(keys[hubs])
        ),
        smelters=tuple(
            Smelter(key, key, {FAMILY: plant[2 * n]}, fixed_fen=plant[2 * n + 1])
            for n, key in enumerate(keys[:plants])
        ),
        inbound=FEN_PER_UNIT,
        outbound=FEN_PER_UNIT,
    )
