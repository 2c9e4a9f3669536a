"""Databases for benchmarks: a fresh migrated store on SQLite, or on a throw-away cluster."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from remelt.migrations.upgrade import upgrade
from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.store import Store
from remelt.web.wiring import new_store


@contextmanager
def sqlite(clock: SimulatedClock, *, folder: Path | None = None) -> Iterator[Store]:
    """A store on a file, with the durability it has in use; kept when a `folder` is given."""
    where = folder or Path(tempfile.mkdtemp(prefix="remelt-bench-"))
    where.mkdir(parents=True, exist_ok=True)
    store = new_store(f"sqlite:///{where / 'remelt.db'}", clock=clock)
    upgrade(store.engine, province=52)
    try:
        yield store
    finally:
        store.close()
        if folder is None:
            shutil.rmtree(where, ignore_errors=True)


@contextmanager
def postgresql(clock: SimulatedClock, *, folder: Path | None = None) -> Iterator[Store]:
    """A store on a cluster of its own, tuned no further than memory, fsync as in use."""
    where = folder or Path(tempfile.mkdtemp(prefix="remelt-pg-"))
    where.mkdir(parents=True, exist_ok=True)
    as_user: list[str] = []
    if os.geteuid() == 0:  # the server refuses to run as root
        shutil.chown(where, "postgres")
        as_user = ["runuser", "-u", "postgres", "--"]
    control = [*as_user, str(_binaries() / "pg_ctl"), "-D", str(where / "data")]
    make = [*as_user, str(_binaries() / "initdb"), "-D", str(where / "data"), "-U", "remelt"]
    if not (where / "data").is_dir():
        subprocess.run(
            [*make, "-A", "trust", "--locale=C.UTF-8", "-E", "UTF8"],
            stdout=subprocess.DEVNULL,
            check=True,
        )
    options = f"-c unix_socket_directories={where} -c listen_addresses= -c shared_buffers=512MB"
    start = [*control, "-l", str(where / "log"), "-w", "-o", options, "start"]
    subprocess.run(start, stdout=subprocess.DEVNULL, check=True)
    try:
        store = new_store(f"postgresql+psycopg://remelt@/postgres?host={where}", clock=clock)
        upgrade(store.engine, province=52)
        yield store
        store.close()
    finally:
        subprocess.run([*control, "-m", "fast", "stop"], stdout=subprocess.DEVNULL, check=True)
        if folder is None:
            shutil.rmtree(where, ignore_errors=True)


def kept(database: str) -> Path | None:
    """Return where REMELT_WORLD keeps a grown world, `sqlite` or `pg`; None where it names none."""
    folder = os.environ.get("REMELT_WORLD")
    return Path(folder) / database if folder else None


@contextmanager
def copied(world: Path) -> Iterator[Path]:
    """Give a copy of a kept world that may be written to; it goes with the run."""
    with tempfile.TemporaryDirectory(prefix="remelt-world-", dir=world.parent.parent) as folder:
        os.chmod(folder, 0o755)  # noqa: PTH101, S103 - another user runs the server
        subprocess.run(["cp", "-a", "--reflink=auto", str(world), folder], check=True)
        yield Path(folder) / world.name


def _binaries() -> Path:
    """Return the folder of the newest server that is installed."""
    found = Path("/usr/lib/postgresql").glob("*/bin/postgres")
    newest = max(found, key=lambda path: int(path.parts[-3]), default=None)
    where = str(newest) if newest else shutil.which("postgres")
    if where is None:
        raise SystemExit("no PostgreSQL server found: install one to measure it")
    return Path(where).parent
