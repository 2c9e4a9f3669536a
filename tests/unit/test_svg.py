"""Charts say what the figures say, and no data is not zero."""

import xml.etree.ElementTree as ET

import pytest

from remelt.web.svg import Part, Series, Tile, percent, stack, step_of, tile_grid, trend

SVG = "{http://www.w3.org/2000/svg}"


def parsed(markup):
    named = str(markup).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    return ET.fromstring(named)  # noqa: S314 - our own drawing


def test_a_gap_in_the_data_is_a_gap_in_the_line():
    drawn = parsed(
        trend([Series("Al", [5_000, None, 6_000, 7_000])], labels=list("abcd"), title="t")
    )
    (line,) = drawn.findall(f"{SVG}path[@class='line l1']")
    assert line.get("d").count("M") == 2
    assert len(drawn.findall(f"{SVG}circle")) == 3


def test_higher_is_higher_and_later_is_further_right():
    drawn = parsed(trend([Series("Al", [2_000, 9_000])], labels=["1", "2"], title="t"))
    low, high = drawn.findall(f"{SVG}circle")
    assert int(low.get("cx")) < int(high.get("cx"))
    assert int(low.get("cy")) > int(high.get("cy"))


@pytest.mark.parametrize(
    ("highest", "top"),
    [(0, "10%"), (999, "10%"), (2_400, "25%"), (8_512, "100%"), (10_100, "200%")],
)
def test_the_axis_ends_at_a_round_number_above_the_data(highest, top):
    drawn = parsed(trend([Series("Al", [highest])], labels=["1"], title="t"))
    assert drawn.findall(f"{SVG}text")[2].text == top


def test_no_months_at_all_still_draws():
    assert parsed(trend([], labels=[], title="none")).get("aria-label") == "none"


def test_an_area_without_data_is_hatched_not_pale():
    tiles = [Tile(0, 0, "贵阳", "85 %", 8_500, "/x?a=1&b=2"), Tile(1, 0, "毕节", "–", None)]
    drawn = parsed(tile_grid(tiles, title="t"))
    groups = [group.get("class") for group in drawn.iter(f"{SVG}g")]
    assert groups == ["tile s5", "tile s0"]
    assert drawn.find(f"{SVG}a").get("href") == "/x?a=1&b=2"


def test_what_is_written_is_escaped():
    markup = str(tile_grid([Tile(0, 0, "<script>", "&", 1, '"x')], title='"t"'))
    assert "<script>" not in markup
    parsed(markup)


def test_parts_fill_the_bar_exactly():
    parts = [Part("a", 1, "1"), Part("b", 1, "1", 2), Part("none", 0, "0", 3), Part("c", 1, "1", 4)]
    rects = parsed(stack(parts, title="t")).findall(f"{SVG}rect")[1:]
    assert [int(rect.get("x")) for rect in rects] == [0, 333, 666]
    assert sum(int(rect.get("width")) for rect in rects) == 1000


def test_nothing_is_an_empty_track():
    assert len(parsed(stack([Part("a", 0)], title="t")).findall(f"{SVG}rect")) == 1


def test_shades_and_percentages():
    assert percent(None) == "–"
    assert percent(8_512, places=2) == "85.12\u00a0%"
    assert step_of(5, top=0) == 5
    assert step_of(-5) == 1
