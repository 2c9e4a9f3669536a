"""What papers an organisation has, whom it is linked to, and where it may have goods brought."""

from collections.abc import Collection
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, Table, bindparam, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from remelt.platform.market.bars import Asks
from remelt.platform.market.bids.standing import Bidder
from remelt.platform.parties.errors import NoSuchSite
from remelt.platform.parties.models import (
    LEGAL_FORMS,
    PRODUCTIVE_SCRAP,
    Filing,
    Membership,
    Organisation,
    Site,
)

_FORMS: Final = {PRODUCTIVE_SCRAP: ("enterprise",)}
_FILING: Table = Filing.__table__  # type: ignore[attr-defined]
_PAPERS: Final = (
    select(_FILING.c.organisation_id, _FILING.c.valid_until)
    .join(Organisation, col(Organisation.id) == _FILING.c.organisation_id)
    .where(
        col(Filing.organisation_id).in_(bindparam("ids", expanding=True)),
        Filing.kind == bindparam("kind"),
        col(Organisation.legal_form).in_(bindparam("forms", expanding=True)),
        col(Filing.verified_at).is_not(None),
        col(Filing.ended_at).is_(None),
    )
)


def bidder(session: Session, *, organisation_id: int, asks: Asks) -> Bidder:
    """Return what the bars need to know of who buys from an owner, backing apart."""
    ids = [organisation_id]
    kinds = {PRODUCTIVE_SCRAP if asks.authorised_only else "", asks.licence} - {""}
    papers = {kind: in_force_to(session, ids=ids, kind=kind).get(organisation_id) for kind in kinds}
    return Bidder(
        id=organisation_id,
        linked=asks.owner_id in linked_to(session, organisation_id=organisation_id),
        authorised_to=papers.get(PRODUCTIVE_SCRAP),
        licensed_to=papers.get(asks.licence),
    )


def in_force_to(session: Session, *, ids: Collection[int], kind: str) -> dict[int, date]:
    """Return the last Beijing day of a verified filing, of those organisations that have one.

    The authorisation to buy productive scrap is an enterprise's alone.
    """
    until: dict[int, date] = {}
    for organisation_id, day in session.connection().execute(
        _PAPERS, {"ids": list(ids), "kind": kind, "forms": _FORMS.get(kind, LEGAL_FORMS)}
    ):
        until[organisation_id] = max(day or date.max, until.get(organisation_id, date.min))
    return until


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
    statement = select(Site.id).where(Site.id == site_id, *delivered(buyer_id))
    if session.exec(statement).first() is None:
        raise NoSuchSite(field="deliver_to")


def delivered(buyer_id: Any) -> tuple[ColumnElement[bool], ...]:
    """Say in SQL where a buyer may have goods brought: its own places, or an open hub."""
    return (
        col(Site.ended_at).is_(None),
        or_(col(Site.organisation_id) == buyer_id, col(Site.can_hub).is_(True)),
    )
