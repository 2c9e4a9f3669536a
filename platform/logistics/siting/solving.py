"""The solver's job of siting: a scenario in, a judged answer or what stands in its way out.

It imports nothing that knows a database, so that the child starts fast and can fail alone.
"""

from dataclasses import asdict
from typing import Any, Protocol

import orjson

from remelt.platform.logistics.siting.errors import BadScenario
from remelt.routing.formats import singlesource, twostage
from remelt.routing.problem import BadProblem
from remelt.routing.siting.buffers import Barred
from remelt.routing.siting.checks import check
from remelt.routing.siting.codec import answer_to_json, scenario_of
from remelt.routing.siting.obstacles import Impossible
from remelt.routing.siting.problem import BadSites, Scenario
from remelt.routing.siting.solving import Answer, solve

Json = dict[str, Any]


class Tell(Protocol):
    """Hears how far the work is: 0 to 1000, a note, and the best answer so far."""

    def __call__(self, progress: int, note: str = "", incumbent: Json | None = None) -> None:
        """Hear it."""


def solve_sites(payload: Json, report: Tell) -> Json:
    """Return `answer`, or `obstacles` where none exists, and `barred` candidates."""
    scenario, out = read_scenario(payload["inputs"])
    return solved(
        scenario, out, seed=payload["seed"], deadline_s=payload["deadline_s"], report=report
    )


def solved(
    scenario: Scenario, out: list[Barred], *, seed: int, deadline_s: float, report: Tell
) -> Json:
    """Solve a scenario and put what came of it into JSON. Raises `BadScenario`."""
    barred = [asdict(each) for each in out]

    def told(progress: int, note: str, answer: Answer) -> None:
        so_far = {"answer": answer_to_json(answer), "obstacles": None, "barred": barred}
        report(progress, note, so_far)

    try:
        found = solve(scenario, seed=seed, deadline_s=deadline_s, report=told)
    except Impossible as reason:
        obstacles = [asdict(each) for each in reason.obstacles]
        return {"answer": None, "obstacles": obstacles, "barred": barred}
    except BadSites as refused:
        raise _bad(refused) from refused
    return {"answer": answer_to_json(found), "obstacles": None, "barred": barred}


def read_scenario(data: Any) -> tuple[Scenario, list[Barred]]:
    """Return the scenario of our JSON and the candidates its buffers bar. Raises `BadScenario`."""
    try:
        scenario, out = scenario_of(data)
        check(scenario)
    except BadSites as refused:
        raise _bad(refused) from refused
    return scenario, out


def read_file(text: str, *, shape: str) -> tuple[Scenario, list[Barred]]:
    """Return a scenario of our JSON, or of a `two-stage` or `single-source` collection's file.

    Raises `BadScenario`.
    """
    if shape == "json":
        try:
            return read_scenario(orjson.loads(text))
        except orjson.JSONDecodeError as reason:
            raise BadScenario(subject="file", rule="JSON", remedy=str(reason)[:80]) from reason
    try:
        scenario = (twostage if shape == "two-stage" else singlesource).read(text)
        check(scenario)
    except BadSites as refused:
        raise _bad(refused) from refused
    except BadProblem as refused:
        raise BadScenario(subject=shape, rule=refused.code, remedy=refused.subject) from refused
    return scenario, []


def _bad(refused: BadSites) -> BadScenario:
    return BadScenario(subject=refused.field, rule=refused.rule, remedy=refused.remedy)
