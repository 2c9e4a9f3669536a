"""A closed month's energy, shared out over the heats that had none read for them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from sqlmodel import Session

from remelt.platform.kernel.clock import BEIJING, Clock
from remelt.platform.works.factors import energy_lines
from remelt.platform.works.models import EnergyMonth, Heat
from remelt.platform.works.places import Place
from remelt.platform.works.power import by_contract
from remelt.platform.works.sheets import EnergyUse
from remelt.traceability.ledger import EnergyLine, Market, true_up_energy
from remelt.traceability.rules.allot import allot


def allocate(
    session: Session,
    *,
    clock: Clock,
    place: Place,
    closed: Sequence[EnergyMonth],
    heats: Sequence[Heat],
    cast_g: Mapping[int, int],
) -> None:
    """Lay what the month's meters read on `heats` by the mass each cast, to the last Wh.

    heats: those without a reading of their own. cast_g: by their ids, what each cast. What stood
    in for a reading is replaced, and the footprints of everything made of them since are derived
    anew. Power is counted by contract as well: each heat uses up the certificates of its own day.
    """
    waiting = sorted((heat for heat in heats if heat.energy != "metered"), key=lambda h: h.key)
    if not waiting:
        return
    uses = [EnergyUse(carrier=each.carrier, quantity=1) for each in closed]  # type: ignore[arg-type]  # the CHECK holds it to CARRIERS
    weights = [cast_g[heat.key] for heat in waiting]
    shares = {each.carrier: allot(each.quantity, weights) for each in closed}
    counted = [
        (use.carrier, line)
        for use in uses
        for line in energy_lines(session, [use], on=_last_day(closed[0].month), stage="melt_energy")
    ]
    quantities = [[shares[carrier][n] for carrier, _ in counted] for n in range(len(waiting))]
    lines = [line for _, line in counted]
    true_up_energy(
        session,
        clock=clock,
        month=closed[0].month,
        heats={heat.event_hash: of for heat, of in zip(waiting, quantities, strict=True)},
        lines=lines,
        markets={
            heat.event_hash: _markets(session, clock, heat, lines, of)
            for heat, of in zip(waiting, quantities, strict=True)
        },
        site=place.ref,
        actor=place.actor,
    )


def _markets(
    session: Session,
    clock: Clock,
    heat: Heat,
    lines: Sequence[EnergyLine],
    quantities: Sequence[int],
) -> list[Market | None]:
    """Return how each line of a heat is counted by contract, certificates used up."""
    used = [replace(line, quantity=q) for line, q in zip(lines, quantities, strict=True)]
    day = heat.tapped_at.astimezone(BEIJING).date()
    counted = by_contract(session, used, site_id=heat.site_id, on=day, at=clock.now(session))
    return [line.market for line in counted]


def _last_day(month: str) -> date:
    first = date.fromisoformat(f"{month}-01")
    return (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
