"""A curve of one figure against another, as inline SVG: the frontiers of a charge plan."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

_W, _H = 640, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 92, 36, 44, 62


@dataclass(frozen=True, slots=True)
class Spot:
    """One point: whole numbers that place it, and how they are said."""

    x: int
    y: int
    x_said: str
    y_said: str


def curve(spots: Sequence[Spot], *, title: str, x_name: str, y_name: str) -> Markup:
    """Return a line through `spots` in order; axes begin where the data does, and say so.

    The first spot is marked: it is what is proposed.
    """
    xs, ys = [spot.x for spot in spots], [spot.y for spot in spots]
    placed = [
        (_along(spot.x, xs, _LEFT, _W - _RIGHT), _along(spot.y, ys, _H - _BOTTOM, _TOP))
        for spot in spots
    ]
    drawn = [_axis_y(spots), _axis_x(spots)]
    path = "M" + "L".join(f"{x} {y}" for x, y in placed) if placed else ""
    drawn.append(Markup('<path class="line l1" d="{}"/>').format(path))
    for number, ((x, y), spot) in enumerate(zip(placed, spots, strict=True)):
        drawn.append(
            Markup('<circle class="c{}" cx="{}" cy="{}" r="{}"><title>{}</title></circle>').format(
                2 if number == 0 else 1, x, y, 8 if number == 0 else 5,
                f"{spot.x_said} · {spot.y_said}",
            )
        )  # fmt: skip
    drawn.append(
        Markup('<text class="tick" x="4" y="{}">{}</text>').format(18, y_name)
        + Markup('<text class="tick end" x="{}" y="{}">{}</text>').format(
            _W - _RIGHT, _H - 8, x_name
        )
    )
    return Markup(
        '<svg class="chart trend" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>'
    ).format(_W, _H, title, Markup("").join(drawn))


def _along(value: int, values: Sequence[int], begin: int, end: int) -> int:
    least, most = min(values), max(values)
    if least == most:
        return (begin + end) // 2
    return begin + (end - begin) * (value - least) // (most - least)


def _ends(spots: Sequence[Spot], *, key: str) -> list[Spot]:
    """The spots with the least and the most of a figure; one where they are the same."""
    ranked = sorted(spots, key=lambda spot: int(getattr(spot, key)))
    return [] if not ranked else ([ranked[0], ranked[-1]] if _differ(ranked, key) else ranked[:1])


def _differ(ranked: Sequence[Spot], key: str) -> bool:
    return bool(getattr(ranked[0], key) != getattr(ranked[-1], key))


def _axis_y(spots: Sequence[Spot]) -> Markup:
    ys = [spot.y for spot in spots]
    return Markup("").join(
        Markup(
            '<path class="grid" d="M{} {}H{}"/><text class="tick end" x="{}" y="{}">{}</text>'
        ).format(
            _LEFT, _along(spot.y, ys, _H - _BOTTOM, _TOP), _W - _RIGHT, _LEFT - 8,
            _along(spot.y, ys, _H - _BOTTOM, _TOP) + 5, spot.y_said,
        )
        for spot in _ends(spots, key="y")
    )  # fmt: skip


def _axis_x(spots: Sequence[Spot]) -> Markup:
    xs = [spot.x for spot in spots]
    return Markup("").join(
        Markup('<text class="tick {}" x="{}" y="{}">{}</text>').format(
            "" if number == 0 else "end", _along(spot.x, xs, _LEFT, _W - _RIGHT),
            _H - _BOTTOM + 24, spot.x_said,
        )
        for number, spot in enumerate(_ends(spots, key="x"))
    )  # fmt: skip
