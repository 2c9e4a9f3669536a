"""A weighing or an analysis that was wrong is said again, and all that came of it derived anew."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import Session, select

from remelt.platform.kernel.clock import Clock, day_of
from remelt.traceability.actions.acting import check_mass, header
from remelt.traceability.actions.assaying import check_shares
from remelt.traceability.corrections.cones import by_hash
from remelt.traceability.corrections.restated import NEAR, Said, say_anew
from remelt.traceability.door.book import declare, lock_lots
from remelt.traceability.door.private import of_site
from remelt.traceability.door.reading import opened
from remelt.traceability.door.seal import staged
from remelt.traceability.errors import CannotCorrect
from remelt.traceability.facts import Facts
from remelt.traceability.models import LedgerEvent, Lot
from remelt.traceability.rules.changing import CORRECT
from remelt.traceability.terms import SiteRef

WEIGHINGS = ("weigh", "bring_in")


@dataclass(frozen=True, kw_only=True)
class Correction:
    """The correcting event, the lot, and the other lots that are other lots for it.

    put_off: they are so many that a job derives them; until then they show `correcting`.
    superseded: how many certificates the correction ended.
    """

    event: LedgerEvent
    lot: Lot
    affected: tuple[str, ...]
    put_off: bool
    superseded: int


def correct(
    session: Session,
    *,
    clock: Clock,
    event_hash: str,
    mass_g: int,
    reason: str,
    site: SiteRef,
    actor: str,
    near: int = NEAR,
) -> Correction:
    """Correct the mass of a weighing, or of its correction, never by editing it.

    Everything since is as if it had been weighed so at once: lots taken whole were taken whole,
    parts stay as said while the lot holds them, what was weighed out stays as weighed; the
    difference stands in the loss of the working and blocks claims only beyond tolerance.
    Certificates of every lot that is another now are superseded.

    near: beyond so many lots a job derives them. Raises `NoSuchEvent`, `CannotCorrect`,
    `MassNotPositive`.
    """
    check_mass(mass_g)
    wrong, said = _wrong(session, event_hash, kinds=WEIGHINGS)
    if not isinstance(said.get("mass_g"), int):
        raise CannotCorrect(event_hash=event_hash, kind=wrong.kind)
    facts = header(session, clock, CORRECT, site=site, actor=actor, at=None) | {
        "lot": said["lot"],
        "corrects": event_hash,
        "root": said.get("root", event_hash),
        "mass_g": of_site(site.code, mass_g),
        "was_g": of_site(site.code, said["mass_g"]),
        "reason": reason,
    }
    return _said(session, wrong, said_anew(session, clock, facts, near=near), lot=said["lot"])


def correct_assay(
    session: Session,
    *,
    clock: Clock,
    event_hash: str,
    elements_ppm: Mapping[str, int],
    reason: str,
    site: SiteRef,
    actor: str,
    near: int = NEAR,
) -> Correction:
    """Correct what an analysis found, or its correction; everything since is derived anew.

    Raises `NoSuchEvent`, `CannotCorrect`, `BadAssay`.
    """
    check_shares(elements_ppm)
    wrong, said = _wrong(session, event_hash, kinds=("assay",))
    facts = header(session, clock, CORRECT, site=site, actor=actor, at=None) | {
        "lot": said["lot"],
        "corrects": event_hash,
        "root": said.get("root", event_hash),
        "elements_ppm": {k: v for k, v in sorted(elements_ppm.items()) if k != "unknown"},
        "was_ppm": said["elements_ppm"],
        "reason": reason,
    }
    return _said(session, wrong, said_anew(session, clock, facts, near=near), lot=said["lot"])


def said_anew(session: Session, clock: Clock, facts: Facts, *, near: int) -> Said:
    """Append a correction; see `say_anew`."""
    return say_anew(session, clock=clock, facts=facts, reason="correction", near=near)


def _said(session: Session, wrong: LedgerEvent, done: Said, *, lot: str) -> Correction:
    """Declare the wrong event an error, and tell what came of its correction."""
    event = done.event
    corrected = lock_lots(session, [lot])[lot]
    day = day_of(event.occurred_at)
    declare(session, wrong=wrong, by=event, lot=corrected, day=day, recorded_at=event.recorded_at)
    return Correction(
        event=event,
        lot=corrected,
        affected=tuple(sorted(each.code for each in done.lots if each.code != lot)),
        put_off=done.put_off,
        superseded=done.superseded,
    )


def _wrong(
    session: Session, event_hash: str, *, kinds: tuple[str, ...]
) -> tuple[LedgerEvent, Facts]:
    """Return the event to correct, opened. A correction stands for what it corrects."""
    wrong = by_hash(session, [event_hash])[0]
    said = opened(session, wrong)
    measured = "mass_g" if "weigh" in kinds else "elements_ppm"
    right = wrong.kind in kinds or (wrong.kind == CORRECT and measured in said)
    if not right or wrong.corrects or _declared(session, wrong):
        raise CannotCorrect(event_hash=event_hash, kind=wrong.kind)
    return wrong, said


def _declared(session: Session, wrong: LedgerEvent) -> bool:
    if any(event.corrects == wrong.hash for event in staged(session)):
        return True
    same = LedgerEvent.event_id == wrong.event_id  # a declaration keeps the id, which is indexed
    statement = select(LedgerEvent.id).where(same, LedgerEvent.corrects == wrong.hash)
    return session.exec(statement).first() is not None
