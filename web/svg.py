"""Charts as inline SVG: pure functions that need no script, and print.

Colours are classes (`c1` to `c6`, `s0` to `s5`) that app.css defines, so that light and dark
hold. Values are whole numbers in 1/10,000; None is no data and is drawn as such, never as zero.
Every chart stands beside a table with the same figures.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

FULL = 10_000
STEPS = 5
_TREND_W, _TREND_H = 640, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 16, 16, 34
_TILE, _GAP = 96, 6


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a trend: its name and a value in 1/10,000 for each label, None for no data."""

    name: str
    values: Sequence[int | None]


@dataclass(frozen=True, slots=True)
class Tile:
    """One area of a tile grid: where it stands, what it says, its value, and where it leads."""

    column: int
    row: int
    name: str
    said: str
    value: int | None = None
    href: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a whole, with what is said of it."""

    name: str
    amount: int
    said: str = ""
    colour: int = 1


def percent(value: int | None, *, places: int = 1) -> str:
    """Return 1/10,000 as a percentage of so many decimals (0 to 2); an en dash for no data.

    >>> percent(8_512)
    '85.1 %'
    """
    return "–" if value is None else f"{value / 100:.{places}f}\u00a0%"


def step_of(value: int | None, *, top: int = FULL) -> int:
    """Return the shade of a value between 0 and `top`: 1 to 5; 0 for no data.

    >>> [step_of(value) for value in (None, 0, 1_999, 2_000, 10_000)]
    [0, 1, 1, 2, 5]
    """
    if value is None:
        return 0
    return min(STEPS, max(0, value) * STEPS // max(top, 1) + 1)


def trend(series: Sequence[Series], *, labels: Sequence[str], title: str) -> Markup:
    """Return lines over `labels` (months, in order) from 0 % to a round number above the data.

    A gap in the data is a gap in the line.
    """
    top = _round_top(series)
    parts = [_axis(top), _months(labels)]
    for number, line in enumerate(series, start=1):
        parts.append(_line(line, labels=labels, top=top, colour=1 + (number - 1) % 6))
    return _svg(Markup("").join(parts), width=_TREND_W, height=_TREND_H, title=title, kind="trend")


def tile_grid(tiles: Sequence[Tile], *, title: str) -> Markup:
    """Return areas as a schematic grid of squares, darker for more; hatched where data lacks."""
    columns = 1 + max((tile.column for tile in tiles), default=0)
    rows = 1 + max((tile.row for tile in tiles), default=0)
    hatch = Markup(
        '<pattern id="no-data" width="8" height="8" patternUnits="userSpaceOnUse"'
        ' patternTransform="rotate(45)"><path class="hatch" d="M0 0v8"/></pattern>'
    )
    body = Markup("").join([hatch, *map(_square, tiles)])
    side = _TILE + _GAP
    width, height = columns * side - _GAP, rows * side - _GAP
    return _svg(body, width=width, height=height, title=title, kind="tiles", role="group")


def stack(parts: Sequence[Part], *, title: str) -> Markup:
    """Return one bar cut into `parts` by amount (each >= 0); an empty track when all are zero."""
    whole = sum(part.amount for part in parts)
    drawn = [Markup('<rect class="track" width="1000" height="24"/>')]
    begun = 0
    for part in parts:
        if part.amount and whole:
            left, right = begun * 1000 // whole, (begun + part.amount) * 1000 // whole
            drawn.append(
                Markup(
                    '<rect class="c{}" x="{}" width="{}" height="24"><title>{} {}</title></rect>'
                ).format(part.colour, left, max(right - left, 1), part.name, part.said)
            )
        begun += part.amount
    return Markup(
        '<svg class="chart stack" viewBox="0 0 1000 24" preserveAspectRatio="none" role="img"'
        ' aria-label="{}">{}</svg>'
    ).format(title, Markup("").join(drawn))


def _svg(
    body: Markup, *, width: int, height: int, title: str, kind: str, role: str = "img"
) -> Markup:
    """Wrap a drawing. role: `img`, or `group` where parts of it are links."""
    return Markup(
        '<svg class="chart {}" viewBox="0 0 {} {}" role="{}" aria-label="{}">{}</svg>'
    ).format(kind, width, height, role, title, body)


def _round_top(series: Sequence[Series]) -> int:
    """Return 10, 25, 50 or 100 % (or the next full hundred): the first not under the data."""
    highest = max((v for line in series for v in line.values if v is not None), default=0)
    fitting = [top for top in (1_000, 2_500, 5_000, FULL) if highest <= top]
    return fitting[0] if fitting else -(-highest // FULL) * FULL


def _x(place: int, *, count: int) -> int:
    room = _TREND_W - _LEFT - _RIGHT
    return _LEFT + room * (2 * place + 1) // (2 * max(count, 1))


def _y(value: int, *, top: int) -> int:
    room = _TREND_H - _TOP - _BOTTOM
    return _TOP + room - room * value // top


def _axis(top: int) -> Markup:
    drawn = []
    for value in (0, top // 2, top):
        y = _y(value, top=top)
        drawn.append(
            Markup(
                '<path class="grid" d="M{} {}H{}"/><text class="tick end" x="{}" y="{}">{}</text>'
            ).format(_LEFT, y, _TREND_W - _RIGHT, _LEFT - 6, y + 5, f"{value / 100:g}%")
        )
    return Markup("").join(drawn)


def _months(labels: Sequence[str]) -> Markup:
    every = 1 + (len(labels) - 1) // 8
    drawn = [
        Markup('<text class="tick middle" x="{}" y="{}">{}</text>').format(
            _x(place, count=len(labels)), _TREND_H - 6, label
        )
        for place, label in enumerate(labels)
        if place % every == 0
    ]
    return Markup("").join(drawn)


def _line(line: Series, *, labels: Sequence[str], top: int, colour: int) -> Markup:
    points = [
        (_x(place, count=len(labels)), None if value is None else _y(value, top=top))
        for place, value in enumerate(line.values)
    ]
    paths = [
        "M" + "L".join(f"{x} {y}" for x, y in run)
        for known, run in groupby(points, key=lambda point: point[1] is not None)
        if known
    ]
    dots = [
        Markup('<circle class="c{}" cx="{}" cy="{}" r="4"><title>{}</title></circle>').format(
            colour, x, y, f"{line.name} {label} {percent(value)}"
        )
        for (x, y), label, value in zip(points, labels, line.values, strict=True)
        if y is not None
    ]
    path = Markup('<path class="line l{}" d="{}"/>').format(colour, "".join(paths))
    return path + Markup("").join(dots)


def _square(tile: Tile) -> Markup:
    x, y, step = tile.column * (_TILE + _GAP), tile.row * (_TILE + _GAP), step_of(tile.value)
    drawn = Markup(
        '<g class="tile s{}"><rect x="{}" y="{}" width="{}" height="{}" rx="8"/>'
        '<text class="middle name" x="{}" y="{}">{}</text> '
        '<text class="middle said" x="{}" y="{}">{}</text></g>'
    ).format(step, x, y, _TILE, _TILE, x + _TILE // 2, y + 42, tile.name, x + _TILE // 2, y + 66,
             tile.said)  # fmt: skip
    if not tile.href:
        return drawn
    return Markup('<a href="{}">{}</a>').format(tile.href, drawn)
