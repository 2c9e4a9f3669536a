"""Our own JSON: what `problem_to_json` writes, or places on the globe in its matrix's stead."""

from typing import Any

from remelt.routing.codec import problem_from_json
from remelt.routing.field import globe
from remelt.routing.matrix import MOST_IN_A_TABLE, Place, by_geodesic
from remelt.routing.problem import BadProblem, Problem


def read(data: dict[str, Any]) -> Problem:
    """Return the problem. `places` are {key, lat_e6, lon_e6} or {key, lat, lon} in degrees."""
    if "stops" not in data or "vehicles" not in data:
        raise BadProblem("unknown-format", "neither stops nor jobs")
    if "matrix" in data:
        return problem_from_json(data)
    places = [_place(each) for each in data.get("places", [])]
    return problem_from_json(
        data, matrix=by_geodesic(places) if len(places) <= MOST_IN_A_TABLE else globe(places)
    )


def _place(data: dict[str, Any]) -> Place:
    if "lat_e6" in data:
        return Place(data["key"], data["lat_e6"], data["lon_e6"])
    return Place(data["key"], round(data["lat"] * 1e6), round(data["lon"] * 1e6))
