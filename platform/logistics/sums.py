"""What the rounds of a plan come to as they stand, whatever has changed in the day."""

from collections.abc import Iterable
from dataclasses import dataclass

from remelt.platform.logistics.models import Round


@dataclass(frozen=True, slots=True)
class Sums:
    """What rounds come to. co2e_g: as planned, None while a factor is missing."""

    rounds: int
    cost_fen: int
    distance_m: int
    co2e_g: int | None


def sums_of(rounds: Iterable[Round]) -> Sums:
    """Return what rounds come to."""
    every = list(rounds)
    grams = [each.forecast_co2e_g for each in every if each.forecast_co2e_g is not None]
    return Sums(
        rounds=len(every),
        cost_fen=sum(each.cost_fen for each in every),
        distance_m=sum(each.distance_m for each in every),
        co2e_g=sum(grams) if len(grams) == len(every) else None,
    )
