"""Single-source capacitated location as its test collections write it.

Every customer is served whole by one site; a cost is that of a whole customer. What a site takes
goes free of charge to an outlet. One unit of the file is 100 fen, since some files have cents.
"""

import numpy as np

from remelt.routing.formats.numbers import number, whole
from remelt.routing.formats.twostage import FAMILY
from remelt.routing.matrix import Matrix
from remelt.routing.problem import BadProblem
from remelt.routing.roads import UNREACHABLE
from remelt.routing.siting.problem import Candidate, Haul, Scenario, Smelter, Step, Terms, Zone

FEN = 100
HEAD = 2
FINE = 1_000_000  # one fen per tonne-kilometre: a kilogram and metre cost a millionth
OUTLET = "out"
PADDING = "\0\x1a"


def read(text: str) -> Scenario:
    """Return the scenario; keys are h1.. and c1... Raises `BadProblem` for another file.

    Costs of a whole customer are spread over its kilograms in parts of a millionth, so that the
    judge's sum is the file's to the fen.
    """
    words = text.rstrip(PADDING).split()
    if len(words) < HEAD:
        raise BadProblem("bad-file", "no sizes")
    sites, customers = (whole(word) for word in words[:HEAD])
    figures = [number(word) for word in words[HEAD:]]
    sizes = (2 * sites, customers, sites * customers)
    if min(sites, customers) < 1 or sum(sizes) != len(figures):
        raise BadProblem("bad-file", f"{sum(sizes)} figures wanted, {len(figures)} found")
    ends = np.cumsum((0, *sizes))
    site, demand, cost = (figures[ends[n] : ends[n + 1]] for n in range(len(sizes)))
    if min(demand) < 1 or not all(each.is_integer() for each in demand):
        raise BadProblem("bad-file", "demand")
    hubs = [f"h{n + 1}" for n in range(sites)]
    zones = [f"c{n + 1}" for n in range(customers)]
    metres = np.full((sites + customers + 1,) * 2, UNREACHABLE, dtype=np.int64)
    metres[:sites, -1] = 0
    spread = np.array(cost).reshape(sites, customers) * (FEN * FINE) / np.array(demand)
    metres[sites:-1, :sites] = np.rint(spread).astype(np.int64).T
    zero = np.zeros_like(metres)
    return Scenario(
        roads=Matrix((*hubs, *zones, OUTLET), metres, zero, zero, ("file",)),
        zones=tuple(
            Zone(key, key, {FAMILY: int(kg)}) for key, kg in zip(zones, demand, strict=True)
        ),
        candidates=tuple(
            Candidate(key, key, (Step(int(site[2 * n]), round(FEN * site[2 * n + 1])),))
            for n, key in enumerate(hubs)
        ),
        smelters=(Smelter(OUTLET, OUTLET, {FAMILY: int(sum(demand))}),),
        inbound=Haul(1, 0),
        outbound=Haul(0, 0),
        terms=Terms(one_hub=True),
    )
