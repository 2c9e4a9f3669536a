"""The bid engine: offers that arrive together are decided and committed together.

One queue per auction and process. Whoever finds the queue without a leader leads: it takes what
waits, up to 256 offers, decides and commits them in one transaction (`batch.hear`), and everybody
who waited gets an answer. While one batch commits, the next one gathers, until the auction is
locked for it, so the more bidders there are the fewer transactions each of them costs.

There is no lease and no memory but a guess at who comes next: every batch locks the row and reads
how the auction stands anew, so any number of processes, and whoever else locks the row, may work
on one auction. An offer is acknowledged after the commit that holds it; a process that dies loses
only what it never answered.
"""

from collections.abc import Sequence
from threading import Lock
from weakref import WeakValueDictionary

from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.errors import Busy, Refusal
from remelt.platform.kernel.store import Store
from remelt.platform.kernel.together import Asked, Line
from remelt.platform.market.bids import batch
from remelt.platform.market.bids.offers import Answer, Offer

Waiting = Asked[Offer, Answer]


class Bidders(Line[Offer, Answer]):
    """Those who wait for an answer of one auction.

    likely: who was heard of late, and so may be among the next; a guess that saves a question.
    """

    likely: frozenset[int] = frozenset()


class Engine:
    """Where offers are placed, by pages and programs alike."""

    def __init__(self, store: Store, *, clock: Clock, most: int = batch.MOST) -> None:
        self._store = store
        self._clock = clock
        self._most = most
        self._lines: WeakValueDictionary[int, Bidders] = WeakValueDictionary()
        self._lock = Lock()

    def place(self, offer: Offer) -> Answer:
        """Return the answer to `offer`, committed; a refusal by the rules is an answer too.

        Raises `KeyReused` when the key named another offer before, and `Busy` when the database
        gave no turn in time: nothing was decided then, and the offer may be handed in again.
        """
        mine = Waiting(offer)
        with self._lock:
            line = self._lines.get(offer.auction_id)
            if line is None:  # it is forgotten with the last who waits
                line = self._lines[offer.auction_id] = Bidders(self._lock)
            leads = line.join(mine)
        if not leads and mine.sleep():
            return mine.told()
        self._lead(offer.auction_id, line)
        return mine.told()

    def _lead(self, auction_id: int, line: Bidders) -> None:
        """Answer one batch, the leader's own offer first in it, and hand the lead on."""
        taken = line.take(most=self._most)
        try:
            self._answer(auction_id, line, taken)
        except BaseException:
            for each in taken:
                if not each.done:
                    each.tell(Busy())
            raise
        finally:
            line.hand_on(taken)

    def _answer(self, auction_id: int, line: Bidders, taken: list[Waiting]) -> None:
        """Decide a batch; where it fails as a whole, each alone, so that one spoils no other."""
        try:
            self._hear(auction_id, taken, line=line)
        except (Refusal, Busy) as told:
            _tell_all(taken, told)
        except Exception as reason:  # noqa: BLE001 - it is raised where the offer came from
            if len(taken) == 1:
                _tell_all(taken, reason)
                return
            for each in taken:
                self._answer_alone(auction_id, each)

    def _answer_alone(self, auction_id: int, one: Waiting) -> None:
        try:
            self._hear(auction_id, [one])
        except Exception as reason:  # noqa: BLE001 - as above
            one.tell(reason)

    def _hear(self, auction_id: int, taken: list[Waiting], *, line: Bidders | None = None) -> None:
        """Decide offers in one transaction.

        line: of whom more may join the batch, and `taken`, once the auction is locked.
        """

        def more() -> list[Offer]:
            came = [] if line is None else line.take(most=self._most - len(taken))
            taken.extend(came)
            return [each.question for each in came]

        with self._store.write() as session:
            said = batch.hear(
                session,
                clock=self._clock,
                auction_id=auction_id,
                offers=[each.question for each in taken],
                more=more,
                likely=line.likely if line is not None else (),
            )
        if line is not None:
            heard = frozenset(each.question.bidder_id for each in taken)
            line.likely = heard | line.likely if len(line.likely) < batch.MOST else heard
        for each, answer in zip(taken, said, strict=True):
            if answer is not None:
                each.tell(answer)


def _tell_all(taken: Sequence[Waiting], reason: Exception) -> None:
    for each in taken:
        each.tell(reason)
