"""A printed tag is read by an ordinary scanner, also when it is dirty."""

import random
import re

import numpy as np
import pytest
import zxingcpp

from remelt.traceability.labels.labels import (
    QUIET,
    Label,
    load_url,
    printed_code,
    qr_matrix,
    qr_path,
    qr_svg,
    tag_url,
)
from remelt.traceability.labels.layout import SMALLEST_MM, layout
from remelt.traceability.labels.svg import label_svg

CODE = "MFRGGZDFMZTW1A"
URL = "HTTPS://REMELT.EXAMPLE/L/" + CODE
PATH = re.compile(
    r'<path transform="translate\(([\d.]+) ([\d.]+)\) scale\(([\d.]+)\)"[^>]* d="([^"]+)"'
)


def runs(path):
    """The strokes of a path: (x, y, length) in modules."""
    x = y = 0.0
    for command, first, second in re.findall(r"([Mmh])(-?[\d.]+)(?: (-?[\d.]+))?", path):
        if command == "h":
            yield x, y, float(first)
            x += float(first)
        elif command == "m":
            x, y = x + float(first), y + float(second)
        else:
            x, y = float(first), float(second)


def paint(svg, *, dots_per_mm=8, width_mm=100, height_mm=70):
    """The label as a grey picture: each stroke painted where the SVG puts it."""
    picture = np.full(
        (round(height_mm * dots_per_mm), round(width_mm * dots_per_mm)), 255, np.uint8
    )
    for left, top, scale, path in PATH.findall(svg):
        unit = float(scale) * dots_per_mm
        for x, y, length in runs(path):
            x0, y0 = (
                float(left) * dots_per_mm + x * unit,
                float(top) * dots_per_mm + (y - 0.5) * unit,
            )
            picture[round(y0) : round(y0 + unit), round(x0) : round(x0 + length * unit)] = 0
    return picture


def texts(picture):
    return [code.text for code in zxingcpp.read_barcodes(picture)]


def test_the_path_paints_the_modules():
    matrix = np.array(qr_matrix(URL))
    painted = np.zeros_like(matrix)
    for x, y, length in runs(qr_path(URL)):
        painted[int(y - 0.5), int(x) : int(x + length)] = True
    assert (painted == matrix).all()


@pytest.mark.parametrize(
    ("base", "gtin"),
    [
        ("https://remelt.example", ""),
        ("http://127.0.0.1:8000", ""),
        ("https://id.example/resolver", "06900000000007"),
        ("https://再生.example/很长的路径/" + "x" * 80, ""),
    ],
)
def test_a_code_decodes_at_three_dots_a_module(base, gtin):
    url = tag_url(base, code=CODE, gtin=gtin)
    matrix = np.pad(np.array(qr_matrix(url)), QUIET)
    picture = np.where(matrix, 0, 255).astype(np.uint8).repeat(3, axis=0).repeat(3, axis=1)
    assert texts(picture) == [url]


def test_an_address_with_many_noughts_is_read_too():
    url = load_url("https://remelt.example", sscc="0" * 18)
    matrix = np.pad(np.array(qr_matrix(url)), QUIET)
    assert texts(np.where(matrix, 0, 255).astype(np.uint8).repeat(3, axis=0).repeat(3, axis=1)) == [
        url
    ]


def test_an_upper_case_address_makes_a_smaller_code():
    assert len(qr_matrix(URL)) < len(qr_matrix(URL.lower()))


def test_a_label_holds_three_codes_of_at_least_22_mm():
    svg = label_svg(Label(url=URL, code=CODE, lines=("铝 · 2A12 新料", "5.2 t"), mark="演示"))
    assert texts(paint(svg)) == [URL, URL, URL]
    for _, _, scale, _ in PATH.findall(svg):
        assert float(scale) * len(qr_matrix(URL)) >= SMALLEST_MM


@pytest.mark.parametrize(
    ("width", "height", "level"), [(70, 50, "H"), (60, 40, "H"), (50, 30, "H"), (40, 25, "Q")]
)
def test_a_smaller_label_holds_two(width, height, level):
    label = Label(url=URL, code=CODE, width_mm=width, height_mm=height, lines=("铝",), mark="演示")
    assert texts(paint(label_svg(label), width_mm=width, height_mm=height)) == [URL] * 2
    assert {code.level for code in layout(label).codes} == {level}


def test_two_codes_of_22_mm_stand_on_60_by_40():
    plan = layout(Label(url=URL, code=CODE, width_mm=60, height_mm=40))
    assert all(code.side - 2 * QUIET * code.module >= SMALLEST_MM for code in plan.codes)


@pytest.mark.parametrize("size", [(100, 70), (70, 50), (60, 40), (40, 25)])
@pytest.mark.parametrize("dot_mm", [0, 1 / 8, 1 / 12])
def test_nothing_on_a_label_overlaps_or_leaves_it(size, dot_mm):
    label = Label(url=URL, code=CODE, width_mm=size[0], height_mm=size[1], lines=("铝", "1 t"))
    plan = layout(label, dot_mm=dot_mm)
    for n, code in enumerate(plan.codes):
        assert code.x >= 0
        assert code.y >= 0
        assert code.x + code.side <= size[0] + 1e-6
        assert code.y + code.side <= size[1] + 1e-6
        for other in plan.codes[:n]:
            apart_x = max(code.x, other.x) - min(code.x + code.side, other.x + other.side)
            apart_y = max(code.y, other.y) - min(code.y + code.side, other.y + other.side)
            assert max(apart_x, apart_y) >= -1e-6
        if dot_mm:
            assert code.module / dot_mm == pytest.approx(round(code.module / dot_mm))


def test_the_code_is_printed_for_typing_and_the_mark_for_demo():
    svg = label_svg(Label(url=URL, code=CODE, lines=("<b>&",), mark="DEMO"))
    assert printed_code(CODE) == "MFRG GZDF MZTW 1A"
    assert ">MFRG GZDF MZTW 1A</text>" in svg
    assert ">DEMO</text>" in svg
    assert "&lt;b&gt;&amp;" in svg
    assert " style=" not in svg


def test_a_long_line_is_cut_where_the_label_ends():
    svg = label_svg(Label(url=URL, code=CODE, lines=("废铝易拉罐打包块" * 9,)))
    (line,) = re.findall(r">(废铝[^<]*)</text>", svg)
    assert line.endswith("…")
    assert len(line) <= 17


def test_a_lone_code_stands_in_its_quiet_zone():
    side = len(qr_matrix(URL)) + 2 * QUIET
    assert f'viewBox="0 0 {side} {side}"' in qr_svg(URL, title=CODE)


def test_a_dirty_label_is_still_read():
    """Dark discs of 1-4 mm radius over 4 % of the label, 40 seeds: nine of ten are read."""
    clean = paint(label_svg(Label(url=URL, code=CODE)))
    y, x = np.ogrid[: clean.shape[0], : clean.shape[1]]
    read = 0
    for seed in range(40):
        dice, dirty = random.Random(seed), clean.copy()
        covered = np.zeros(clean.shape, bool)
        while covered.mean() < 0.04:
            radius = dice.uniform(1, 4) * 8
            at_x, at_y = dice.uniform(0, clean.shape[1]), dice.uniform(0, clean.shape[0])
            covered |= (x - at_x) ** 2 + (y - at_y) ** 2 < radius**2
        dirty[covered] = 40
        read += URL in texts(dirty)
    assert read >= 36
