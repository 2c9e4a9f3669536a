"""Whose metal a furnace melts, and what of it came back from another's: rules of tolling."""

from collections.abc import Iterable, Sequence

from sqlmodel import Session, col, select

from remelt.platform.parties.models import Organisation, Site
from remelt.platform.works.errors import NotDrained
from remelt.platform.works.flow_models import TollingAccount, TollingEntry
from remelt.platform.works.models import Heat
from remelt.platform.works.places import Place, lot_owners
from remelt.traceability.models import Lot
from remelt.traceability.tracing.genealogy import ancestors


def owner_of(session: Session, place: Place, codes: Sequence[str], *, drained: bool) -> str:
    """Return whose metal a heat melts: the own, or an owner's under a tolling account.

    Another's own metal is melted in a drained furnace, so that what is cast is wholly its own.
    Raises `NotYourMetal`, `NotDrained`.
    """
    owners = lot_owners(session, codes)
    others = owners - {place.organisation}
    if len(owners) != 1 or not others:
        return place.organisation
    owner = others.pop()
    if not works_for(session, place, owner=owner):
        return place.organisation
    if not drained:
        raise NotDrained(field="heel_kg")
    return owner


def returned_loops(session: Session, place: Place, codes: Iterable[str]) -> frozenset[str]:
    """Return which lots came back from another's furnace that melted own dross: run-around."""
    rows = session.exec(
        select(TollingEntry.lot_code)
        .join(TollingAccount, col(TollingAccount.id) == col(TollingEntry.account_id))
        .where(
            col(TollingEntry.lot_code).in_(list(codes)),
            TollingEntry.kind == "returned",
            TollingAccount.material == "dross",
            TollingAccount.owner_id == place.site.organisation_id,
        )
    )
    return frozenset(rows)


def works_for(session: Session, place: Place, *, owner: str) -> bool:
    """Tell whether the site works the own metal of this owner under an account in force."""
    found = session.exec(
        select(TollingAccount.id)
        .join(Organisation, col(Organisation.id) == col(TollingAccount.owner_id))
        .where(
            Organisation.code == owner,
            TollingAccount.site_id == place.site.key,
            TollingAccount.terms == "own_metal",
            col(TollingAccount.accepted_at).is_not(None),
            col(TollingAccount.ended_at).is_(None),
        )
    )
    return found.first() is not None


def is_dross_of(session: Session, lot: Lot, *, owner_id: int) -> bool:
    """Tell whether a lot is the dross of a heat in this organisation's own furnaces."""
    heat = (
        select(Heat.id)
        .join(Site, col(Site.id) == col(Heat.site_id))
        .where(Heat.event_hash == lot.made_by, Site.organisation_id == owner_id)
    )
    return lot.role == "dross" and session.exec(heat).first() is not None


def is_owed_already(session: Session, lot: Lot) -> bool:
    """Tell whether own metal in this lot was booked in under an account and not given back since.

    It may be booked in itself, or be made of what was.
    """
    family = {lot.code, *ancestors(session, lot)}
    rows = session.exec(
        select(TollingEntry)
        .join(TollingAccount, col(TollingAccount.id) == col(TollingEntry.account_id))
        .where(col(TollingEntry.lot_code).in_(family), TollingAccount.terms == "own_metal")
        .order_by(col(TollingEntry.id))
    )
    owed: set[str] = set()
    for row in rows:
        if row.kind == "received":
            owed.add(row.lot_code)
        elif owed:
            back = session.exec(select(Lot).where(Lot.code == row.lot_code)).one()
            owed -= {row.lot_code, *ancestors(session, back)}
    return bool(owed)
