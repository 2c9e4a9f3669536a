"""What a lot's tag says, and the codes on it (pure; the only importer of qrcode).

A tag's code holds nothing but the address of the lot's public page. It is made with one fixed
mask: choosing the best of eight costs ten times as long and decodes no better.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from html import escape
from itertools import groupby
from typing import Literal
from urllib.parse import urlsplit

from qrcode.constants import ERROR_CORRECT_H, ERROR_CORRECT_Q
from qrcode.image.base import BaseImage
from qrcode.main import QRCode
from qrcode.util import QRData

MASK = 2
QUIET = 4
_BYTES: Literal[4] = 4  # qrcode's MODE_8BIT_BYTE
LEVELS = {"H": ERROR_CORRECT_H, "Q": ERROR_CORRECT_Q}


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

    def on(self, width_mm: float, height_mm: float) -> "Label":
        """Return the same tag for paper of another size."""
        return replace(self, width_mm=width_mm, height_mm=height_mm)


def tag_url(base: str, *, code: str, gtin: str = "") -> str:
    """Return the address that a tag carries: a GS1 Digital Link with a `gtin`, else ours.

    Scheme and host do not mind case, and our path answers to either, so that all stands in
    upper case: the code is then smaller (5.5 bits a character). A path in `base` keeps its own.

    >>> tag_url("https://remelt.example", code="ABCD234567XY3W")
    'HTTPS://REMELT.EXAMPLE/L/ABCD234567XY3W'
    >>> tag_url("https://id.example/x", code="ABCD234567XY3W", gtin="06900000000007")
    'HTTPS://ID.EXAMPLE/x/01/06900000000007/10/ABCD234567XY3W'
    """
    return f"{_root(base)}/01/{gtin}/10/{code}" if gtin else f"{_root(base)}/L/{code}"


def load_url(base: str, *, sscc: str) -> str:
    """Return the address that the tag of a load carries.

    >>> load_url("https://remelt.example", sscc="069000000000000014")
    'HTTPS://REMELT.EXAMPLE/00/069000000000000014'
    """
    return f"{_root(base)}/00/{sscc}"


def _root(base: str) -> str:
    parts = urlsplit(base)
    return f"{parts.scheme.upper()}://{parts.netloc.upper()}{parts.path.rstrip('/')}"


def printed_code(code: str) -> str:
    """Return the code as it is printed: in groups of four.

    >>> printed_code("ABCD234567XY3W")
    'ABCD 2345 67XY 3W'
    """
    return " ".join(code[start : start + 4] for start in range(0, len(code), 4))


@lru_cache(maxsize=1024)
def qr_matrix(text: str, *, level: str = "H") -> tuple[tuple[bool, ...], ...]:
    """Return the modules of the code for `text`, True for dark, without the quiet zone.

    level: how much of it may be lost, `H` (30 %) or `Q` (25 %, fewer modules).
    """
    try:
        return _matrix(text, level=level)
    except ValueError:  # qrcode fails where the bits of a whole block are nought: a row of zeros
        return _matrix(QRData(text.encode(), mode=_BYTES), level=level)


def _matrix(data: str | QRData, *, level: str) -> tuple[tuple[bool, ...], ...]:
    code = QRCode[BaseImage](error_correction=LEVELS[level], mask_pattern=MASK, border=0)
    code.add_data(data)
    code.make(fit=True)
    return tuple(tuple(map(bool, row)) for row in code.modules)


@lru_cache(maxsize=1024)
def qr_path(text: str, *, level: str = "H") -> str:
    """Return the code as an SVG path to be stroked one module wide, in module units from (0, 0).

    Each run of dark modules is one line; moves are relative.
    """
    path: list[str] = []
    here_x, here_y = 0, 0
    for y, row in enumerate(qr_matrix(text, level=level)):
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
    side = len(qr_matrix(text, level="H")) + 2 * QUIET
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" width="{size_mm:g}mm"'
        f' height="{size_mm:g}mm" role="img" aria-label="{escape(title)}">'
        f'<rect width="{side}" height="{side}" fill="#fff"/>'
        f"{code_svg(text, x=0, y=0, scale=1)}</svg>"
    )


def code_svg(text: str, *, x: float, y: float, scale: float, level: str = "H") -> str:
    """Return one code as an SVG path whose quiet zone begins at (x, y), `scale` to the module."""
    left, top = x + QUIET * scale, y + QUIET * scale
    return (
        f'<path transform="translate({left:.4g} {top:.4g}) scale({scale:.5g})" fill="none"'
        f' stroke="#000" shape-rendering="crispEdges" d="{qr_path(text, level=level)}"/>'
    )
