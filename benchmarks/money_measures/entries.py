"""Entries a second on PostgreSQL, the database keeping each zero in sum, and without it."""

import random
import statistics
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import databases
import psycopg
from frame import Row
from sqlalchemy import text

from remelt.platform.kernel.clock import SystemClock
from remelt.platform.kernel.store import Store
from remelt.platform.settlement.ledger import posting
from remelt.platform.settlement.ledger.chart import Account, Line

PROCESSES, THREADS = 2, 8
ACCOUNTS = 1000
REACH = 0.7
GUARDS = (("money_posting", "money_posting_balance"), ("money_entry", "money_entry_whole"))
ENTRY = (
    "INSERT INTO money_entry (code, idem_key, book_id, kind, ref, at, on_day, lines, sha256)"
    " VALUES (%(key)s, %(key)s, %(book)s, 'paid', 'REF', now(), '2026-03-02', 2, '')"
    " ON CONFLICT (idem_key) DO NOTHING RETURNING id"
)
LINES = (
    "INSERT INTO money_posting (entry_id, position, book_id, account_id, currency, amount_minor)"
    " VALUES (%(entry)s, 1, %(book)s, %(one)s, 'CNY', %(amount)s),"
    " (%(entry)s, 2, %(book)s, %(two)s, 'CNY', -%(amount)s)"
)
KEPT = (
    "INSERT INTO bench_balance VALUES (%(one)s, %(amount)s), (%(two)s, -%(amount)s)"
    " ON CONFLICT (account_id) DO UPDATE SET amount_minor ="
    " bench_balance.amount_minor + EXCLUDED.amount_minor"
)


@dataclass(frozen=True)
class Told:
    """What clients did: entries, and the wall they took together."""

    entries: int
    wall_s: float

    @property
    def a_second(self) -> float:
        """Entries a second."""
        return self.entries / self.wall_s


def ledger(quick: bool) -> Iterable[Row]:  # noqa: FBT001 - the frame's own flag
    """16 clients, 2 lines an entry; balances as sums, and as rows that are kept beside."""
    rounds, seconds = (2, 1.5) if quick else (5, 3.0)
    with databases.postgresql(SystemClock()) as store:
        book, accounts = _opened(store)
        job = (_address(store), book, accounts)
        for kept in (True, False):
            told: dict[bool, list[float]] = {True: [], False: []}
            for number in range(rounds):
                for enforced in (True, False) if number % 2 else (False, True):
                    _guard(store, on=enforced)
                    told[enforced].append(_run(job, kept=kept, seconds=seconds).a_second)
            _guard(store, on=True)
            ours, peer = (statistics.median(told[each]) for each in (True, False))
            yield Row(
                what="entries, balances " + ("kept as rows" if kept else "as sums"),
                ours=ours,
                unit="entries/s",
                peer=peer,
                peer_name="no zero sum enforced",
                ratio=ours / peer,
                reach=f">= {REACH} x",
                met=ours / peer >= REACH,
                note=_note(store, told, rounds=rounds, seconds=seconds),
            )
        yield _read(store)


def _run(job: tuple[str, int, list[int]], *, kept: bool, seconds: float) -> Told:
    """Run the clients in processes of their own, forked while no connection is open here."""
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("fork")) as pool:
        begin = time.time() + 0.5
        runs = [
            pool.submit(_clients, *job, kept=kept, begin=begin, seconds=seconds)
            for _ in range(PROCESSES)
        ]
        return Told(entries=sum(run.result() for run in runs), wall_s=seconds)


def _clients(
    address: str, book: int, accounts: list[int], *, kept: bool, begin: float, seconds: float
) -> int:
    with ThreadPoolExecutor(THREADS) as pool:
        runs = [
            pool.submit(_client, address, book, accounts, kept=kept, begin=begin, seconds=seconds)
            for _ in range(THREADS)
        ]
        return sum(run.result() for run in runs)


def _client(
    address: str, book: int, accounts: list[int], *, kept: bool, begin: float, seconds: float
) -> int:
    """Post entries of two lines, one a transaction, until the time is over."""
    dice, done = random.Random(), 0
    with psycopg.connect(address, prepare_threshold=1) as connection:
        time.sleep(max(0.0, begin - time.time()))
        end = begin + seconds
        while time.time() < end:
            one, two = sorted(dice.sample(accounts, 2))
            facts = {
                "key": f"{dice.getrandbits(64):x}"[:14], "book": book, "one": one, "two": two,
                "amount": dice.randint(1, 10**9),
            }  # fmt: skip
            entry = connection.execute(ENTRY, facts).fetchone()
            if entry is not None:
                connection.execute(LINES, facts | {"entry": entry[0]})
                if kept:
                    connection.execute(KEPT, facts)
            connection.commit()
            done += entry is not None
    return done


def _opened(store: Store) -> tuple[int, list[int]]:
    """Open a book with its accounts, and a table of balances that some would keep."""
    with store.write() as session:
        book = posting.book(session, organisation_id=None)
        now = SystemClock().now(session)
        names = [Account("escrow", f"C{number}") for number in range(ACCOUNTS)]
        posting.post(
            session,
            book_id=book,
            key="opened",
            kind="opened",
            ref="",
            at=now,
            lines=[Line(each, 1 if n % 2 else -1) for n, each in enumerate(names)],
        )
        connection = session.connection()
        connection.execute(
            text("CREATE TABLE bench_balance (account_id bigint PRIMARY KEY, amount_minor bigint)")
        )
        return book, list(connection.execute(text("SELECT id FROM money_account")).scalars())


def _guard(store: Store, *, on: bool) -> None:
    with store.engine.begin() as connection:
        for table, trigger in GUARDS:
            verb = "ENABLE" if on else "DISABLE"
            connection.execute(text(f"ALTER TABLE {table} {verb} TRIGGER {trigger}"))
        connection.execute(text("TRUNCATE bench_balance"))
    store.engine.dispose()


def _address(store: Store) -> str:
    host = store.engine.url.query["host"]
    return f"host={host} user=remelt dbname=postgres"


def _note(store: Store, told: dict[bool, list[float]], *, rounds: int, seconds: float) -> str:
    with store.engine.connect() as connection:
        left = connection.execute(
            text("SELECT count(*) FROM (SELECT entry_id FROM money_posting GROUP BY entry_id,"
                 " currency HAVING sum(amount_minor) <> 0) AS unbalanced")
        ).scalar_one()  # fmt: skip
    spread = ", ".join(f"{a:,.0f}/{b:,.0f}" for a, b in zip(told[True], told[False], strict=True))
    return (
        f"{PROCESSES * THREADS} clients in {PROCESSES} processes, {rounds} x {seconds:.0f} s"
        f" each way ({spread}), {left} entries not zero in sum"
    )


def _read(store: Store) -> Row:
    """How long it takes to sum one account, and the whole book, as it stands after the runs."""
    with store.engine.connect() as connection:
        connection.execute(text("ANALYZE money_posting"))
        count = connection.execute(text("SELECT count(*) FROM money_posting")).scalar_one()
        one = connection.execute(text("SELECT max(account_id) FROM money_posting")).scalar_one()
        took = []
        for statement in (
            "SELECT sum(amount_minor) FROM money_posting WHERE account_id = :one",
            "SELECT account_id, sum(amount_minor) FROM money_posting GROUP BY account_id",
        ):
            start = time.perf_counter()
            connection.execute(text(statement), {"one": one} if ":one" in statement else {}).all()
            took.append((time.perf_counter() - start) * 1000)
    return Row(
        what="one balance as a sum",
        ours=took[0],
        unit="ms",
        note=f"{count:,} lines on {ACCOUNTS:,} accounts; all balances at once {took[1]:.0f} ms",
    )
