"""One key, one effect, whoever comes first."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlmodel import col, func, select

from remelt.platform.kernel import idempotency
from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.codes import new_code
from remelt.platform.kernel.errors import Busy
from remelt.platform.kernel.idempotency import KeyReused
from remelt.platform.kernel.jobs import Job, enqueue
from remelt.platform.kernel.store import Store

ASKED = idempotency.request(scope="1:POST:/lots", key="k", body=b"body")


def _send(store: Store, clock: SimulatedClock, asked: idempotency.Request = ASKED) -> str:
    with store.write() as session:
        given = idempotency.answered(session, asked)
        if given is not None:
            return given.body
        job = enqueue(session, code=new_code(), kind="effect", payload={}, clock=clock)
        idempotency.keep(session, asked, at=clock.now(), status=201, body=job.code)
        return job.code


def test_a_double_tap_acts_once_and_both_get_the_answer(store: Store, clock: SimulatedClock):
    together = Barrier(6)

    def tap(_: int) -> str:
        together.wait()
        return _send(store, clock)

    with ThreadPoolExecutor(6) as pool:
        answers = set(pool.map(tap, range(6)))
    with store.read() as session:
        assert session.exec(select(func.count(col(Job.id)))).one() == 1
    assert len(answers) == 1


def test_another_body_under_the_key_is_refused(store: Store, clock: SimulatedClock):
    _send(store, clock)
    other = idempotency.request(scope="1:POST:/lots", key="k", body=b"other")
    with pytest.raises(KeyReused):
        _send(store, clock, other)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_race_that_a_key_decides_is_told_as_busy(store: Store, clock: SimulatedClock):
    """Two sessions open; the second to commit the same unique key is told to try again."""
    with pytest.raises(Busy), store.write() as late:
        with store.write() as early:
            enqueue(early, code="SAME", kind="x", payload={}, clock=clock)
        enqueue(late, code="SAME", kind="x", payload={}, clock=clock)
