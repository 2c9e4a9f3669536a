"""What stands around a listing on its page: who watches, what was asked, who looks for it."""

from dataclasses import dataclass

from sqlmodel import Session

from remelt.platform.market.amending import successor
from remelt.platform.market.following.models import Question
from remelt.platform.market.following.questions import questions as questions_of
from remelt.platform.market.following.watching import watches
from remelt.platform.market.models import Listing
from remelt.platform.market.needs.matching import NeedFit, needs_for
from remelt.platform.market.offerings import Offering
from remelt.platform.parties.actors import Actor
from remelt.web.context import clock
from remelt.web.need_words import Said, said


@dataclass(frozen=True)
class Around:
    """What the page of a listing shows besides the lot and its offers."""

    watching: bool
    questions: list[Question]
    sought: list[tuple[NeedFit, list[Said]]]
    successor: Listing | None


def around(session: Session, lot: Offering, who: Actor) -> Around:
    """Return what stands around a listing; needs that it fits are for its seller alone."""
    row = lot.listing
    own = row.seller_id == who.organisation_id
    sought = needs_for(session, lot, now=clock().now(session)) if own else []
    return Around(
        watching=watches(session, listing=row, organisation_id=who.organisation_id),
        questions=questions_of(session, listing_id=row.key),
        successor=successor(session, listing_id=row.key) if lot.auction.withdrawn_at else None,
        sought=[(each, said(each.fit)) for each in sought],
    )
