"""Hand-over: a lot's code is scanned or typed where it is loaded and where it is unloaded."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import BEIJING, Clock
from remelt.platform.kernel.codes import new_code, read_code
from remelt.platform.logistics.driving import close_if_over
from remelt.platform.logistics.errors import (
    AlreadyLoaded,
    AlreadyUnloaded,
    LeftBehind,
    NoSuchOrder,
    NotLoadedYet,
    NotOnARound,
    NotToday,
)
from remelt.platform.logistics.events import LotLeft, LotLoaded, LotUnloaded
from remelt.platform.logistics.models import Handover, Round, RoundStop, TransportOrder
from remelt.platform.logistics.orders import drop_order
from remelt.platform.parties import queries as parties
from remelt.platform.parties.actors import Actor
from remelt.platform.parties.models import Site
from remelt.traceability import ledger
from remelt.traceability.terms import SiteRef


def load(
    session: Session, *, clock: Clock, lot_code: str, actor: Actor, scanned: bool = True
) -> Handover:
    """Take a lot on board: custody passes to the organisation that drives.

    lot_code: as scanned or typed, a whole tag address too.

    Raises `BadCode`, `NoSuchOrder`, `NotOnARound`, `NotToday`, `AlreadyLoaded` or
    `AlreadyUnloaded`.
    """
    order = _order(session, read_code(lot_code), actor)
    if order.unloaded_at is not None:
        raise AlreadyUnloaded(field="code", lot=order.lot_code)
    if order.loaded_at is not None:
        raise AlreadyLoaded(field="code", lot=order.lot_code)
    row, stop = _on_round(session, order, action="load")
    now = clock.now(session)
    if now.astimezone(BEIJING).date() < row.day:
        raise NotToday(field="code", day=row.day.isoformat())
    site = parties.site_by_id(session, site_id=stop.site_id)
    order.loaded_at = stop.done_at = now
    row.started_at = row.started_at or now
    ledger.move(
        session,
        clock=clock,
        lot_codes=[order.lot_code],
        kind="pickup" if order.kind == "pickup" else "ship",
        to_site=SiteRef(code=site.code, adcode=site.adcode),
        custodian=_carrier(session, row),
        actor=f"person:{actor.person_code}",
    )
    outbox.record(
        session,
        LotLoaded(
            at=now,
            lot_code=order.lot_code,
            order_code=order.code,
            round_code=row.code,
            site_code=site.code,
            carrier_code=_carrier(session, row),
            person_code=actor.person_code,
        ),
    )
    return _kept(session, order, row, stop, actor, at=now, scanned=scanned)


def unload(
    session: Session, *, clock: Clock, lot_code: str, actor: Actor, scanned: bool = True
) -> Handover:
    """Hand a lot over at its destination: custody passes to the organisation there.

    The driver's organisation or the receiver may do it. With the last load off, the round is
    driven and its emission goes to the ledger.

    Raises `BadCode`, `NoSuchOrder`, `NotOnARound`, `NotLoadedYet`, `LeftBehind` or
    `AlreadyUnloaded`.
    """
    order = _order(session, read_code(lot_code), actor, receiver=True)
    if order.unloaded_at is not None:
        raise AlreadyUnloaded(field="code", lot=order.lot_code)
    row, stop = _on_round(session, order, action="unload")
    if order.loaded_at is None:
        raise NotLoadedYet(field="code", lot=order.lot_code)
    site = parties.site_by_id(session, site_id=stop.site_id)
    receiver = parties.organisation_by_id(session, organisation_id=site.organisation_id)
    now = clock.now(session)
    order.unloaded_at = stop.done_at = now
    ledger.move(
        session,
        clock=clock,
        lot_codes=[order.lot_code],
        kind="receive",
        to_site=SiteRef(code=site.code, adcode=site.adcode),
        custodian=receiver.code,
        actor=f"person:{actor.person_code}",
    )
    outbox.record(
        session,
        LotUnloaded(
            at=now,
            lot_code=order.lot_code,
            order_code=order.code,
            kind=order.kind,
            round_code=row.code,
            site_code=site.code,
            receiver_code=receiver.code,
            person_code=actor.person_code,
        ),
    )
    made = _kept(session, order, row, stop, actor, at=now, scanned=scanned)
    close_if_over(session, row, clock=clock, actor=f"person:{actor.person_code}")
    return made


def leave(
    session: Session, *, clock: Clock, lot_code: str, actor: Actor, because: str = ""
) -> TransportOrder:
    """Leave a lot behind that was to be loaded; its order is open again for another round.

    Raises `BadCode`, `NoSuchOrder`, `NotOnARound`, `AlreadyLoaded` or `AlreadyUnloaded`.
    """
    order = _order(session, read_code(lot_code), actor)
    if order.loaded_at is not None:
        raise AlreadyLoaded(field="code", lot=order.lot_code)
    row, stop = _on_round(session, order, action="load")
    now = clock.now(session)
    row.started_at = row.started_at or now
    stop.left_at, stop.left_because = now, because[:200]
    order.round_id = None
    outbox.record(
        session,
        LotLeft(
            at=now,
            lot_code=order.lot_code,
            order_code=order.code,
            round_code=row.code,
            person_code=actor.person_code,
        ),
    )
    session.flush()
    close_if_over(session, row, clock=clock, actor=f"person:{actor.person_code}")
    return order


def turn_away(
    session: Session, *, clock: Clock, lot_code: str, actor: str
) -> TransportOrder | None:
    """End the living order of a lot that its destination refused, loaded or not, and its stops.

    What rode to the gate bears its share of the round, which is over when that was its last stop;
    what was not loaded yet is left. The way back is ordered anew. Returns the order, or None.
    """
    order = drop_order(session, clock=clock, lot_code=lot_code)
    if order is None or order.round_id is None:
        return order
    row = session.exec(select(Round).where(Round.id == order.round_id).with_for_update()).one()
    waiting = select(RoundStop).where(
        RoundStop.round_id == row.id,
        RoundStop.order_id == order.id,
        col(RoundStop.done_at).is_(None),
    )
    for stop in session.exec(waiting):
        name = "left_at" if order.loaded_at is None else "done_at"
        setattr(stop, name, order.cancelled_at)
    if row.started_at is not None:
        close_if_over(session, row, clock=clock, actor=actor)
    return order


def _order(
    session: Session, lot_code: str, actor: Actor, *, receiver: bool = False
) -> TransportOrder:
    """Return the lot's newest order, locked, where this organisation drives or receives it."""
    row = session.exec(
        select(TransportOrder)
        .where(TransportOrder.lot_code == lot_code, col(TransportOrder.cancelled_at).is_(None))
        .order_by(col(TransportOrder.id).desc())
        .limit(1)
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise NoSuchOrder(field="code", order=lot_code)
    ends = {row.dispatch_site_id, row.to_site_id} if receiver else {row.dispatch_site_id}
    own = select(Site.id).where(
        col(Site.id).in_(ends), Site.organisation_id == actor.organisation_id
    )
    if session.exec(own).first() is None:
        raise NoSuchOrder(field="code", order=lot_code)
    return row


def _on_round(session: Session, order: TransportOrder, *, action: str) -> tuple[Round, RoundStop]:
    if order.round_id is None:
        left = select(RoundStop.id).where(
            RoundStop.order_id == order.id, col(RoundStop.left_at).is_not(None)
        )
        if session.exec(left).first() is not None:
            raise LeftBehind(field="code", lot=order.lot_code)
        raise NotOnARound(field="code", lot=order.lot_code)
    row = session.exec(select(Round).where(Round.id == order.round_id).with_for_update()).one()
    stop = session.exec(
        select(RoundStop).where(
            RoundStop.round_id == row.id,
            RoundStop.order_id == order.id,
            RoundStop.action == action,
        )
    ).one()
    return row, stop


def _carrier(session: Session, row: Round) -> str:
    return parties.organisation_by_id(session, organisation_id=row.organisation_id).code


def _kept(
    session: Session,
    order: TransportOrder,
    row: Round,
    stop: RoundStop,
    actor: Actor,
    *,
    at: datetime,
    scanned: bool,
) -> Handover:
    made = Handover(
        code=new_code(),
        order_id=order.key,
        round_id=row.key,
        lot_code=order.lot_code,
        action=stop.action,
        site_id=stop.site_id,
        organisation_id=actor.organisation_id,
        person_id=actor.person_id,
        scanned=scanned,
        at=at,
    )
    session.add(made)
    session.flush()
    return made


@dataclass(frozen=True, slots=True)
class HandoverLine:
    """A hand-over that has just been recorded, as its page confirms it."""

    handover: Handover
    order: TransportOrder
    site: Site


def handed_over(session: Session, *, code: str, organisation_id: int) -> HandoverLine | None:
    """Return a hand-over that a person of the organisation recorded; None when there is none."""
    row = session.execute(
        select(Handover, TransportOrder, Site)
        .join(TransportOrder, col(TransportOrder.id) == col(Handover.order_id))
        .join(Site, col(Site.id) == col(Handover.site_id))
        .where(col(Handover.code) == code, col(Handover.organisation_id) == organisation_id)
    ).one_or_none()
    return None if row is None else HandoverLine(*row)
