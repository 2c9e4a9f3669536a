"""A weighing that was wrong is said again rightly, and the wrong one is declared an error."""

from dataclasses import dataclass

from sqlmodel import Session, select

from remelt.platform.kernel.clock import Clock, day_of
from remelt.traceability.acting import added, check_mass, header
from remelt.traceability.book import declare, lock_lots
from remelt.traceability.errors import CannotCorrect, NoSuchEvent
from remelt.traceability.genealogy import descendants
from remelt.traceability.models import Edge, LedgerEvent, Lot
from remelt.traceability.private import of_site
from remelt.traceability.reading import opened
from remelt.traceability.terms import SiteRef


@dataclass(frozen=True, kw_only=True)
class Correction:
    """The correcting event, the lot, and the lots made of it, which may carry no claim now."""

    event: LedgerEvent
    lot: Lot
    affected: tuple[str, ...]


def correct(
    session: Session,
    *,
    clock: Clock,
    event_hash: str,
    mass_g: int,
    reason: str,
    site: SiteRef,
    actor: str,
) -> Correction:
    """Correct the mass of a weighing, never by editing it.

    A lot that still holds all it was weighed at takes the difference itself. When metal has
    left it already, the difference becomes unexplained mass, and all lots made of it are
    blocked for claims. Raises `NoSuchEvent`, `CannotCorrect`, `MassNotPositive`.
    """
    check_mass(mass_g)
    wrong = session.exec(select(LedgerEvent).where(LedgerEvent.hash == event_hash)).first()
    if wrong is None:
        raise NoSuchEvent(event_hash=event_hash)
    if wrong.kind not in {"weigh", "bring_in"} or _declared(session, event_hash):
        raise CannotCorrect(event_hash=event_hash, kind=wrong.kind)
    said = opened(session, wrong)
    lots = lock_lots(session, [said["lot"]])
    lot = lots[said["lot"]]
    used = _has_children(session, lot) or lot.status in {"consumed", "out"}
    used = used or lot.mass_g + mass_g - said["mass_g"] <= 0
    affected = sorted(descendants(session, lot)) if used else []
    lots |= lock_lots(session, [lot.code, *affected])
    facts = header(session, clock, "correct", site=site, actor=actor, at=None)
    facts |= {
        "lot": lot.code,
        "corrects": event_hash,
        "mass_g": of_site(site.code, mass_g),
        "was_g": of_site(site.code, said["mass_g"]),
        "scale_division_g": said["scale_division_g"],
        "reason": reason,
        "used": used,
        "affected": of_site(site.code, affected),
    }
    done = added(session, clock, facts, lots, ended_too=True)
    day = day_of(done.event.occurred_at)
    declare(session, wrong=wrong, by=done.event, day=day, recorded_at=done.event.recorded_at)
    return Correction(event=done.event, lot=lot, affected=tuple(affected))


def _declared(session: Session, event_hash: str) -> bool:
    statement = select(LedgerEvent.id).where(LedgerEvent.corrects == event_hash)
    return session.exec(statement).first() is not None


def _has_children(session: Session, lot: Lot) -> bool:
    return session.exec(select(Edge.id).where(Edge.parent_id == lot.key)).first() is not None
