"""Lots beyond memory are what they were."""

from dataclasses import replace
from datetime import UTC, datetime

from remelt.traceability.audit.shelf import Shelf
from remelt.traceability.rules.states import State, born
from remelt.traceability.rules.views import LotView
from remelt.traceability.terms import LotSpec

CANS = LotSpec(
    metal="Al", grade_system="ReMA", grade_code="Talc", form="cans", origin="post_consumer",
    metal_bp=9_000, track="520102",
)  # fmt: skip


def a_lot(number: int) -> LotView:
    return LotView(
        code=f"L{number:03}", spec=CANS, owner="O", custodian="C", site_code="S", adcode="520102",
        state=replace(born(CANS, 1_000 + number), missing=("collection",)),
        outside=born(CANS, 3) if number % 2 else State(),
        made_at=datetime(2026, 3, 2, 4, number % 60, tzinfo=UTC),
    )  # fmt: skip


def test_a_lot_that_was_put_away_comes_back_equal():
    shelf = Shelf(hot=4)
    for number in range(40):
        shelf.put(a_lot(number))
    shelf.put(replace(a_lot(0), status="consumed"))
    assert len(shelf) == len(list(shelf)) == len(set(shelf)) == 40
    assert shelf["L000"].status == "consumed"
    assert all(shelf[f"L{number:03}"] == a_lot(number) for number in range(1, 40))
    assert "L040" not in shelf
    assert shelf.get("L040") is None
    shelf.close()


def test_the_newest_writing_of_a_lot_holds():
    shelf = Shelf(hot=2)
    for status in ("registered", "on_hand", "out"):
        for number in range(9):
            shelf.put(replace(a_lot(number), status=status))
    assert {lot.status for lot in shelf.values()} == {"out"}
    assert len(shelf) == 9
