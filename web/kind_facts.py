"""What the page of a listing shows beside the plain room: key, envelopes, deposit, line, offers."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from remelt.platform.market.auction_models import Auction
from remelt.platform.market.claiming import ends_at, unpaid_of
from remelt.platform.market.deposits import deposit_of
from remelt.platform.market.descending import price_now, taker_of
from remelt.platform.market.kinds import Phase, phase
from remelt.platform.market.models import Listing
from remelt.platform.market.places import Placed, line_of
from remelt.platform.market.proposals.queries import Exchange, exchanges
from remelt.platform.market.sealing.boxes import least_sealed, seal_of
from remelt.platform.market.sealing.queries import Shut, envelopes
from remelt.platform.market.state import state_of
from remelt.platform.market.terms import leader_alone, terms_of, turns_of
from remelt.platform.market.terms_models import AuctionTerms, Deposit
from remelt.platform.parties import queries as parties
from remelt.platform.parties.actors import Actor
from remelt.platform.parties.models import Organisation
from remelt.platform.settlement.rails.provider_deposits import HOLDS
from remelt.platform.settlement.rails.provider_orders import MOST_MINOR
from remelt.web.context import settings

SEALED_KINDS = ("sealed", "descending")


@dataclass(frozen=True, slots=True)
class KindFacts:
    """The auction as one viewer sees it, beside the plain room.

    stage: of a falling price; price_fen_per_t: what it is now. least_sealed: the least an envelope
    has to hold. key_made: envelopes can be taken. boxes: the viewer's envelopes, and everybody's
    for the seller once they were opened. line: the seller sees all places, a bidder its own.
    card: the deposit can be held on a card. names: of the bidders in line, for the seller; claims:
    deposits of places that did not pay in time, by bidder.
    """

    terms: AuctionTerms
    stage: Phase | None
    price_fen_per_t: int | None
    least_sealed: int
    taker: bool
    holder: bool
    key_made: bool
    boxes: list[Shut]
    deposit: Deposit | None
    card: bool
    claims: dict[int, Deposit]
    line: list[Placed]
    names: dict[int, Organisation]
    exchanges: list[Exchange]

    @property
    def alone(self) -> bool:
        """Whether the best offer alone waits for the seller's word."""
        return leader_alone(self.terms)

    def until(self, laid: Deposit) -> datetime | None:
        """When a deposit not paid in time ends by itself."""
        return ends_at(laid)

    @property
    def deposit_until(self) -> datetime | None:
        """When the viewer's deposit ends by itself."""
        return ends_at(self.deposit) if self.deposit else None

    @property
    def sealing(self) -> bool:
        """Whether the auction has sealed bids at all."""
        return self.terms.holder_id is not None


def kind_facts(
    session: Session, *, listing: Listing, auction: Auction, who: Actor, now: datetime
) -> KindFacts:
    """Return what `who` may see. A fixed number of statements."""
    terms = terms_of(session, auction_id=auction.key)
    own = listing.seller_id == who.organisation_id
    bidder = who.organisation_id
    falls = auction.kind == "descending"
    line = [] if turns_of(terms).at_once else line_of(session, auction)
    seen = line if own else [each for each in line if each.bid.bidder_id == bidder]
    opened = own and auction.opened_at is not None
    sealing = auction.kind in SEALED_KINDS
    return KindFacts(
        terms=terms,
        stage=phase(auction, now=now) if falls else None,
        price_fen_per_t=price_now(auction, terms=terms, now=now) if falls else None,
        least_sealed=least_sealed(auction),
        taker=falls and taker_of(session, auction) == bidder,
        holder=terms.holder_id == bidder,
        key_made=sealing and seal_of(session, auction_id=auction.key) is not None,
        boxes=_boxes(session, auction, bidder_id=None if opened else bidder) if sealing else [],
        deposit=deposit_of(session, auction_id=auction.key, bidder_id=bidder),
        card=_card(auction, terms, now=now),
        claims=unpaid_of(session, auction_id=auction.key) if own and line else {},
        line=seen,
        names=_names(session, seen) if own else {},
        exchanges=exchanges(
            session, organisation_id=bidder, now=now, listing_id=listing.key
        ) if auction.kind == "fixed" else [],
    )  # fmt: skip


def takes_envelopes(auction: Auction, *, facts: KindFacts, now: datetime) -> bool:
    """Tell whether an envelope of this viewer would be taken now."""
    if auction.kind == "sealed":
        return state_of(auction, now=now) == "open"
    return facts.stage == "sealed" and not facts.taker


def _card(auction: Auction, terms: AuctionTerms, *, now: datetime) -> bool:
    amount_fen = terms.deposit_fen or 0
    fits = 0 < amount_fen <= MOST_MINOR and auction.closes_at <= now + HOLDS
    return fits and bool(settings().stripe_key)


def _boxes(session: Session, auction: Auction, *, bidder_id: int | None) -> list[Shut]:
    return envelopes(session, auction_id=auction.key, bidder_id=bidder_id)


def _names(session: Session, line: list[Placed]) -> dict[int, Organisation]:
    return parties.organisations_by_id(session, ids={each.bid.bidder_id for each in line})
