"""The two doors to the database: `read()` and `write()`."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from select import POLLIN, poll
from threading import Event as Signal
from threading import Lock, get_ident
from typing import Any

import orjson
import structlog
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DisconnectionError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel import Session

from remelt.platform.kernel import outbox
from remelt.platform.kernel.errors import Busy

log = structlog.get_logger()
Seal = Callable[[Session], None]
TURN_S = 30.0
READERS, WRITERS = 20, 12
"""How many connections to PostgreSQL a process holds at most."""
_PG_READING = "-c default_transaction_read_only=on"
_PG_UNIQUE = "23505"
_PG_RETRY = frozenset({"40P01", "55P03", "40001"})


class Store:
    """A database and the unit of work on it.

    `write()` opens one transaction; leaving it runs the handlers of recorded events, then the
    seals (the ledger numbers its events last), then commits. An exception rolls all of it back.
    On SQLite writers take fair turns in this process and `BEGIN IMMEDIATE` keeps other
    processes out; on PostgreSQL actions lock rows.

    Readers have connections of their own, on which the database refuses whatever would change
    something. On PostgreSQL each statement of theirs stands alone: no transaction is begun and
    ended around it, which saves ways to the server and back and keeps what was prepared.
    """

    def __init__(
        self, url: str, *, handlers: outbox.Handlers | None = None, seals: Sequence[Seal] = ()
    ) -> None:
        self.engine = _engine(url)
        self.reader = _engine(url, reading=True)
        self._handlers = handlers or {}
        self._seals = tuple(seals)
        self._sqlite = self.engine.dialect.name == "sqlite"
        self._writer = self.engine.execution_options(immediate=True)
        self._turns = Turns()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a session that changes nothing.

        On SQLite it sees one state; on PostgreSQL each statement sees the newest.
        """
        with _told_busy(), Session(self.reader) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Open a session that is committed on leaving. Raises `Busy` when no turn comes in time."""
        with self._turn(), _told_busy(), Session(self._writer, expire_on_commit=False) as session:
            yield session
            session.flush()
            outbox.dispatch(session, self._handlers)
            for seal in self._seals:
                seal(session)
            session.commit()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._sqlite:
            yield
            return
        with self._turns.take(timeout_s=TURN_S):
            yield

    def close(self) -> None:
        """Give back every connection."""
        self.reader.dispose()
        self.engine.dispose()


class Turns:
    """A lock that is handed over in the order of asking."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: deque[Signal] = deque()
        self._holder: int | None = None

    @contextmanager
    def take(self, *, timeout_s: float) -> Iterator[None]:
        """Hold the turn. Raises `Busy` when it does not come in `timeout_s`."""
        self._enter(timeout_s)
        try:
            yield
        finally:
            self._leave()

    def _enter(self, timeout_s: float) -> None:
        with self._lock:
            if self._holder == get_ident():
                raise RuntimeError("a write session is open in this thread: pass it on")
            if self._holder is None:
                self._holder = get_ident()
                return
            signal = Signal()
            self._waiting.append(signal)
        if not signal.wait(timeout_s):
            with self._lock:
                if signal in self._waiting:
                    self._waiting.remove(signal)
                    raise Busy
        self._holder = get_ident()

    def _leave(self) -> None:
        with self._lock:
            if self._waiting:
                self._holder = 0
                self._waiting.popleft().set()
            else:
                self._holder = None


def _to_json(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()


_JSON: dict[str, Any] = {"json_serializer": _to_json, "json_deserializer": orjson.loads}


def _engine(url: str, *, reading: bool = False) -> Engine:
    if url.startswith("sqlite"):
        engine = create_engine(
            url,
            connect_args={"timeout": TURN_S, "check_same_thread": False},
            pool_size=64,
            **_JSON,
        )
        event.listen(engine, "connect", _prepare_sqlite_reader if reading else _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    alone: dict[str, Any] = {"isolation_level": "AUTOCOMMIT", "skip_autocommit_rollback": True}
    options = "-c lock_timeout=10000 -c timezone=UTC"
    engine = create_engine(
        url,
        pool_size=READERS if reading else WRITERS,
        max_overflow=0,
        pool_timeout=5,
        connect_args={"options": f"{options} {_PG_READING}" if reading else options},
        **(alone if reading else {}),
        **_JSON,
    )
    event.listen(engine, "checkout", _refuse_closed)
    return engine


def _refuse_closed(connection: Any, _record: object, _proxy: object) -> None:
    """Have the pool connect anew where the server hung up.

    A server that is not asked says nothing, unless it takes its leave: so a look at the socket
    tells what a ping would, without waiting for an answer.
    """
    if not connection.closed:
        asked = poll()
        asked.register(connection.fileno(), POLLIN)
        if not asked.poll(0):
            return
    raise DisconnectionError("the server closed the connection")


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # BEGIN is ours: the driver's own would be DEFERRED
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _prepare_sqlite_reader(connection: Any, record: object) -> None:
    _prepare_sqlite(connection, record)
    connection.execute("PRAGMA query_only=ON")


def _begin_sqlite(connection: Connection) -> None:
    immediate = connection.get_execution_options().get("immediate", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


@contextmanager
def _told_busy() -> Iterator[None]:
    """Turn a lock that was not given in time, or a race that a key decided, into `Busy`.

    SQLite's writers take turns, so a broken unique key is no race there but a fault of ours.
    """
    try:
        yield
    except PoolTimeout as reason:
        raise Busy from reason
    except IntegrityError as reason:
        if getattr(reason.orig, "sqlstate", None) == _PG_UNIQUE:
            log.warning("race decided by a unique key", key=str(reason.orig).splitlines()[0])
            raise Busy from reason
        raise
    except OperationalError as reason:
        state = getattr(reason.orig, "sqlstate", None)
        if state in _PG_RETRY or "database is locked" in str(reason.orig):
            raise Busy from reason
        raise
