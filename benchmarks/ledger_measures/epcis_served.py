"""A served installation with one hub's access token, and a bare database of the same schema."""

import http.client
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import psycopg
from baselines import bare_rows

from remelt.migrations.upgrade import upgrade
from remelt.platform.kernel.clock import SystemClock
from remelt.platform.kernel.settings import Settings
from remelt.platform.kernel.store import Store
from remelt.platform.parties import queries, tokens
from remelt.platform.parties.people import add_person, join
from remelt.platform.parties.registering import register_organisation
from remelt.web.cli_base import prepare
from remelt.web.wiring import new_store

EVENTS = 1_000
TABLES = ("ledger_event", "log_node", "capture_job", "evidence", "evidence_name")
CONTEXT = ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", {"ex": "urn:x:ex:"}]
Address = tuple[str, str]  # SQLAlchemy's for the server, the driver's for the bare one


def document(number: int) -> bytes:
    """Return a document of 1,000 different events, each naming one item and one class."""
    events = [
        {
            "type": "ObjectEvent",
            "eventTime": f"2026-03-01T08:{at // 60 % 60:02}:{at % 60:02}.000+08:00",
            "eventTimeZoneOffset": "+08:00",
            "action": "OBSERVE",
            "bizStep": "receiving",
            "disposition": "in_progress",
            "epcList": [f"urn:epc:id:sgtin:0614141.107346.{number * EVENTS + at}"],
            "quantityList": [
                {"epcClass": f"urn:epc:class:lgtin:4012345.012345.{at % 50}", "quantity": at + 1,
                 "uom": "KGM"}
            ],
            "readPoint": {"id": "urn:epc:id:sgln:0614141.00777.0"},
            "bizLocation": {"id": "urn:epc:id:sgln:0614141.00888.0"},
            "bizTransactionList": [{"type": "po", "bizTransaction": f"urn:x:po:{number}"}],
            "ex:seal": f"S{at}",
        }
        for at in range(EVENTS)
    ]  # fmt: skip
    return orjson.dumps(
        {
            "@context": CONTEXT,
            "type": "EPCISDocument",
            "schemaVersion": "2.0",
            "creationDate": "2026-03-02T00:00:00Z",
            "epcisBody": {"eventList": events},
        }
    )


@dataclass
class Desk:
    """A running server, the hub's token, and both databases open for reading and writing."""

    port: int
    token: str
    ledger: Any
    bare: Any
    mark: str
    server: int
    rows: int = 0
    spent_s: float = 0.0
    last: dict[str, int] = field(default_factory=dict)

    def round(self, number: int) -> tuple[float, float, float]:
        """Capture one document, then insert its rows bare; seconds of each, and our CPU."""
        body = document(number)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        head = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        before = cpu_s(self.server)
        begun, cpu = time.perf_counter(), time.process_time()
        connection.request("POST", "/epcis/capture", body=body, headers=head)
        answer = connection.getresponse()
        told = answer.read()
        spent, cpu = time.perf_counter() - begun, time.process_time() - cpu
        connection.close()
        self.spent_s += cpu_s(self.server) - before
        if answer.status != http.client.ACCEPTED or orjson.loads(told)["stored"] != EVENTS:
            raise RuntimeError(told[:500])
        tables = {name: self._new(name) for name in TABLES}
        self.rows = sum(len(rows) for _, rows in tables.values())
        return spent, bare_rows.insert(self.bare, tables, mark=self.mark), cpu

    def _new(self, table: str) -> tuple[list[str], list[tuple[Any, ...]]]:
        cursor = self.ledger.cursor()
        past = self.last.get(table, 0)
        cursor.execute(f"SELECT * FROM {table} WHERE id > {past} ORDER BY id")  # noqa: S608 - ours
        rows = [tuple(map(_written, row)) for row in cursor.fetchall()]
        columns = [column[0] for column in cursor.description]
        self.last[table] = max((row[columns.index("id")] for row in rows), default=past)
        self.ledger.rollback()
        return columns, rows


def cpu_s(process: int) -> float:
    """Return the CPU seconds of a process and those it started; 0 where /proc does not tell."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except OSError:
        return 0.0
    own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return own + sum(cpu_s(int(child)) for child in children)


def _written(value: Any) -> Any:
    return orjson.dumps(value).decode() if isinstance(value, list | dict) else value


def databases(*, sqlite_only: bool) -> Iterator[tuple[str, AbstractContextManager[Address]]]:
    """Give SQLite, and PostgreSQL where its server is installed."""
    yield "SQLite", _sqlite()
    if not sqlite_only and shutil.which("initdb"):
        yield "PostgreSQL", _postgresql()


@contextmanager
def _sqlite() -> Iterator[Address]:
    with tempfile.TemporaryDirectory(prefix="remelt-bare-") as folder:
        yield "", f"{folder}/bare.db"


@contextmanager
def _postgresql() -> Iterator[Address]:
    """Start a cluster with its defaults (fsync on) on a socket of its own."""
    folder = Path(tempfile.mkdtemp(prefix="remelt-pg-"))
    as_user: list[str] = []
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
        as_user = ["runuser", "-u", "postgres", "--"]
    data = folder / "data"
    _quietly(*as_user, "initdb", "-D", data, "-U", "remelt", "-A", "trust", "--locale=C.UTF-8")
    options = f"-c unix_socket_directories={folder} -c listen_addresses="
    control = [*as_user, "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options]
    _quietly(*control, "start")
    try:
        for name in ("ledger", "bare"):
            _quietly("createdb", "-h", folder, "-U", "remelt", name)
        yield (
            f"postgresql+psycopg://remelt@/ledger?host={folder}",
            f"host={folder} user=remelt dbname=bare",
        )
    finally:
        _quietly(*as_user, "pg_ctl", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def _quietly(*command: str | Path) -> None:
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)


@contextmanager
def desk(address: Address) -> Iterator[Desk]:
    """Serve a fresh installation in one process, and open the bare database beside it."""
    url, bare = address
    with tempfile.TemporaryDirectory(prefix="remelt-home-") as folder, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        settings = Settings(home=Path(folder), database_url=url, port=port, threads=8)
        prepare(settings)
        store = new_store(settings.url, clock=SystemClock())
        token = _token(store)
        store.close()
        server = _server(settings)
        try:
            _wait(port)
            ledger, empty, mark = _open(settings.url, bare)
            made = Desk(
                port=port, token=token, ledger=ledger, bare=empty, mark=mark, server=server.pid
            )
            for table in TABLES:
                made._new(table)  # noqa: SLF001 - what is there before counts for neither
            yield made
            ledger.close()
            empty.close()
        finally:
            server.terminate()
            server.wait(timeout=30)


def _open(url: str, bare: str) -> tuple[Any, Any, str]:
    """Open the ledger for reading and a bare database of the same schema, triggers left out."""
    if url.startswith("sqlite"):
        _schema(f"sqlite:///{bare}")
        ledger = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        empty = sqlite3.connect(bare, isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            empty.execute(f"PRAGMA {pragma}")
        return ledger, empty, "?"
    host = bare.split(maxsplit=1)[0].partition("=")[2]
    _schema(f"postgresql+psycopg://remelt@/bare?host={host}")
    ledger = psycopg.connect(f"host={host} user=remelt dbname=ledger")
    empty = psycopg.connect(bare, autocommit=True)
    return ledger, empty, "%s"


def _schema(url: str) -> None:
    store = Store(url)
    upgrade(store.engine, province=52)
    store.close()


def _token(store: Store) -> str:
    """Return the text of a hub's access token."""
    clock = SystemClock()
    with store.write() as session:
        hub = register_organisation(
            session,
            clock=clock,
            name_zh="试验",
            name_en="Trial",
            legal_form="enterprise",
            adcode="520115",
            demo=True,
        )
        person = add_person(session, clock=clock, login="hub", name="试验", password_hash="!")  # noqa: S106 - no password
        member = join(
            session, clock=clock, person_id=person.key, organisation_id=hub.key, role="hub"
        )
        actor = queries.actor(session, membership_id=member.key)
        if actor is None:
            raise RuntimeError("the hub has no member")
        _row, text = tokens.issue_token(
            session, clock=clock, actor=actor, name="bench", scopes=("epcis.capture",), days=30
        )
    return text


def _server(settings: Settings) -> subprocess.Popen[bytes]:
    environ = {name: value for name, value in os.environ.items() if "REMELT" not in name}
    environ |= {
        "REMELT_HOME": str(settings.home),
        "REMELT_PORT": str(settings.port),
        "REMELT_THREADS": str(settings.threads),
        "REMELT_DATABASE_URL": settings.database_url,
    }
    command = [sys.executable, "-m", "remelt.web.cli", "serve"]
    return subprocess.Popen(
        command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def _wait(port: int) -> None:
    for _ in range(1_200):  # a machine that does other work starts slowly
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
            connection.request("GET", "/healthz")
            if connection.getresponse().status == http.client.OK:
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server did not start")
