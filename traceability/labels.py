"""What a lot's tag says, and how it is printed (pure; the only importer of qrcode).

A tag's code holds nothing but the address of the lot's public page. It is made at error level H
with one fixed mask: choosing the best of eight costs ten times as long and decodes no better.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from itertools import groupby
from urllib.parse import urlsplit

from qrcode.constants import ERROR_CORRECT_H
from qrcode.image.base import BaseImage
from qrcode.main import QRCode

MASK = 2
QUIET = 4
SMALLEST_MM = 22.0
_MARGIN_MM = 3.0
_HEAD_MM = 15.0
_FOOT_MM = 10.0
_SLACK_MM = 0.5
_THREE = 3
_MARK_MM = 26.0
_MIDDLE_BOLD = ' text-anchor="middle" font-weight="bold"'


@dataclass(frozen=True, slots=True)
class Label:
    """One printed tag.

    url: what its codes hold. code: the lot's code, printed for typing.
    lines: one or two lines on top, such as metal and grade; cut where the label ends.
    mark: printed beside the codes, such as DEMO; empty for none.
    width_mm, height_mm: size of the paper.
    """

    url: str
    code: str
    lines: Sequence[str] = ()
    mark: str = ""
    width_mm: float = 100.0
    height_mm: float = 70.0


def tag_url(base: str, *, code: str, gtin: str = "") -> str:
    """Return the address that a tag carries: a GS1 Digital Link with a `gtin`, else ours.

    Scheme and host do not mind case, and our path answers to either, so that all stands in
    upper case: the code is then smaller (5.5 bits a character). A path in `base` keeps its own.

    >>> tag_url("https://remelt.example", code="ABCD234567XY3W")
    'HTTPS://REMELT.EXAMPLE/L/ABCD234567XY3W'
    >>> tag_url("https://id.example/x", code="ABCD234567XY3W", gtin="06900000000007")
    'HTTPS://ID.EXAMPLE/x/01/06900000000007/10/ABCD234567XY3W'
    """
    parts = urlsplit(base)
    root = f"{parts.scheme.upper()}://{parts.netloc.upper()}{parts.path.rstrip('/')}"
    return f"{root}/01/{gtin}/10/{code}" if gtin else f"{root}/L/{code}"


def printed_code(code: str) -> str:
    """Return the code as it is printed: in groups of four.

    >>> printed_code("ABCD234567XY3W")
    'ABCD 2345 67XY 3W'
    """
    return " ".join(code[start : start + 4] for start in range(0, len(code), 4))


@lru_cache(maxsize=4096)
def qr_matrix(text: str) -> tuple[tuple[bool, ...], ...]:
    """Return the modules of the code for `text`, True for dark, without the quiet zone."""
    code = QRCode[BaseImage](error_correction=ERROR_CORRECT_H, mask_pattern=MASK, border=0)
    code.add_data(text)
    code.make(fit=True)
    return tuple(tuple(map(bool, row)) for row in code.modules)


@lru_cache(maxsize=4096)
def qr_path(text: str) -> str:
    """Return the code as an SVG path to be stroked one module wide, in module units from (0, 0).

    Each run of dark modules is one line; moves are relative.
    """
    path: list[str] = []
    here_x, here_y = 0, 0
    for y, row in enumerate(qr_matrix(text)):
        x = 0
        for dark, run in groupby(row):
            length = len(list(run))
            if dark:
                move = f"m{x - here_x} {y - here_y}" if path else "M0 .5"
                path.append(f"{move}h{length}")
                here_x, here_y = x + length, y
            x += length
    return "".join(path)


def qr_svg(text: str, *, title: str, size_mm: float = 30.0) -> str:
    """Return one code with its quiet zone as a standing SVG picture, `size_mm` wide."""
    side = len(qr_matrix(text)) + 2 * QUIET
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" width="{size_mm:g}mm"'
        f' height="{size_mm:g}mm" role="img" aria-label="{escape(title)}">'
        f'<rect width="{side}" height="{side}" fill="#fff"/>{_code(text, x=0, y=0, scale=1)}</svg>'
    )


def label_svg(label: Label) -> str:
    """Return the label as SVG in millimetres, with as many codes as dirt calls for and fit.

    One large code reads from afar; two of at least 22 mm (without quiet zone) at the other edge
    stand far apart, so that a stain seldom meets all. Else two side by side, else one.
    """
    column = label.width_mm - (_small(label) if len(_places(label)) == _THREE else 0)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="label" role="img"'
        f' viewBox="0 0 {label.width_mm:g} {label.height_mm:g}" width="{label.width_mm:g}mm"'
        f' height="{label.height_mm:g}mm" aria-label="{escape(printed_code(label.code))}">'
        f'<rect width="{label.width_mm:g}" height="{label.height_mm:g}" fill="#fff"/>'
        f"{_head(label, width=column)}{_codes(label)}{_foot(label, width=column)}</svg>"
    )


def _small(label: Label) -> float:
    """Return the side in mm, quiet zone included, of the smallest code that is printed."""
    modules = len(qr_matrix(label.url))
    return SMALLEST_MM * (modules + 2 * QUIET) / modules + _SLACK_MM


def _places(label: Label) -> list[tuple[float, float, float]]:
    """Return left, top and side in mm of each code, quiet zones included."""
    small, height = _small(label), label.height_mm - _HEAD_MM - _FOOT_MM
    large = min(height, label.width_mm - small)
    if large >= small and label.height_mm >= 2 * small + 2 * _SLACK_MM:
        right, bottom = label.width_mm - small, label.height_mm - small - _SLACK_MM
        left = ((right - large) / 2, _HEAD_MM, large)
        return [left, (right, _SLACK_MM, small), (right, bottom, small)]
    pair = min(height, label.width_mm / 2)
    if pair >= small:
        quarter = label.width_mm / 4
        return [(quarter - pair / 2, _HEAD_MM, pair), (3 * quarter - pair / 2, _HEAD_MM, pair)]
    lone = min(height, label.width_mm)
    return [((label.width_mm - lone) / 2, _HEAD_MM, lone)]


def _codes(label: Label) -> str:
    side = len(qr_matrix(label.url)) + 2 * QUIET
    return "".join(_code(label.url, x=x, y=y, scale=box / side) for x, y, box in _places(label))


def _code(text: str, *, x: float, y: float, scale: float) -> str:
    left, top = x + QUIET * scale, y + QUIET * scale
    return (
        f'<path transform="translate({left:.4g} {top:.4g}) scale({scale:.5g})" fill="none"'
        f' stroke="#000" shape-rendering="crispEdges" d="{qr_path(text)}"/>'
    )


def _head(label: Label, *, width: float) -> str:
    beside = width < label.width_mm
    room = width - 2 * _MARGIN_MM - (_MARK_MM if label.mark and not beside else 0)
    rows = [
        _text(_cut(line, width=room, size=size), x=_MARGIN_MM, y=y, size=size)
        for line, size, y in zip(label.lines, (5.0, 3.6), (7.0, 12.6), strict=False)
    ]
    x, y = (
        ((width + label.width_mm) / 2, label.height_mm / 2 + 1.5)
        if beside
        else (label.width_mm - _MARK_MM / 2, 6.5)
    )
    mark = _text(label.mark, x=x, y=y, size=4.2, more=_MIDDLE_BOLD) if label.mark else ""
    return "".join(rows) + mark


def _foot(label: Label, *, width: float) -> str:
    more = f'{_MIDDLE_BOLD} textLength="{width - 4 * _MARGIN_MM:g}" lengthAdjust="spacingAndGlyphs"'
    text, y = printed_code(label.code), label.height_mm - 3.4
    return _text(text, x=width / 2, y=y, size=6, family="ui-monospace, monospace", more=more)


def _text(
    text: str, *, x: float, y: float, size: float, family: str = "sans-serif", more: str = ""
) -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" font-family="{family}" fill="#000"{more}>'
        f"{escape(text)}</text>"
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
