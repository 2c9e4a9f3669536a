"""The two doors to the database."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import ClassVar

import pytest
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col, func, select, text

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.outbox import OutboxRow
from remelt.platform.kernel.store import Store


@dataclass(frozen=True, kw_only=True)
class Rang(outbox.Event):
    name: ClassVar[str] = "rang"
    bell: int


@dataclass(frozen=True, kw_only=True)
class Fell(outbox.Event):
    name: ClassVar[str] = "fell"


def test_ids_start_in_the_province_and_fit_a_double(store: Store, clock: SimulatedClock):
    with store.write() as session:
        outbox.record(session, Rang(at=clock.now(), bell=1))
    with store.read() as session:
        row = session.exec(select(OutboxRow)).one()
        assert (52 << 43) < row.key < (52 << 43) + 10 < 2**53
        assert row.at == clock.now()


def test_a_failing_step_rolls_back_wholly(store: Store, clock: SimulatedClock):
    with pytest.raises(ZeroDivisionError), store.write() as session:
        outbox.record(session, Rang(at=clock.now(), bell=1))
        session.flush()
        1 / 0  # noqa: B018
    with store.read() as session:
        assert session.exec(select(func.count(col(OutboxRow.id)))).one() == 0


def test_nothing_is_changed_through_the_readers_door(store: Store, clock: SimulatedClock):
    row = {"at": clock.now(), "name": "rang", "version": 1, "body": {}}
    with pytest.raises(DBAPIError, match=r"read-?only"), store.read() as session:
        session.add(OutboxRow(**row))
        session.flush()
    with store.write() as session:
        session.add(OutboxRow(**row))
    with store.read() as session:
        assert session.exec(select(func.count(col(OutboxRow.id)))).one() == 1


def test_history_is_added_never_edited(store: Store, clock: SimulatedClock):
    with store.write() as session:
        outbox.record(session, Rang(at=clock.now(), bell=1))
    for change in ("UPDATE outbox SET version = 2", "DELETE FROM outbox"):
        with pytest.raises(DBAPIError, match="insert-only"), store.write() as session:
            session.connection().execute(text(change))


def test_read_then_write_by_many_threads_loses_nothing(store: Store, clock: SimulatedClock):
    def ring(bell: int) -> None:
        with store.write() as session:
            session.exec(select(func.count(col(OutboxRow.id)))).one()
            outbox.record(session, Rang(at=clock.now(), bell=bell))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(ring, range(80)))
    with store.read() as session:
        rows = outbox.after(session, limit=1000)
    assert sorted(row.body["bell"] for row in rows) == list(range(80))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_write_session_inside_another_is_refused_at_once(store: Store):
    with pytest.raises(RuntimeError, match="pass it on"), store.write(), store.write():
        pass


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_transaction_that_commits_late_is_still_read(store: Store, clock: SimulatedClock):
    with Session(store.engine) as early, Session(store.engine) as late:
        outbox.record(early, Rang(at=clock.now(), bell=1))
        early.flush()
        outbox.record(late, Rang(at=clock.now(), bell=2))
        late.commit()
        with store.read() as session:
            assert outbox.after(session) == []
        early.commit()
    with store.read() as session:
        assert [row.body["bell"] for row in outbox.after(session)] == [1, 2]


def test_handlers_run_in_the_same_transaction(store: Store, clock: SimulatedClock):
    def refuse(session: Session, event: Rang) -> None:
        raise ZeroDivisionError

    strict = Store(
        str(store.engine.url.render_as_string(hide_password=False)), handlers={Rang: [refuse]}
    )
    with pytest.raises(ZeroDivisionError), strict.write() as session:
        outbox.record(session, Rang(at=clock.now(), bell=1))
    with store.read() as session:
        assert outbox.after(session) == []
    strict.close()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_events_of_a_kind_in_a_row_are_answered_together_and_kept_in_their_order(store, clock):
    heard: list[list[int]] = []

    def all_of(session: Session, events: list[Rang]) -> None:
        heard.append([each.bell for each in events])
        again = [Rang(at=each.at, bell=10 * each.bell) for each in events if each.bell < 10]
        outbox.record_all(session, again)

    wired = Store(
        store.engine.url.render_as_string(hide_password=False),
        handlers={Rang: [outbox.Together(all_of), lambda _session, each: heard.append(each.bell)]},
    )
    with wired.write() as session:
        outbox.record(session, Rang(at=clock.now(), bell=1))
        outbox.record_all(session, [Rang(at=clock.now(), bell=2)])
        outbox.record(session, Fell(at=clock.now()))
        outbox.record(session, Rang(at=clock.now(), bell=3))
    wired.close()
    assert heard == [[1, 2], 1, 2, [3, 10, 20], 3, 10, 20, [30], 30]
    with store.read() as session:
        kept = session.exec(select(OutboxRow).order_by(col(OutboxRow.id))).all()
    assert [row.body.get("bell") for row in kept] == [1, 2, None, 3, 10, 20, 30]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_connection_that_the_server_closed_is_made_anew(store: Store):
    mine = text("SELECT pg_backend_pid()")
    with store.read() as session, store.read() as other:
        kept = [each.connection().scalar(mine) for each in (session, other)]
    with store.read() as session:
        again = session.connection().scalar(mine)
        assert again in kept
        gone = next(pid for pid in kept if pid != again)
        ended = text("SELECT pg_terminate_backend(:pid, 5000)")
        assert session.connection().scalar(ended, {"pid": gone}) is True
        with store.read() as other:
            assert other.connection().scalar(mine) not in kept
