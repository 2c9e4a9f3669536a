"""What the server runs: the app of the settings in the environment, and its jobs."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from apiflask import APIFlask
from granian import Granian
from granian.constants import Interfaces

from remelt.platform.kernel.memory import settle
from remelt.platform.kernel.settings import BadSetting, Settings
from remelt.platform.logistics.solving import prepare_solver
from remelt.web.app import create_app
from remelt.web.cli_worker import check_broker
from remelt.web.context import Services
from remelt.web.home import prepare_home
from remelt.web.logs import configure_logs
from remelt.web.wiring import keep_schedules


def app() -> APIFlask:
    """Return the app and start its jobs; each server process calls this once."""
    configure_logs()
    settings = Settings.from_env()
    made = create_app(settings)
    held: Services = made.extensions["remelt"]
    with held.store.write() as session:
        keep_schedules(session, clock=held.clock)
    held.runner.start()
    settle()
    return made


def serve(settings: Settings) -> None:
    """Serve until stopped. Raises `BadSetting` when the settings cannot work together.

    The app is handed over itself: by its name Granian would look for it below the folder at hand,
    and in vain where that folder is a Python package.
    """
    if not settings.database_url and settings.workers != 1:
        raise BadSetting("REMELT_WORKERS must be 1 on SQLite; set REMELT_DATABASE_URL for more")
    if settings.streams >= settings.threads:
        raise BadSetting("REMELT_STREAMS must be below REMELT_THREADS: each stream holds a thread")
    if settings.broker_url:
        check_broker(settings)
    prepare_home(settings.home)
    prepare_solver()
    with only_one(settings):
        os.environ.update(_environment(settings))
        server = Granian(
            "remelt.web.serving:app",
            address=settings.host,
            port=settings.port,
            interface=Interfaces.WSGI,
            workers=settings.workers,
            blocking_threads=settings.threads,
            backpressure=settings.threads * 4,
            log_enabled=False,
            respawn_failed_workers=True,
        )
        server.serve(target_loader=app, wrap_loader=False)


@contextmanager
def only_one(settings: Settings) -> Iterator[None]:
    """Hold the home against a second server on the same SQLite file."""
    with (settings.home / "run" / "serve.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BadSetting(
                f"another `remelt serve` works on {settings.home}: stop it, or set REMELT_HOME"
            ) from None
        yield


def _environment(settings: Settings) -> dict[str, str]:
    """Return the settings as the environment that the server's processes read."""
    found = {}
    for name in settings.__dataclass_fields__:
        value = getattr(settings, name)
        text = str(int(value)) if isinstance(value, bool) else str(value)
        found[f"REMELT_{name.upper()}"] = text
    return found
