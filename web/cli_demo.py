"""`remelt demo`: the whole loop on invented firms, then the pages to walk through it."""

import argparse
import secrets
import shutil
import sys
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import structlog

from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.files import FileStore
from remelt.platform.kernel.runner import JobRunner
from remelt.platform.kernel.settings import BadSetting, Settings
from remelt.platform.kernel.store import Store
from remelt.web.cli_base import prepare
from remelt.web.demo.report import report
from remelt.web.demo.today import play_today
from remelt.web.demo.week import eve_of, monday_before, play
from remelt.web.logs import configure_logs
from remelt.web.passwords import hash_password
from remelt.web.serving import serve
from remelt.web.wiring import job_kinds, new_store

HOME = Path(".remelt/demo")
PASSWORD_FILE = "demo-password"  # noqa: S105 - the name of a file
WIDTH = 32
WORKPLACES = (
    ("collector", "/collect", "lists lots, sees bids and money"),
    ("hub", "/gate", "buys, weighs, sorts, plans and drives rounds"),
    ("smelter", "/market", "bids, melts, settles"),
    ("regulator", "/regulator", "reads the recycled share down to each heat"),
    ("operator", "/operator", "lets organisations and people in"),
)


def add_demo(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `demo`."""
    demo = commands.add_parser("demo", help="play a trading week of invented firms, then serve it")
    demo.add_argument("--once", action="store_true", help="stop after the report")
    demo.set_defaults(run=run_demo)


@dataclass(slots=True)
class Bar:
    """A progress bar on one line of a terminal, or a line a step elsewhere."""

    began: float = field(default_factory=time.monotonic)
    live: bool = field(default_factory=sys.stdout.isatty)

    def tell(self, percent: int, word: str) -> None:
        """Show how far the week is."""
        filled = "█" * (WIDTH * percent // 100)
        text = f"{filled:░<{WIDTH}} {percent:3d} %  {word}"
        if self.live:
            print(f"\r\x1b[K{text}", end="\n" if percent == 100 else "", flush=True)  # noqa: PLR2004
        else:
            print(f"{time.monotonic() - self.began:5.1f} s  {text}", flush=True)


def run_demo(asked: argparse.Namespace, settings: Settings) -> int:
    """Make a fresh demonstration world, play its week, report, and serve unless `--once`."""
    chosen = demo_settings(settings)
    configure_logs(level=40)
    password = make_world(chosen, bar=Bar())
    _show(chosen, password)
    if not asked.once:
        serve(chosen)
    return 0


def demo_settings(settings: Settings) -> Settings:
    """Return settings of the demonstration: its own home, on loopback, marked as such."""
    home = settings.home if settings.home != Settings().home else HOME
    if settings.database_url:
        raise BadSetting("the demonstration makes its own SQLite file: unset REMELT_DATABASE_URL")
    return replace(settings, home=home, host="127.0.0.1", demo=True)


def make_world(settings: Settings, *, bar: Bar) -> str:
    """Play the week into a new database in the home and return the password of every login.

    A demonstration that stands there is replaced; anything else is refused.
    """
    _clear(settings.home)
    prepare(settings)
    structlog.get_logger().debug("demonstration", home=str(settings.home))
    password = secrets.token_urlsafe(9)
    (settings.home / PASSWORD_FILE).write_text(password)
    monday = monday_before(datetime.now(UTC))
    clock = SimulatedClock(eve_of(monday))
    store = new_store(settings.url, clock=clock, home=settings.home)
    files = FileStore(settings.home / "files")
    runner = JobRunner(
        store,
        clock=clock,
        kinds=job_kinds(store=store, clock=clock, files=files, settings=settings),
    )
    week = play(
        store,
        clock=clock,
        runner=runner,
        settings=settings,
        monday=monday,
        password_hash=hash_password(password),
        tell=bar.tell,
    )
    play_today(week, now=datetime.now(UTC))
    _print_report(store)
    store.close()
    return password


def _clear(home: Path) -> None:
    found = home / "remelt.db"
    if found.exists() and not (home / PASSWORD_FILE).exists():
        raise BadSetting(f"{home} holds a database that is no demonstration: set REMELT_HOME")
    for suffix in ("", "-wal", "-shm"):
        Path(f"{found}{suffix}").unlink(missing_ok=True)
    for name in ("checkpoint", "checkpoint.cosigned"):
        (home / "log" / name).unlink(missing_ok=True)
    shutil.rmtree(home / "log" / "tile", ignore_errors=True)


def _print_report(store: Store) -> None:
    print("\nThe week (firms and figures are invented, counties and factors are real)\n")
    with store.read() as session:
        for line in report(session):
            print(f"  {line.label:<10} {line.text}")


def _show(settings: Settings, password: str) -> None:
    address = f"http://{settings.host}:{settings.port}"
    print(f"\nSign in at {address}/sign-in with the password {password}\n")
    for login, path, what in WORKPLACES:
        print(f"  {login:<10} {address}{path:<12} {what}")
    print(flush=True)
