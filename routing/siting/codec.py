"""A scenario and its answer as plain JSON: for the command line, the API, jobs and rows."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, TypeVar

import numpy as np

from remelt.routing.matrix import BadPlace, Matrix, Place, by_geodesic
from remelt.routing.siting.buffers import Barred, barred
from remelt.routing.siting.judge import Verdict
from remelt.routing.siting.problem import (
    BadSites,
    Buffer,
    Candidate,
    Haul,
    Inflow,
    Neighbour,
    Outflow,
    Scenario,
    Sites,
    Smelter,
    Step,
    Terms,
    Zone,
)
from remelt.routing.siting.solving import Answer

Json = dict[str, Any]
Made = TypeVar("Made")


def scenario_of(data: Json) -> tuple[Scenario, list[Barred]]:
    """Return the scenario of a JSON object, without the candidates that its buffers bar.

    `places` are {key, lat, lon} in degrees or {key, lat_e6, lon_e6}; roads are the geodesic times
    a detour factor, or the square table `metres` in the order of the places (-1: no road).
    Raises `BadSites` for anything that cannot be read.
    """
    if not isinstance(data, dict):
        raise BadSites(field="scenario", rule="one JSON object", remedy="write { ... }")
    places = [_place(each) for each in _list(data, "places")]
    candidates = [_candidate(each) for each in _list(data, "candidates")]
    spots = {place.key: place for place in places}
    for each in candidates:
        if each.place not in spots:
            raise BadSites(
                field=f"candidates[{each.key}].place",
                rule="its place is known",
                remedy=f"add {each.place!r} to the places",
            )
    out = barred(
        candidates,
        places=spots,
        buffers=[_made(Buffer, each, "buffers") for each in _list(data, "buffers")],
        neighbours=[_made(Neighbour, each, "neighbours") for each in _list(data, "neighbours")],
    )
    names = {each.candidate for each in out}
    scenario = Scenario(
        roads=_roads(data, places),
        zones=tuple(_made(Zone, each, "zones") for each in _list(data, "zones")),
        candidates=tuple(each for each in candidates if each.key not in names),
        smelters=tuple(_made(Smelter, each, "smelters") for each in _list(data, "smelters")),
        inbound=_made(Haul, data.get("inbound"), "inbound"),
        outbound=_made(Haul, data.get("outbound"), "outbound"),
        terms=_made(Terms, data.get("terms", {}), "terms"),
    )
    return scenario, out


def answer_to_json(answer: Answer) -> Json:
    """Return an answer with its figures as plain JSON."""
    return {
        "sites": sites_to_json(answer.sites),
        "verdict": verdict_to_json(answer.verdict),
        "bound_fen": answer.bound_fen,
        "gap_ppm": round(answer.gap * 1_000_000),
        "proven": answer.proven,
        "engine": answer.engine,
        "took_ms": round(answer.took_s * 1000),
    }


def sites_to_json(sites: Sites) -> Json:
    """Return an answer's hubs and flows; `sites_of` gives an equal one back."""
    return {
        "steps": dict(sites.steps),
        "inflows": [asdict(each) for each in sites.inflows],
        "outflows": [asdict(each) for each in sites.outflows],
    }


def sites_of(data: Json) -> Sites:
    """Return the answer that `sites_to_json` wrote. Raises `BadSites`."""
    return Sites(
        steps=_mapping(data.get("steps"), "steps"),
        inflows=tuple(_made(Inflow, each, "inflows") for each in _list(data, "inflows")),
        outflows=tuple(_made(Outflow, each, "outflows") for each in _list(data, "outflows")),
    )


def verdict_to_json(verdict: Verdict) -> Json:
    """Return what the judge said."""
    plain = asdict(verdict)
    plain["total_fen"] = verdict.costs.total_fen
    plain["left_kg"] = [
        {"zone": zone, "family": family, "mass_kg": kg}
        for (zone, family), kg in verdict.left_kg.items()
    ]
    return plain


def _roads(data: Json, places: list[Place]) -> Matrix:
    metres = data.get("metres")
    try:
        if metres is None:
            return by_geodesic(places)
        keys = tuple(place.key for place in places)
        size = len(keys)
        if len(set(keys)) < size or [len(row) for row in metres] != [size] * size:
            raise BadSites(
                field="metres",
                rule="a square table in the order of the places",
                remedy="one row for each place",
            )
        if not all(_whole(each) for row in metres for each in row):
            raise BadSites(field="metres", rule="whole metres", remedy="-1 where there is no road")
        table = np.array(metres, dtype=np.int64).reshape(size, size)
        nothing = np.zeros_like(table)
        return Matrix(keys, table, nothing, nothing, ("file",))
    except BadPlace as refused:
        raise BadSites(
            field=f"places[{refused.key}]",
            rule="on the globe, and once",
            remedy="give WGS84 degrees and a key of its own",
        ) from refused
    except TypeError as refused:
        raise BadSites(field="metres", rule="rows of metres", remedy="a list of lists") from refused


def _place(data: Any) -> Place:
    where = data if isinstance(data, dict) else {}
    key = where.get("key")
    if "lat_e6" in where:
        numbers = where.get("lat_e6"), where.get("lon_e6")
        fit = all(_whole(each) for each in numbers)
        scale = 1
    else:
        numbers = where.get("lat"), where.get("lon")
        fit = all(
            isinstance(each, int | float) and not isinstance(each, bool) and abs(each) <= 180  # noqa: PLR2004
            for each in numbers
        )
        scale = 1_000_000
    if not isinstance(key, str) or not fit:
        raise BadSites(
            field=f"places[{str(key)[:40]}]",
            rule="a key and WGS84 degrees",
            remedy="write key, lat and lon",
        )
    lat, lon = (round(each * scale) for each in numbers if each is not None)
    return Place(key, lat, lon)


def _candidate(data: Any) -> Candidate:
    plain = dict(_mapping(data, "candidates"))
    steps = plain.pop("steps", None)
    families = plain.pop("families", None)
    if not isinstance(steps, list) or not isinstance(families, list | None):
        raise BadSites(
            field=f"candidates[{str(plain.get('key'))[:40]}].steps",
            rule="a list of sizes; families a list or null",
            remedy="write capacity_kg and fixed_fen of each size",
        )
    sizes = tuple(_made(Step, each, "candidates.steps") for each in steps)
    kinds = None if families is None else frozenset(map(str, families))
    return _made(Candidate, plain | {"steps": sizes, "families": kinds}, "candidates")


def _made(kind: type[Made], data: Any, name: str) -> Made:
    """Make one row of `kind`; a field that is missing, unknown or of another type is named."""
    row = _mapping(data, name)
    where = f"{name}[{str(row['key'])[:40]}]" if "key" in row else name
    types: Mapping[str, Any] = kind.__annotations__
    for unknown in row.keys() - types.keys():
        raise BadSites(
            field=f"{where}.{str(unknown)[:40]}",
            rule="a known field",
            remedy=f"one of {', '.join(types)}",
        )
    for field, value in row.items():
        if not _fits(value, types[field]):
            raise BadSites(
                field=f"{where}.{field}",
                rule=f"of the type {_said(types[field])}",
                remedy="correct the value; numbers are whole",
            )
    try:
        return kind(**row)
    except TypeError as refused:
        raise BadSites(field=where, rule=str(refused)[-80:], remedy="give every field") from refused


def _fits(value: Any, kind: Any) -> bool:
    said = _said(kind)
    if value is None:
        return "None" in said
    if said.startswith("int"):
        return _whole(value)
    if said.startswith("Mapping"):
        return isinstance(value, dict) and all(map(_whole, value.values()))
    kinds: dict[str, type] = {"str": str, "bool": bool}
    return isinstance(value, kinds[said]) if said in kinds else True


def _said(kind: Any) -> str:
    return kind.__name__ if isinstance(kind, type) else str(kind).rsplit(".", 1)[-1]


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _list(data: Json, name: str) -> list[Any]:
    found = data.get(name, [])
    if not isinstance(found, list):
        raise BadSites(field=name, rule="a list", remedy=f"write {name}: [...]")
    return found


def _mapping(data: Any, name: str) -> Json:
    if not isinstance(data, dict):
        raise BadSites(field=name, rule="an object with its fields", remedy="write { ... }")
    return data
