"""What stands around a listing on its page: who watches, what was asked, who looks for it."""

from dataclasses import dataclass

from sqlmodel import Session

from remelt.platform.market import queries
from remelt.platform.market.amending import successor
from remelt.platform.market.answering import BoardOffer, board_offers, is_small
from remelt.platform.market.following.models import Question
from remelt.platform.market.following.questions import questions as questions_of
from remelt.platform.market.following.watching import watches
from remelt.platform.market.models import Contract, Listing
from remelt.platform.market.needs.matching import NeedFit, needs_for
from remelt.platform.market.offerings import Offering
from remelt.platform.market.state import LIVE, state_of
from remelt.platform.parties.actors import Actor
from remelt.web.context import clock, house
from remelt.web.need_words import Said, said

MOST_BOARDS = 6


@dataclass(frozen=True)
class Around:
    """What the page of a listing shows besides the lot and its offers."""

    watching: bool
    questions: list[Question]
    sought: list[tuple[NeedFit, list[Said]]]
    successor: Listing | None
    paid: list[BoardOffer]
    deal: Contract | None


def around(session: Session, lot: Offering, who: Actor) -> Around:
    """Return what stands around a listing; needs that it fits are for its seller alone."""
    row = lot.listing
    own = row.seller_id == who.organisation_id
    sought = needs_for(session, lot, now=clock().now(session)) if own else []
    return Around(
        watching=watches(session, listing=row, organisation_id=who.organisation_id),
        questions=questions_of(session, listing_id=row.key),
        paid=paid_for(session, lot, who),
        successor=successor(session, listing_id=row.key) if lot.auction.withdrawn_at else None,
        sought=[(each, said(each.fit)) for each in sought],
        deal=queries.own_contract(session, listing_id=row.key, organisation_id=who.organisation_id),
    )


def paid_for(session: Session, lot: Offering, who: Actor) -> list[BoardOffer]:
    """Return what boards pay for a small lot: those nearby to its seller, one's own to a yard."""
    now, own = clock().now(session), lot.listing.seller_id == who.organisation_id
    if not is_small(lot, house=house()) or state_of(lot.auction, now=now) not in LIVE:
        return []
    if own:
        return board_offers(session, lot, at=now)[:MOST_BOARDS]
    if not who.may("boards.set"):
        return []
    return board_offers(session, lot, at=now, organisation_id=who.organisation_id)[:1]
