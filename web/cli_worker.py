"""`remelt worker`: solves cells of large days for the servers that share its Redis."""

import argparse
import importlib

from remelt.platform.kernel.settings import BadSetting, Settings
from remelt.platform.logistics.solving import prepare_solver

PART = "remelt.platform.logistics.celery_cells"


def add_worker(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `worker`."""
    worker = commands.add_parser("worker", help="solve cells of large days, on any machine")
    worker.add_argument("--processes", type=int, default=2, help="cells solved at once")
    worker.set_defaults(run=run_worker)


def run_worker(asked: argparse.Namespace, settings: Settings) -> int:
    """Solve cells until stopped; it needs the broker alone, and no database."""
    check_broker(settings)
    prepare_solver()
    app = importlib.import_module(PART).make_app(settings.broker_url)
    options = ["--loglevel", "WARNING", "--concurrency", str(max(1, asked.processes))]
    app.worker_main(["worker", *options, "--without-gossip", "--without-mingle"])
    return 0


def check_broker(settings: Settings) -> None:
    """Refuse workers where they cannot be. Raises `BadSetting`."""
    if not settings.broker_url:
        raise BadSetting("set REMELT_BROKER_URL, such as redis://host:6379/0: workers wait there")
    if not settings.broker_url.startswith(("redis://", "rediss://", "redis+socket://")):
        raise BadSetting("REMELT_BROKER_URL is an address of Redis: redis://host:6379/0")
    if not settings.database_url:
        raise BadSetting(
            "Celery needs PostgreSQL: SQLite stays with one machine. Set REMELT_DATABASE_URL, or "
            "leave REMELT_BROKER_URL out"
        )
    try:
        importlib.import_module("celery")
    except ImportError:
        raise BadSetting("Celery is not installed: pip install 'remelt[celery]'") from None
