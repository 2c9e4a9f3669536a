"""The job that decides a combined sale. Runs in a child process, which opens no database."""

from typing import Any

from remelt.platform.kernel.runner import Report
from remelt.platform.market.winners.solving import decided


def solve_sale(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """Return the award of the sale in `payload`, with its certificate."""
    report(100, "award")
    return decided(payload["problem"])
