"""The bid engine: offers that arrive together are decided and committed together.

One queue per auction and process. Whoever finds the queue without a leader leads: it takes what
waits, up to 256 offers, decides and commits them in one transaction (`batch.hear`), and everybody
who waited gets an answer. While one batch commits, the next one gathers, until the auction is
locked for it, so the more bidders there are the fewer transactions each of them costs.

There is no lease and no memory: every batch locks the row and reads how the auction stands anew,
so any number of processes, and whoever else locks the row, may work on one auction. An offer is
acknowledged after the commit that holds it; a process that dies loses only what it never answered.
"""

from collections import deque
from dataclasses import dataclass, field
from threading import Lock

from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.errors import Busy, Refusal
from remelt.platform.kernel.store import Store
from remelt.platform.market.bids import batch
from remelt.platform.market.bids.offers import Answer, Offer


@dataclass(slots=True)
class _Waiting:
    """One offer in the queue, and its thread, which sleeps until it is told or made the leader."""

    offer: Offer
    said: batch.Said | BaseException | None = None
    woken: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self.woken.acquire()

    def told(self) -> Answer:
        """Return the answer, or raise what came in its place."""
        if isinstance(self.said, Answer):
            return self.said
        if self.said is None:
            raise RuntimeError("an offer was woken without an answer")
        raise self.said


class Engine:
    """Where offers are placed, by pages and programs alike."""

    def __init__(self, store: Store, *, clock: Clock, most: int = batch.MOST) -> None:
        self._store = store
        self._clock = clock
        self._most = most
        self._queues: dict[int, deque[_Waiting]] = {}
        self._lock = Lock()

    def place(self, offer: Offer) -> Answer:
        """Return the answer to `offer`, committed; a refusal by the rules is an answer too.

        Raises `KeyReused` when the key named another offer before, and `Busy` when the database
        gave no turn in time: nothing was decided then, and the offer may be handed in again.
        """
        mine = _Waiting(offer)
        if not self._leads(mine):
            mine.woken.acquire()
            if mine.said is not None:
                return mine.told()
        self._lead(offer.auction_id)
        return mine.told()

    def _leads(self, mine: _Waiting) -> bool:
        """Join the queue; True for the one that finds it without a leader."""
        with self._lock:
            queue = self._queues.get(mine.offer.auction_id)
            if queue is None:
                self._queues[mine.offer.auction_id] = deque([mine])
                return True
            queue.append(mine)
            return False

    def _lead(self, auction_id: int) -> None:
        """Answer one batch, the leader's own offer first in it, and hand the lead on."""
        taken = self._take(auction_id, most=self._most)
        try:
            self._answer(auction_id, taken, room=self._most - len(taken))
        except BaseException:
            for each in taken:
                each.said = each.said or Busy()
            raise
        finally:
            self._hand_on(auction_id, taken)

    def _take(self, auction_id: int, *, most: int) -> list[_Waiting]:
        with self._lock:
            queue = self._queues[auction_id]
            return [queue.popleft() for _ in range(min(most, len(queue)))]

    def _hand_on(self, auction_id: int, taken: list[_Waiting]) -> None:
        """Wake who was answered, then the first of those who wait by now: it leads.

        Who was answered goes first, so that the next offers of many are in the batch of the heir.
        Who has to come again stands before all others.
        """
        for each in taken[1:]:
            if each.said is not None:
                each.woken.release()
        with self._lock:
            queue = self._queues[auction_id]
            queue.extendleft(each for each in reversed(taken) if each.said is None)
            heir = queue[0] if queue else None
            if heir is None:
                del self._queues[auction_id]
        if heir is not None:
            heir.woken.release()

    def _answer(self, auction_id: int, taken: list[_Waiting], *, room: int) -> None:
        """Decide a batch; where it fails as a whole, each alone, so that one spoils no other.

        room: how many more may join the batch, and `taken`, once the auction is locked.
        """
        try:
            self._hear(auction_id, taken, room=room)
        except (Refusal, Busy) as told:
            for each in taken:
                each.said = told
        except Exception as reason:  # noqa: BLE001 - it is raised where the offer came from
            if len(taken) == 1:
                taken[0].said = reason
                return
            for each in taken:
                self._answer(auction_id, [each], room=0)

    def _hear(self, auction_id: int, taken: list[_Waiting], *, room: int) -> None:
        def more() -> list[Offer]:
            came = self._take(auction_id, most=room)
            taken.extend(came)
            return [each.offer for each in came]

        with self._store.write() as session:
            said = batch.hear(
                session,
                clock=self._clock,
                auction_id=auction_id,
                offers=[each.offer for each in taken],
                more=more,
            )
        for each, answer in zip(taken, said, strict=True):
            each.said = answer
