"""Who bids: the facts that the rules ask for, looked up for a whole batch."""

from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from remelt.platform.market.bids.standing import Bidder
from remelt.platform.market.deposits import secured_among
from remelt.platform.market.eligibility import in_force_to
from remelt.platform.market.limits import caps_beside
from remelt.platform.parties.models import PRODUCTIVE_SCRAP, Membership

_MINE, _THEIRS = aliased(Membership), aliased(Membership)
_LINKED = (
    select(_MINE.organisation_id)
    .join(_THEIRS, col(_MINE.person_id) == col(_THEIRS.person_id))
    .where(
        col(_MINE.organisation_id).in_(bindparam("ids", expanding=True)),
        col(_THEIRS.organisation_id) == bindparam("owner_id"),
        col(_MINE.ended_at).is_(None),
        col(_THEIRS.ended_at).is_(None),
    )
)


def bidders_of(
    session: Session,
    facts: Any,
    *,
    limited: Collection[int],
    ids: Collection[int],
) -> dict[int, Bidder]:
    """Return what the rules need to know of each bidder of an auction, by id.

    facts: the auction's row with `deposit_fen`, `licence`, `listing_code` and `mass_g`. limited:
    those under a credit limit, whose groups are locked. One statement for all; one more each where
    a paper or a deposit is asked, and some for those under a limit.
    """
    asked = {"ids": list(ids), "owner_id": facts.owner_id}
    linked = set(session.connection().scalars(_LINKED, asked)) - {facts.owner_id}
    until: dict[int, date] = {}
    if facts.authorised_only:
        until = in_force_to(session, ids=ids, kind=PRODUCTIVE_SCRAP)
    licensed: dict[int, date] = {}
    if facts.licence:
        licensed = in_force_to(session, ids=ids, kind=facts.licence)
    secured = set(ids)
    if facts.deposit_fen is not None:
        secured = secured_among(session, auction_id=facts.id, bidder_ids=ids)
    most: dict[int, int] = {}
    if limited:
        most = caps_beside(
            session, listing_code=facts.listing_code, mass_g=facts.mass_g, bidder_ids=limited
        ).most_fen_per_t
    return {
        each: Bidder(
            id=each,
            linked=each in linked,
            authorised_to=until.get(each),
            licensed_to=licensed.get(each),
            secured=each in secured,
            most_fen_per_t=most.get(each),
        )
        for each in ids
    }
