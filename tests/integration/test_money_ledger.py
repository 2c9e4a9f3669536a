"""The book of money: zero in sum, whole, only added to, once per key, on both databases."""

import os
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as some
from sqlalchemy import func, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select

from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.errors import Busy
from remelt.platform.kernel.store import Store
from remelt.platform.settlement.ledger import errors, posting
from remelt.platform.settlement.ledger.chart import Account, Line
from remelt.platform.settlement.ledger.models import MoneyEntry, MoneyPosting

LONG = int(os.environ.get("REMELT_PROPERTIES", "0"))  # entries of the long form
BANK, ESCROW = Account("bank_clearing"), Account("escrow", "CONTRACT")
PAID = (Line(BANK, 148_346_291), Line(ESCROW, -148_346_291))
ENTRY = (
    "INSERT INTO money_entry (code, idem_key, book_id, kind, ref, at, on_day, lines, sha256)"
    " VALUES ('RAW', 'raw', :book, 'raw', 'RAW', '2026-03-02 04:00:00', '2026-03-02', :lines, '')"
)
POSTING = (
    "INSERT INTO money_posting (entry_id, position, book_id, account_id, currency, amount_minor)"
    " VALUES ((SELECT id FROM money_entry WHERE code = '{entry}'), {position}, {book},"
    " (SELECT id FROM money_account WHERE kind = '{kind}'), '{currency}', {amount})"
)


def enter(session, clock, *, key="paid:1", lines=PAID, **changes) -> MoneyEntry:
    facts = {"kind": "paid", "ref": "CONTRACT", "at": clock.now(session)} | changes
    book = posting.book(session, organisation_id=None)
    return posting.post(session, book_id=book, key=key, lines=lines, **facts)


def total(store: Store) -> tuple[int, int]:
    with store.read() as session:
        entries = session.exec(select(func.count(col(MoneyEntry.id)))).one()
        return entries, int(
            session.exec(select(func.coalesce(func.sum(MoneyPosting.amount_minor), 0))).one()
        )


@pytest.fixture
def entered(store: Store, clock: SimulatedClock) -> MoneyEntry:
    """One entry of two lines."""
    with store.write() as session:
        return enter(session, clock)


def raw(store: Store, *statements: str, **facts) -> None:
    """Write past the door, each statement by itself, in one transaction."""
    with store.engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement), facts if ":book" in statement else {})


def line(entered: MoneyEntry, position: int, amount: int, **changes) -> str:
    facts = {"entry": "RAW", "kind": "escrow", "currency": "CNY", "book": entered.book_id} | changes
    return POSTING.format(position=position, amount=amount, **facts)


def test_the_same_key_gives_the_entry_that_stands(store, clock, entered):
    with store.write() as session:
        again = enter(session, clock, lines=PAID[::-1])
    assert again.code == entered.code
    other = (Line(BANK, 1), Line(ESCROW, -1))
    for changes in ({"lines": other}, {"kind": "refunded"}, {"ref": "OTHER"}):
        with pytest.raises(errors.EntryKeyReused), store.write() as session:
            enter(session, clock, **changes)
    assert total(store) == (1, 0)


@pytest.mark.parametrize(
    "lines",
    [
        (),
        (Line(BANK, 5),),
        (Line(BANK, 5), Line(ESCROW, -4)),
        (Line(BANK, 5), Line(Account("escrow", "CONTRACT", "USD"), -5)),
        (Line(BANK, 0), Line(ESCROW, 0)),
    ],
)
def test_what_is_no_entry_is_refused_by_the_door(store, clock, lines):
    with pytest.raises(errors.EntryUnbalanced), store.write() as session:
        enter(session, clock, lines=lines)


def test_twenty_at_once_with_one_key_make_one_entry(store, clock):
    def once(_n: int) -> str:
        while True:
            try:
                with store.write() as session:
                    return enter(session, clock).code
            except Busy:
                continue

    with ThreadPoolExecutor(20) as pool:
        codes = set(pool.map(once, range(20)))
    assert len(codes) == 1
    assert total(store) == (1, 0)


def test_the_database_refuses_an_entry_that_is_not_zero_in_sum(store, entered):
    with pytest.raises(DBAPIError, match=r"not zero in sum|not the lines"):
        raw(store, ENTRY, line(entered, 1, 5), line(entered, 2, -4), book=entered.book_id, lines=2)
    pair = line(entered, 1, 5) + ", " + line(entered, 2, -4).partition("VALUES ")[2]
    with pytest.raises(DBAPIError, match="not zero in sum"):
        raw(store, ENTRY, pair, book=entered.book_id, lines=2)
    assert total(store) == (1, 0)


def test_the_database_refuses_an_entry_that_is_not_whole(store, entered):
    facts = {"book": entered.book_id}
    pair = line(entered, 1, 5) + ", " + line(entered, 2, -5).partition("VALUES ")[2]
    for lines in (3, 4):
        with pytest.raises(DBAPIError, match=r"not the lines|FOREIGN KEY"):
            raw(store, ENTRY, pair, lines=lines, **facts)
    with pytest.raises(DBAPIError, match=r"not the lines|FOREIGN KEY"):
        raw(store, ENTRY, lines=2, **facts)
    raw(store, ENTRY, pair, lines=2, **facts)
    assert total(store) == (2, 0)


def test_the_database_refuses_lines_for_an_entry_that_is_closed(store, entered):
    later = [
        line(entered, place, amount, entry=entered.code) for place, amount in ((3, 7), (4, -7))
    ]
    pair = later[0] + ", " + later[1].partition("VALUES ")[2]
    for statement in (later[0], pair):
        with pytest.raises(DBAPIError, match=r"not the lines|not zero"):
            raw(store, statement)
    assert total(store) == (1, 0)


def test_the_database_refuses_a_line_in_another_book_or_currency(store, clock, entered):
    for changes in ({"currency": "USD"}, {"book": entered.book_id + 1}):
        pair = ", ".join(
            [
                line(entered, 1, 5, **changes),
                line(entered, 2, -5, **changes).partition("VALUES ")[2],
            ]
        )
        with pytest.raises(DBAPIError, match=r"(?i)foreign key"):
            raw(store, ENTRY, pair, book=entered.book_id, lines=2)


@pytest.mark.parametrize("table", ["money_book", "money_account", "money_entry", "money_posting"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_the_database_refuses_edits_and_deletes(store, entered, table, verb):
    with pytest.raises(DBAPIError, match="insert-only"):
        raw(store, verb.format(table))
    assert total(store) == (1, 0)


AMOUNTS = some.lists(
    some.integers(-3, 3) | some.integers(-(2**59), 2**59), min_size=1, max_size=5
).flatmap(lambda said: some.sampled_from([said, [*said, -sum(said)]]))
REFUSED = r"(?i)not zero in sum|not the lines|foreign key|amount_not_nothing"


def test_whatever_is_written_past_the_door_only_whole_entries_of_zero_stand(store, entered):
    """Lines of any amounts, said to be any number, in one statement or one by one."""
    postgresql = store.engine.dialect.name == "postgresql"
    stood, refusals = [1], set()

    @settings(max_examples=LONG or 25, deadline=None, derandomize=not LONG, database=None)
    @given(amounts=AMOUNTS, more=some.sampled_from([0, 0, 0, 1, -1]), at_once=some.booleans())
    @example(amounts=[5, -4], more=0, at_once=True)
    @example(amounts=[5, -5], more=0, at_once=True)
    @example(amounts=[5, -5], more=1, at_once=True)
    @example(amounts=[2, 3, -5], more=-1, at_once=True)
    def written(amounts, more, at_once):
        name, said = f"RAW{len(stood)}-{len(refusals)}", max(len(amounts) + more, 2)
        rows = [line(entered, n, each, entry=name) for n, each in enumerate(amounts, start=1)]
        if at_once:
            rows = [", ".join([rows[0], *(row.partition("VALUES ")[2] for row in rows[1:])])]
        head = ENTRY.replace("'RAW'", f"'{name}'").replace("'raw'", f"'{name}'", 1)
        whole = sum(amounts) == 0 and 0 not in amounts and len(amounts) == said
        if whole and (at_once or not postgresql):
            raw(store, head, *rows, book=entered.book_id, lines=said)
            stood.append(1)
        else:
            with pytest.raises(DBAPIError, match=REFUSED) as refused:
                raw(store, head, *rows, book=entered.book_id, lines=said)
            refusals.add(re.search(REFUSED, str(refused.value))[0].lower())
        assert total(store) == (len(stood), 0)

    written()
    assert len(stood) > 1
    assert "not zero in sum" in refusals
    assert {"not the lines", "foreign key"} & refusals


def test_an_entry_is_taken_back_once_by_its_opposite(store, clock, entered):
    with store.write() as session:
        back = posting.reverse(session, entry=entered, at=clock.now(session))
    assert back.reverses_id == entered.key
    with store.read() as session:
        sums = session.exec(
            select(MoneyPosting.account_id, func.sum(MoneyPosting.amount_minor)).group_by(
                col(MoneyPosting.account_id)
            )
        ).all()
    assert {int(amount) for _, amount in sums} == {0}
    for entry in (entered, back):
        with pytest.raises(errors.EntryReversed), store.write() as session:
            posting.reverse(session, entry=entry, at=clock.now(session))
