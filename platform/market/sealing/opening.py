"""The opening: both halves of the key together, after the end and never before."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlmodel import Session, col, select

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import Clock
from remelt.platform.market.auction_models import Auction, Bid
from remelt.platform.market.awarding import record_close
from remelt.platform.market.errors import BiddingOver, NoSuchListing
from remelt.platform.market.limits import Caps, caps_of, lock_groups
from remelt.platform.market.measuring import Measured, measure
from remelt.platform.market.offerings import Offering, lock_offering, offering
from remelt.platform.market.score import rank
from remelt.platform.market.sealing.boxes import seal_of
from remelt.platform.market.sealing.envelope import SealedOffer, Unopenable, as_bytes, unseal
from remelt.platform.market.sealing.errors import (
    AlreadyOpened,
    BidsStillSealed,
    NotSealedYet,
)
from remelt.platform.market.sealing.events import BidsOpened
from remelt.platform.market.sealing.halves import HalfFolder, fingerprint, join, read_half
from remelt.platform.market.sealing.models import Opening, SealedBid
from remelt.platform.market.terms import terms_of
from remelt.platform.market.terms_models import AuctionTerms
from remelt.platform.parties import queries as parties


@dataclass(slots=True)
class _Read:
    """What was found in one envelope: the offer, and the bid it became."""

    sealed: SealedBid
    offer: SealedOffer
    bid: Bid
    measured: Measured


@dataclass(slots=True)
class _Table:
    """The envelopes on the table, sorted by what became of them."""

    read: list[_Read] = field(default_factory=list)
    replaced: list[SealedBid] = field(default_factory=list)
    unreadable: list[SealedBid] = field(default_factory=list)


def open_bids(
    session: Session,
    *,
    clock: Clock,
    listing_code: str,
    holder_id: int,
    half: str,
    folder: HalfFolder,
) -> BidsOpened:
    """Read every envelope that counts, rank the offers, and let the auction go on.

    A sealed auction closes with it. In a descending one the taker of the price gets its last word
    if an offer is higher. An offer beyond its bidder's credit is read and refused.
    Raises `NoSuchListing` for whoever is not the named holder, `BidsStillSealed` before the end,
    `BiddingOver` once the time for it has run out, `AlreadyOpened`, `NotSealedYet`, `HalfMissing`,
    and what `read_half` and `join` refuse.
    """
    locked = _lock(session, listing_code=listing_code)
    auction = locked.auction
    terms = terms_of(session, auction_id=auction.key)
    if terms.holder_id != holder_id:
        raise NoSuchListing(listing=listing_code[:20])
    now = clock.now(session)
    _check_time(auction, now=now)
    key = seal_of(session, auction_id=auction.key)
    if key is None:
        raise NotSealedYet
    given = read_half(half, auction_code=listing_code)
    public = as_bytes(key.public_key)
    private = join(folder.read(public), given, public=public)
    table = _read_all(session, locked, private=private, terms=terms)
    best = _rank(session, table, reserve=auction.reserve_fen_per_t or 0, now=now)
    told = BidsOpened(
        at=now, listing_code=listing_code, key=fingerprint(public),
        read=tuple(f"{each.sealed.receipt}:{each.offer.digest()}" for each in table.read),
        replaced=tuple(each.receipt for each in table.replaced),
        unreadable=tuple(each.receipt for each in table.unreadable),
    )  # fmt: skip
    outbox.record(session, told)
    _go_on(session, locked, best=best, terms=terms, now=now)
    return told


def _lock(session: Session, *, listing_code: str) -> Offering:
    """Lock the bidders' groups, then the auction: after the end no bidder joins."""
    auction_id = offering(session, code=listing_code).auction.key
    bidders = session.exec(
        select(SealedBid.bidder_id).where(SealedBid.auction_id == auction_id).distinct()
    ).all()
    lock_groups(session, organisation_ids=bidders)
    return lock_offering(session, code=listing_code)


def _check_time(auction: Auction, *, now: datetime) -> None:
    if auction.opened_at is not None or auction.closed_at is not None:
        raise AlreadyOpened
    waits = auction.kind == "descending" and auction.stopped_at is None
    if waits or now < auction.closes_at:
        raise BidsStillSealed(closes_at=auction.closes_at)
    if auction.open_by is not None and now >= auction.open_by:
        raise BiddingOver


def _read_all(
    session: Session, locked: Offering, *, private: X25519PrivateKey, terms: AuctionTerms
) -> _Table:
    auction, table = locked.auction, _Table()
    rows = session.exec(
        select(SealedBid).where(SealedBid.auction_id == auction.key).order_by(col(SealedBid.seq))
    ).all()
    last = {row.bidder_id: row.seq for row in rows}
    who = parties.organisations_by_id(session, ids=set(last))
    caps = caps_of(session, locked=locked, bidder_ids=list(last))
    for row in rows:
        if row.seq != last[row.bidder_id]:
            table.replaced.append(row)
            continue
        try:
            offer = unseal(
                as_bytes(row.envelope), private=private, auction_code=locked.listing.code,
                bidder_code=who[row.bidder_id].code,
            )  # fmt: skip
        except Unopenable:
            table.unreadable.append(row)
            continue
        bid = _bid(auction, row, offer, caps=caps)
        measured = measure(
            session, locked.listing, terms=terms, price_fen_per_t=bid.price_fen_per_t,
            site_id=row.deliver_to_site_id,
        )  # fmt: skip
        session.add(bid)
        table.read.append(_Read(sealed=row, offer=offer, bid=bid, measured=measured))
    return table


def _bid(auction: Auction, row: SealedBid, offer: SealedOffer, *, caps: Caps) -> Bid:
    """Return the bid that an envelope held, in the order of receipt."""
    auction.bid_seq += 1
    refused = caps.refuses(row.bidder_id, price_fen_per_t=offer.price_fen_per_t)
    auction.bid_count += not refused
    return Bid(
        auction_id=auction.key, seq=auction.bid_seq, bidder_id=row.bidder_id,
        person_id=row.person_id, deliver_to_site_id=row.deliver_to_site_id,
        price_fen_per_t=offer.price_fen_per_t, placed_at=row.placed_at,
        verdict="rejected" if refused else "accepted",
        reason="over-credit-limit" if refused else "", closes_at=auction.closes_at,
    )  # fmt: skip


def _rank(session: Session, table: _Table, *, reserve: int, now: datetime) -> Bid | None:
    """Keep what was read, and return the best; none under the reserve stands before one over it."""
    session.flush()
    fit = [each for each in table.read if each.bid.verdict == "accepted"]
    fit.sort(
        key=lambda each: (
            each.bid.price_fen_per_t < reserve,
            rank(each.measured.score, side="sale", seq=each.sealed.seq),
        )
    )
    places = {each.sealed.seq: place for place, each in enumerate(fit, start=1)}
    for each in table.read:
        session.add(
            Opening(
                sealed_bid_id=each.sealed.key, outcome="read", bid_id=each.bid.key,
                digest=each.offer.digest(), blind=each.offer.blind,
                place=places.get(each.sealed.seq),
                score_fen_per_t=each.measured.score.recovered_fen_per_t, opened_at=now,
            )
        )  # fmt: skip
    shut: Sequence[tuple[str, list[SealedBid]]] = (
        ("replaced", table.replaced), ("unreadable", table.unreadable),
    )  # fmt: skip
    for outcome, rows in shut:
        for row in rows:
            session.add(Opening(sealed_bid_id=row.key, outcome=outcome, opened_at=now))
    session.flush()
    return fit[0].bid if fit else None


def _go_on(
    session: Session, locked: Offering, *, best: Bid | None, terms: AuctionTerms, now: datetime
) -> None:
    """Take the best of what was read; close, or give the taker its last word."""
    auction = locked.auction
    auction.opened_at, auction.shut = now, 0
    higher = best is not None and best.price_fen_per_t > (auction.leading_fen_per_t or 0)
    if best is not None and higher:
        auction.leading_fen_per_t, auction.leading_bid_id = best.price_fen_per_t, best.key
    if auction.kind == "descending" and higher:
        auction.closes_at = now + timedelta(seconds=terms.best_s or 0)
        return
    record_close(session, locked, now=now)
