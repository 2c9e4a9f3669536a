"""Labels: how fast they are made, and whether scanners read them, clean and dirty."""

import random
import time
from collections.abc import Iterable

import numpy as np
import zxingcpp
from baselines.qrcode_svg import label_code
from frame import Row

from remelt.platform.kernel.codes import new_code
from remelt.traceability.labels.labels import QUIET, Label, qr_matrix, tag_url
from remelt.traceability.labels.layout import layout
from remelt.traceability.labels.pdf import labels_pdf
from remelt.traceability.labels.svg import label_svg
from remelt.traceability.labels.zpl import labels_zpl
from remelt.web.papers import FONT, TAGS_MM

DOTS_PER_MM = 8
INK, DIRT, PAPER = 0, 40, 255


def some_labels(count: int) -> list[Label]:
    """Labels of distinct random lots, with Chinese lines, 100 x 70 mm."""
    codes = [new_code() for _ in range(count)]
    lines = ("铝 · 破碎生铝", "过磅 4.00 t · 2026-03-02")
    return [
        Label(url=tag_url("https://remelt.example", code=code), code=code, lines=lines)
        for code in codes
    ]


def making(quick: bool) -> Iterable[Row]:  # noqa: FBT001 - the frame's signature
    """Time 1,000 distinct labels as SVG, PDF and ZPL beside qrcode's stock SVG of one code each."""
    count = 200 if quick else 1_000
    stock_count = count // 10
    start = time.perf_counter()
    for label in some_labels(stock_count):
        label_code(label.url)
    stock = (time.perf_counter() - start) * 1_000 / stock_count
    ways = {
        "SVG": lambda made: [label_svg(label) for label in made],
        "PDF, one file": lambda made: labels_pdf(made, font=FONT),
        "ZPL, 203 dpi": lambda made: labels_zpl(made, font=FONT),
    }
    for name, make in ways.items():
        made = some_labels(count)
        start = time.perf_counter()
        make(made)
        seconds = (time.perf_counter() - start) * 1_000 / count
        yield Row(
            what=f"1,000 labels as {name}",
            ours=seconds,
            unit="s",
            peer=stock,
            peer_name="qrcode SvgPathImage, 1 code",
            ratio=seconds / stock,
            reach="3 s" if name == "SVG" else "",
            met=seconds <= 3 if name == "SVG" else None,
            note=f"{count} distinct labels of three codes, scaled to 1,000; peer {stock_count}",
        )


def reading(quick: bool) -> Iterable[Row]:  # noqa: FBT001 - the frame's signature
    """Decode codes at three dots a module, and labels under dirt."""
    made = some_labels(100 if quick else 1_000)
    read = sum(_read(_three_dots(label.url), label.url) for label in made)
    share = 100 * read / len(made)
    yield Row(
        what="codes decoded at 3 dots a module",
        ours=share,
        unit="%",
        reach="100 %",
        met=read == len(made),
        note=f"{len(made)} random lots, error level H, zxing-cpp",
    )
    seeds = 60 if quick else 200
    for name, size in TAGS_MM.items():
        asked = name == "100x70"
        label = some_labels(1)[0].on(*size)
        share = 100 * sum(_read(dirty(label, seed=n), label.url) for n in range(seeds)) / seeds
        yield Row(
            what=f"dirty labels of {name} mm decoded",
            ours=share,
            unit="%",
            reach="90 %" if asked else "",
            met=share >= 90 if asked else None,
            note=f"dark discs of 1-4 mm radius over 4 % of the label, {seeds} seeds",
        )
        if quick:
            return


def painted(label: Label) -> np.ndarray:
    """Return the codes of a label as a grey picture, 8 dots to the mm."""
    size = (round(label.height_mm * DOTS_PER_MM), round(label.width_mm * DOTS_PER_MM))
    picture = np.full(size, PAPER, np.uint8)
    for code in layout(label).codes:
        modules = np.pad(np.array(qr_matrix(label.url, level=code.level)), QUIET)
        dots = np.arange(int(code.side * DOTS_PER_MM)) + 0.5
        nearest = (dots / DOTS_PER_MM / code.module).astype(int).clip(0, len(modules) - 1)
        top, left = (round(place * DOTS_PER_MM) for place in (code.y, code.x))
        part = picture[top : top + len(dots), left : left + len(dots)]
        part[:] = np.where(modules[nearest][:, nearest], INK, PAPER)
    return picture


def dirty(label: Label, *, seed: int) -> np.ndarray:
    """Return a label with dark discs over 4 % of it."""
    picture, dice = painted(label), random.Random(seed)
    y, x = np.ogrid[: picture.shape[0], : picture.shape[1]]
    covered = np.zeros(picture.shape, bool)
    while covered.mean() < 0.04:
        radius = dice.uniform(1, 4) * DOTS_PER_MM
        at_x, at_y = dice.uniform(0, picture.shape[1]), dice.uniform(0, picture.shape[0])
        covered |= (x - at_x) ** 2 + (y - at_y) ** 2 < radius**2
    picture[covered] = DIRT
    return picture


def _three_dots(url: str) -> np.ndarray:
    modules = np.pad(np.array(qr_matrix(url, level="H")), QUIET)
    return np.where(modules, INK, PAPER).astype(np.uint8).repeat(3, axis=0).repeat(3, axis=1)


def _read(picture: np.ndarray, url: str) -> bool:
    return any(code.text == url for code in zxingcpp.read_barcodes(picture))
