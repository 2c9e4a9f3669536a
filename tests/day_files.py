"""Days to plan as files: a good one in our JSON and in VROOM's, and each with one thing wrong."""

import json
from typing import Any

from remelt.routing.datum import gcj_of

HUB = {"key": "hub", "lat": 26.551, "lon": 106.472}
EDGE, EDGE_COUNTY = (26.412, 106.824), "520111"  # Huaxi; read off a Chinese map it is Longli


def a_day(*, stops: int = 6, **changes: Any) -> dict[str, Any]:
    """A hub in Qingzhen, places to its east, one truck that can fetch everything."""
    places = [HUB] + [
        {"key": f"p{n}", "lat": 26.56 + 0.01 * (n % 40), "lon": 106.5 + 0.004 * n}
        for n in range(min(stops, 200))
    ]
    made = {
        "places": places,
        "stops": [
            {
                "key": f"s{n}",
                "kind": "pickup",
                "place": f"p{n % 200}",
                "mass_kg": 100 + n % 7,
                "windows": [{"start_s": 28_800, "end_s": 64_800}],
                "service_s": 300,
            }
            for n in range(stops)
        ],
        "vehicles": [
            {
                "key": "truck",
                "capacity_kg": 10_000,
                "start": "hub",
                "end": "hub",
                "fen_per_km": 250,
                "empty_g_per_km": 926,
                "full_g_per_km": 1188,
            }
        ],
    }
    return made | changes


def bent(part: str, number: int = 0, **changes: Any) -> dict[str, Any]:
    """A day with one thing wrong in one of its stops, vehicles or places."""
    day = a_day()
    day[part][number] = day[part][number] | changes
    return day


def on_a_chinese_map(**said: Any) -> dict[str, Any]:
    """A day whose second place was read off a Chinese map; `said` may own up to it."""
    lat, lon = gcj_of(*EDGE)
    return bent("places", 1, lat=lat, lon=lon, adcode=EDGE_COUNTY, **said)


def without_a_road() -> dict[str, Any]:
    """A day with a place to which no road leads."""
    return a_day(
        pairs=[{"from": "hub", "to": "p0"}, *({"from": f"p{n}", "to": "p0"} for n in range(1, 6))]
    )


BAD = {
    "gcj-02-as-wgs84": on_a_chinese_map(),
    "negative-load": bent("stops", mass_kg=-5),
    "closes-before-it-opens": bent("stops", windows=[{"start_s": 64_800, "end_s": 28_800}]),
    "no-capacity": bent("vehicles", capacity_kg=0),
    "too-many-stops": a_day(stops=30_001),
    "bad-number": bent("places", 1, lat=float("nan")),
    "closes-before-it-opens ": bent("vehicles", shift_start_s=70_000, shift_end_s=60_000),
    "bad-number ": bent("vehicles", fen_per_km=10**10),
    "bad-number  ": bent("stops", service_s=1.5),
    "unknown-place": bent("stops", place="moon"),
    "named-twice": bent("stops", key="s1"),
    "unsupported-field": bent("places", 1, colour="red"),
    "outside-county": bent("places", 1, adcode="520115", lat=29.5),
    "bad-file": {"stops": 7, "vehicles": []},
    "unknown-format": {},
}

VROOM = {
    "vehicles": [
        {
            "id": 7,
            "description": "blue truck",
            "start": [106.472, 26.551],
            "end": [106.472, 26.551],
            "capacity": [10, 4],
            "time_window": [28_800, 64_800],
        }
    ],
    "jobs": [
        {"id": 1, "location": [106.62, 26.65], "pickup": [4, 1], "service": 300},
        {
            "id": 2,
            "description": "copper",
            "location": [106.60, 26.60],
            "delivery": [3, 2],
            "time_windows": [[36_000, 39_600]],
        },
        {"id": 3, "location": [106.60, 26.61], "delivery": [99, 0], "description": "too much"},
    ],
    "shipments": [
        {
            "amount": [2, 1],
            "pickup": {"id": 3, "location": [106.50, 26.60], "service": 120},
            "delivery": {"id": 4, "location": [106.55, 26.62], "service": 60},
        }
    ],
}


def text(day: dict[str, Any]) -> str:
    """The day as a program would send it; NaN stands as Python writes it."""
    return json.dumps(day)
