"""Tries are counted for all threads and processes together."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlmodel import select

from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.store import Store
from remelt.platform.parties.models import RateWindow
from remelt.web.attempts import Attempts, TooManyTries, factor_limits, sign_in_limits

WANG = sign_in_limits(login="wang", address="203.0.113.7")


def test_tries_made_at_the_same_moment_are_all_counted(store: Store, clock: SimulatedClock):
    attempts = Attempts(store, clock=clock)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: attempts.hit(WANG[1]), range(29)))
    attempts.check(WANG[1])
    attempts.hit(WANG[1])
    with pytest.raises(TooManyTries) as refused:
        attempts.check(*WANG)
    assert refused.value.facts == {"wait_s": 3600, "minutes": 60}


def test_a_window_ends_and_is_forgotten(store: Store, clock: SimulatedClock):
    attempts = Attempts(store, clock=clock)
    limits = factor_limits(person_code="P")
    for _ in range(5):
        attempts.hit(*limits)
    clock.advance(minutes=14, seconds=30)
    with pytest.raises(TooManyTries) as refused:
        attempts.check(*limits)
    assert refused.value.facts == {"wait_s": 30, "minutes": 1}
    clock.advance(seconds=30)
    attempts.check(*limits)
    attempts.hit(*limits)
    with store.read() as session:
        assert [row.count for row in session.exec(select(RateWindow))] == [1]


def test_what_was_typed_is_not_kept(store: Store, clock: SimulatedClock):
    Attempts(store, clock=clock).hit(*WANG)
    with store.read() as session:
        kept = " ".join(row.name for row in session.exec(select(RateWindow)))
    assert "wang" not in kept
    assert "203" not in kept
