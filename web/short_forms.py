"""The shortest form of a lot: four answers and a press."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from remelt.platform.market.preparing.short import ShortLot
from remelt.web.fields import Text, Tick, Words, YuanPerT
from remelt.web.forms import Form
from remelt.web.market_forms import KeptPhoto, read_mass

FEN_PER_T = {"t": 1, "kg": 1_000, "jin": 2_000}
"""Fen per tonne in a fen per unit."""


class ShortForm(Form):
    """A lot as a collector says it; mass and price in the units that are chosen before them."""

    called: Annotated[Words, Field(max_length=120)]
    grade: Text = ""
    mass_unit: Literal["kg", "t", "jin"] = "kg"
    mass: Annotated[int, BeforeValidator(read_mass)]
    price_unit: Literal["kg", "t", "jin"] = "kg"
    price_yuan: YuanPerT
    safe: Tick = False
    site: Text = ""
    kept: list[KeptPhoto] = Field(default_factory=list, max_length=12)

    def lot(self) -> ShortLot:
        """Return it in kept units."""
        return ShortLot(
            called=self.called,
            chosen=self.grade,
            mass_g=self.mass,
            price_fen_per_t=self.price_yuan * FEN_PER_T[self.price_unit],
            safe=self.safe,
        )
