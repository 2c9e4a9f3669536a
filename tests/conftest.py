"""A store on each database, made by the migrations, and a clock wound by hand."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from remelt.migrations.upgrade import upgrade
from remelt.platform.catalogue.loading import load_package_data
from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.store import Store
from remelt.web.wiring import new_store
from tests import compiled

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
ROOM = 2 * 1024**3
compiled.share()
SKIP = frozenset(os.environ.get("SKIP", "").replace(",", " ").split())


def _pg_bin() -> Path | None:
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda p: int(p.parts[-3])
    )
    if found:
        return found[-1].parent
    where = shutil.which("postgres")
    return Path(where).parent if where else None


def _in_memory() -> str | None:
    """A folder in memory where a cluster is made in a blink, or None: a disk serves as well.

    Each test has a database of its own, of two thousand files: on a disk that is most of a run.
    """
    memory = Path("/dev/shm")  # noqa: S108  it is asked for room and rights, and holds only a throw-away cluster
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > ROOM
    return str(memory) if roomy and os.access(memory, os.W_OK) else None


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """A throw-away cluster from the installed binaries; yields its address without a database."""
    if "postgresql" in SKIP:
        pytest.skip("SKIP names postgresql")
    binaries = _pg_bin()
    assert binaries is not None, "no PostgreSQL server found: install it or say SKIP=postgresql"
    folder = Path(tempfile.mkdtemp(prefix="remelt-pg-", dir=_in_memory()))
    as_user: list[str] = []
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
        as_user = ["runuser", "-u", "postgres", "--"]
    data = folder / "data"
    quiet = {"stdout": subprocess.DEVNULL, "check": True}
    subprocess.run(
        [
            *as_user,
            binaries / "initdb",
            "-D",
            data,
            "-U",
            "remelt",
            "-A",
            "trust",
            "--locale=C.UTF-8",
            "-E",
            "UTF8",
        ],
        **quiet,
    )
    folders = f"-c unix_socket_directories={folder} -c listen_addresses="
    options = f"{folders} -c fsync=off -c max_connections=200"
    subprocess.run(
        [
            *as_user,
            binaries / "pg_ctl",
            "-D",
            data,
            "-l",
            folder / "log",
            "-w",
            "-o",
            options,
            "start",
        ],
        **quiet,
    )
    try:
        yield f"postgresql+psycopg://remelt@/{{name}}?host={folder}"
    finally:
        subprocess.run(
            [*as_user, binaries / "pg_ctl", "-D", data, "-m", "immediate", "stop"], **quiet
        )
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database with the package's reference data, copied for each test."""
    path = tmp_path_factory.mktemp("template") / "remelt.db"
    store = new_store(f"sqlite:///{path}", clock=SimulatedClock(NOON))
    upgrade(store.engine, province=52)
    with store.write() as session:
        load_package_data(session)
    with store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    return path


@pytest.fixture(scope="session")
def administrator(postgresql: str) -> Iterator[psycopg.Connection]:
    """Who makes and drops databases in the cluster."""
    where = postgresql.replace("postgresql+psycopg", "postgresql").format(name="postgres")
    with psycopg.connect(where, autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def postgresql_template(postgresql: str, administrator: psycopg.Connection) -> str:
    """How each test's database is made: as a copy of a migrated one with reference data.

    Its files are copied, as all servers before 15 do: so little is soonest copied so.
    """
    administrator.execute("CREATE DATABASE template_remelt")
    store = new_store(postgresql.format(name="template_remelt"), clock=SimulatedClock(NOON))
    upgrade(store.engine, province=52)
    with store.write() as session:
        load_package_data(session)
    store.close()
    by_files = " STRATEGY file_copy" if administrator.info.server_version >= 15_00_00 else ""
    return f"TEMPLATE template_remelt{by_files}"


@pytest.fixture
def clock() -> SimulatedClock:
    """Noon in Guiyang on Monday, 2 March 2026."""
    return SimulatedClock(NOON)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh migrated database, on each engine in turn."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        shutil.copy(template, tmp_path / "remelt.db")
        yield f"sqlite:///{tmp_path / 'remelt.db'}"
        return
    address: str = request.getfixturevalue("postgresql")
    copied: str = request.getfixturevalue("postgresql_template")
    administrator: psycopg.Connection = request.getfixturevalue("administrator")
    name = f"t{os.getpid()}_{abs(hash(request.node.nodeid)) % 10**10}"
    administrator.execute(f"CREATE DATABASE {name} {copied}")
    yield address.format(name=name)
    administrator.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def store(database_url: str, clock: SimulatedClock) -> Iterator[Store]:
    """A store with its wiring on a fresh database."""
    made = new_store(database_url, clock=clock)
    yield made
    made.close()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what asks the real provider, unless it is asked for by name."""
    if "live" in config.option.markexpr:
        return
    live = [item for item in items if item.get_closest_marker("live")]
    config.hook.pytest_deselected(items=live)
    items[:] = [item for item in items if item not in live]


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """In CI a skipped test is a failure: nothing may quietly not run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or os.environ.get("CI") != "true" or SKIP:
        return
    skipped = reporter.stats.get("skipped", [])
    unasked = [report for report in skipped if "REMELT_SHARED" not in str(report.longrepr)]
    if unasked and exitstatus == 0:
        reporter.write_line(f"{len(unasked)} skipped in CI", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
