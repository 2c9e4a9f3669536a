"""What pages read of lots: who may see what is decided by the page, what is public here."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, or_, select

from remelt.platform.kernel.clock import day_of
from remelt.traceability.door.reading import opened_all
from remelt.traceability.errors import NoSuchLot
from remelt.traceability.facts import SEALED, Facts
from remelt.traceability.log.merkle import EMPTY_ROOT
from remelt.traceability.models import Edge, EventLot, LedgerEvent, LogHead, Lot
from remelt.traceability.passports.public import Passport, passport
from remelt.traceability.proofs.forgetting import restricted
from remelt.traceability.rules.states import State
from remelt.traceability.tracing.balance import Balance, world_balance
from remelt.traceability.tracing.genealogy import ancestors, descendants
from remelt.traceability.tracing.melting import Melt, ShareRow, melts, share_melts, shares

__all__ = [
    "Balance",
    "Head",
    "Melt",
    "Passport",
    "ShareRow",
    "Step",
    "ancestors",
    "checkpoint",
    "descendants",
    "history",
    "lot",
    "lot_state",
    "lots_at",
    "lots_of",
    "made_mass",
    "melts",
    "passport",
    "share_melts",
    "shares",
    "world_balance",
]
PRESENT = ("on_hand", "received")
WEIGHED = ("weigh", "bring_in", "correct")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One event in a lot's life. What is None is private and was not asked for, or is erased."""

    seq: int
    kind: str
    step: str
    day: str
    adcode: str
    event_hash: str
    event_id: str
    corrected: bool
    at: datetime | None = None
    site_code: str | None = None
    actor: str | None = None
    mass_g: int | None = None
    ticket: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Size and root of the log."""

    size: int
    root: str


def lot(session: Session, *, code: str) -> Lot:
    """Return the lot of this code. Raises `NoSuchLot`."""
    found = session.exec(select(Lot).where(Lot.code == code)).first()
    if found is None:
        raise NoSuchLot(lot_code=code)
    return found


def lot_state(session: Session, *, code: str) -> State:
    """Return the state vectors of a lot. Raises `NoSuchLot`."""
    return lot(session, code=code).vectors


def lots_at(session: Session, *, site_code: str, metal: str | None = None) -> list[Lot]:
    """Return the lots that lie at a site, weighed or waiting for it, oldest first."""
    statement = (
        select(Lot)
        .where(Lot.site_code == site_code, col(Lot.status).in_(PRESENT))
        .order_by(col(Lot.made_at), col(Lot.id))
    )
    if metal is not None:
        statement = statement.where(Lot.metal == metal)
    return list(session.exec(statement))


def lots_of(session: Session, *, owner: str, ended: bool = False, limit: int = 200) -> list[Lot]:
    """Return the lots of an owner, newest first; used-up ones only when `ended`."""
    statement = select(Lot).where(Lot.owner == owner).order_by(col(Lot.made_at).desc()).limit(limit)
    if not ended:
        statement = statement.where(col(Lot.status).not_in(("consumed", "out")))
    return list(session.exec(statement))


def history(session: Session, *, code: str, own: bool = False) -> list[Step]:
    """Return a lot's events in order; exact time, site, person, mass and ticket only when `own`.

    Raises `NoSuchLot`.
    """
    statement = (
        select(LedgerEvent)
        .join(EventLot, col(EventLot.event_key) == col(LedgerEvent.id))
        .where(EventLot.lot_id == lot(session, code=code).key)
        .order_by(col(LedgerEvent.seq))
    )
    events = list(session.exec(statement))
    wrong = {event.corrects for event in events if event.corrects}
    said = opened_all(session, events)
    closed = restricted(session) if own else frozenset()
    return [
        _step(event, facts, own=own, corrected=event.hash in wrong, closed=closed)
        for event, facts in zip(events, said, strict=True)
    ]


def made_mass(session: Session, *, code: str) -> LedgerEvent | None:
    """Return the last sealed event that gave a lot its mass: weighed, corrected or made of others.

    None when it never had any. What only took of the lot is not among them.
    """
    made = select(Edge.event_key).join(Lot, col(Lot.id) == col(Edge.child_id))
    statement = (
        select(LedgerEvent)
        .join(EventLot, col(EventLot.event_key) == col(LedgerEvent.id))
        .join(Lot, col(Lot.id) == col(EventLot.lot_id))
        .where(
            Lot.code == code,
            or_(
                col(LedgerEvent.kind).in_(WEIGHED),
                col(LedgerEvent.id).in_(made.where(Lot.code == code)),
            ),
        )
        .order_by(col(LedgerEvent.seq).desc())
        .limit(1)
    )
    return session.exec(statement).one_or_none()


def checkpoint(session: Session) -> Head:
    """Return size and root of the log; the empty tree's before the first event."""
    found = session.exec(select(LogHead)).first()
    if found is None:
        return Head(size=0, root=EMPTY_ROOT.hex())
    return Head(size=found.size, root=found.root)


def _step(
    event: LedgerEvent, said: Facts, *, own: bool, corrected: bool, closed: frozenset[str]
) -> Step:
    common: dict[str, Any] = {
        "seq": event.seq,
        "kind": event.kind,
        "step": said.get("step", ""),
        "day": day_of(event.occurred_at),
        "adcode": said["adcode"],
        "event_hash": event.hash,
        "event_id": event.event_id,
        "corrected": corrected,
    }
    if not own:
        return Step(**common)
    return Step(
        **common,
        at=event.occurred_at,
        site_code=_known(said.get("site")),
        actor=None if said.get("actor") in closed else _known(said.get("actor")),
        ticket=_known(said.get("ticket")),
        mass_g=said["mass_g"] if isinstance(said.get("mass_g"), int) else None,
    )


def _known(value: object) -> str | None:
    return value if isinstance(value, str) and not value.startswith(SEALED) else None
