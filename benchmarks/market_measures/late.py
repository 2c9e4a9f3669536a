"""Late bids: each way of refusing one, while somebody holds the row past the close."""

import sqlite3
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import psycopg
from baselines import late_bids as ways
from baselines import late_bids_sqlite as lite
from frame import Row
from market_measures.auctions import START, Hot, hall
from sqlalchemy.engine import make_url
from sqlmodel import Session

from remelt.platform.kernel.clock import SystemClock
from remelt.platform.market.auction_models import Auction
from remelt.platform.market.bids.engine import Engine
from remelt.web.wiring import new_store

OPEN_S, BID_AT_S, HELD_S = 1.5, 0.5, 0.6
OURS = "the bid engine"
Way = Callable[[Any, int], bool]
BOTH, CHANGED, NEITHER = (False, False), (True, False), (True, True)
"""Whether a way refuses: where the holder changed the row, and where it only locked it."""
POSTGRESQL: dict[str, tuple[Way, tuple[bool, bool]]] = {
    "guarded UPDATE, now()": (partial(ways.guarded, "now()"), BOTH),
    "guarded UPDATE, statement_timestamp()": (
        partial(ways.guarded, "statement_timestamp()"),
        BOTH,
    ),
    "guarded UPDATE, clock_timestamp()": (partial(ways.guarded, "clock_timestamp()"), CHANGED),
    "SELECT WHERE in time FOR UPDATE": (ways.guarded_lock, CHANGED),
    "SELECT in time FOR UPDATE": (ways.told_by_lock, CHANGED),
    "clock of Python, then lock": (partial(ways.clock_first, "python"), BOTH),
    "clock of SQL, then lock": (partial(ways.clock_first, "sql"), BOTH),
    "lock, then guarded UPDATE": (ways.lock_first, NEITHER),
    "advisory lock, then guarded UPDATE": (ways.advisory_first, NEITHER),
    "UPDATE RETURNING in time, or rollback": (ways.returned, NEITHER),
    "plpgsql: lock, then clock": (ways.in_function, NEITHER),
}
SQLITE: dict[str, tuple[Way, tuple[bool, bool]]] = {
    "guarded UPDATE, clock of Python": (lite.guarded, BOTH),
    "guarded UPDATE, clock of SQLite": (lite.guarded_there, NEITHER),
    "clock, then BEGIN IMMEDIATE": (lite.clock_first, BOTH),
    "BEGIN IMMEDIATE, then clock": (lite.lock_first, NEITHER),
}


@dataclass(frozen=True, slots=True)
class Desk:
    """One database on which bids are late: how to reach it, and what is sold there."""

    database: str
    connect: Callable[[], Any]
    sale: Hot
    closes_at: datetime

    def held(self, *, change: bool) -> None:
        """Hold every row until the close has passed, changed or only locked."""
        with closing(self.connect()) as connection:
            connection.execute("BEGIN IMMEDIATE" if self.database == "sqlite" else "BEGIN")
            for table, column in (("sale", "price"), ("auction", "bid_count")):
                if change:
                    connection.execute(f"UPDATE {table} SET {column} = {column}")  # noqa: S608 - our own numbers and names
                elif self.database == "postgresql":
                    connection.execute(f"SELECT FROM {table} FOR UPDATE")
            if self.database == "postgresql":
                connection.execute("SELECT pg_advisory_xact_lock(id) FROM sale")
            self.wait(HELD_S)
            connection.execute("COMMIT")

    def tried(self, way: Way, number: int) -> bool:
        """Bid in time, wait for the row; tell whether the bid was refused in the end."""
        with closing(self.connect()) as connection:
            self.wait(BID_AT_S - OPEN_S)
            return not way(connection, number)

    def ours(self) -> bool:
        """Bid through the engine; tell whether it was refused as late."""
        sale, clock = self.sale, SystemClock()
        store = new_store(sale.url, clock=clock)
        self.wait(BID_AT_S - OPEN_S)
        answer = Engine(store, clock=clock).place(sale.offer(0, price=START, key="late"))
        store.close()
        return answer.reason == "bidding-over"

    def wait(self, after_s: float) -> None:
        """Sleep until so long after the close, or before it."""
        until = self.closes_at + timedelta(seconds=after_s)
        time.sleep(max(0.0, (until - datetime.now(UTC)).total_seconds()))


def late_bids(_quick: bool) -> Iterable[Row]:  # noqa: FBT001 - the frame's own flag
    """Every row of the table of late bids, on both databases; ours has to refuse each."""
    for database, known in (("postgresql", POSTGRESQL), ("sqlite", SQLITE)):
        with hall(database, clock=SystemClock()) as opened:
            seen = [_round(database, known, opened(), change=change) for change in (True, False)]
        for way, refuses in {**{n: said for n, (_, said) in known.items()}, OURS: NEITHER}.items():
            yield _row(database, way, expected=refuses, seen=(seen[0][way], seen[1][way]))


def _round(
    database: str, known: dict[str, tuple[Way, tuple[bool, bool]]], sale: Hot, *,
    change: bool,
) -> dict[str, bool]:  # fmt: skip
    """Try every way at once, each on a row of its own; tell which refused."""
    connect = _postgresql(sale.url) if database == "postgresql" else _sqlite(sale.url)
    desk = Desk(database, connect, sale, datetime.now(UTC) + timedelta(seconds=OPEN_S))
    _lay_out(desk, rows=len(known))
    with ThreadPoolExecutor(len(known) + 2) as pool:
        holder = pool.submit(desk.held, change=change)
        tries = {
            name: pool.submit(desk.tried, way, number)
            for number, (name, (way, _)) in enumerate(known.items())
        }
        tries[OURS] = pool.submit(desk.ours)
        holder.result()
        return {name: each.result() for name, each in tries.items()}


def _lay_out(desk: Desk, *, rows: int) -> None:
    """Put a row for each way, and let the auction end when they do."""
    ends = desk.closes_at.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
    kind = "text" if desk.database == "sqlite" else "timestamptz"
    with closing(desk.connect()) as connection:
        connection.execute("DROP TABLE IF EXISTS sale")
        connection.execute(f"CREATE TABLE sale (id int, closes_at {kind}, price int)")
        for number in range(rows):
            connection.execute(f"INSERT INTO sale VALUES ({number}, '{ends}', 100)")  # noqa: S608 - our own numbers and names
        if desk.database == "postgresql":
            connection.execute(ways.FUNCTION)
    store = new_store(desk.sale.url, clock=SystemClock())
    with store.write() as session:
        _end(session, desk.sale.auction_id, at=desk.closes_at)
    store.close()


def _end(session: Session, auction_id: int, *, at: datetime) -> None:
    row = session.get_one(Auction, auction_id)
    row.sqlmodel_update(
        {"opens_at": at - timedelta(hours=1), "first_closes_at": at, "closes_at": at}
    )


def _postgresql(url: str) -> Callable[[], Any]:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return partial(psycopg.connect, plain, autocommit=True, options="-c timezone=UTC")


def _sqlite(url: str) -> Callable[[], Any]:
    path = make_url(url).database or ""
    return partial(sqlite3.connect, path, timeout=30, isolation_level=None, check_same_thread=False)


def _row(database: str, way: str, *, expected: tuple[bool, bool], seen: tuple[bool, bool]) -> Row:
    words = ", ".join(
        f"{'refused' if refused else 'ACCEPTED'} where the holder {did} the row"
        for refused, did in zip(seen, ("changed", "only locked"), strict=True)
    )
    return Row(
        what=f"{database}: {way}",
        ours=seen.count(False),
        unit="late bids taken",
        reach=f"as the table says: {expected.count(False)}",
        met=seen == expected,
        note=words,
    )
