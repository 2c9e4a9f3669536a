"""An answer of siting as points and lines for the map of the pages."""

from typing import Any

from remelt.platform.logistics.siting.models import SitingScenario
from remelt.platform.logistics.siting.queries import Spots, hub_lines, name_of, spots_of
from remelt.web import fmt

COLOURS = 6
NEAR, FAR = 2, 5  # how thick a line is, to a hub and on to a smelter
Point = dict[str, Any]


def map_of(row: SitingScenario) -> tuple[list[Point], list[dict[str, Any]]]:
    """Return hubs, smelters and zones as points, and a line for each pair with a flow.

    Zones carry their hub's colour; lines are straight: the figures count the way on the road.
    """
    if row.answer is None:
        return [], []
    spots, colours = spots_of(row.inputs), _colours(row)
    return _points(row, spots, colours), _lines(row.answer["sites"], spots, colours)


def _colours(row: SitingScenario) -> dict[str, int]:
    return {line.key: n % COLOURS for n, line in enumerate(hub_lines(row))}


def _lines(
    sites: dict[str, Any], spots: dict[str, Spots], colours: dict[str, int]
) -> list[dict[str, Any]]:
    near = {(flow["zone"], flow["hub"]) for flow in sites["inflows"]}
    far = {(flow["hub"], flow["smelter"]) for flow in sites["outflows"]}
    ways = [
        *(
            (spots["zones"][zone], spots["candidates"][hub], hub, NEAR)
            for zone, hub in sorted(near)
        ),
        *((spots["candidates"][hub], spots["smelters"][end], hub, FAR) for hub, end in sorted(far)),
    ]
    return [
        {"way": [start, end], "colour": colours[hub], "weight": weight}
        for start, end, hub, weight in ways
        if start != end
    ]


def _points(row: SitingScenario, spots: dict[str, Spots], colours: dict[str, int]) -> list[Point]:
    sites = row.answer["sites"] if row.answer else {"inflows": [], "outflows": []}
    most = sorted(sites["inflows"], key=lambda flow: -flow["mass_kg"])
    zones = {flow["zone"]: colours[flow["hub"]] for flow in reversed(most)}
    smelters = sorted({flow["smelter"] for flow in sites["outflows"]})
    drawn = [_point(row, spots["zones"][key], key, "zone", n) for key, n in zones.items()]
    drawn += [_point(row, spots["smelters"][key], key, "smelter", 0) for key in smelters]
    for number, line in enumerate(hub_lines(row), start=1):
        point = _point(row, spots["candidates"][line.key], line.key, "hub", colours[line.key])
        drawn.append(point | {"label": str(number), "text": f"{number}. {point['text']}"})
    return drawn


def _point(
    row: SitingScenario, spot: tuple[float, float], key: str, kind: str, colour: int
) -> Point:
    text = name_of(row.inputs, key, zh=fmt.is_chinese())
    return {"lat": spot[0], "lon": spot[1], "text": text, "kind": kind, "colour": colour}
