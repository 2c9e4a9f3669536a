"""Rounds as saved, for maps, navigation devices and tables of others."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import orjson

from remelt.platform.logistics.errors import BadProblemAsked
from remelt.platform.logistics.models import Leg
from remelt.platform.logistics.open_plans import MEDIA
from remelt.platform.logistics.planning import beijing
from remelt.platform.logistics.queries import RoundView, StopLine
from remelt.routing.formats.tracks import Point, Track, to_csv, to_geojson, to_gpx
from remelt.routing.problem import BadProblem

SHAPES: Final = ("geojson", "gpx", "csv")


def written(views: Sequence[RoundView], *, shape: str) -> tuple[str, str]:
    """Return rounds as a text and its media type. Raises `BadProblemAsked` (`no-positions`)."""
    tracks = [track_of(view) for view in views]
    try:
        if shape == "geojson":
            return orjson.dumps(to_geojson(tracks)).decode(), MEDIA[shape]
        return (to_gpx(tracks) if shape == "gpx" else to_csv(tracks)), MEDIA[shape]
    except BadProblem as refused:
        raise BadProblemAsked(refused.code, subject=refused.subject[:80]) from refused


def track_of(view: RoundView) -> Track:
    """Return one round: where it starts, everything it loads and unloads, where it ends."""
    row = view.card.round
    midnight = beijing(row.day, 0)
    legs = {line.leg.seq: line.leg for line in view.legs}
    at = {p.code: (round(p.lat * 1e6), round(p.lon * 1e6)) for p in view.points}
    home = view.card.site.code
    points = [_end("start", home, at, _second(row.depart_at, midnight), None)]
    driven: set[int] = set()
    for line in view.stops:
        leg = None if line.stop.leg in driven else legs.get(line.stop.leg)
        driven.add(line.stop.leg)
        points.append(_point(line, leg, midnight, at))
    back = legs.get(max(legs, default=-1))
    last = None if back is None or back.seq in driven else back
    stands = view.legs[-1].end.code if view.legs else home  # a lost truck is not driven home
    points.append(_end("end", stands, at, _second(row.return_at, midnight), last))
    facts = {
        "vehicle": view.card.vehicle.plate,
        "state": row.state,
        "distance_m": row.distance_m,
        "co2e_g": row.co2e_g,
        "forecast_co2e_g": row.forecast_co2e_g,
    }
    return Track(row.code, tuple(points), facts, midnight)


def _end(
    name: str, place: str, at: dict[str, tuple[int, int]], second: int, leg: Leg | None
) -> Point:
    where = at.get(place)
    if leg is None:
        return Point(name, "", place, where, second, second, second, 0)
    told = (leg.distance_m, leg.co2e_g, leg.source)
    return Point(name, "", place, where, second, second, second, 0, *told)


def _point(
    line: StopLine, leg: Leg | None, midnight: datetime, at: dict[str, tuple[int, int]]
) -> Point:
    stop = line.stop
    moments = (stop.arrive_at, stop.begin_at, stop.depart_at)
    arrive, begin, depart = (_second(moment, midnight) for moment in moments)
    return Point(
        stop.action,
        line.order.lot_code,
        line.site.code,
        at.get(line.site.code),
        arrive,
        begin,
        depart,
        -(-stop.load_after_g // 1000),
        0 if leg is None else leg.distance_m,
        0 if leg is None else leg.co2e_g,
        "" if leg is None else leg.source,
    )


def _second(moment: datetime, midnight: datetime) -> int:
    return round((moment - midnight).total_seconds())
