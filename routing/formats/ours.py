"""Our own JSON: what `problem_to_json` writes, or places on the globe in its matrix's stead."""

from collections.abc import Mapping, Sequence
from typing import Any

from remelt.routing.book import Book
from remelt.routing.codec import problem_from_json
from remelt.routing.datum import County, misplaced, wgs_of
from remelt.routing.field import globe
from remelt.routing.formats.typed import whole_table
from remelt.routing.matrix import MOST_IN_A_TABLE, Known, Place, by_geodesic
from remelt.routing.problem import BadProblem, Problem
from remelt.routing.roads import Roads

DATUMS = ("WGS84", "GCJ-02")
WORDS = frozenset(
    {"places", "pairs", "matrix", "stops", "vehicles", "hubs", "incompatible", "fen_per_kg_co2e"}
)
WHOLE_LISTS = frozenset({"places", "pairs", "stops", "vehicles", "hubs", "incompatible"})
LISTED = frozenset(
    {
        "windows",
        "to_windows",
        "vehicles",
        "sizes",
        "capacities",
        "compartments",
        "breaks",
        "reload_at",
    }
)
TABLES = ("distance_m", "duration_s", "sources")
OF_A_PLACE = frozenset({"key", "lat", "lon", "lat_e6", "lon_e6", "adcode", "datum"})
OF_A_PAIR = frozenset({"from", "to", "distance_m", "duration_s", "source"})


def read(data: dict[str, Any], *, counties: Sequence[County] = ()) -> Problem:
    """Return the problem. `places` are {key, lat_e6, lon_e6} or {key, lat, lon} in degrees.

    A place may name its `adcode`, which is then held against `counties`, and its `datum`: WGS84,
    or GCJ-02 to be converted. `pairs` are roads somebody knows better, {from, to, distance_m,
    duration_s, source}; without a distance there is no road.
    """
    if "stops" not in data or "vehicles" not in data:
        raise BadProblem("unknown-format", "neither stops nor jobs")
    _check_words(data, WORDS)
    _check_lists(data)
    if "matrix" in data:
        table = {name: whole_table(data["matrix"][name]) for name in TABLES}
        problem = problem_from_json(data | {"matrix": data["matrix"] | table})
    else:
        problem = problem_from_json(data, matrix=_roads(data, counties))
    for hub in problem.hubs:
        if not problem.matrix.knows(hub.place):
            raise BadProblem("unknown-place", hub.place[:60])
    return problem


def points(data: Mapping[str, Any]) -> dict[str, tuple[int, int]]:
    """Return where the places of a file that was read lie, WGS84 in micro-degrees."""
    found = [_place(each, ()) for each in data.get("places", [])]
    return {place.key: (place.lat_e6, place.lon_e6) for place in found}


def _roads(data: dict[str, Any], counties: Sequence[County]) -> Roads:
    places = [_place(each, counties) for each in data.get("places", [])]
    known = {(each["from"], each["to"]): _known(each) for each in data.get("pairs", [])}
    if len(places) <= MOST_IN_A_TABLE:
        return by_geodesic(places, known=known)
    roads = globe(places)
    if not known:
        return roads
    book = Book(roads)
    book.learn(known)
    return book


def _place(data: dict[str, Any], counties: Sequence[County]) -> Place:
    _check_words(data, OF_A_PLACE)
    if "lat_e6" in data:
        lat_e6, lon_e6 = data["lat_e6"], data["lon_e6"]
        right = {type(lat_e6), type(lon_e6)} <= {int}
    else:
        lat_e6, lon_e6 = round(data["lat"] * 1e6), round(data["lon"] * 1e6)
        right = {type(data["lat"]), type(data["lon"])} <= {int, float}
    if not right:
        raise BadProblem("bad-number", str(data["key"])[:60])
    datum = data.get("datum", DATUMS[0])
    if datum not in DATUMS:
        raise BadProblem("unsupported-field", f"datum {str(datum)[:20]}")
    if datum != DATUMS[0]:
        lat_e6, lon_e6 = (round(each * 1e6) for each in wgs_of(lat_e6 / 1e6, lon_e6 / 1e6))
    wrong = misplaced(lat_e6, lon_e6, adcode=data.get("adcode", ""), counties=counties)
    if wrong is not None:
        raise BadProblem(wrong, f"{data['key']} ({data['adcode']})")
    return Place(data["key"], lat_e6, lon_e6)


def _known(data: dict[str, Any]) -> Known:
    _check_words(data, OF_A_PAIR)
    metres, seconds = data.get("distance_m"), data.get("duration_s")
    for figure in (metres, seconds):
        if figure is not None and (type(figure) is not int or figure < 0):
            raise BadProblem("bad-number", f"{data['from']} to {data['to']}")
    return Known(metres, seconds, str(data.get("source", "by-hand"))[:60])


def _check_lists(data: Mapping[str, Any]) -> None:
    """Refuse a text or an object where a list belongs: Python would take its letters or keys."""
    parts = [(part, LISTED) for name in ("stops", "vehicles") for part in data[name]]
    for part, names in [(data, WHOLE_LISTS), *parts]:
        for name in names & part.keys():
            if part[name] is not None and not isinstance(part[name], list):
                raise BadProblem("bad-number", f"{part.get('key', '')}.{name}".lstrip(".")[:80])
    for pair in data.get("incompatible", []):
        if not isinstance(pair, list) or not all(isinstance(each, str) for each in pair):
            raise BadProblem("bad-number", "incompatible")


def _check_words(data: Mapping[str, Any], known: frozenset[str]) -> None:
    unknown = data.keys() - known
    if unknown:
        raise BadProblem("unsupported-field", min(unknown)[:60])
