"""Filings, licences and authorisations: handed in, verified, withdrawn. Edited by adding anew."""

from datetime import date

from sqlmodel import Session, col, select

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import BEIJING, Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.parties import queries
from remelt.platform.parties.errors import (
    FilingEnded,
    FilingOutOfDate,
    NoSuchFiling,
    NotAuthorised,
)
from remelt.platform.parties.events import FilingAdded, FilingVerified, FilingWithdrawn
from remelt.platform.parties.models import FILING_KINDS, Filing
from remelt.platform.parties.rules import check_choice, may_buy, read_number


def add_filing(
    session: Session,
    *,
    clock: Clock,
    organisation_id: int,
    kind: str,
    number: str,
    valid_until: date | None = None,
) -> Filing:
    """Hand in a filing; it counts once `verify_filing` has compared it with the paper.

    kind: of `FILING_KINDS`. valid_until: last Beijing day of validity, None for no end.

    Raises `NoSuchOrganisation`, `UnknownChoice`, `BadNumber` or `FilingOutOfDate`.
    """
    organisation = queries.organisation_by_id(session, organisation_id=organisation_id)
    check_choice(kind, among=FILING_KINDS, field="kind")
    now = clock.now(session)
    if valid_until is not None and valid_until < now.astimezone(BEIJING).date():
        raise FilingOutOfDate(field="valid_until")
    filing = Filing(
        code=new_code(),
        organisation_id=organisation.key,
        kind=kind,
        number=read_number(number),
        valid_until=valid_until,
        handed_in_at=now,
    )
    session.add(filing)
    session.flush()
    outbox.record(
        session,
        FilingAdded(
            at=now, organisation_code=organisation.code, filing_code=filing.code, kind=kind
        ),
    )
    return filing


def verify_filing(session: Session, *, clock: Clock, filing_code: str, by_person_id: int) -> Filing:
    """Record that the operator has compared a filing with the paper; twice changes nothing.

    Raises `NoSuchFiling` or `FilingEnded`.
    """
    filing = _lock(session, filing_code=filing_code, organisation_id=None)
    if filing.verified_at is None:
        filing.verified_at = clock.now(session)
        filing.verified_by = by_person_id
        event = FilingVerified(
            at=filing.verified_at, filing_code=filing.code, by_person_id=by_person_id
        )
        outbox.record(session, event)
    return filing


def end_filing(
    session: Session,
    *,
    clock: Clock,
    filing_code: str,
    organisation_id: int | None = None,
    by_person_id: int | None = None,
) -> Filing:
    """Withdraw a filing; it counts no longer. Raises `NoSuchFiling` or `FilingEnded`."""
    filing = _lock(session, filing_code=filing_code, organisation_id=organisation_id)
    filing.ended_at = clock.now(session)
    outbox.record(
        session,
        FilingWithdrawn(at=filing.ended_at, filing_code=filing.code, by_person_id=by_person_id),
    )
    return filing


def check_may_buy(
    session: Session, *, clock: Clock, organisation_id: int, productive: bool
) -> None:
    """Refuse the purchase of productive scrap without authorisation in force.

    Raises `NotAuthorised`.
    """
    today = clock.now(session).astimezone(BEIJING).date()
    kinds = queries.filing_kinds(session, organisation_id=organisation_id, on=today)
    if not may_buy(kinds, productive=productive):
        raise NotAuthorised


def _lock(session: Session, *, filing_code: str, organisation_id: int | None) -> Filing:
    statement = select(Filing).where(Filing.code == filing_code).with_for_update()
    if organisation_id is not None:
        statement = statement.where(col(Filing.organisation_id) == organisation_id)
    filing = session.exec(statement).one_or_none()
    if filing is None:
        raise NoSuchFiling(filing_code=filing_code[:20])
    if filing.ended_at is not None:
        raise FilingEnded(filing_code=filing.code)
    return filing
