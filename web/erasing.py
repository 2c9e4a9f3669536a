"""Erasing a person everywhere: the ledger's values, the parties' rows, the audit trail's words."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column
from sqlmodel import Session

from remelt.migrations.ddl import ERASABLE, INSERT_ONLY
from remelt.migrations.tables import metadata
from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.codes import read_code
from remelt.platform.kernel.scrubbing import scrub, texts_of
from remelt.platform.parties.errors import NoSuchPerson
from remelt.platform.parties.forgetting import (
    blank_organisation,
    blank_person,
    organisations_of,
    person_of,
)
from remelt.platform.yard.forgetting import blank_seller, is_seller
from remelt.platform.yard.queries import organisation_of_card
from remelt.traceability.proofs.forgetting import Forgotten, erase_due, forget
from remelt.web import natural
from remelt.web.erasing_files import end_papers

FORMER_VALUES = "private_value"  # of the person they are gone; of others none is touched


def erase_person(session: Session, *, clock: Clock, code: str, keep_days: int) -> Forgotten:
    """Erase a person, or somebody who sold at a gate, now or when the statutory term ends.

    With them go the organisations that are nobody but them. Raises `BadCode`, `NoSuchPerson`.
    """
    tidy = read_code(code)
    person = person_of(session, code=tidy)
    if person is None and not is_seller(session, code=tidy):
        raise NoSuchPerson(person_code=tidy)
    firms = [] if person is None else organisations_of(session, person)
    subjects = (f"person:{tidy}", *(f"org:{firm.code}" for firm in firms))
    seller = natural.seller_of_card(session, code=tidy)
    kept = None if seller is None else natural.kept_until(session, seller, keep_days=keep_days)
    done = forget(
        session, clock=clock, subject=subjects[0], also=subjects[1:], keep_days=keep_days,
        not_before=kept,
    )  # fmt: skip
    if done.until is not None and seller is not None:
        natural.restrict(session, seller, clock=clock, code=tidy, until=done.until)
    if done.until is None:
        for subject in subjects[::-1]:
            _blank(session, clock=clock, subject=subject)
    return done


def erase_whom_due(session: Session, *, clock: Clock, keep_days: int) -> int:
    """Erase everybody whose statutory term has ended; return how many."""
    due = erase_due(session, clock=clock, keep_days=keep_days)
    for subject in due:
        _blank(session, clock=clock, subject=subject)
    return len(due)


def _blank(session: Session, *, clock: Clock, subject: str) -> None:
    kind, _, code = subject.partition(":")
    person = person_of(session, code=code) if kind == "person" else None
    if person is not None:
        said = blank_person(session, person, at=clock.now(session))
    elif kind == "person":
        said = _blank_seller(session, clock=clock, code=code)
    else:
        said = blank_organisation(session, code=code)
    scrub(session, _erasable(), code=code, said=said)


def _blank_seller(session: Session, *, clock: Clock, code: str) -> tuple[str, ...]:
    """Blank a seller's card and let its buyer's papers go; all buyers' with the last card."""
    seller = natural.seller_of_card(session, code=code)
    buyer_id = organisation_of_card(session, code=code)
    said = blank_seller(session, code=code)
    if seller is not None:
        forgotten = natural.forget_when_unknown(session, seller, clock=clock)
        end_papers(
            session, seller_id=seller.key, buyer_id=None if forgotten else buyer_id,
            at=clock.now(session),
        )  # fmt: skip
    return said


def _erasable() -> Iterator[list[Column[Any]]]:
    """Give the texts that may be changed, by table: of what is insert-only those named there."""
    for table in metadata.sorted_tables:
        texts = texts_of(table)
        if table.name in INSERT_ONLY:
            texts = [each for each in texts if each.name in ERASABLE.get(table.name, ())]
        if "id" in table.c and table.name != FORMER_VALUES:
            yield texts
