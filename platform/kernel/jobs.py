"""Durable jobs: the row is the truth. Claiming, leases, fencing, progress and schedules."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Table, UniqueConstraint, and_, or_
from sqlmodel import Field, Session, col, select

from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.errors import Conflict, NotFound
from remelt.platform.kernel.many import insert_unless
from remelt.platform.kernel.rows import Row, bigint, json_column, one_of, table_args

LEASE = timedelta(seconds=15)
BACK_OFF_S = (1, 5, 30, 120, 600)
DONE = 1000


class LeaseLost(Conflict):
    """Another worker has taken the job; what this attempt found is dropped."""

    code = "lease-lost"


class NoSuchJob(NotFound):
    """No job with this number."""

    code = "no-such-job"


class Job(Row, table=True):
    """One piece of work: due, leased to an attempt, and done or failed.

    progress: 0 to 1000. attempt fences: only the attempt that holds the lease may write.
    unique_key: two jobs with one key are the same job (schedules use it).
    """

    __tablename__ = "job"
    __table_args__ = table_args(
        UniqueConstraint("unique_key", name="uq_job_unique_key"),
        one_of("state", ("waiting", "running", "done", "failed")),
    )

    code: str = Field(unique=True, max_length=14)
    kind: str = Field(index=True)
    payload: dict[str, Any] = json_column()
    owner_id: int | None = bigint(nullable=True, default=None)
    unique_key: str | None = None
    state: str = Field(default="waiting", index=True)
    created_at: datetime
    run_at: datetime
    attempt: int = 0
    max_attempts: int = 5
    lease_until: datetime | None = None
    progress: int = 0
    note: str = ""
    result: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    error: str | None = None
    ended_at: datetime | None = None


class Schedule(Row, table=True):
    """A job that comes back: every `every_s` seconds, next at `next_at`."""

    __tablename__ = "schedule"
    __table_args__ = table_args()

    name: str = Field(unique=True)
    kind: str
    payload: dict[str, Any] = json_column()
    every_s: int
    next_at: datetime


_SCHEDULES: Table = Schedule.__table__  # type: ignore[attr-defined]


def enqueue(
    session: Session,
    *,
    code: str,
    kind: str,
    payload: dict[str, Any],
    clock: Clock,
    owner_id: int | None = None,
    unique_key: str | None = None,
    delay_s: int = 0,
    max_attempts: int = 5,
) -> Job:
    """Add a job to run after `delay_s`; it starts only if this transaction commits."""
    now = clock.now(session)
    job = Job(
        code=code,
        kind=kind,
        payload=payload,
        owner_id=owner_id,
        unique_key=unique_key,
        created_at=now,
        run_at=now + timedelta(seconds=delay_s),
        max_attempts=max_attempts,
    )
    session.add(job)
    session.flush()
    return job


def anything_due(session: Session, *, clock: Clock, kinds: frozenset[str]) -> bool:
    """Tell, without a lock, whether a job of `kinds` or a schedule waits for a worker."""
    now = clock.now(session)
    waits = and_(
        col(Job.kind).in_(kinds),
        col(Job.state).in_(("waiting", "running")),
        col(Job.run_at) <= now,
        or_(col(Job.lease_until).is_(None), col(Job.lease_until) < now),
    )
    found = session.exec(select(Job.id).where(waits).limit(1)).first()
    return found is not None or (
        session.exec(select(Schedule.id).where(col(Schedule.next_at) <= now).limit(1)).first()
        is not None
    )


def claim(session: Session, *, clock: Clock, kinds: frozenset[str]) -> Job | None:
    """Lease the oldest due job of `kinds` to a new attempt; None when nothing is due."""
    now = clock.now(session)
    due = (
        select(Job)
        .where(
            col(Job.kind).in_(kinds),
            col(Job.state).in_(("waiting", "running")),
            col(Job.run_at) <= now,
            or_(col(Job.lease_until).is_(None), col(Job.lease_until) < now),
        )
        .order_by(col(Job.run_at), col(Job.id))
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    job = session.exec(due).one_or_none()
    if job is None:
        return None
    if job.attempt >= job.max_attempts:
        _fail(job, now=now, error="the worker died on the last attempt")
        return None
    job.attempt += 1
    job.state = "running"
    job.lease_until = now + LEASE
    session.flush()
    return job


def heartbeat(
    session: Session,
    *,
    clock: Clock,
    job_id: int,
    attempt: int,
    progress: int | None = None,
    note: str | None = None,
) -> None:
    """Renew the lease of `attempt` and tell its progress (0 to 1000). Raises `LeaseLost`."""
    job = held(session, job_id=job_id, attempt=attempt)
    job.lease_until = clock.now(session) + LEASE
    if progress is not None:
        job.progress = max(job.progress, min(progress, DONE))
    if note is not None:
        job.note = note[:200]


def finish(
    session: Session, *, clock: Clock, job_id: int, attempt: int, result: dict[str, Any]
) -> Job:
    """Mark the job done in the transaction of its effect. Raises `LeaseLost`."""
    job = held(session, job_id=job_id, attempt=attempt)
    job.state, job.progress, job.lease_until = "done", DONE, None
    job.result, job.ended_at = result, clock.now(session)
    return job


def fail(
    session: Session, *, clock: Clock, job_id: int, attempt: int, error: str, final: bool = False
) -> Job:
    """Give the job back with a delay, or for good after its last attempt. Raises `LeaseLost`."""
    job = held(session, job_id=job_id, attempt=attempt)
    now = clock.now(session)
    if final or job.attempt >= job.max_attempts:
        _fail(job, now=now, error=error)
        return job
    job.state, job.lease_until, job.error = "waiting", None, error[:2000]
    job.run_at = now + timedelta(seconds=BACK_OFF_S[min(job.attempt, len(BACK_OFF_S)) - 1])
    return job


def held(session: Session, *, job_id: int, attempt: int) -> Job:
    """Return the job, locked, while `attempt` still holds it. Raises `LeaseLost`."""
    job = session.exec(select(Job).where(Job.id == job_id).with_for_update()).one()
    if job.state != "running" or job.attempt != attempt:
        raise LeaseLost(job=job.code)
    return job


def job_by_code(session: Session, code: str) -> Job:
    """Return the job. Raises `NoSuchJob`."""
    job = session.exec(select(Job).where(Job.code == code)).one_or_none()
    if job is None:
        raise NoSuchJob(job=code)
    return job


def every(
    session: Session, *, clock: Clock, name: str, kind: str, every_s: int, payload: dict[str, Any]
) -> None:
    """Keep a schedule by name; a changed period takes effect from the next time on.

    All processes of a server do so when they start, and at once.
    """
    told = {"kind": kind, "payload": payload, "every_s": every_s}
    kept = insert_unless(session, _SCHEDULES).values(name=name, next_at=clock.now(session), **told)
    session.connection().execute(kept.on_conflict_do_update(index_elements=["name"], set_=told))


def fire_due(session: Session, *, clock: Clock, new_code: Any) -> int:
    """Turn each due schedule into one job, return how many.

    Two schedulers cannot fire one time twice: the job's key is unique.
    """
    now = clock.now(session)
    rows = session.exec(
        select(Schedule).where(col(Schedule.next_at) <= now).with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        key = f"{row.name}@{row.next_at.isoformat()}"
        enqueue(
            session,
            code=new_code(),
            kind=row.kind,
            payload=row.payload,
            clock=clock,
            unique_key=key,
        )
        late = (now - row.next_at) // timedelta(seconds=row.every_s)
        row.next_at += timedelta(seconds=row.every_s * (late + 1))
    return len(rows)


def _fail(job: Job, *, now: datetime, error: str) -> None:
    job.state, job.lease_until, job.error, job.ended_at = "failed", None, error[:2000], now
