"""Tags on paper and from label printers are read by an ordinary scanner, Chinese included."""

import re
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
import zxingcpp
from fontTools.ttLib import TTFont
from PIL import Image

from remelt.traceability.labels.labels import Label, load_url, tag_url
from remelt.traceability.labels.pdf import labels_pdf
from remelt.traceability.labels.zpl import graphic, label_zpl, labels_zpl
from remelt.web.papers import FONT, TAGS_MM

ROOT = Path(__file__).parents[2]
CODE = "MFRGGZDFMZTW1A"
URL = "HTTPS://REMELT.EXAMPLE/L/" + CODE
A_LABEL = Label(url=URL, code=CODE, lines=("铝 · 2A12 新料", "过磅 4.00 t"), mark="演示")


def pages(content, *, dots_per_mm):
    paper = pypdfium2.PdfDocument(content)
    scale = dots_per_mm * 25.4 / 72
    return paper, [np.array(page.render(scale=scale).to_pil().convert("L")) for page in paper]


def texts(picture):
    return [code.text for code in zxingcpp.read_barcodes(picture)]


def painted(zpl):
    """What a printer makes of the pictures in a label: every ^GFA put where its ^FO says."""
    width, height = (int(re.search(rf"\^{name}(\d+)", zpl)[1]) for name in ("PW", "LL"))
    paper = np.full((height, width), 255, np.uint8)
    field = r"\^FO(\d+),(\d+)\^GFA,(\d+),(\d+),(\d+),([^^]*)\^FS"
    for x, y, size, total, across, data in re.findall(field, zpl):
        assert size == total
        rows = unpacked(data, digits=int(across) * 2)
        assert len(rows) * int(across) == int(total)
        for down, row in enumerate(rows):
            dark = np.nonzero(np.array(list(f"{int(row, 16):0{len(row) * 4}b}")) == "1")[0]
            paper[int(y) + down, dark + int(x)] = 0
    return paper


def unpacked(data, *, digits):
    """Undo the shortening of ZPL's ASCII graphics, as its manual tells it."""
    rows, row = [], ""
    for counts, sign in re.findall(r"([G-Yg-z]*)([0-9A-F,:])", data):
        count = sum(20 * (ord(c) - 102) if c.islower() else ord(c) - 70 for c in counts) or 1
        if sign == ":":
            rows.append(rows[-1])
            continue
        row += "0" * (digits - len(row)) if sign == "," else sign * count
        if len(row) == digits:
            rows.append(row)
            row = ""
    assert not row
    return rows


@pytest.mark.parametrize("size", list(TAGS_MM.values()))
def test_a_pdf_tag_has_its_size_and_is_read(size):
    paper, (page,) = pages(labels_pdf([A_LABEL.on(*size)], font=FONT), dots_per_mm=6)
    assert tuple(round(edge * 25.4 / 72) for edge in paper[0].get_size()) == size
    assert set(texts(page)) == {URL}
    assert len(texts(page)) == (3 if size == (100, 70) else 2)


def test_the_words_of_a_pdf_are_text_and_its_font_is_small():
    content = labels_pdf([A_LABEL], font=FONT)
    said = pypdfium2.PdfDocument(content)[0].get_textpage().get_text_bounded()
    assert "2A12 新料" in said
    assert "演示" in said
    assert "MFRG GZDF MZTW 1A" in said
    assert len(content) < 20_000  # only the characters used are embedded


def test_a_pdf_sheet_holds_eight_different_tags():
    codes = [f"MFRGGZDFMZ{n:02}1A" for n in range(9)]
    labels = [
        Label(url=tag_url("https://remelt.example", code=code), code=code, lines=("铜",))
        for code in codes
    ]
    _paper, (first, second) = pages(labels_pdf(labels, font=FONT, sheet=True), dots_per_mm=6)
    assert sorted(texts(first)) == sorted(label.url for label in labels[:8] for _ in range(3))
    assert texts(second) == [labels[8].url] * 3
    assert abs(first.shape[0] - 297 * 6) <= 1


@pytest.mark.parametrize("dots", [8, 12, 24])
@pytest.mark.parametrize("size", list(TAGS_MM.values()))
def test_a_label_printers_tag_is_read(dots, size):
    zpl = label_zpl(A_LABEL.on(*size), font=FONT, dots_per_mm=dots)
    picture = painted(zpl)
    assert picture.shape == (size[1] * dots, size[0] * dots)
    found = texts(picture[:: dots // 8, :: dots // 8] if dots == 24 else picture)
    assert set(found) == {URL}
    assert len(found) >= 2


def test_what_zpl_reads_as_a_command_is_said_in_hex():
    label = Label(url=URL, code=CODE, lines=("a_b^XZ~JA", "\\&"))
    zpl = label_zpl(label, font=FONT)
    assert "^FH_^FDa_5Fb_5EXZ_7EJA^FS" in zpl
    assert "^FD_5C&^FS" in zpl
    assert zpl.count("^XZ") == 1
    assert "~" not in zpl


def test_chinese_is_drawn_and_ascii_is_text():
    zpl = label_zpl(A_LABEL, font=FONT)
    assert zpl.isascii()
    assert "^FDMFRG GZDF MZTW 1A^FS" in zpl
    assert zpl.count("^GFA") == 3 + 3
    words = painted(zpl)[:150, :560]
    assert (words == 0).sum() > 500


def test_several_labels_and_copies():
    zpl = labels_zpl(
        [A_LABEL, Label(url=load_url("https://r.example", sscc="0" * 18), code=CODE)], font=FONT
    )
    assert zpl.count("^XA") == zpl.count("^XZ") == 2
    assert "^PQ8" in label_zpl(A_LABEL, font=FONT, copies=8)
    with pytest.raises(ValueError, match="copies"):
        label_zpl(A_LABEL, font=FONT, copies=0)


def test_a_long_run_and_an_odd_width_survive():
    picture = Image.new("1", (3_333, 5), 1)
    picture.putpixel((3_332, 4), 0)
    (total, across, data) = re.fullmatch(r"\^GFA,\d+,(\d+),(\d+),(.*)", graphic(picture)).groups()
    rows = unpacked(data, digits=int(across) * 2)
    bits = [f"{int(row, 16):0{len(row) * 4}b}"[:3_333] for row in rows]
    assert bits == ["1" * 3_333] * 4 + ["1" * 3_332 + "0"]
    assert int(total) == 5 * int(across)


def test_the_font_holds_the_general_standard_table_and_all_that_we_write():
    held = set(TTFont(FONT).getBestCmap())
    table = (ROOT / "tools" / "characters.txt").read_text(encoding="utf-8").strip()
    assert len(set(table)) == 8_105
    assert {ord(c) for c in table} <= held
    said = (ROOT / "web/translations/zh_CN/LC_MESSAGES/messages.po").read_text(encoding="utf-8")
    for data in (ROOT / "platform/catalogue/data").glob("*.csv"):
        said += data.read_text(encoding="utf-8-sig")
    missing = {c for c in said if c.isprintable() and ord(c) not in held}
    assert missing <= {"₂"}  # Noto has none: papers write CO2
