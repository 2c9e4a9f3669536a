"""Issuing a passport: the claims on a lot become a credential whose hash stands in the log."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlmodel import Session, col, select

from remelt.platform.kernel.clock import Clock, day_of
from remelt.platform.kernel.codes import new_code
from remelt.traceability.actions.acting import added, header
from remelt.traceability.door.book import lock_lots
from remelt.traceability.door.private import of_site
from remelt.traceability.door.seal import staged
from remelt.traceability.errors import ClaimsBlocked, NoPassportYet
from remelt.traceability.facts import canonical
from remelt.traceability.models import LogHead, Lot
from remelt.traceability.passports.claims import claims
from remelt.traceability.passports.public import passport
from remelt.traceability.proofs import certificates
from remelt.traceability.proofs.credentials import CONTEXT, did_web
from remelt.traceability.proofs.models import Certificate
from remelt.traceability.terms import SiteRef

NEWER = "newer"
MASS, SUPERSEDES = "mass_g", "supersedes"
MOST_EARLIER = 10
BESIDE = frozenset({"id", "lot", SUPERSEDES})
TYPE = "LotPassport"
STATUS_TYPE = "LotPassportStatus"


@dataclass(frozen=True, kw_only=True)
class Issued:
    """A certificate in force. fresh is False when the lot's claims had not changed since."""

    certificate: Certificate
    fresh: bool


def issue(
    session: Session, *, clock: Clock, lot_code: str, base_url: str, actor: str, site: SiteRef
) -> Issued:
    """Issue the passport of a lot, or return the one in force when it says the same.

    The credential's hash is appended to the ledger as an event of its own, so that no passport
    can be issued unseen; one that said something else before is superseded by it. The event
    seals the exact mass, which buyer and auditor can open. Raises `NoSuchLot`, `NoPassportYet`
    before the first hand-over, `ClaimsBlocked`.
    """
    lot = lock_lots(session, [lot_code])[lot_code]
    known = passport(session, code=lot_code).facts
    if known is None or not known.basis_g:
        raise NoPassportYet(lot_code=lot_code)
    if lot.claims_blocked:
        raise ClaimsBlocked(lot_code=lot_code, reason=lot.claims_blocked)
    told = claims(known)
    last = certificates.in_force(session, lot_id=lot.key)
    if last is not None and _claims_of(last) == told and last.mass_g == lot.mass_g:
        return Issued(certificate=last, fresh=False)
    now = clock.now(session)
    code = new_code()
    told |= {SUPERSEDES: _earlier(session, lot)}
    body = canonical(_credential(lot, told, code=code, base_url=base_url, at=now))
    digest = hashlib.sha256(body).hexdigest()
    facts = header(session, clock, "certify", site=_province_only(site), actor=actor, at=now)
    facts |= {"lot": lot.code, "credential": digest, MASS: of_site(site.code, lot.mass_g)}
    event = added(session, clock, facts, {lot.code: lot}).event
    certificates.supersede(session, lot_ids=[lot.key], reason=NEWER, event_hash=event.hash, at=now)
    made = Certificate(
        code=code,
        lot_id=lot.key,
        event_hash=event.hash,
        issued_at=now,
        log_size=_log_size(session),
        sha256=digest,
        provisional=known.footprint.provisional,
        mass_g=lot.mass_g,
        body=body.decode(),
    )
    session.add(made)
    session.flush()
    return Issued(certificate=made, fresh=True)


def _credential(
    lot: Lot, told: dict[str, Any], *, code: str, base_url: str, at: datetime
) -> dict[str, Any]:
    home = f"{base_url}/certificates/{code}"
    return {
        "@context": list(CONTEXT),
        "id": home,
        "type": ["VerifiableCredential", TYPE],
        "issuer": did_web(base_url),
        "validFrom": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "credentialStatus": {"id": home, "type": STATUS_TYPE},
        "credentialSubject": {"id": f"{base_url}/l/{lot.code}", "lot": lot.code, **told},
    }


def _earlier(session: Session, lot: Lot) -> list[dict[str, str]]:
    """Return the passports of the lot before this one, newest first, and why each ended."""
    return [
        {
            "certificate": each.certificate.code,
            "issued": day_of(each.certificate.issued_at),
            "reason": each.end.reason if each.end else NEWER,
        }
        for each in certificates.of_lot(session, lot_id=lot.key)[:MOST_EARLIER]
    ]


def _claims_of(certificate: Certificate) -> dict[str, Any]:
    subject: dict[str, Any] = orjson.loads(certificate.body)["credentialSubject"]
    return {name: value for name, value in subject.items() if name not in BESIDE}


def _province_only(site: SiteRef) -> SiteRef:
    """The event travels with the passport: it may tell no more of the place than the province."""
    return SiteRef(code=site.code, adcode=site.adcode[:2] + "0000")


def _log_size(session: Session) -> int:
    """Return how many events the log held, with those of this session before the passport's."""
    held = session.exec(select(LogHead.size).where(col(LogHead.one) == 1)).one_or_none() or 0
    return held + len(staged(session)) - 1
