"""Making the key of a sealed auction, and taking envelopes in until its end."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session, col, select

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.idempotency import KeyReused
from remelt.platform.market.admitting import admit
from remelt.platform.market.auction_models import Auction
from remelt.platform.market.descending import taker_of
from remelt.platform.market.drafts import check_price
from remelt.platform.market.eligibility import check_delivery_site
from remelt.platform.market.errors import BiddingOver, BidTooLow, NoSuchListing
from remelt.platform.market.kinds import OPEN_WITHIN_S, phase
from remelt.platform.market.offerings import Offering, lock_offering
from remelt.platform.market.sealing.envelope import (
    SealedOffer,
    as_bytes,
    as_text,
    blind_body,
    blind_key,
    receipt,
    seal,
)
from remelt.platform.market.sealing.errors import (
    KeyTooShort,
    NoEnvelopesNow,
    NotSealedYet,
    SealInUse,
)
from remelt.platform.market.sealing.events import SealedBidReceived, SealMade
from remelt.platform.market.sealing.halves import HalfFolder, NewKey, fingerprint, make_key
from remelt.platform.market.sealing.models import AuctionSeal, SealedBid
from remelt.platform.market.taking import check_taking
from remelt.platform.market.terms import terms_of
from remelt.platform.parties import queries as parties

KEY_LENGTH: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What a bidder sends: a price in fen per tonne, where the lot goes, and the sender's own key.

    client_key finds a retry again; it is never stored, so it has to be random and long.
    """

    price_fen_per_t: int
    deliver_to_site_id: int
    client_key: str

    def body(self) -> bytes:
        """Return what must be the same when the key comes again."""
        return f"{self.price_fen_per_t}\n{self.deliver_to_site_id}".encode()


def make_seal(
    session: Session,
    *,
    clock: Clock,
    listing_code: str,
    holder_id: int,
    person_id: int,
    folder: HalfFolder,
) -> NewKey:
    """Make the key of an auction's sealed bids; the answer holds the second holder's half.

    The other half is on the disk before this returns. Nothing keeps the answer: a lost half is
    made again, with a new key, as long as no envelope came.
    Raises `NoSuchListing` for whoever is not the named holder, `SealInUse`, `BiddingOver`.
    """
    locked = lock_offering(session, code=listing_code)
    auction = locked.auction
    if terms_of(session, auction_id=auction.key).holder_id != holder_id:
        raise NoSuchListing(listing=listing_code[:20])
    now = clock.now(session)
    if auction.shut:
        raise SealInUse(listing=listing_code)
    if auction.closed_at is not None or auction.withdrawn_at is not None:
        raise BiddingOver
    made = make_key(listing_code)
    folder.keep(made.kept, public=made.public)
    session.add(
        AuctionSeal(
            auction_id=auction.key, public_key=as_text(made.public), made_at=now,
            person_id=person_id,
        )
    )  # fmt: skip
    outbox.record(
        session, SealMade(at=now, listing_code=listing_code, key=fingerprint(made.public))
    )
    return made


def put_in(
    session: Session,
    *,
    clock: Clock,
    listing_code: str,
    bidder_id: int,
    person_id: int,
    envelope: Envelope,
) -> SealedBid:
    """Shut an offer and keep it; a later one of the same bidder takes its place.

    What is refused is not kept: a refusal would tell of a price. The same client key with the same
    offer gets the first answer again.
    Raises `KeyTooShort`, `KeyReused`, `NotSealedYet`, `NoEnvelopesNow`, `BidTooLow` under what
    everybody may know, `DepositMissing`, and what keeps a buyer from bidding.
    """
    check_price(envelope.price_fen_per_t, field="price_fen_per_t")
    if len(envelope.client_key) < KEY_LENGTH:
        raise KeyTooShort(field="idempotency_key", least=KEY_LENGTH)
    check_delivery_site(session, site_id=envelope.deliver_to_site_id, buyer_id=bidder_id)
    locked = lock_offering(session, code=listing_code)
    auction, now = locked.auction, clock.now(session)
    before = _before(session, auction, envelope=envelope, bidder_id=bidder_id)
    if before is not None:
        return before
    check_taking(auction, now=now)
    admit(session, locked, organisation_id=bidder_id, now=now)
    _check_box(session, auction, bidder_id=bidder_id, envelope=envelope, now=now)
    key = seal_of(session, auction_id=auction.key)
    if key is None:
        raise NotSealedYet
    bidder = parties.organisation_by_id(session, organisation_id=bidder_id)
    shut = seal(
        SealedOffer.of(envelope.price_fen_per_t), public=as_bytes(key.public_key),
        auction_code=listing_code, bidder_code=bidder.code,
    )  # fmt: skip
    return _keep(
        session, locked, envelope=envelope, shut=shut, bidder_id=bidder_id, person_id=person_id,
        now=now,
    )  # fmt: skip


def seal_of(session: Session, *, auction_id: int) -> AuctionSeal | None:
    """Return the key in force of an auction, None before it is made."""
    return session.exec(
        select(AuctionSeal)
        .where(AuctionSeal.auction_id == auction_id)
        .order_by(col(AuctionSeal.id).desc())
        .limit(1)
    ).one_or_none()


def least_sealed(auction: Auction) -> int:
    """Return the least that a sealed bid has to offer, known to all, in fen per tonne."""
    if auction.leading_fen_per_t is None or auction.step_fen_per_t is None:
        return auction.start_fen_per_t
    return auction.leading_fen_per_t + auction.step_fen_per_t


def _check_box(
    session: Session, auction: Auction, *, bidder_id: int, envelope: Envelope, now: datetime
) -> None:
    sealed = auction.kind == "sealed"
    if not sealed and (auction.kind != "descending" or phase(auction, now=now) != "sealed"):
        raise NoEnvelopesNow
    if not sealed and taker_of(session, auction) == bidder_id:
        raise NoEnvelopesNow
    least = least_sealed(auction)
    if envelope.price_fen_per_t < least:
        raise BidTooLow(field="price_fen_per_t", least_fen_per_t=least)


def _before(
    session: Session, auction: Auction, *, envelope: Envelope, bidder_id: int
) -> SealedBid | None:
    row = session.exec(
        select(SealedBid).where(
            SealedBid.auction_id == auction.key,
            SealedBid.client_key == blind_key(envelope.client_key),
        )
    ).one_or_none()
    same = blind_body(envelope.body(), client_key=envelope.client_key)
    if row is not None and (row.body != same or row.bidder_id != bidder_id):
        raise KeyReused(field="idempotency_key")
    return row


def _keep(
    session: Session,
    locked: Offering,
    *,
    envelope: Envelope,
    shut: bytes,
    bidder_id: int,
    person_id: int,
    now: datetime,
) -> SealedBid:
    auction = locked.auction
    within = terms_of(session, auction_id=auction.key).open_within_s or OPEN_WITHIN_S
    auction.open_by = auction.closes_at + timedelta(seconds=within)
    auction.shut += 1
    row = SealedBid(
        auction_id=auction.key, seq=auction.shut, bidder_id=bidder_id, person_id=person_id,
        deliver_to_site_id=envelope.deliver_to_site_id, envelope=as_text(shut),
        receipt=receipt(shut), client_key=blind_key(envelope.client_key),
        body=blind_body(envelope.body(), client_key=envelope.client_key), placed_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    outbox.record(
        session,
        SealedBidReceived(
            at=now, listing_code=locked.listing.code, seq=row.seq, receipt=row.receipt
        ),
    )
    return row
