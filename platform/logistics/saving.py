"""What the solver found becomes rounds, stops and legs; what it left out keeps its reason."""

from datetime import date
from typing import Any, Final

from sqlmodel import Session, col, select

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.logistics.emissions import Curve, curve_of
from remelt.platform.logistics.events import RoundPlanned
from remelt.platform.logistics.models import (
    LeftOut,
    Leg,
    PlanRun,
    Round,
    RoundStop,
    TransportOrder,
    Vehicle,
)
from remelt.platform.logistics.planning import beijing, free_vehicles
from remelt.platform.parties import queries as parties
from remelt.platform.parties.models import Site

NO_POSITION: Final = "no-position"
STALE: Final = "orders-changed"
KG: Final = 1000


def keep_plan(
    session: Session, payload: dict[str, Any], result: dict[str, Any], *, clock: Clock
) -> None:
    """Keep what the solver found: the end of its job."""
    save_plan(session, clock=clock, payload=payload, result=result)


def save_plan(
    session: Session, *, clock: Clock, payload: dict[str, Any], result: dict[str, Any]
) -> PlanRun:
    """Keep the rounds and the reasons of the orders left out.

    Where an order or a vehicle was taken by somebody else meanwhile, no round is kept and the
    run says so (`refused`): a plan is driven as it was judged, or planned again.
    """
    run = session.exec(
        select(PlanRun).where(PlanRun.code == payload["plan"]).with_for_update()
    ).one()
    site = parties.site_by_id(session, site_id=run.site_id)
    orders = _orders(session, payload)
    trucks = {each.code: each for each in free_vehicles(session, site=site, day=run.day)}
    run.ended_at = clock.now(session)
    run.result = {
        "engine": result["engine"],
        "distance_m": result["distance_m"],
        "co2e_g": result["co2e_g"],
        "cost_fen": result["cost_fen"],
        "rounds": len(result["rounds"]),
        "left_out": len(result["left_out"]) + len(payload["no_position"]),
    }
    if not _still_free(orders, trucks, result):
        run.result |= {"rounds": 0, "refused": STALE}
        return run
    for reason in result["left_out"]:
        leave_out(session, run, orders[reason["stop"]], reason)
    for code in payload["no_position"]:
        reason = {"code": NO_POSITION, "remedy": "position", "facts": {}}
        leave_out(session, run, orders[code], reason)
    sites = sites_in(session, result, site)
    for found in result["rounds"]:
        keep_round(session, run, found, trucks[found["vehicle"]], orders, sites)
    return run


def keep_round(
    session: Session,
    run: PlanRun,
    found: dict[str, Any],
    vehicle: Vehicle,
    orders: dict[str, TransportOrder],
    sites: dict[str, Site],
) -> Round:
    """Keep one vehicle's day: its legs, and for each order where it is loaded and unloaded."""
    curve = curve_of(session, vehicle)
    legs = found["legs"]
    row = Round(
        code=new_code(),
        plan_run_id=run.key,
        organisation_id=run.organisation_id,
        site_id=run.site_id,
        vehicle_id=vehicle.key,
        day=run.day,
        depart_at=beijing(run.day, found["depart_s"]),
        return_at=beijing(run.day, found["return_s"]),
        distance_m=sum(leg["distance_m"] for leg in legs),
        most_g=max(leg["load_kg"] for leg in legs) * KG,
        cost_fen=found["cost_fen"],
        co2e_g=None if curve is None else sum(leg["co2e_g"] for leg in legs),
        forecast_co2e_g=None if curve is None else sum(leg["co2e_g"] for leg in legs),
        emission={} if curve is None else curve.to_json(),
        planned_at=run.ended_at or run.asked_at,
    )
    session.add(row)
    session.flush()
    keep_legs(session, row, legs, sites, curve)
    on_it = keep_stops(session, row, found, orders, sites)
    outbox.record(
        session,
        RoundPlanned(
            at=row.planned_at,
            round_code=row.code,
            plan_code=run.code,
            vehicle_code=vehicle.code,
            day=run.day.isoformat(),
            lot_codes=tuple(order.lot_code for order in on_it),
            distance_m=row.distance_m,
            co2e_g=row.co2e_g,
        ),
    )
    return row


def _orders(session: Session, payload: dict[str, Any]) -> dict[str, TransportOrder]:
    codes = [stop["key"] for stop in payload["problem"]["stops"]] + payload["no_position"]
    rows = session.exec(
        select(TransportOrder)
        .where(col(TransportOrder.code).in_(codes))
        .order_by(col(TransportOrder.id))
        .with_for_update()
    )
    return {order.code: order for order in rows}


def _still_free(
    orders: dict[str, TransportOrder], trucks: dict[str, Vehicle], result: dict[str, Any]
) -> bool:
    return all(order.state == "open" for order in orders.values()) and all(
        found["vehicle"] in trucks for found in result["rounds"]
    )


def leave_out(
    session: Session, run: PlanRun, order: TransportOrder, reason: dict[str, Any]
) -> None:
    """Keep why a plan leaves an order out; the newest reason stands."""
    known = select(LeftOut).where(LeftOut.plan_run_id == run.key, LeftOut.order_id == order.key)
    for old in session.exec(known).all():
        session.delete(old)
    session.flush()
    session.add(
        LeftOut(
            plan_run_id=run.key,
            order_id=order.key,
            reason=reason["code"],
            remedy=reason["remedy"],
            facts=reason["facts"],
        )
    )


def sites_in(session: Session, result: dict[str, Any], home: Site) -> dict[str, Site]:
    """Return the sites that the legs of `result` join, by code."""
    codes = {leg[end] for r in result["rounds"] for leg in r["legs"] for end in ("start", "end")}
    rows = session.exec(select(Site).where(col(Site.code).in_(codes | {home.code})))
    return {site.code: site for site in rows}


def keep_legs(
    session: Session,
    row: Round,
    legs: list[dict[str, Any]],
    sites: dict[str, Site],
    curve: Curve | None,
) -> None:
    """Keep the drives of a round, in their order."""
    for seq, leg in enumerate(legs):
        session.add(
            Leg(
                round_id=row.key,
                seq=seq,
                from_site_id=sites[leg["start"]].key,
                to_site_id=sites[leg["end"]].key,
                depart_at=beijing(row.day, leg["depart_s"]),
                arrive_at=beijing(row.day, leg["arrive_s"]),
                distance_m=leg["distance_m"],
                load_g=leg["load_kg"] * KG,
                co2e_g=None if curve is None else leg["co2e_g"],
                forecast_co2e_g=None if curve is None else leg["co2e_g"],
                source=leg["source"],
            )
        )


def keep_stops(
    session: Session,
    row: Round,
    found: dict[str, Any],
    orders: dict[str, TransportOrder],
    sites: dict[str, Site],
) -> list[TransportOrder]:
    """Deliveries are loaded before the first leg, pickups unloaded after the last.

    What a lost truck has on board and never came to (`aboard`) is still to be unloaded.
    """
    called = [(orders[call["stop"]], call) for call in found["calls"]]
    aboard = [orders[code] for code in found.get("aboard", ())]
    on_it = [*(order for order, _ in called), *aboard]
    last = len(found["legs"]) - 1
    steps: list[tuple[TransportOrder, str, int, dict[str, Any] | None]] = [
        (order, "load", -1, None) for order in on_it if order.kind == "delivery"
    ]
    steps += [(order, call["action"], leg, call) for leg, (order, call) in enumerate(called)]
    steps += [(order, "unload", last, None) for order, _ in called if order.kind == "pickup"]
    steps += [(order, "unload", last, None) for order in aboard]
    on_board_g = 0
    for seq, (order, action, leg, call) in enumerate(steps):
        on_board_g += order.mass_g if action == "load" else -order.mass_g
        session.add(
            RoundStop(
                round_id=row.key,
                seq=seq,
                order_id=order.key,
                action=action,
                site_id=_place(row, order, action) if call is None else sites[call["place"]].key,
                load_after_g=on_board_g,
                leg=leg,
                direct_m=found["direct_m"][order.code] if action == "unload" else 0,
                **_moments(row.day, found, call, leg),
            )
        )
        order.round_id = row.key
    session.flush()
    return on_it


def _place(row: Round, order: TransportOrder, action: str) -> int:
    """Return where a load is put on or off apart from a call: at home, a delivery at its end."""
    return order.to_site_id if (order.kind, action) == ("delivery", "unload") else row.site_id


def _moments(
    day: date, found: dict[str, Any], call: dict[str, Any] | None, leg: int
) -> dict[str, Any]:
    names = ("arrive", "begin", "depart")
    if call is not None:
        return {f"{name}_at": beijing(day, call[f"{name}_s"]) for name in names}
    at_home = beijing(day, found["depart_s"] if leg < 0 else found["return_s"])
    return {f"{name}_at": at_home for name in names}
