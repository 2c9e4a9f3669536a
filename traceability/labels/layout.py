"""Where codes and words stand on a tag, for every way of printing it (pure).

A tag lies on scrap: dirt takes part of it away. One large code is read from afar; more codes that
stand far apart are seldom all dirty. See docs/decisions/0003.
"""

import math
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from remelt.traceability.labels.labels import QUIET, Label, printed_code, qr_matrix

SMALLEST_MM = 22.0
THREE = 3
_LOW_MM = 60.0
_FINEST_MM = 0.4
_MARGIN_MM = 3.0
_SLACK_MM = 0.5
_MARK_MM = 26.0
_MONO = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """One code: left, top and side in mm, its quiet zone included; module: one module in mm."""

    x: float
    y: float
    side: float
    module: float
    level: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One line of text: x of its start or middle and its baseline, in mm; size: of the font.

    width: what a font of fixed width takes for it, 0 for words in an ordinary font.
    """

    text: str
    x: float
    y: float
    size: float
    middle: bool = False
    width: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A tag before it is drawn."""

    codes: tuple[Code, ...]
    words: tuple[Words, ...]


def layout(label: Label, *, dot_mm: float = 0.0) -> Layout:
    """Return where everything of `label` stands.

    dot_mm: the printer's dot; a module is then a whole number of dots, so that edges are sharp.
    Three codes where they fit, one large and two of at least 22 mm at the other edge; else two
    side by side, as large as fit; at the lower level Q once a module would be below 0.4 mm.
    """
    head, foot = (15.0, 10.0) if label.height_mm >= _LOW_MM else (6.2, 6.0)
    codes = tuple(_codes(label, head=head, foot=foot, dot_mm=dot_mm))
    column = codes[-1].x if len(codes) == THREE else label.width_mm
    words = (*_head(label, width=column), _foot(label, width=column, foot=foot))
    return Layout(codes=codes, words=words)


def _codes(label: Label, *, head: float, foot: float, dot_mm: float) -> Iterator[Code]:
    modules = len(qr_matrix(label.url, level="H"))
    small = _at_least(SMALLEST_MM, modules=modules, dot_mm=dot_mm) * (modules + 2 * QUIET)
    small += _SLACK_MM
    width, height = label.width_mm, label.height_mm
    room = height - head - foot
    large = min(room, width - small)
    if large >= small and height >= 2 * small + 2 * _SLACK_MM:
        right = width - small
        yield _code(label, x=0, y=head, width=right, room=large, dot_mm=dot_mm)
        for y in (_SLACK_MM, height - small - _SLACK_MM):
            yield _code(label, x=right, y=y, width=small, room=small, dot_mm=dot_mm)
        return
    half, room = width / 2, min(room, width / 2)
    level = "H" if room >= _FINEST_MM * (modules + 2 * QUIET) else "Q"
    for x in (0.0, half):
        yield _code(label, x=x, y=head, width=half, room=room, dot_mm=dot_mm, level=level)


def _at_least(size_mm: float, *, modules: int, dot_mm: float) -> float:
    """Return the smallest module that makes a code of `size_mm`."""
    module = size_mm / modules
    return math.ceil(module / dot_mm - 1e-9) * dot_mm if dot_mm else module


def _code(
    label: Label, *, x: float, y: float, width: float, room: float, dot_mm: float, level: str = "H"
) -> Code:
    """Return the largest code in a field of `room` mm, in the middle of `width` from `x`."""
    across = len(qr_matrix(label.url, level=level)) + 2 * QUIET
    module = room / across
    if dot_mm:
        module = max(1, math.floor(module / dot_mm + 1e-9)) * dot_mm
    side = module * across
    left, top = x + (width - side) / 2, y + (room - side) / 2
    if dot_mm:
        left, top = (round(place / dot_mm) * dot_mm for place in (left, top))
    return Code(x=left, y=top, side=side, module=module, level=level)


def _head(label: Label, *, width: float) -> Iterator[Words]:
    beside = width < label.width_mm
    low = label.height_mm < _LOW_MM
    mark_mm = _MARK_MM * (0.6 if low else 1)
    room = width - 2 * _MARGIN_MM - (mark_mm if label.mark and not beside else 0)
    rows = [(3.6, 4.8)] if low else [(5.0, 7.0), (3.6, 12.6)]
    for line, (size, y) in zip(label.lines, rows, strict=False):
        yield Words(text=_cut(line, width=room, size=size), x=_MARGIN_MM, y=y, size=size)
    if label.mark and beside:
        x, y = (width + label.width_mm) / 2, label.height_mm / 2 + 1.5
        yield Words(text=label.mark, x=x, y=y, size=4.2, middle=True)
    elif label.mark:
        size, y = (3.0, 4.6) if low else (4.2, 6.5)
        yield Words(text=label.mark, x=label.width_mm - mark_mm / 2, y=y, size=size, middle=True)


def _foot(label: Label, *, width: float, foot: float) -> Words:
    text = printed_code(label.code)
    size = min(foot * 0.6, (width - 2 * _MARGIN_MM) / (len(text) * _MONO))
    y = label.height_mm - foot * 0.34
    return Words(
        text=text, x=width / 2, y=y, size=size, middle=True, width=size * _MONO * len(text)
    )


def _cut(line: str, *, width: float, size: float) -> str:
    """Cut `line` to what a font of `size` sets in `width`; a Chinese character is square."""
    kept, taken = "", 0.0
    for character in line:
        taken += size * (1 if unicodedata.east_asian_width(character) in "WF" else 0.52)
        if taken > width:
            return kept[:-1] + "…"
        kept += character
    return kept
