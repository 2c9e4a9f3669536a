"""The part of a need's page that is its reverse auction."""

from typing import Any

from flask import request
from sqlmodel import Session

from remelt.platform.kernel.errors import Refusal
from remelt.platform.market.errors import (
    BiddingOver,
    LinkedBidder,
    OwnListing,
    UnfitForProductive,
)
from remelt.platform.market.needs.models import Need
from remelt.platform.market.tenders.errors import (
    BidTooDear,
    DoesNotFit,
    NotOnOffer,
    OverCeiling,
)
from remelt.platform.market.tenders.queries import lots_to_offer, tender_room
from remelt.platform.parties.actors import Actor
from remelt.web.context import clock
from remelt.web.errors import say
from remelt.web.market_forms import HOURS

REASONS: dict[str, type[Refusal]] = {
    kind.code: kind
    for kind in (
        BiddingOver, BidTooDear, DoesNotFit, LinkedBidder, NotOnOffer, OverCeiling, OwnListing,
        UnfitForProductive,
    )
}  # fmt: skip


def tender_facts(session: Session, need: Need, who: Actor) -> dict[str, Any]:
    """Return what `market/tender.html` needs: the room, lots to offer, what was answered."""
    now = clock().now(session)
    room = tender_room(session, need=need, viewer_id=who.organisation_id, now=now)
    sells = who.may("market.sell") and need.buyer_id != who.organisation_id
    asked = room is not None and room.open and sells
    lots = (
        lots_to_offer(session, need=need, seller_id=who.organisation_id, now=now) if asked else []
    )
    refused = REASONS.get(request.args.get("answer", "")) if request.method == "GET" else None
    return {
        "tender": room, "tender_lots": lots, "hours": HOURS,
        "tender_refused": say(refused()) if refused else None,
    }  # fmt: skip
