"""An answer for maps, spreadsheets and programs."""

from typing import Any

from remelt.platform.logistics.siting.models import SitingScenario
from remelt.platform.logistics.siting.queries import HubLine, Spots, hub_lines, name_of, spots_of

Json = dict[str, Any]
Spot = tuple[float, float]
FLOW_HEADER = (
    "kind",
    "from",
    "from name (zh)",
    "from name (en)",
    "to",
    "to name (zh)",
    "to name (en)",
    "family",
    "mass (kg)",
)


def geojson(row: SitingScenario) -> Json:
    """Return hubs as points and flows as lines, WGS84, longitude first; empty without an answer."""
    features: list[Json] = []
    if row.answer is not None:
        spots = spots_of(row.inputs)
        features = [_hub(row, line, spots["candidates"][line.key]) for line in hub_lines(row)]
        features += [
            _feature("LineString", [_turned(start), _turned(end)], {"kind": kind} | flow)
            for kind, start, end, flow in _flows(row, spots)
        ]
    return {"type": "FeatureCollection", "features": features}


def flow_rows(row: SitingScenario) -> list[list[str | int]]:
    """Return every flow as a row under `FLOW_HEADER`."""
    rows: list[list[str | int]] = []
    for kind, _start, _end, flow in _flows(row, spots_of(row.inputs)):
        ends = (flow["zone"], flow["hub"]) if kind == "inbound" else (flow["hub"], flow["smelter"])
        cells: list[str | int] = [kind]
        for key in ends:
            cells += [key, name_of(row.inputs, key, zh=True), name_of(row.inputs, key, zh=False)]
        rows.append([*cells, flow["family"], flow["mass_kg"]])
    return rows


def whole(row: SitingScenario) -> Json:
    """Return the scenario with its answer, as it can be read and solved again."""
    return {
        "code": row.code,
        "name": row.name,
        "wish": row.wish,
        "inputs": row.inputs,
        "answer": row.answer,
        "obstacles": row.obstacles,
        "barred": row.barred,
    }


def _flows(row: SitingScenario, spots: dict[str, Spots]) -> list[tuple[str, Spot, Spot, Json]]:
    """Each flow with its kind and where both ends are."""
    if row.answer is None:
        return []
    sites = row.answer["sites"]
    hubs, zones, smelters = spots["candidates"], spots["zones"], spots["smelters"]
    inward = [("inbound", zones[f["zone"]], hubs[f["hub"]], f) for f in sites["inflows"]]
    outward = [("outbound", hubs[f["hub"]], smelters[f["smelter"]], f) for f in sites["outflows"]]
    return inward + outward


def _hub(row: SitingScenario, line: HubLine, spot: Spot) -> Json:
    return _feature(
        "Point",
        _turned(spot),
        {
            "kind": "hub",
            "key": line.key,
            "name_zh": name_of(row.inputs, line.key, zh=True),
            "name_en": name_of(row.inputs, line.key, zh=False),
            "capacity_kg": line.capacity_kg,
            "taken_kg": line.taken_kg,
            "use_bp": line.use_bp,
        },
    )


def _feature(kind: str, coordinates: list[Any], properties: Json) -> Json:
    geometry = {"type": kind, "coordinates": coordinates}
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def _turned(spot: Spot) -> list[float]:
    return [spot[1], spot[0]]
