"""The rules of this market, read off the settings."""

from remelt.platform.kernel.settings import Settings
from remelt.platform.market.house import HouseRules

G_PER_KG = 1_000
S_PER_HOUR = 3_600


def house_of(settings: Settings) -> HouseRules:
    """Return what the operator lays down for everybody who sells."""
    return HouseRules(
        min_auction_g=settings.auction_from_kg * G_PER_KG,
        decide_s=settings.decide_hours * S_PER_HOUR,
    )
