"""What is traded in the demonstration week: real grades, invented masses and prices."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Good:
    """A grade as it comes: metal, code, form, origin, a demo price in fen per tonne."""

    metal: str
    code: str
    form: str
    origin: Literal["post_consumer", "pre_consumer"]
    price_fen_per_t: int


ALUMINIUM = (
    Good("Al", "Taint/Tabor", "loose", "post_consumer", 1_480_000),
    Good("Al", "Tutu", "loose", "post_consumer", 1_620_000),
    Good("Al", "Tata", "solids", "pre_consumer", 1_760_000),
    Good("Al", "Tense", "solids", "post_consumer", 1_390_000),
    Good("Al", "Troma", "solids", "post_consumer", 1_650_000),
    Good("Al", "Taldon", "bale", "post_consumer", 1_340_000),
)
COPPER = (
    Good("Cu", "Barley", "loose", "pre_consumer", 6_900_000),
    Good("Cu", "Berry", "loose", "post_consumer", 6_700_000),
    Good("Cu", "Candy", "solids", "post_consumer", 6_500_000),
    Good("Cu", "Birch", "loose", "post_consumer", 6_300_000),
)
GOODS = {good.code: good for good in (*ALUMINIUM, *COPPER)}
BOARD = ("Taint/Tabor", "Tutu", "Tense", "Taldon", "Berry", "Birch")
"""Grades that hang on the price boards of the hubs."""
