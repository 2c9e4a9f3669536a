"""Rounds as lines with points, for maps and tables of others: GeoJSON, GPX and CSV."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any

from remelt.routing.evaluator import Leg
from remelt.routing.formats.reading import Asked
from remelt.routing.matrix import ANYWHERE
from remelt.routing.problem import BadProblem
from remelt.routing.rounds import Plan

COLUMNS = (
    "round",
    "number",
    "action",
    "stop",
    "place",
    "lat",
    "lon",
    "arrive",
    "begin",
    "depart",
    "load_kg",
    "leg_m",
    "leg_co2e_g",
    "leg_source",
)
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Point:
    """One thing done on a round. load_kg is after it; leg_... is the drive that led here."""

    action: str
    stop: str
    place: str
    at: tuple[int, int] | None
    arrive_s: int
    begin_s: int
    depart_s: int
    load_kg: int
    leg_m: int = 0
    leg_co2e_g: int | None = 0
    leg_source: str = ""


@dataclass(frozen=True, slots=True)
class Track:
    """A round in the order it is driven. midnight: of its day, where the day is known."""

    name: str
    points: tuple[Point, ...]
    facts: dict[str, Any] = field(default_factory=dict)
    midnight: datetime | None = None

    def moment(self, seconds: int) -> str:
        """Return a time of the round, in its own zone, or as hours of an unknown day."""
        if self.midnight is not None:
            return (self.midnight + timedelta(seconds=seconds)).isoformat()
        return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def tracks_of(asked: Asked, plan: Plan) -> list[Track]:
    """Return the rounds of a plan."""
    return [_track(asked, plan, number) for number in range(len(plan.verdict.rounds))]


def to_geojson(tracks: Sequence[Track]) -> dict[str, Any]:
    """Return a line for each round and a point for each thing done (RFC 7946).

    Raises `BadProblem` (`no-positions`) where a place has no position.
    """
    features: list[dict[str, Any]] = []
    for track in tracks:
        line = [_degrees(point) for point in track.points]
        about = {"round": track.name, **track.facts}
        features.append(_feature("LineString", [[lon, lat] for lat, lon in line], about))
        for number, (point, (lat, lon)) in enumerate(zip(track.points, line, strict=True)):
            row = dict(zip(COLUMNS, _row(track, number, point), strict=True))
            told = {name: row[name] for name in COLUMNS if name not in {"lat", "lon"}}
            features.append(_feature("Point", [lon, lat], told))
    return {"type": "FeatureCollection", "features": features}


def to_gpx(tracks: Sequence[Track]) -> str:
    """Return a route for each round, as navigation devices read it (GPX 1.1).

    Times stand where the day is known. Raises `BadProblem` (`no-positions`).
    """
    parts = ['<?xml version="1.0" encoding="UTF-8"?>']
    parts.append('<gpx version="1.1" creator="Remelt" xmlns="http://www.topografix.com/GPX/1/1">')
    for track in tracks:
        parts.append(f"<rte><name>{_xml(track.name)}</name>")
        for number, point in enumerate(track.points):
            lat, lon = _degrees(point)
            words = f"{number} {point.action} {point.stop}".strip()
            parts.append(f'<rtept lat="{lat:.6f}" lon="{lon:.6f}">')
            if track.midnight is not None:
                moment = track.midnight + timedelta(seconds=point.arrive_s)
                parts.append(f"<time>{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}</time>")
            parts.append(f"<name>{_xml(point.place)}</name><desc>{_xml(words)}</desc></rtept>")
        parts.append("</rte>")
    return "\n".join([*parts, "</gpx>", ""])


def to_csv(tracks: Sequence[Track]) -> str:
    """Return a line for each thing done. No cell is a formula to a spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for track in tracks:
        for number, point in enumerate(track.points):
            writer.writerow([_cell(each) for each in _row(track, number, point)])
    return out.getvalue()


def _track(asked: Asked, plan: Plan, number: int) -> Track:
    judged = plan.verdict.rounds[number]
    out = judged.legs[0]
    leaves = judged.depart_s
    start = asked.points.get(out.start)
    points = [Point("start", "", out.start, start, leaves, leaves, leaves, out.load_kg)]
    for at, (call, leg) in enumerate(zip(judged.calls, judged.legs, strict=False)):
        reload = call.visit.action == "reload"
        points.append(
            Point(
                call.visit.action,
                "" if reload else call.visit.stop,
                call.place,
                asked.points.get(call.place),
                call.arrive_s,
                call.begin_s,
                call.depart_s,
                judged.legs[at + 1].load_kg,
                *_leg(leg),
            )
        )
    home, back = judged.legs[-1], judged.return_s
    end = asked.points.get(home.end)
    points.append(Point("end", "", home.end, end, back, back, back, 0, *_leg(home)))
    points = [point for point in points if point.place != ANYWHERE]
    facts = {
        "distance_m": judged.distance_m,
        "co2e_g": judged.co2e_g,
        "cost_fen": judged.cost_fen,
        "most_kg": judged.most_kg,
    }
    return Track(judged.vehicle, tuple(points), facts)


def _leg(leg: Leg) -> tuple[int, int, str]:
    return leg.distance_m, leg.co2e_g, leg.source


def _row(track: Track, number: int, point: Point) -> list[Any]:
    lat, lon = (None, None) if point.at is None else (point.at[0] / 1e6, point.at[1] / 1e6)
    return [
        track.name,
        number,
        point.action,
        point.stop,
        point.place,
        lat,
        lon,
        track.moment(point.arrive_s),
        track.moment(point.begin_s),
        track.moment(point.depart_s),
        point.load_kg,
        point.leg_m,
        point.leg_co2e_g,
        point.leg_source,
    ]


def _degrees(point: Point) -> tuple[float, float]:
    if point.at is None:
        raise BadProblem("no-positions", point.place)
    return point.at[0] / 1e6, point.at[1] / 1e6


def _feature(kind: str, coordinates: list[Any], about: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": kind, "coordinates": coordinates},
        "properties": about,
    }


def _xml(text: str) -> str:
    """Return a text as XML may hold it: no control characters, no markup."""
    return escape("".join(letter for letter in text if letter.isprintable()))


def _cell(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
