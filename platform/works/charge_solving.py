"""The job of a charge plan: a problem in, a judged plan, frontiers and worths out.

Runs in a child process; it imports nothing that knows a database.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from remelt.platform.kernel.runner import Report
from remelt.platform.works.charging.codec import problem_from_json
from remelt.platform.works.charging.frontier import Point, frontier
from remelt.platform.works.charging.judge import Judged, Verdict
from remelt.platform.works.charging.planning import Plan, plan
from remelt.platform.works.charging.problem import WHOLE_PPM, ChargeProblem


def solve_charges(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """Return the cheapest plan of the problem in `payload`, its frontiers and every worth."""
    problem = problem_from_json(payload["problem"])
    report(100, "plan")
    found = plan(problem, seconds=payload["seconds"])
    if found.lacking:
        return {"lacking": [asdict(each) for each in found.lacking]}
    report(500, "frontier")
    towards_scrap = frontier(problem, towards="scrap")
    report(800, "frontier")
    return {
        "lacking": [],
        "lines": [asdict(each) for each in found.lines],
        "charges": [_charge(each) for each in found.verdict.charges],
        "total": _total(found.verdict),
        "gap_ppm": round(found.gap * WHOLE_PPM),
        "frontier": {
            "scrap": _points(towards_scrap),
            "carbon": _points(frontier(problem, towards="carbon")),
        },
        "worths": _worths(problem, found),
    }


def _charge(judged: Judged) -> dict[str, Any]:
    return {
        "charge": judged.charge,
        "gross_g": judged.gross_g,
        "metal_g": round(judged.metal_g),
        "scrap_g": judged.scrap_g,
        "price_fen": round(judged.price_fen),
        "co2e_g": round(judged.co2e_g),
        "preserved_g": judged.preserved_g,
        "classed_g": judged.classed_g,
        "shares": [
            [each.element, round(each.mean_ppm), round(each.low_ppm), round(each.high_ppm),
             each.min_ppm, each.max_ppm]
            for each in judged.shares
        ],
    }  # fmt: skip


def _total(verdict: Verdict) -> dict[str, int]:
    return {
        "price_fen": round(verdict.price_fen),
        "objective_fen": round(verdict.objective_fen),
        "co2e_g": round(verdict.co2e_g),
        "gross_g": sum(each.gross_g for each in verdict.charges),
        "scrap_g": sum(each.scrap_g for each in verdict.charges),
        "metal_g": round(sum(each.metal_g for each in verdict.charges)),
    }


def _points(points: Sequence[Point]) -> list[dict[str, int]]:
    return [_total(each.verdict) for each in points]


def _worths(problem: ChargeProblem, found: Plan) -> dict[str, Any]:
    said = {source.key: found.worths.of(source.key) for source in problem.sources}
    return {key: asdict(worth) for key, worth in said.items() if worth is not None}
