"""Tags as PDF, one to a page or eight on A4 (pure).

The font is the caller's: our subset for Chinese, embedded with no more than the characters used.
"""

from collections.abc import Sequence
from pathlib import Path

from fpdf import FPDF
from PIL import Image

from remelt.traceability.labels.labels import QUIET, Label, qr_matrix
from remelt.traceability.labels.layout import Words, layout

A4_MM = (210.0, 297.0)
CELL_MM = (105.0, 74.0)
ON_A4 = 8
_POINT_MM = 25.4 / 72
_DOTS = 4
_ACROSS = 2


def labels_pdf(labels: Sequence[Label], *, font: Path, sheet: bool = False) -> bytes:
    """Return the labels as a PDF: each on a page of its own size, or eight to an A4 page.

    Labels on a sheet are at most 105 x 74 mm. Codes are pictures of whole modules, words are text.
    """
    paper = FPDF(unit="mm", format=A4_MM if sheet else (_size(labels[0])))
    paper.set_auto_page_break(auto=False)
    paper.set_creator("Remelt")
    paper.add_font("words", fname=font)
    for number, label in enumerate(labels):
        if not sheet:
            paper.add_page(format=_size(label))
            _draw(paper, label, left=0, top=0)
            continue
        place = number % ON_A4
        if place == 0:
            paper.add_page()
        row, column = divmod(place, _ACROSS)
        left = column * CELL_MM[0] + (CELL_MM[0] - label.width_mm) / 2
        top = row * CELL_MM[1] + (CELL_MM[1] - label.height_mm) / 2
        _draw(paper, label, left=left, top=top)
    return bytes(paper.output())


def _size(label: Label) -> tuple[float, float]:
    return (label.width_mm, label.height_mm)


def _draw(paper: FPDF, label: Label, *, left: float, top: float) -> None:
    plan = layout(label)
    pictures = {
        level: _picture(label.url, level=level) for level in {code.level for code in plan.codes}
    }
    for code in plan.codes:
        paper.image(pictures[code.level], x=left + code.x, y=top + code.y, w=code.side, h=code.side)
    for words in plan.words:
        _write(paper, words, left=left, top=top)


def _picture(text: str, *, level: str) -> Image.Image:
    """Return the code with its quiet zone as a picture of a few dots to the module."""
    rows = qr_matrix(text, level=level)
    side = len(rows) + 2 * QUIET
    picture = Image.new("L", (side, side), 255)
    picture.putdata(
        [0 if dark else 255 for row in _quiet(rows, side=side) for dark in row],
    )
    return picture.resize((side * _DOTS, side * _DOTS), Image.Resampling.NEAREST)


def _quiet(rows: Sequence[Sequence[bool]], *, side: int) -> list[tuple[bool, ...]]:
    blank, edge = (False,) * side, (False,) * QUIET
    return [blank] * QUIET + [edge + tuple(row) + edge for row in rows] + [blank] * QUIET


def _write(paper: FPDF, words: Words, *, left: float, top: float) -> None:
    if words.width:
        paper.set_font("Courier", style="B", size=words.size / _POINT_MM)
    else:
        paper.set_font("words", size=words.size / _POINT_MM)
    shift = paper.get_string_width(words.text) / 2 if words.middle else 0.0
    paper.text(left + words.x - shift, top + words.y, words.text)
