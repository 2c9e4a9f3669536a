"""Who bids: the facts that the rules ask for, looked up for a whole batch."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import bindparam, literal, union_all
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from remelt.platform.market.auction_models import Auction
from remelt.platform.market.bids.standing import Bidder
from remelt.platform.market.deposits import secured_among
from remelt.platform.market.eligibility import in_force_to
from remelt.platform.market.limits import caps_beside
from remelt.platform.market.terms_models import CreditLimit
from remelt.platform.parties.models import PRODUCTIVE_SCRAP, Membership

_MINE, _THEIRS = aliased(Membership), aliased(Membership)
_LINKED: Any = (
    select(literal("linked").label("what"), col(_MINE.organisation_id).label("bidder_id"))
    .join(_THEIRS, col(_MINE.person_id) == col(_THEIRS.person_id))
    .join(Auction, col(Auction.owner_id) == col(_THEIRS.organisation_id))
    .where(
        col(_MINE.organisation_id).in_(bindparam("ids", expanding=True)),
        col(Auction.id) == bindparam("auction_id"),
        col(_MINE.ended_at).is_(None),
        col(_THEIRS.ended_at).is_(None),
    )
)
_LATER = aliased(CreditLimit)
_LIMITED: Any = (
    select(literal("limited"), col(_MINE.organisation_id))
    .join(_THEIRS, col(_MINE.person_id) == col(_THEIRS.person_id))
    .join(CreditLimit, col(CreditLimit.organisation_id) == col(_THEIRS.organisation_id))
    .where(
        col(_MINE.organisation_id).in_(bindparam("ids", expanding=True)),
        col(_MINE.ended_at).is_(None),
        col(_THEIRS.ended_at).is_(None),
        col(CreditLimit.limit_fen).is_not(None),
        ~select(_LATER.id)
        .where(
            col(_LATER.organisation_id) == col(CreditLimit.organisation_id),
            col(_LATER.id) > col(CreditLimit.id),
        )
        .exists(),
    )
)
_TIES: Any = union_all(_LINKED, _LIMITED)


@dataclass(frozen=True, slots=True)
class Ties:
    """What is known of bidders apart from the auction.

    ids: who they are. linked: those that share a person with the owner of the auction, itself
    among them. limited: those under a credit limit, whose groups are locked before the auction.
    """

    ids: frozenset[int] = frozenset()
    linked: frozenset[int] = frozenset()
    limited: frozenset[int] = frozenset()

    def beside(self, other: "Ties") -> "Ties":
        """Return what is known of both."""
        if not other.ids:
            return self
        return Ties(self.ids | other.ids, self.linked | other.linked, self.limited | other.limited)


def ties_of(session: Session, *, auction_id: int, ids: Collection[int]) -> Ties:
    """Return what ties bidders of an auction to others, in one statement for all."""
    if not ids:
        return Ties()
    asked = {"ids": list(ids), "auction_id": auction_id}
    found = session.connection().execute(_TIES, asked).all()
    return Ties(
        frozenset(ids),
        linked=frozenset(key for what, key in found if what == "linked"),
        limited=frozenset(key for what, key in found if what == "limited"),
    )


def bidders_of(
    session: Session, facts: Any, *, ties: Ties, ids: Collection[int]
) -> dict[int, Bidder]:
    """Return what the rules need to know of each bidder of an auction, by id.

    facts: the auction's row with `deposit_fen`, `licence`, `listing_code` and `mass_g`. ties:
    theirs, of others too maybe; where they are about to offer, with the groups of the limited
    locked. One statement each where a paper or a deposit is asked, and some for those under a
    limit; else none.
    """
    linked, limited = ties.linked - {facts.owner_id}, ties.limited.intersection(ids)
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
