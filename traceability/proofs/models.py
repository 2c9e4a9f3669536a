"""What was promised and attested, as stored: passports, their ends, cosignatures. Insert-only."""

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index, Text
from sqlmodel import Field, UniqueConstraint

from remelt.platform.kernel.rows import Row, bigint, not_negative, one_of, table_args

ENDS = ("superseded", "revoked")


class Certificate(Row, table=True):
    """A passport as it was issued: the claims on one lot, and the event that keeps their hash.

    body: the credential without its signature and log proof, canonical; sha256: of body. log_size:
    events of the log behind the claims; mass_g: the exact mass, which the event seals. A
    certificate is in force until a `certificate_end`.
    """

    __tablename__ = "certificate"
    __table_args__ = table_args(
        UniqueConstraint("code", name="uq_certificate_code"),
        UniqueConstraint("sha256", name="uq_certificate_sha256"),
        Index("ix_certificate_lot_id", "lot_id"),
        Index("ix_certificate_event_hash", "event_hash"),
        *not_negative("log_size", "mass_g"),
        ForeignKeyConstraint(
            ["event_hash"],
            ["ledger_event.hash"],
            name="fk_certificate_event_hash",
            deferrable=True,
            initially="DEFERRED",
        ),
    )

    code: str = Field(max_length=14)
    lot_id: int = bigint(foreign_key="lot.id")
    event_hash: str = Field(max_length=64)
    issued_at: datetime
    log_size: int = bigint()
    sha256: str = Field(max_length=64)
    provisional: bool = False
    mass_g: int = bigint()
    body: str = Field(sa_type=Text)


class CertificateEnd(Row, table=True):
    """Why a certificate is in force no more, and the event that ended it."""

    __tablename__ = "certificate_end"
    __table_args__ = table_args(
        UniqueConstraint("certificate_id", name="uq_certificate_end_certificate_id"),
        Index("ix_certificate_end_event_hash", "event_hash"),
        one_of("kind", ENDS),
        ForeignKeyConstraint(
            ["event_hash"],
            ["ledger_event.hash"],
            name="fk_certificate_end_event_hash",
            deferrable=True,
            initially="DEFERRED",
        ),
    )

    certificate_id: int = bigint(foreign_key="certificate.id")
    kind: str = Field(max_length=12)
    reason: str = Field(max_length=200)
    event_hash: str | None = Field(default=None, max_length=64)
    at: datetime


class Cosignature(Row, table=True):
    """A witness's signature line on a checkpoint of this log."""

    __tablename__ = "cosignature"
    __table_args__ = table_args(
        UniqueConstraint("line", name="uq_cosignature_line"),
        Index("ix_cosignature_size", "size"),
        *not_negative("size"),
    )

    size: int = bigint()
    root: str = Field(max_length=64)
    witness: str = Field(max_length=120)
    line: str = Field(max_length=400)
    at: datetime


class Restriction(Row, table=True):
    """A subject who asked to be erased while the law still keeps records: closed until then."""

    __tablename__ = "restriction"
    __table_args__ = table_args(Index("ix_restriction_subject", "subject"))

    subject: str = Field(max_length=120)
    asked_at: datetime
    until: datetime
    erased_at: datetime | None = None
