"""Rounds as points and lines for the map of the pages."""

from collections.abc import Sequence
from typing import Any

from remelt.platform.logistics.queries import RoundView
from remelt.web import fmt


def map_of(rounds: Sequence[RoundView]) -> tuple[list[dict[str, Any]], list[list[list[float]]]]:
    """Return the points, numbered in the order of calling, and one line for each round.

    Lines are drawn straight from place to place: their length on the road stands in the table.
    """
    points: dict[str, dict[str, Any]] = {}
    lines: list[list[list[float]]] = []
    for view in rounds:
        at = {point.code: point for point in view.points}
        path = [line.start.code for line in view.legs] + [line.end.code for line in view.legs[-1:]]
        lines.append([[at[code].lat, at[code].lon] for code in path if code in at])
        home = view.card.site.code
        smelters = {line.end.code for line in view.legs if line.end.can_smelt}
        for number, code in enumerate(code for code in path if code in at):
            kind = "hub" if code == home else "smelter" if code in smelters else "collector"
            points.setdefault(
                code,
                {
                    "lat": at[code].lat,
                    "lon": at[code].lon,
                    "text": fmt.named(at[code], zh=fmt.is_chinese()),
                    "kind": kind,
                    "label": "" if code == home else str(number),
                },
            )
    return list(points.values()), lines
