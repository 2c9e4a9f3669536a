"""Where a hub may not stand: too near to what the law keeps purchase points away from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from remelt.routing.geodesy import straight_m
from remelt.routing.matrix import Place
from remelt.routing.siting.problem import Buffer, Candidate, Neighbour


@dataclass(frozen=True, slots=True)
class Barred:
    """A candidate that may not be used: its neighbour, how near it is, and the rule."""

    candidate: str
    neighbour: str
    kind: str
    distance_m: int
    least_m: int
    source: str


def barred(
    candidates: Iterable[Candidate],
    *,
    places: Mapping[str, Place],
    buffers: Sequence[Buffer],
    neighbours: Sequence[Neighbour],
) -> list[Barred]:
    """Return for each candidate that stands too near to a neighbour the rule it breaks most.

    Distances are straight lines on the ellipsoid. A hub that stands already is not judged: its
    permit is no question of siting. A distance equal to the buffer's keeps it.
    """
    found = []
    for candidate in candidates:
        broken = [] if candidate.stands else _broken(candidate, places, buffers, neighbours)
        if broken:
            found.append(max(broken, key=lambda each: each.least_m - each.distance_m))
    return found


def _broken(
    candidate: Candidate,
    places: Mapping[str, Place],
    buffers: Sequence[Buffer],
    neighbours: Sequence[Neighbour],
) -> list[Barred]:
    spot = places[candidate.place]
    found = []
    for buffer in buffers:
        near = [each for each in neighbours if each.kind == buffer.kind]
        if not near or (buffer.buyers_only and not candidate.buys):
            continue
        metres = straight_m(
            np.array(spot.lat_e6 / 1e6),
            np.array(spot.lon_e6 / 1e6),
            np.array([each.lat_e6 / 1e6 for each in near]),
            np.array([each.lon_e6 / 1e6 for each in near]),
        )
        first = int(metres.argmin())
        if metres[first] < buffer.distance_m:
            found.append(
                Barred(
                    candidate.key,
                    near[first].key,
                    buffer.kind,
                    int(metres[first]),
                    buffer.distance_m,
                    buffer.source,
                )
            )
    return found
