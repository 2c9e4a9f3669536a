"""What a solver's process does: the same work, with the workers of this installation if it has any.

Run in a child process, so it reads the settings for itself. Celery is imported only where it is
configured: it is an extra.
"""

import importlib
from typing import Any

from remelt.platform.kernel.runner import Report
from remelt.platform.kernel.settings import Settings
from remelt.platform.logistics import open_plans, solving
from remelt.platform.logistics.road_engines import engine_of
from remelt.routing.hands import Hands


def solve_day(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """Plan a site's day."""
    settings = Settings.from_env()
    hands, count = helpers(settings)
    engine = engine_of(settings)
    return solving.solve_day(payload, report, hands=hands, processes=count, engine=engine)


def solve_text(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """Plan a problem that was brought along."""
    settings = Settings.from_env()
    hands, count = helpers(settings)
    engine = engine_of(settings)
    return open_plans.solve_text(payload, report, hands=hands, processes=count, engine=engine)


def helpers(settings: Settings) -> tuple[Hands | None, int]:
    """Return Celery's workers and how many there are; None and 2 where none answers."""
    if not settings.broker_url:
        return None, 2
    celery = importlib.import_module("remelt.platform.logistics.celery_cells")
    app = celery.make_app(settings.broker_url)
    count = celery.slots(app)
    return (celery.Celeried(app), count) if count else (None, 2)
