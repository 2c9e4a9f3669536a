"""A round is written anew when the day changes: what was done on it stays done."""

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from remelt.platform.kernel import outbox
from remelt.platform.logistics.emissions import curve_of
from remelt.platform.logistics.events import RoundCancelled, RoundChanged
from remelt.platform.logistics.models import (
    Leg,
    PlanRun,
    Round,
    RoundStop,
    TransportOrder,
    Vehicle,
)
from remelt.platform.logistics.planning import beijing
from remelt.platform.logistics.saving import KG, keep_legs, keep_round, keep_stops, sites_in
from remelt.platform.parties import queries as parties

Done = dict[tuple[int, str], RoundStop]


def keep_changed(
    session: Session,
    *,
    run: PlanRun,
    row: Round | None,
    found: dict[str, Any] | None,
    vehicle: Vehicle,
    orders: dict[str, TransportOrder],
    now: datetime,
) -> Round | None:
    """Keep a round as changed: made, written anew, or taken back when nothing is left on it.

    found: the round as the solver's job tells it; None: nothing is left.
    """
    if found is None:
        return None if row is None else _end(session, row, now=now)
    home = parties.site_by_id(session, site_id=run.site_id)
    sites = sites_in(session, {"rounds": [found]}, home)
    if row is None:
        return keep_round(session, run, found, vehicle, orders, sites)
    done = _clear(session, row)
    legs, curve = found["legs"], curve_of(session, vehicle)
    row.depart_at = beijing(row.day, found["depart_s"])
    row.return_at = beijing(row.day, found["return_s"])
    row.distance_m = sum(leg["distance_m"] for leg in legs)
    row.most_g = max(leg["load_kg"] for leg in legs) * KG
    row.cost_fen = found["cost_fen"]
    row.co2e_g = None if curve is None else sum(leg["co2e_g"] for leg in legs)
    row.forecast_co2e_g = row.co2e_g
    keep_legs(session, row, legs, sites, curve)
    on_it = keep_stops(session, row, found, orders, sites)
    _restore(session, row, done)
    outbox.record(
        session,
        RoundChanged(
            at=now,
            round_code=row.code,
            lot_codes=tuple(order.lot_code for order in on_it),
            distance_m=row.distance_m,
            co2e_g=row.co2e_g,
        ),
    )
    return row


def _end(session: Session, row: Round, *, now: datetime) -> Round:
    row.cancelled_at = now
    outbox.record(session, RoundCancelled(at=now, round_code=row.code))
    return row


def _clear(session: Session, row: Round) -> Done:
    """Take the steps and legs off; return the steps that were done or left."""
    steps = session.exec(select(RoundStop).where(RoundStop.round_id == row.key)).all()
    done = {
        (each.order_id, each.action): RoundStop(**each.model_dump(exclude={"id"}))
        for each in steps
        if each.done_at is not None or each.left_at is not None
    }
    for each in (*steps, *session.exec(select(Leg).where(Leg.round_id == row.key))):
        session.delete(each)
    session.flush()
    return done


def _restore(session: Session, row: Round, done: Done) -> None:
    """Mark again what was done; what was left behind follows at the end."""
    steps = session.exec(
        select(RoundStop).where(RoundStop.round_id == row.key).order_by(col(RoundStop.seq))
    ).all()
    here = {(each.order_id, each.action): each for each in steps}
    after = len(steps)
    for key, was in done.items():
        step = here.get(key)
        if step is None:
            was.seq = after
            after += 1
            session.add(was)
        else:
            step.done_at, step.left_at = was.done_at, was.left_at
            step.left_because = was.left_because
    session.flush()
