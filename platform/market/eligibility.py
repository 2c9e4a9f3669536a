"""Who may buy: authorisation for productive scrap, and links between organisations."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from remelt.platform.kernel.clock import BEIJING
from remelt.platform.parties.errors import NoSuchSite
from remelt.platform.parties.models import (
    PRODUCTIVE_SCRAP,
    Filing,
    Membership,
    Organisation,
    Site,
)


@dataclass(frozen=True, slots=True)
class Buyer:
    """What the rules need to know of a bidder.

    linked: ids of organisations that a person of the bidder also belongs to.
    authorised_to: last Beijing day of its verified authorisation to buy productive scrap, None
    without one; only an enterprise can hold it.
    """

    id: int
    code: str
    linked: frozenset[int] = frozenset()
    authorised_to: date | None = None

    def may_buy_productive(self, *, now: datetime) -> bool:
        """Tell whether the authorisation is in force at `now`."""
        day = now.astimezone(BEIJING).date()
        return self.authorised_to is not None and day <= self.authorised_to


def buyer(session: Session, *, organisation_id: int) -> Buyer:
    """Look the bidder up; done before the listing is locked, to hold the lock briefly."""
    organisation = session.exec(
        select(Organisation).where(Organisation.id == organisation_id)
    ).one()
    return Buyer(
        id=organisation_id,
        code=organisation.code,
        linked=linked_to(session, organisation_id=organisation_id),
        authorised_to=_authorised_to(session, organisation)
        if organisation.legal_form == "enterprise"
        else None,
    )


def linked_to(session: Session, *, organisation_id: int) -> frozenset[int]:
    """Return the ids of the other organisations that share a person with this one."""
    mine, theirs = aliased(Membership), aliased(Membership)
    found = session.exec(
        select(theirs.organisation_id)
        .join(mine, col(mine.person_id) == col(theirs.person_id))
        .where(
            mine.organisation_id == organisation_id,
            theirs.organisation_id != organisation_id,
            col(mine.ended_at).is_(None),
            col(theirs.ended_at).is_(None),
        )
        .distinct()
    )
    return frozenset(found)


def check_delivery_site(session: Session, *, site_id: int, buyer_id: int) -> None:
    """Refuse a place of delivery that is neither the buyer's own nor an open hub."""
    _delivery(session, col(Site.id) == site_id, buyer_id=buyer_id)


def delivery_site(session: Session, *, code: str, buyer_id: int) -> int:
    """Return the id of a place of delivery: the buyer's own, or an open hub.

    Raises `NoSuchSite` for any other.
    """
    return _delivery(session, col(Site.code) == code, buyer_id=buyer_id)


def _delivery(session: Session, which: ColumnElement[bool], *, buyer_id: int) -> int:
    found = session.exec(
        select(Site.id).where(
            which,
            col(Site.ended_at).is_(None),
            or_(col(Site.organisation_id) == buyer_id, col(Site.can_hub).is_(True)),
        )
    ).first()
    if found is None:
        raise NoSuchSite(field="deliver_to")
    return found


def _authorised_to(session: Session, organisation: Organisation) -> date | None:
    filings = session.exec(
        select(Filing).where(
            Filing.organisation_id == organisation.key,
            Filing.kind == PRODUCTIVE_SCRAP,
            col(Filing.verified_at).is_not(None),
            col(Filing.ended_at).is_(None),
        )
    ).all()
    return max((filing.valid_until or date.max for filing in filings), default=None)
