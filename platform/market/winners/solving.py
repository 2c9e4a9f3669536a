"""A sale of several lots decided: its JSON in, the award and its certificate out."""

from importlib.metadata import version
from typing import Any

from remelt.platform.market.winners.award import award
from remelt.platform.market.winners.codec import sale_from_json
from remelt.platform.market.winners.verifier import check


def decided(problem: dict[str, Any]) -> dict[str, Any]:
    """Return the award of a sale: certificate, and what the search says of itself.

    The same sale gives the same award on any machine with the same edition of the engines, as
    long as `repeatable`. Raises `ArithmeticError` when the verifier refuses the certificate.
    """
    found = award(sale_from_json(problem))
    faults = check(problem, found.certificate)
    if faults:
        raise ArithmeticError(f"the verifier refuses the award: {faults[:3]}")
    return {
        "certificate": found.certificate,
        "search": {
            "score_fen": found.score_fen,
            "bound_fen": found.bound_fen,
            "greedy_fen": found.greedy_fen,
            "gap_ppm": found.gap_ppm,
            "engine": found.engine,
            "repeatable": found.repeatable,
            "engines": f"OR-Tools {version('ortools')}",
        },
    }
