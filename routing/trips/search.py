"""The search over trips within a budget: from known routes, or none, to better ones."""

import time
from collections.abc import Callable

from remelt.routing.incumbent import Incumbent
from remelt.routing.problem import Problem, Routes, Visit
from remelt.routing.search import Budget
from remelt.routing.trips.anneal import begin, hold, turns
from remelt.routing.trips.day import STOPS, day_of, hubs_of
from remelt.routing.trips.lines import COST, blank

ENGINE = "ruin and recreate over trips"
HOT, COLD = 0.3, 0.01
WARM = 0.05
TURNS_PER_LOOK = 5
CHUNK, CHUNK_S = 50, 0.02
OFFERED_EVERY_S = 0.3
SLACK = 0.1


class Search:
    """Lines that are torn and mended. The best routes can be read at any time."""

    def __init__(self, problem: Problem, routes: Routes, *, seed: int) -> None:
        self._problem = problem
        self._day, self._keys = day_of(problem)
        self._lines = blank(self._day)
        self._hubs = hubs_of(problem)
        self._draw(routes)
        self._held = hold(self._day, self._lines, seed)
        begin(self._day, self._lines, self._held)

    @property
    def cost(self) -> float:
        """The best cost so far in fen, what is left out included."""
        return float(self._held.figures[1])

    @property
    def mean_fen(self) -> float:
        """What a served stop costs now, on average."""
        served = int(self._day.counts[STOPS]) - int(self._held.waiting[0])
        whole = self._lines.sums[self._lines.size > 0, COST].sum()
        return max(1.0, float(whole) / max(1, served))

    def turn(self, count: int, *, hot: float, cold: float) -> None:
        """Do `count` turns while the heat falls from `hot` to `cold` fen."""
        turns(self._day, self._lines, self._held, count, hot, cold)

    def routes(self) -> Routes:
        """Return the best routes so far."""
        found: Routes = {}
        for v, key in enumerate(self._keys):
            size = int(self._held.best_size[v])
            if size:
                nodes = self._held.best[v, 1 : size + 1].tolist()
                found[key] = tuple(self._visit(node) for node in nodes)
        return found

    def _visit(self, node: int) -> Visit:
        stops = self._problem.stops
        if node < len(stops):
            return stops[node].visits()[0]
        return Visit(self._hubs[node - len(stops)], "reload")

    def _draw(self, routes: Routes) -> None:
        row = {stop.key: at for at, stop in enumerate(self._problem.stops)}
        hub = {place: len(row) + at for at, place in enumerate(self._hubs)}
        for v, key in enumerate(self._keys):
            visits = routes.get(key, ())
            nodes = [hub[e.stop] if e.action == "reload" else row[e.stop] for e in visits]
            self._lines.line[v, 1 : len(nodes) + 1] = nodes
            self._lines.size[v] = len(nodes)


def first_routes(problem: Problem) -> Routes:
    """Return routes made at once: each stop where it adds least."""
    search = Search(problem, {}, seed=1)
    search.turn(1, hot=1.0, cold=1.0)
    return search.routes()


def improve(
    best: Incumbent,
    *,
    seed: int,
    budget: Budget,
    warm: bool = False,
    tell: Callable[[], None] | None = None,
) -> None:
    """Improve the incumbent until the budget is used up. warm: it is good already."""
    search = Search(best.problem, best.routes, seed=seed)
    pace = _Pace(budget)
    hot = search.mean_fen * (WARM if warm else HOT)
    fall = search.mean_fen * COLD / hot
    offered, cost = time.monotonic(), search.cost
    while not pace.over():
        count, share, then = pace.next()
        search.turn(count, hot=hot * fall**share, cold=hot * fall**then)
        if time.monotonic() - offered > OFFERED_EVERY_S and tell is not None:
            if search.cost < cost:
                cost = search.cost
                best.offer(search.routes(), engine=ENGINE, whole=True)
            offered = time.monotonic()
            tell()
    best.offer(search.routes(), engine=ENGINE, until=budget.until)


class _Pace:
    """How many turns come next, and what share of the budget is used before and after them.

    Turns alone tell the share where they end before the deadline, so that a seed gives one plan.
    """

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._began = time.monotonic()
        self._whole_s = max(1e-3, budget.until - self._began)
        self._most = TURNS_PER_LOOK * budget.looks if budget.looks else None
        self._done, self._count = 0, CHUNK

    def over(self) -> bool:
        """Tell whether it is time to end."""
        return self._budget.over() or (self._most is not None and self._done >= self._most)

    def next(self) -> tuple[int, float, float]:
        """Return how many turns to do, and the shares before and after."""
        used_s = time.monotonic() - self._began
        timed = used_s / self._whole_s
        if self._most is None or timed - SLACK > self._done / self._most:
            if self._done:
                self._count = max(1, int(self._done / used_s * min(CHUNK_S, self._budget.left_s)))
            self._done += self._count
            return self._count, min(1.0, timed), min(1.0, timed + CHUNK_S / self._whole_s)
        begin = self._done
        self._done = min(self._most, begin + CHUNK)
        return self._done - begin, begin / self._most, self._done / self._most
