"""The one door: a scenario in, the best answer found in time out, with its proven bound."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

import numpy as np

from remelt.routing.siting.checks import check
from remelt.routing.siting.engine import NoAnswer, NotInTime
from remelt.routing.siting.judge import Verdict
from remelt.routing.siting.network import Floats, network_of
from remelt.routing.siting.obstacles import OUT_OF_TIME, Impossible, Obstacle, explain, refuse_plain
from remelt.routing.siting.problem import Scenario, Sites
from remelt.routing.siting.relaxing import Root, plain_bound, solve_root
from remelt.routing.siting.search import Best, Search
from remelt.routing.siting.start import first_answer

Report = Callable[[int, str, "Answer"], None]
ROOT_SHARE, ROOT_LAST, START_SHARE, KERNEL_SHARE, SEARCH_SHARE = 0.2, 0.7, 0.05, 0.4, 0.6
SMALL = 40
NARROW_GAP = 0.001
PATIENCE = 12


@dataclass(frozen=True, slots=True)
class Answer:
    """Where hubs stand, as judged. bound_fen: no answer costs less; `proven`: this is the least.

    gap: how far above the bound, as a share of the cost. engine found it, in took_s seconds.
    """

    sites: Sites
    verdict: Verdict
    bound_fen: int
    gap: float
    proven: bool
    engine: str
    took_s: float


def solve(
    scenario: Scenario,
    *,
    seed: int = 1,
    deadline_s: float = 30.0,
    looks: int | None = None,
    report: Report | None = None,
    stopped: Callable[[], bool] | None = None,
) -> Answer:
    """Return the best answer found within about `deadline_s`, with its proven bound.

    looks: how many neighbourhoods are searched; where it or the proof is reached before the
        deadline, the same seed gives the same answer. report: told progress (0 to 1000), a note
        and the answer so far. stopped: asked often; once it says yes, the best so far is returned.

    Raises `BadSites` for input that contradicts itself, and `Impossible` where no answer meets
    the terms, with what stands in the way; or, with the one obstacle `out-of-time`, where none
    was found and none was shown to be missing.
    """
    check(scenario)
    run = _Run(scenario, seed=seed, deadline_s=deadline_s, report=report, stopped=stopped)
    return run.answer(looks)


class _Run:
    """One call of `solve`."""

    def __init__(
        self,
        scenario: Scenario,
        *,
        seed: int,
        deadline_s: float,
        report: Report | None,
        stopped: Callable[[], bool] | None,
    ) -> None:
        self._began = time.monotonic()
        self._deadline_s, self._seed = deadline_s, seed
        self._report, self._stopped = report, stopped or (lambda: False)
        self._network = network_of(scenario)
        self._best = Best(scenario, bound_fen=float("-inf"))

    def answer(self, looks: int | None) -> Answer:
        """Relax, start, search, prove."""
        refuse_plain(self._network)
        root = self._root()
        self._best.raise_bound(plain_bound(self._network) if root is None else root.bound_fen)
        self._start(np.zeros(self._network.hubs) if root is None else root.open_)
        if root is not None:
            self._search(root, looks)
        return self._told()

    def _root(self) -> Root | None:
        try:
            return solve_root(self._network, until=self._at(ROOT_SHARE), last=self._at(ROOT_LAST))
        except NoAnswer:
            raise Impossible(explain(self._network, until=self._at(2.0))) from None

    def _start(self, open_: Floats) -> None:
        if not self._best.scenario.terms.one_hub:
            with suppress(NotInTime):
                first_answer(
                    self._network,
                    open_,
                    offer=partial(self._best.offer, engine="start"),
                    until=time.monotonic() + START_SHARE * self._deadline_s,
                )

    def _search(self, root: Root, looks: int | None) -> None:
        best, end = self._best, self._at(1.0)
        search = Search(self._network, root, best, seed=self._seed, stopped=self._stopped)
        self._tell(100)
        if self._network.hubs > SMALL:
            search.kernel(until=self._at(KERNEL_SHARE))
            self._tell(250)
            if not root.nearly_whole and best.gap > NARROW_GAP:
                search.improve(until=self._at(SEARCH_SHARE), looks=looks, patience=PATIENCE)
            self._tell(600)
        open_yet = not best.settled and not self._stopped() and time.monotonic() < end
        if open_yet and not search.everything(until=end):
            raise Impossible(explain(self._network, until=self._at(2.0)))

    def _at(self, share: float) -> float:
        return self._began + share * self._deadline_s

    def _tell(self, progress: int) -> None:
        if self._report is not None and self._best.sites is not None:
            self._report(progress, self._best.engine, self._told())

    def _told(self) -> Answer:
        best = self._best
        if best.sites is None or best.verdict is None:
            raise Impossible((Obstacle(OUT_OF_TIME, "deadline_s", None, None),))
        return Answer(
            sites=best.sites,
            verdict=best.verdict,
            bound_fen=int(best.bound_fen // 1),
            gap=best.gap,
            proven=best.settled,
            engine=best.engine,
            took_s=time.monotonic() - self._began,
        )
