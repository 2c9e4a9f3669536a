"""Stored answers: the same key with the same body gets the first answer again."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, Session, func, select

from remelt.platform.kernel.errors import Invalid
from remelt.platform.kernel.rows import Row, table_args


class KeyReused(Invalid):
    """The idempotency key came before with another body."""

    code = "key-reused"


class StoredAnswer(Row, table=True):
    """The answer once given under a key. Insert-only."""

    __tablename__ = "stored_answer"
    __table_args__ = table_args(
        UniqueConstraint("scope", "idempotency_key", name="uq_stored_answer_key")
    )

    scope: str = Field(max_length=200)
    idempotency_key: str = Field(max_length=200)
    body_sha256: str = Field(max_length=64)
    at: datetime
    status: int
    location: str | None = None
    body: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """What a key stands for: who asks for what (`scope`), the key and the hash of the body."""

    scope: str
    key: str
    body_sha256: str


def request(*, scope: str, key: str, body: bytes) -> Request:
    """Return the request that `key` names within `scope`; keys longer than 200 are hashed."""
    short = key if len(key) <= 200 else hashlib.sha256(key.encode()).hexdigest()  # noqa: PLR2004
    return Request(scope=scope[:200], key=short, body_sha256=hashlib.sha256(body).hexdigest())


def answered(session: Session, asked: Request) -> StoredAnswer | None:
    """Return the answer already given, None for a new key. Raises `KeyReused` for another body.

    A second request under the key waits here until the first has answered.
    """
    if session.get_bind().dialect.name == "postgresql":
        name = func.hashtextextended(f"{asked.scope}|{asked.key}", 0)
        session.connection().execute(select(func.pg_advisory_xact_lock(name)))
    row = session.exec(
        select(StoredAnswer).where(
            StoredAnswer.scope == asked.scope, StoredAnswer.idempotency_key == asked.key
        )
    ).one_or_none()
    if row is not None and row.body_sha256 != asked.body_sha256:
        raise KeyReused(field="idempotency_key")
    return row


def keep(
    session: Session,
    asked: Request,
    *,
    at: datetime,
    status: int,
    location: str | None = None,
    body: str = "",
) -> None:
    """Keep the answer in the transaction of its effect; the key is unique."""
    session.add(
        StoredAnswer(
            scope=asked.scope,
            idempotency_key=asked.key,
            body_sha256=asked.body_sha256,
            at=at,
            status=status,
            location=location,
            body=body,
        )
    )
