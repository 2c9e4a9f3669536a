"""Which passports of a lot are in force: issued once, ended by an event, never edited."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, bindparam, exists
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from remelt.traceability.errors import NoSuchCertificate
from remelt.traceability.proofs.models import Certificate, CertificateEnd

MOST_AT_ONCE = 500
SUPERSEDED, REVOKED = "superseded", "revoked"


@dataclass(frozen=True, slots=True)
class Standing:
    """A certificate with its end, None while it is in force."""

    certificate: Certificate
    end: CertificateEnd | None

    @property
    def status(self) -> str:
        """`in-force`, `superseded` or `revoked`."""
        return self.end.kind if self.end else "in-force"


def supersede(
    session: Session, *, lot_ids: Collection[int], reason: str, event_hash: str, at: datetime
) -> int:
    """End every certificate in force of these lots, and return how many there were.

    reason: a short word that pages translate (`correction`, `claim`, `newer`).
    event_hash: the event that made their claims history; it may still be staged. Old proofs
    verify as before: they tell what was promised, at their checkpoint.
    """
    return _end(session, lot_ids, SUPERSEDED, reason=reason, event_hash=event_hash, at=at)


def revoke(session: Session, *, code: str, reason: str, at: datetime) -> None:
    """End one certificate that should never have been. Raises `NoSuchCertificate`."""
    found = standing(session, code=code)
    if found.end is None:
        end = CertificateEnd(
            certificate_id=found.certificate.key, kind=REVOKED, reason=reason, at=at
        )
        session.add(end)
        session.flush()


def in_force(session: Session, *, lot_id: int) -> Certificate | None:
    """Return the certificate of a lot that holds now, the newest, or None."""
    return session.exec(
        _in_force([lot_id]).order_by(col(Certificate.id).desc()).limit(1)
    ).one_or_none()


def standing(session: Session, *, code: str) -> Standing:
    """Return a certificate and how it stands. Raises `NoSuchCertificate`."""
    row = session.exec(
        select(Certificate, CertificateEnd)
        .join(CertificateEnd, isouter=True)
        .where(Certificate.code == code)
    ).one_or_none()
    if row is None:
        raise NoSuchCertificate(certificate_code=code)
    return Standing(*row)


def of_lot(session: Session, *, lot_id: int) -> list[Standing]:
    """Return every certificate of a lot, newest first."""
    rows = session.exec(
        select(Certificate, CertificateEnd)
        .join(CertificateEnd, isouter=True)
        .where(Certificate.lot_id == lot_id)
        .order_by(col(Certificate.id).desc())
    )
    return [Standing(*row) for row in rows]


def _in_force(lot_ids: list[int]) -> SelectOfScalar[Certificate]:
    # bound as one takes a tenth of the time; typed, or the first id would say how wide all are
    among: Any = bindparam(None, lot_ids, type_=BigInteger(), expanding=True)
    ended = exists().where(col(CertificateEnd.certificate_id) == col(Certificate.id))
    return select(Certificate).where(col(Certificate.lot_id).in_(among), ~ended)


def _end(
    session: Session,
    lot_ids: Collection[int],
    kind: str,
    *,
    reason: str,
    event_hash: str,
    at: datetime,
) -> int:
    ended = 0
    for some in _pages(sorted(set(lot_ids))):
        for certificate in session.exec(_in_force(some)):
            session.add(
                CertificateEnd(
                    certificate_id=certificate.key,
                    kind=kind,
                    reason=reason,
                    event_hash=event_hash,
                    at=at,
                )
            )
            ended += 1
    session.flush()
    return ended


def _pages(ids: list[int]) -> Iterator[list[int]]:
    for at in range(0, len(ids), MOST_AT_ONCE):
        yield ids[at : at + MOST_AT_ONCE]
