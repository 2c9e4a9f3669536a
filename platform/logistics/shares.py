"""Whose a round's emission is: forecast beside driven, lot by lot, and leg by leg to look at."""

from dataclasses import dataclass

from remelt.platform.logistics.models import TransportOrder
from remelt.platform.logistics.queries import RoundView, StopLine
from remelt.routing.carbon import shares_by_leg, shares_of_round


@dataclass(frozen=True, slots=True)
class ShareLine:
    """One lot's part of a round.

    forecast_g: of the plan, by mass x shortest road. carried_g: what entered the ledger; None
    before, for a lot left behind, and while a factor is missing. by_leg_g: what its legs would
    give it, by the mass on board; information only, its sum lacks the empty kilometres.
    """

    order: TransportOrder
    mass_g: int
    direct_m: int
    forecast_g: int | None
    carried_g: int | None
    by_leg_g: int | None


@dataclass(frozen=True, slots=True)
class Shares:
    """A round's lots, and the grams of kilometres that were driven empty."""

    lines: tuple[ShareLine, ...]
    empty_g: int | None


def shares_of(view: RoundView) -> Shares:
    """Return how a round's emission is shared. Touches no database."""
    row = view.card.round
    offs = [line for line in view.stops if line.stop.action == "unload"]
    planned = {line.order.code: (line.order.mass_g, line.stop.direct_m) for line in offs}
    forecast: dict[str, int] = {}
    if row.forecast_co2e_g is not None and planned:
        forecast = shares_of_round(row.forecast_co2e_g, planned)
    by_leg, empty_g = _by_leg(view, offs)
    return Shares(
        tuple(
            ShareLine(
                order=line.order,
                mass_g=line.stop.carried_g or line.order.mass_g,
                direct_m=line.stop.direct_m,
                forecast_g=forecast.get(line.order.code),
                carried_g=line.stop.carried_co2e_g,
                by_leg_g=by_leg.get(line.order.code),
            )
            for line in offs
        ),
        empty_g,
    )


def _by_leg(view: RoundView, offs: list[StopLine]) -> tuple[dict[str, int], int | None]:
    """Share each leg over what was on board, as the round stands now."""
    emitted = [line.leg.co2e_g for line in view.legs]
    if any(each is None for each in emitted):
        return {}, None
    masses = {line.order.code: line.stop.carried_g or line.order.mass_g for line in offs}
    left = {line.order.code for line in view.stops if line.stop.left_at is not None}
    on: dict[str, int] = {}
    off: dict[str, int] = {}
    for line in view.stops:
        (on if line.stop.action == "load" else off)[line.order.code] = line.stop.leg
    legs = [
        (
            line.leg.co2e_g or 0,
            {
                code: mass
                for code, mass in masses.items()
                if code not in left and on[code] < line.leg.seq <= off[code]
            },
        )
        for line in view.legs
    ]
    return shares_by_leg(legs)
