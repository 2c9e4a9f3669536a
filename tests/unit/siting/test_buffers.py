"""What the law keeps purchase points away from: distances by hand, edges, and who is bound."""

from dataclasses import replace

import pytest

from remelt.routing.matrix import Place
from remelt.routing.siting.buffers import barred
from remelt.routing.siting.problem import Buffer, Candidate, Neighbour, Step

SPOT = Place("spot", 26_000_000, 107_000_000)
NORTH = Neighbour("line 1", "railway", 26_010_000, 107_000_000)
NORTH_M = 1_107  # a hundredth of a degree of latitude at 26 degrees north
ART_6 = Buffer("railway", NORTH_M + 1, "art. 6")


def a_buyer(**changes):
    return Candidate(
        **({"key": "h", "place": "spot", "steps": (Step(1, 1),), "buys": True} | changes)
    )


def found(candidate, *buffers, neighbours=(NORTH,)):
    places = {"spot": SPOT}
    return barred([candidate], places=places, buffers=buffers, neighbours=neighbours)


def test_a_purchase_point_too_near_is_barred_with_rule_and_distance():
    (one,) = found(a_buyer(), ART_6)
    assert (one.candidate, one.neighbour, one.kind) == ("h", "line 1", "railway")
    assert (one.distance_m, one.least_m, one.source) == (NORTH_M, NORTH_M + 1, "art. 6")


@pytest.mark.parametrize(
    ("candidate", "buffer"),
    [
        (a_buyer(), replace(ART_6, distance_m=NORTH_M)),
        (a_buyer(), replace(ART_6, kind="airport")),
        (a_buyer(buys=False), ART_6),
        (a_buyer(stands=True), ART_6),
    ],
)
def test_far_enough_another_kind_no_buyer_or_standing_is_free(candidate, buffer):
    assert found(candidate, buffer) == []


def test_a_rule_for_all_binds_a_hub_that_only_sorts():
    assert found(a_buyer(buys=False), replace(ART_6, buyers_only=False))


def test_the_rule_broken_most_is_told():
    mine = Neighbour("pit", "mine", 26_010_000, 107_000_000)
    wide = Buffer("mine", 5_000, "art. 6")
    (one,) = found(a_buyer(), ART_6, wide, neighbours=(NORTH, mine))
    assert one.kind == "mine"
