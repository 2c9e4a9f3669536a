"""The best plan so far: only a plan that the judge finds feasible and better takes its place."""

from remelt.routing.evaluator import Verdict, Violation, judge
from remelt.routing.insertion import insert_all
from remelt.routing.problem import Problem, Routes, Visit

MOST_MENDED = 400


class Incumbent:
    """The best feasible routes of one problem, and who found them."""

    def __init__(self, problem: Problem, routes: Routes, *, engine: str) -> None:
        self.problem = problem
        self.routes, self.verdict = mend(problem, routes)
        self.engine = engine

    def offer(
        self, routes: Routes | None, *, engine: str, until: float | None = None, whole: bool = False
    ) -> bool:
        """Take other routes if they are better, mended and completed where need be.

        whole: nobody would find a place for what they leave out, so nobody looks again, and they
        are judged with all their legs.
        """
        if routes is None:
            return False
        routes, verdict = mend(self.problem, routes, brief=not whole)
        if not whole and 0 < len(verdict.unserved) <= MOST_MENDED:
            routes = insert_all(self.problem, routes=routes, until=until)
            verdict = judge(self.problem, routes, brief=True)
        if verdict.violations or verdict.rank >= self.verdict.rank:
            return False
        self.routes, self.verdict, self.engine = routes, verdict, engine
        return True


def mend(problem: Problem, routes: Routes, *, brief: bool = True) -> tuple[Routes, Verdict]:
    """Return the routes without the stops that make them infeasible, judged."""
    kept = {key: visits for key, visits in routes.items() if visits and problem.has(key)}
    for _ in range(len(problem.stops) + 1):
        verdict = judge(problem, kept, brief=brief)
        wrong = verdict.violations
        if not wrong:
            return kept, verdict
        for key in {each.vehicle for each in wrong}:
            here = [each for each in wrong if each.vehicle == key]
            kept = _without(kept, key, here)
        kept = {key: visits for key, visits in kept.items() if _carries(visits)}
    return {}, judge(problem, {}, brief=True)


def _without(routes: Routes, vehicle: str, wrong: list[Violation]) -> Routes:
    """Take one named stop, or the last one, out of a round; what is served twice, out of all."""
    if not vehicle:
        twice = {each.stop for each in wrong}
        return {key: _drop(visits, twice) for key, visits in routes.items()}
    visits = routes[vehicle]
    named = [each.stop for each in wrong if any(visit.stop == each.stop for visit in visits)]
    culprit = named[0] if named else visits[-1].stop
    return routes | {vehicle: _drop(visits, {culprit})}


def _drop(visits: tuple[Visit, ...], stops: set[str]) -> tuple[Visit, ...]:
    return tuple(visit for visit in visits if visit.stop not in stops)


def _carries(visits: tuple[Visit, ...]) -> bool:
    return any(visit.action != "reload" for visit in visits)
