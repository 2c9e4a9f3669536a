"""Naming a price, countering it, taking it, declining it: all under the listing's lock."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.market.admitting import admit, check_backing
from remelt.platform.market.auction_models import Bid
from remelt.platform.market.contracting import conclude
from remelt.platform.market.drafts import check_price
from remelt.platform.market.eligibility import check_delivery_site
from remelt.platform.market.errors import NotAtFixedPrice
from remelt.platform.market.limits import lock_groups
from remelt.platform.market.models import Contract, Listing
from remelt.platform.market.offerings import Offering, lock_offering
from remelt.platform.market.proposals.errors import NoSuchProposal, ProposalStands
from remelt.platform.market.proposals.events import ProposalEnded, ProposalMade
from remelt.platform.market.proposals.models import Proposal, ProposalTurn
from remelt.platform.market.proposals.rules import (
    Side,
    check_answer,
    check_counter,
    check_expiry,
    state_of,
)
from remelt.platform.market.taking import check_taking
from remelt.platform.parties import queries as parties


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A price in fen per tonne, tax as the listing says, and until when it binds."""

    price_fen_per_t: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class _Held:
    """An exchange with its listing locked, and the side that asks."""

    locked: Offering
    proposal: Proposal
    last: ProposalTurn
    side: Side
    now: datetime


def propose(
    session: Session,
    *,
    clock: Clock,
    listing_code: str,
    buyer_id: int,
    person_id: int,
    deliver_to_site_id: int,
    named: Named,
) -> Proposal:
    """Name another price than the fixed one; it binds the buyer until it expires.

    Raises what keeps a buyer from buying, `NotAtFixedPrice` for an auction, `ProposalStands` while
    an earlier exchange is open, `BadExpiry`, and `SamePrice` for the fixed price itself.
    """
    check_price(named.price_fen_per_t, field="price_fen_per_t")
    check_delivery_site(session, site_id=deliver_to_site_id, buyer_id=buyer_id)
    locked = lock_offering(session, code=listing_code)
    auction, now = locked.auction, clock.now(session)
    if auction.kind != "fixed":
        raise NotAtFixedPrice(listing=listing_code)
    check_taking(auction, now=now)
    admit(session, locked, organisation_id=buyer_id, now=now)
    check_expiry(named.expires_at, closes_at=auction.closes_at, now=now)
    _put_aside(session, locked, buyer_id=buyer_id, now=now)
    made = Proposal(
        code=new_code(), listing_id=locked.listing.key, buyer_id=buyer_id,
        deliver_to_site_id=deliver_to_site_id, begun_at=now,
    )  # fmt: skip
    session.add(made)
    session.flush()
    _name(session, locked, made, seq=1, by="buyer", person_id=person_id, named=named, now=now)
    return made


def counter(
    session: Session,
    *,
    clock: Clock,
    proposal_code: str,
    organisation_id: int,
    person_id: int,
    named: Named,
) -> Proposal:
    """Answer an offer with another price, which binds this side until it expires.

    Raises `NoSuchProposal`, `ProposalOver`, `NotYourTurn`, `SamePrice`, `BadExpiry`, and what ends
    an auction.
    """
    check_price(named.price_fen_per_t, field="price_fen_per_t")
    held = _hold(session, code=proposal_code, organisation_id=organisation_id, clock=clock)
    check_counter(held.last, price_fen_per_t=named.price_fen_per_t)
    closes_at = held.locked.auction.closes_at
    check_expiry(named.expires_at, closes_at=closes_at, now=held.now)
    _name(
        session, held.locked, held.proposal, seq=held.last.seq + 1, by=held.side,
        person_id=person_id, named=named, now=held.now,
    )  # fmt: skip
    return held.proposal


def accept(
    session: Session, *, clock: Clock, proposal_code: str, organisation_id: int, person_id: int
) -> Contract:
    """Take the price that the other side named last: the lot is sold at it, at once.

    Raises `NoSuchProposal`, `ProposalOver`, `NotYourTurn`, and what keeps the buyer from buying.
    """
    held = _hold(session, code=proposal_code, organisation_id=organisation_id, clock=clock)
    auction, price = held.locked.auction, held.last.price_fen_per_t
    who = admit(session, held.locked, organisation_id=held.proposal.buyer_id, now=held.now)
    check_backing(who, price_fen_per_t=price)
    auction.bid_seq += 1
    bid = Bid(
        auction_id=auction.key, seq=auction.bid_seq, bidder_id=held.proposal.buyer_id,
        person_id=person_id, deliver_to_site_id=held.proposal.deliver_to_site_id,
        price_fen_per_t=price, placed_at=held.now, verdict="accepted",
        closes_at=auction.closes_at,
    )  # fmt: skip
    session.add(bid)
    session.flush()
    auction.bid_count += 1
    auction.leading_fen_per_t, auction.leading_bid_id = bid.price_fen_per_t, bid.key
    _end(session, held, ended_as="accepted")
    return conclude(
        session, held.locked, bid=bid, decided_by="proposal", person_id=person_id, now=held.now
    )


def decline(
    session: Session, *, clock: Clock, proposal_code: str, organisation_id: int
) -> Proposal:
    """Say no to the price that the other side named last; the exchange is over.

    Raises `NoSuchProposal`, `ProposalOver`, `NotYourTurn`, and what ends an auction.
    """
    held = _hold(session, code=proposal_code, organisation_id=organisation_id, clock=clock)
    _end(session, held, ended_as="declined")
    return held.proposal


def _hold(session: Session, *, code: str, organisation_id: int, clock: Clock) -> _Held:
    """Lock the listing of an exchange, then look whose turn it is."""
    row = session.exec(
        select(Listing.code, Listing.seller_id, Proposal.buyer_id)
        .join(Proposal, col(Proposal.listing_id) == col(Listing.id))
        .where(Proposal.code == code)
    ).one_or_none()
    if row is None or organisation_id not in row[1:]:
        raise NoSuchProposal(proposal=code[:20])
    side: Side = "seller" if organisation_id == row[1] else "buyer"
    lock_groups(session, organisation_ids=[row[2]])
    locked = lock_offering(session, code=row[0])
    now = clock.now(session)
    proposal = session.exec(
        select(Proposal).where(Proposal.code == code).execution_options(populate_existing=True)
    ).one()
    last = last_turn(session, proposal_id=proposal.key)
    if proposal.ended_at is None and proposal.replaced_at is None and now < last.expires_at:
        check_taking(locked.auction, now=now)
    check_answer(state_of(proposal, last, auction=locked.auction, now=now), side=side)
    return _Held(locked=locked, proposal=proposal, last=last, side=side, now=now)


def last_turn(session: Session, *, proposal_id: int) -> ProposalTurn:
    """Return the price named last in an exchange."""
    return session.exec(
        select(ProposalTurn)
        .where(ProposalTurn.proposal_id == proposal_id)
        .order_by(col(ProposalTurn.seq).desc())
        .limit(1)
    ).one()


def _put_aside(session: Session, locked: Offering, *, buyer_id: int, now: datetime) -> None:
    """Let an exchange whose last offer expired give way to a new one."""
    before = session.exec(
        select(Proposal).where(
            Proposal.listing_id == locked.listing.key,
            Proposal.buyer_id == buyer_id,
            col(Proposal.ended_at).is_(None),
            col(Proposal.replaced_at).is_(None),
        )
    ).one_or_none()
    if before is None:
        return
    last = last_turn(session, proposal_id=before.key)
    if state_of(before, last, auction=locked.auction, now=now) != "expired":
        raise ProposalStands(proposal=before.code)
    before.replaced_at = now
    session.flush()


def _name(
    session: Session,
    locked: Offering,
    proposal: Proposal,
    *,
    seq: int,
    by: Side,
    person_id: int,
    named: Named,
    now: datetime,
) -> None:
    session.add(
        ProposalTurn(
            proposal_id=proposal.key, seq=seq, by=by, person_id=person_id,
            price_fen_per_t=named.price_fen_per_t, at=now, expires_at=named.expires_at,
        )
    )  # fmt: skip
    other = locked.listing.seller_id if by == "buyer" else proposal.buyer_id
    outbox.record(
        session,
        ProposalMade(
            at=now, proposal_code=proposal.code, listing_code=locked.listing.code, seq=seq, by=by,
            to_code=parties.organisation_by_id(session, organisation_id=other).code,
            price_fen_per_t=named.price_fen_per_t, expires_at=named.expires_at,
        ),
    )  # fmt: skip


def _end(session: Session, held: _Held, *, ended_as: str) -> None:
    held.proposal.sqlmodel_update({"ended_at": held.now, "ended_as": ended_as})
    session.add(held.proposal)
    outbox.record(
        session,
        ProposalEnded(
            at=held.now, proposal_code=held.proposal.code,
            listing_code=held.locked.listing.code, by=held.side, ended_as=ended_as,
        ),
    )  # fmt: skip
