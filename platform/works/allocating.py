"""A closed month's energy, shared out over the heats that had none read for them."""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlmodel import Session

from remelt.platform.kernel.clock import Clock
from remelt.platform.works.factors import energy_lines
from remelt.platform.works.models import EnergyMonth, Heat
from remelt.platform.works.places import Place
from remelt.platform.works.sheets import EnergyUse
from remelt.traceability.ledger import true_up_energy
from remelt.traceability.rules.allot import allot


def allocate(
    session: Session,
    *,
    clock: Clock,
    place: Place,
    closed: Sequence[EnergyMonth],
    heats: Sequence[Heat],
) -> None:
    """Lay what the month's meters read on `heats` by the mass each cast, to the last Wh.

    heats: those without a reading of their own; what stood in for one is replaced, and the
    footprints of everything made of them since are derived anew.
    """
    waiting = sorted((heat for heat in heats if heat.energy != "metered"), key=lambda h: h.key)
    if not waiting:
        return
    uses = [EnergyUse(carrier=each.carrier, quantity=1) for each in closed]  # type: ignore[arg-type]  # the CHECK holds it to CARRIERS
    shares = {
        each.carrier: allot(each.quantity, [heat.cast_g for heat in waiting]) for each in closed
    }
    counted = [
        (use.carrier, line)
        for use in uses
        for line in energy_lines(session, [use], on=_last_day(closed[0].month), stage="melt_energy")
    ]
    true_up_energy(
        session,
        clock=clock,
        month=closed[0].month,
        heats={
            heat.event_hash: [shares[carrier][n] for carrier, _ in counted]
            for n, heat in enumerate(waiting)
        },
        lines=[line for _, line in counted],
        site=place.ref,
        actor=place.actor,
    )


def _last_day(month: str) -> date:
    first = date.fromisoformat(f"{month}-01")
    return (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
