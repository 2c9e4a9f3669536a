"""Questions that are asked at the same time are answered by one reading.

Whoever finds nobody reading reads, for itself and for those who wait by then; who comes meanwhile
waits for the next reading, which the first of them leads. So an answer is always read after its
question was asked: it is as new as a reading of one's own, and nothing is remembered. Alone one
pays nothing for it; the more ask at once, the less each of them costs.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Generic, TypeVar, cast

from remelt.platform.kernel.errors import Busy

Q = TypeVar("Q")
A = TypeVar("A")
MOST = 256


@dataclass(slots=True)
class Asked(Generic[Q, A]):
    """A question in a line, and its thread, which sleeps until it is told or made the leader."""

    question: Q
    said: A | BaseException | None = None
    done: bool = False
    _woken: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self._woken.acquire()

    def sleep(self) -> bool:
        """Wait; tell whether there is an answer, else one leads."""
        self._woken.acquire()
        return self.done

    def wake(self) -> None:
        """Have the thread go on."""
        self._woken.release()

    def tell(self, said: A | BaseException) -> None:
        """Keep the answer, or what came in its place."""
        self.said, self.done = said, True

    def told(self) -> A:
        """Return the answer, or raise what came in its place."""
        if isinstance(self.said, BaseException):
            raise self.said
        if not self.done:
            raise RuntimeError("a question was woken without an answer")
        return cast("A", self.said)


class Line(Generic[Q, A]):
    """Those who wait for one reader; the first of them leads when it is free.

    lock: guards the line, and whatever else its owner keeps with it.
    """

    def __init__(self, lock: Lock) -> None:
        self._lock = lock
        self._waiting: deque[Asked[Q, A]] = deque()
        self._led = False

    def join(self, mine: Asked[Q, A]) -> bool:
        """Join under the lock; True for the one that finds nobody leading."""
        self._waiting.append(mine)
        leads, self._led = not self._led, True
        return leads

    def take(self, *, most: int) -> list[Asked[Q, A]]:
        """Take who waits, in the order they came; the leader is among the first."""
        with self._lock:
            return [self._waiting.popleft() for _ in range(min(most, len(self._waiting)))]

    def hand_on(self, taken: Sequence[Asked[Q, A]]) -> bool:
        """Wake who was answered, then the first of those who wait by now; False when none does.

        Who was answered goes first, so that the next questions of many are in the heir's reading.
        Who has no answer yet stands before all others.
        """
        for each in taken[1:]:
            if each.done:
                each.wake()
        with self._lock:
            self._waiting.extendleft(each for each in reversed(taken) if not each.done)
            heir = self._waiting[0] if self._waiting else None
            self._led = heir is not None
        if heir is not None:
            heir.wake()
        return heir is not None


class Together(Generic[Q, A]):
    """Asks for many at once what many ask at once.

    read: answers questions in their order; an exception among the answers is raised for its
    question. Where a reading fails as a whole each question is read alone, so that one spoils no
    other; `Busy` is told to all.
    """

    def __init__(
        self, read: Callable[[Sequence[Q]], Sequence[A | Exception]], *, most: int = MOST
    ) -> None:
        self._read = read
        self._most = most
        self._lock = Lock()
        self._line: Line[Q, A] = Line(self._lock)

    def ask(self, question: Q) -> A:
        """Return the answer of a reading that begins now or later."""
        mine: Asked[Q, A] = Asked(question)
        with self._lock:
            leads = self._line.join(mine)
        if not leads and mine.sleep():
            return mine.told()
        taken = self._line.take(most=self._most)
        try:
            self._answer(taken)
        finally:
            for each in taken:
                if not each.done:
                    each.tell(Busy())
            self._line.hand_on(taken)
        return mine.told()

    def _answer(self, taken: Sequence[Asked[Q, A]]) -> None:
        try:
            said: Sequence[A | Exception] = self._read([each.question for each in taken])
        except Exception as reason:  # noqa: BLE001 - it is raised where the question came from
            if len(taken) > 1 and not isinstance(reason, Busy):
                for each in taken:
                    self._answer([each])
                return
            said = [reason] * len(taken)
        for each, answer in zip(taken, said, strict=True):
            each.tell(answer)
