"""The items of a purchase's evidence, each bent alone."""

import pytest

from remelt.platform.settlement.evidence.rules import ITEMS, Proofs, assess, ratio

WHOLE = {
    "natural": True, "ticket": True, "photos": 1, "identified": True, "consented": True,
    "owed_fen": 100, "proven_fen": 100, "invoiced": True,
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({}, set()),
        ({"ticket": False}, {"ticket"}),
        ({"photos": 0}, {"photos"}),
        ({"identified": False}, {"identity"}),
        ({"consented": False}, {"consent"}),
        ({"proven_fen": 99}, {"payment"}),
        ({"invoiced": False}, {"invoice"}),
        ({"natural": False, "identified": False, "consented": False}, set()),
    ],
)
def test_what_is_missing_is_named(changes, missing):
    items = assess(Proofs(**(WHOLE | changes)))
    assert tuple(items) == ITEMS
    assert {item for item, state in items.items() if state == "missing"} == missing


def test_nothing_bought_has_no_cost():
    assert ratio([]).cost_fen == 0
