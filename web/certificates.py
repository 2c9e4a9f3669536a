"""Passports at the desk: who may issue one, what file it is, and how a certificate stands."""

from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, select

from remelt.platform.kernel.clock import Clock, day_of
from remelt.platform.kernel.settings import Settings
from remelt.platform.parties.actors import Actor
from remelt.platform.parties.forgetting import codes_of_persons
from remelt.traceability import queries as ledger
from remelt.traceability.errors import NoSuchLot
from remelt.traceability.facts import canonical
from remelt.traceability.models import Lot
from remelt.traceability.passports.certifying import Issued, issue
from remelt.traceability.proofs import certificates
from remelt.traceability.proofs.certificates import Standing
from remelt.traceability.proofs.errors import NoPassportInForce
from remelt.traceability.proofs.opening import AUDITOR, BUYER, openings
from remelt.traceability.terms import SiteRef
from remelt.web.continuity import signing_ring
from remelt.web.keys import written
from remelt.web.transparency import event_proof, passport_file

MEDIA_TYPE = "application/vc"


@dataclass(frozen=True, slots=True)
class Shown:
    """A certificate with its lot, how it stands, and the one that took its place, if any."""

    standing: Standing
    lot: Lot
    newer: str | None


def issue_for(
    session: Session, *, lot_code: str, who: Actor, settings: Settings, clock: Clock
) -> Issued:
    """Issue the passport of a lot for its owner: claims belong to the owner, nobody else's claim.

    Raises `NoSuchLot` for a lot of another's, and what `issue` raises.
    """
    lot = ledger.lot(session, code=lot_code)
    if lot.owner != who.organisation_code:
        raise NoSuchLot(lot_code=lot_code)
    return issue(
        session,
        clock=clock,
        lot_code=lot_code,
        base_url=settings.base_url,
        actor=f"person:{who.person_code}",
        site=SiteRef(code=lot.site_code, adcode=lot.adcode),
    )


def file_of_lot(session: Session, *, lot_code: str, settings: Settings, clock: Clock) -> bytes:
    """Return the passport of a lot that is in force. Raises `NoSuchLot`, `NoPassportInForce`."""
    lot = ledger.lot(session, code=lot_code)
    found = certificates.in_force(session, lot_id=lot.key)
    if found is None:
        raise NoPassportInForce(lot_code=lot_code)
    return passport_file(
        session, found, ring=signing_ring(session, settings=settings), now=clock.now(session)
    )


def file_of(session: Session, *, code: str, settings: Settings, clock: Clock) -> bytes:
    """Return a certificate as it was issued, in force or not. Raises `NoSuchCertificate`."""
    found = certificates.standing(session, code=code).certificate
    return passport_file(
        session, found, ring=signing_ring(session, settings=settings), now=clock.now(session)
    )


def shown(session: Session, *, code: str) -> Shown:
    """Return how a certificate stands. Raises `NoSuchCertificate`."""
    standing = certificates.standing(session, code=code)
    lot = session.exec(select(Lot).where(Lot.id == standing.certificate.lot_id)).one()
    now = certificates.in_force(session, lot_id=lot.key)
    other = now.code if now is not None and now.code != code else None
    return Shown(standing=standing, lot=lot, newer=other)


def as_json(known: Shown) -> dict[str, Any]:
    """Return a certificate's standing for programs."""
    row, end = known.standing.certificate, known.standing.end
    told: dict[str, Any] = {
        "code": row.code,
        "lot": known.lot.code,
        "status": known.standing.status,
        "issued_on": day_of(row.issued_at),
        "log_size": row.log_size,
        "sha256": row.sha256,
        "provisional": row.provisional,
        "in_force": known.newer if end else row.code,
    }
    if end is not None:
        told |= {"reason": end.reason, "ended_on": day_of(end.at)}
    return told


def opened_for(
    session: Session, *, lot_code: str, who: Actor, settings: Settings, clock: Clock
) -> bytes:
    """Return what `who` may read of a lot's private values, each with salt and proof; canonical.

    The owner and the holder of a lot are its buyers; officials and auditors see firms too, but no
    natural person and no household business, nor where one works.
    Raises `NoSuchLot` for a lot that is none of `who`'s.
    """
    lot = ledger.lot(session, code=lot_code)
    official = who.may("regulation.read")
    if not official and who.organisation_code not in {lot.owner, lot.custodian}:
        raise NoSuchLot(lot_code=lot_code)
    ring = signing_ring(session, settings=settings)
    told = openings(
        session,
        lot_code=lot_code,
        tier=AUDITOR if official else BUYER,
        created=written(clock.now(session)),
        prove=lambda index: event_proof(session, index=index, ring=ring),
        persons=lambda codes: codes_of_persons(session, codes=codes),
    )
    return canonical(told)
