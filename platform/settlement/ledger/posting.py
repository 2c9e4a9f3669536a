"""The one door to the book of money: an entry with all its lines, once per key."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Table, Text, bindparam, insert
from sqlmodel import Session, col, select

from remelt.platform.kernel.clock import BEIJING
from remelt.platform.kernel.codes import new_code
from remelt.platform.kernel.many import Among, as_texts, insert_many, insert_unless
from remelt.platform.settlement.ledger.chart import Account, Line
from remelt.platform.settlement.ledger.errors import (
    EntryKeyReused,
    EntryReversed,
    EntryUnbalanced,
    NoSuchEntry,
)
from remelt.platform.settlement.ledger.models import (
    MoneyAccount,
    MoneyBook,
    MoneyEntry,
    MoneyPosting,
)

PLATFORM = "platform"
AT_ONCE = 500
"""Accounts that are opened in one statement."""
_ACCOUNTS: Table = MoneyAccount.__table__  # type: ignore[attr-defined]
_BOOKS: Table = MoneyBook.__table__  # type: ignore[attr-defined]
_ENTRIES: Table = MoneyEntry.__table__  # type: ignore[attr-defined]
_POSTINGS: Table = MoneyPosting.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry to be made; its fields as `post` takes them."""

    key: str
    kind: str
    ref: str
    at: datetime
    lines: Sequence[Line]
    person_id: int | None = None


def post(
    session: Session,
    *,
    book_id: int,
    key: str,
    kind: str,
    ref: str,
    at: datetime,
    lines: Sequence[Line],
    person_id: int | None = None,
    reverses_id: int | None = None,
) -> MoneyEntry:
    """Enter `lines` in a book: zero in sum per currency, debit above zero.

    key: what makes the entry once, such as `settled:<code>`; within the book. The same key with
    the same lines gives the entry that stands. Accounts open themselves as they are named.
    Raises `EntryUnbalanced`, or `EntryKeyReused` for other lines under the same key.
    """
    check_lines(lines)
    accounts = _accounts(session, [line.account for line in lines], book_id=book_id)
    sha256 = lines_hash(lines, kind=kind, ref=ref)
    whole_key = f"{book_id}:{key}"
    said = {
        "code": new_code(), "idem_key": whole_key, "book_id": book_id, "kind": kind, "ref": ref,
        "at": at, "on_day": at.astimezone(BEIJING).date(), "lines": len(lines), "sha256": sha256,
        "person_id": person_id, "reverses_id": reverses_id,
    }  # fmt: skip
    added = _added(session, _ENTRIES, [said], unique=["idem_key"])
    if not added:
        return _standing(session, key=whole_key, sha256=sha256)
    postings = [
        {
            "entry_id": added[0], "position": position, "book_id": book_id,
            "account_id": accounts[line.account], "currency": line.account.currency,
            "amount_minor": line.amount_minor,
        }
        for position, line in enumerate(lines, start=1)
    ]  # fmt: skip
    session.connection().execute(insert(_POSTINGS).values(postings))
    return session.exec(select(MoneyEntry).where(MoneyEntry.id == added[0])).one()


def post_all(session: Session, *, book_id: int, drafts: Sequence[Draft]) -> None:
    """Enter many entries at once, whose keys nobody used yet: a file's lines, a month's.

    Each is judged and hashed as by `post`; the database refuses a key that is there already.
    Raises `EntryUnbalanced`.
    """
    if not drafts:
        return
    for draft in drafts:
        check_lines(draft.lines)
    named = [line.account for draft in drafts for line in draft.lines]
    accounts = _accounts(session, named, book_id=book_id)
    rows = [
        {
            "code": new_code(), "idem_key": f"{book_id}:{draft.key}", "book_id": book_id,
            "kind": draft.kind, "ref": draft.ref, "at": draft.at,
            "on_day": draft.at.astimezone(BEIJING).date(), "lines": len(draft.lines),
            "sha256": lines_hash(draft.lines, kind=draft.kind, ref=draft.ref),
            "person_id": draft.person_id, "reverses_id": None,
        }
        for draft in drafts
    ]  # fmt: skip
    made = insert(_ENTRIES).returning(_ENTRIES.c.idem_key, _ENTRIES.c.id)
    ids = {key: each for key, each in session.connection().execute(made, rows)}  # noqa: C416 - rows, not pairs
    postings = [
        {
            "entry_id": ids[f"{book_id}:{draft.key}"], "position": position,
            "book_id": book_id, "account_id": accounts[line.account],
            "currency": line.account.currency, "amount_minor": line.amount_minor,
        }
        for draft in drafts
        for position, line in enumerate(draft.lines, start=1)
    ]  # fmt: skip
    insert_many(session, _POSTINGS, postings)


def reverse(
    session: Session, *, entry: MoneyEntry, at: datetime, person_id: int | None = None
) -> MoneyEntry:
    """Take an entry back, once, by one of the opposite sign that points at it.

    Raises `EntryReversed`.
    """
    if entry.reverses_id is not None:
        raise EntryReversed(entry=entry.code)
    found = session.exec(select(MoneyEntry).where(MoneyEntry.reverses_id == entry.key)).first()
    if found is not None:
        raise EntryReversed(entry=entry.code)
    rows = session.exec(
        select(MoneyPosting, MoneyAccount)
        .join(MoneyAccount, col(MoneyAccount.id) == col(MoneyPosting.account_id))
        .where(MoneyPosting.entry_id == entry.key)
        .order_by(col(MoneyPosting.position))
    )
    return post(
        session,
        book_id=entry.book_id,
        key=f"reversed:{entry.code}",
        kind=entry.kind,
        ref=entry.ref,
        at=at,
        lines=[
            Line(Account(account.kind, account.subject, account.currency), -posting.amount_minor)
            for posting, account in rows
        ],
        person_id=person_id,
        reverses_id=entry.key,
    )


def entry_of(session: Session, *, book_id: int, key: str) -> MoneyEntry:
    """Return the entry made under a key of a book. Raises `NoSuchEntry`."""
    found = session.exec(
        select(MoneyEntry).where(MoneyEntry.idem_key == f"{book_id}:{key}")
    ).one_or_none()
    if found is None:
        raise NoSuchEntry(key=key[:60])
    return found


def book(session: Session, *, organisation_id: int | None) -> int:
    """Return the book of an organisation, None for the platform's own; opened when first asked."""
    name = PLATFORM if organisation_id is None else str(organisation_id)
    statement = select(MoneyBook.id).where(MoneyBook.name == name)
    found = session.exec(statement).one_or_none()
    if found is None:
        row = {"name": name, "organisation_id": organisation_id}
        _added(session, _BOOKS, [row], unique=["name"])
        found = session.exec(statement).one()
    return found or 0


def check_lines(lines: Sequence[Line]) -> None:
    """Refuse lines that are no entry: fewer than two, nothing moved, or not zero in sum."""
    sums: dict[str, int] = {}
    for line in lines:
        if line.amount_minor == 0:
            raise EntryUnbalanced(currency=line.account.currency, left_minor=0)
        currency = line.account.currency
        sums[currency] = sums.get(currency, 0) + line.amount_minor
    for currency, left in sums.items():
        if left:
            raise EntryUnbalanced(currency=currency, left_minor=left)
    if len(lines) < 2:  # noqa: PLR2004 - double entry
        raise EntryUnbalanced(currency="", left_minor=0)


def lines_hash(lines: Sequence[Line], *, kind: str, ref: str) -> str:
    """Return the SHA-256 of what an entry says, whatever the order of its lines."""
    said = sorted(
        [each.account.kind, each.account.subject, each.account.currency, each.amount_minor]
        for each in lines
    )
    return hashlib.sha256(orjson.dumps([kind, ref, said])).hexdigest()


def lock_accounts(session: Session, *, account_ids: Sequence[int]) -> None:
    """Hold accounts still, in the order of their ids, until the transaction ends.

    Nobody posts to them meanwhile: a sum read after this stays true until the commit.
    """
    session.exec(
        select(MoneyAccount.id)
        .where(col(MoneyAccount.id).in_(list(account_ids)))
        .order_by(col(MoneyAccount.id))
        .with_for_update()
    ).all()


def _standing(session: Session, *, key: str, sha256: str) -> MoneyEntry:
    entry = session.exec(select(MoneyEntry).where(MoneyEntry.idem_key == key)).one()
    if entry.sha256 != sha256:
        raise EntryKeyReused(key=key.partition(":")[2][:60])
    return entry


def _accounts(session: Session, wanted: Sequence[Account], *, book_id: int) -> dict[Account, int]:
    names = sorted(set(wanted))
    found = _opened(session, names, book_id=book_id)
    missing = [name for name in names if name not in found]
    for first in range(0, len(missing), AT_ONCE):
        some = missing[first : first + AT_ONCE]
        rows = [
            {
                "code": new_code(), "book_id": book_id, "kind": each.kind,
                "subject": each.subject, "currency": each.currency,
            }
            for each in some
        ]  # fmt: skip
        _added(session, _ACCOUNTS, rows, unique=["book_id", "kind", "subject", "currency"])
    return found | _opened(session, missing, book_id=book_id) if missing else found


def _opened(session: Session, names: Sequence[Account], *, book_id: int) -> dict[Account, int]:
    statement = select(
        MoneyAccount.kind, MoneyAccount.subject, MoneyAccount.currency, MoneyAccount.id
    ).where(
        MoneyAccount.book_id == book_id,
        col(MoneyAccount.kind).in_({each.kind for each in names}),
        Among(col(MoneyAccount.subject), bindparam("subjects", type_=Text)),
    )
    subjects = as_texts({each.subject for each in names})
    rows = session.exec(statement, params={"subjects": subjects})
    return {Account(*row[:3]): row[3] or 0 for row in rows}


def _added(
    session: Session, table: Table, rows: Sequence[dict[str, Any]], *, unique: Sequence[str]
) -> list[int]:
    """Insert rows that are not there yet and return their ids; waits for who inserts the same."""
    statement = (
        insert_unless(session, table)
        .values(list(rows))
        .on_conflict_do_nothing(index_elements=list(unique))
        .returning(table.c.id)
    )
    return list(session.connection().execute(statement).scalars())
