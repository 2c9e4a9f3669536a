"""What the operator lays down for everybody who sells. Touches no database."""

from dataclasses import dataclass
from typing import Final

from remelt.platform.market.kinds import DAY_S


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseRules:
    """The rules of this market, as its settings say them.

    min_auction_g: lots of less are sold at a fixed price, and yards answer with their boards.
    decide_s: how long a seller that decides by hand may take before the best offer is free again.
    """

    min_auction_g: int = 1_000_000
    decide_s: int = 3 * DAY_S


HOUSE: Final = HouseRules()
