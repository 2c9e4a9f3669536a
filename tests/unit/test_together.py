"""Questions that are asked at the same time share a reading, never an older one."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event, Lock

import pytest

from remelt.platform.kernel.errors import Busy
from remelt.platform.kernel.together import Together


class Desk:
    """Reads slowly, and notes what it was asked in each reading."""

    def __init__(self, *, most: int = 256) -> None:
        self.readings: list[list[int]] = []
        self.begun, self.go_on = Event(), Event()
        self.together: Together[int, int] = Together(self.read, most=most)

    def read(self, questions):
        self.readings.append(list(questions))
        self.begun.set()
        assert self.go_on.wait(10)
        if -1 in questions:
            raise ZeroDivisionError
        if -2 in questions:
            raise Busy
        return [KeyError(each) if each == -3 else each * 10 for each in questions]


def asked_while_one_reads(desk: Desk, questions) -> list:
    """Ask 0, and `questions` while that is being read; return what each came to."""

    def ask(question: int):
        try:
            return desk.together.ask(question)
        except (ArithmeticError, LookupError, Busy) as reason:
            return type(reason)

    with ThreadPoolExecutor(len(questions) + 1) as pool:
        first = pool.submit(ask, 0)
        assert desk.begun.wait(10)
        rest = [pool.submit(ask, each) for each in questions]
        while len(desk.together._line._waiting) < len(questions):
            pass
        desk.go_on.set()
        assert first.result(10) == 0
        return [each.result(10) for each in rest]


def test_who_asks_while_one_reads_shares_the_next_reading():
    desk = Desk()
    assert asked_while_one_reads(desk, [1, 2, 3]) == [10, 20, 30]
    assert [sorted(each) for each in desk.readings] == [[0], [1, 2, 3]]


def test_a_reading_takes_no_more_than_it_may():
    desk = Desk(most=2)
    assert asked_while_one_reads(desk, [1, 2, 3]) == [10, 20, 30]
    assert [len(each) for each in desk.readings] == [1, 2, 1]


def test_a_question_that_breaks_its_reading_spoils_no_other():
    desk = Desk()
    assert asked_while_one_reads(desk, [1, -1, 3]) == [10, ZeroDivisionError, 30]
    assert desk.together.ask(4) == 40


def test_a_reading_that_got_no_turn_is_not_tried_once_for_each():
    desk = Desk()
    assert asked_while_one_reads(desk, [1, -2, 3]) == [Busy, Busy, Busy]
    assert len(desk.readings) == 2


def test_an_exception_among_the_answers_is_raised_for_its_question():
    desk = Desk()
    assert asked_while_one_reads(desk, [1, -3]) == [10, KeyError]


def test_who_is_stopped_while_reading_leaves_nobody_waiting():
    def read(_questions):
        raise SystemExit

    with pytest.raises(SystemExit):
        Together(read).ask(1)


def test_no_answer_is_older_than_its_question():
    told, lock = 0, Lock()
    start = Barrier(8)

    def read(questions):
        return [told] * len(questions)

    together: Together[int, int] = Together(read)

    def ask(number: int) -> bool:
        nonlocal told
        start.wait()
        fresh = True
        for _ in range(300):
            with lock:
                told += 1
                mine = told
            fresh &= together.ask(number) >= mine
        return fresh

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(8)))
