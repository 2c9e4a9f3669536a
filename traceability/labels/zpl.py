"""Tags in the language of label printers, ZPL II (pure).

Codes are sent as our own picture, so that every printer prints the same one; likewise words that
hold more than ASCII, because few printers hold a Chinese font. ASCII is sent as text.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from remelt.traceability.labels.labels import Label, qr_matrix
from remelt.traceability.labels.layout import Code, Words, layout

DOTS_PER_MM = (8, 12, 24)
MAX_COPIES = 100
_RISE = 0.75
_NARROW = 0.62
_SCORE = 20
_FULL_RUN = 400


def label_zpl(label: Label, *, font: Path, dots_per_mm: int = 8, copies: int = 1) -> str:
    """Return one label for a printer of 203, 300 or 600 dpi: 8, 12 or 24 dots to the mm.

    font: draws what is not ASCII. copies: how many of it the printer makes, 1 to 100.
    """
    if dots_per_mm not in DOTS_PER_MM or not 1 <= copies <= MAX_COPIES:
        raise ValueError("8, 12 or 24 dots to the mm, and 1 to 100 copies")
    plan = layout(label, dot_mm=1 / dots_per_mm)
    fields = [_code(label.url, code, dots=dots_per_mm) for code in plan.codes]
    fields += [_words(words, dots=dots_per_mm, font=font) for words in plan.words]
    width, height = (round(mm * dots_per_mm) for mm in (label.width_mm, label.height_mm))
    body = "\n".join(fields)
    return f"^XA^CI28^LH0,0^PW{width}^LL{height}\n{body}\n^PQ{copies}^XZ\n"


def labels_zpl(labels: Sequence[Label], *, font: Path, dots_per_mm: int = 8) -> str:
    """Return several labels, one after another, as one file for the printer."""
    return "".join(label_zpl(label, font=font, dots_per_mm=dots_per_mm) for label in labels)


def escaped(text: str) -> str:
    """Return `text` for a field after ^FH: what ZPL would read as a command is said in hex.

    >>> escaped("a_b^c~d")
    'a_5Fb_5Ec_7Ed'
    """
    return "".join(
        f"_{ord(each):02X}" if each in "^~_\\" or ord(each) < ord(" ") else each for each in text
    )


def graphic(picture: Image.Image) -> str:
    """Return a picture of one bit a dot as a ^GFA field: hex, shortened, equal rows a colon."""
    across = -(-picture.width // 8)
    total = across * picture.height
    data = picture.tobytes()
    rows = (data[at : at + across] for at in range(0, total, across))
    return f"^GFA,{total},{total},{across},{''.join(_shortened(rows))}"


def _shortened(rows: Iterable[bytes]) -> Iterator[str]:
    for row, same in groupby(rows):
        yield _runs(row.hex().upper()) + ":" * (len(list(same)) - 1)


def _runs(digits: str) -> str:
    """Shorten one row: a letter counts the digit behind it (G is 1, g is 20), a comma ends it."""
    kept = digits.rstrip("0")
    said = []
    for digit, run in groupby(kept):
        left = len(list(run))
        while left:
            count = min(left, _FULL_RUN)
            left -= count
            said.append(_counted(count) + digit)
    return "".join(said) + ("," if len(kept) < len(digits) else "")


def _counted(count: int) -> str:
    if count == 1:
        return ""
    score, rest = divmod(count, _SCORE)
    return (chr(ord("f") + score) if score else "") + (chr(ord("F") + rest) if rest else "")


def _code(text: str, code: Code, *, dots: int) -> str:
    rows = qr_matrix(text, level=code.level)
    picture = Image.new("1", (len(rows), len(rows)))
    picture.putdata([dark for row in rows for dark in row])
    side = len(rows) * round(code.module * dots)
    edge = (round(code.side * dots) - side) // 2
    field = graphic(picture.resize((side, side), Image.Resampling.NEAREST))
    return f"^FO{round(code.x * dots) + edge},{round(code.y * dots) + edge}{field}^FS"


def _words(words: Words, *, dots: int, font: Path) -> str:
    height = round(words.size * dots)
    if not words.text.isascii():
        return _drawn(words, dots=dots, font=font)
    across = words.width or words.size * _NARROW * len(words.text)
    left = round((words.x - (across / 2 if words.middle else 0)) * dots)
    top = round((words.y - words.size * _RISE) * dots)
    block = f"^FB{round(across * dots) + 2 * dots},1,0,C" if words.middle else ""
    return f"^FO{max(0, left)},{max(0, top)}^A0N,{height}{block}^FH_^FD{escaped(words.text)}^FS"


def _drawn(words: Words, *, dots: int, font: Path) -> str:
    """Draw words as a picture: the printer needs no font for them."""
    type_face = _type_face(font, round(words.size * dots))
    left, top, right, bottom = (int(edge) for edge in type_face.getbbox(words.text, anchor="ls"))
    picture = Image.new("1", (max(1, right - left), max(1, bottom - top)))
    ImageDraw.Draw(picture).text((-left, -top), words.text, fill=1, font=type_face, anchor="ls")
    shift = picture.width / 2 if words.middle else 0
    x, y = round(words.x * dots + left - shift), round(words.y * dots + top)
    return f"^FO{max(0, x)},{max(0, y)}{graphic(picture)}^FS"


@lru_cache(maxsize=16)
def _type_face(font: Path, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(font), size)
