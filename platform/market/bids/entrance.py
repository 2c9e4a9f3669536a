"""What a plain read can answer: no lock is taken for it, and no line of the record.

An auction that is recorded as over stays over, a fixed price stays, and the price of an ascending
auction only rises: what was too low when the row was read is too low whenever it is decided. Only
offers that could be taken go on to the lock, so hopeless ones cost no bidder time and no disk.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import orjson
import sqlalchemy
from sqlalchemy import JSON, Table, Text, bindparam, cast, column, func
from sqlmodel import Session, col, select

from remelt.platform.kernel.clock import Clock, DatabaseTime
from remelt.platform.kernel.errors import Refusal
from remelt.platform.kernel.idempotency import KeyReused
from remelt.platform.kernel.many import Among, as_texts
from remelt.platform.kernel.rows import BIG
from remelt.platform.kernel.store import Store
from remelt.platform.kernel.together import Together
from remelt.platform.market.auction_models import Auction, Bid
from remelt.platform.market.bids.offers import Answer, Offer, again, check_offer
from remelt.platform.market.bids.reading import ended, least_bid
from remelt.platform.market.eligibility import delivered
from remelt.platform.market.errors import (
    BidTooLow,
    NoSuchListing,
    NotAnAuction,
    NotAtFixedPrice,
    OwnListing,
    PriceChanged,
)
from remelt.platform.market.models import Listing
from remelt.platform.parties.errors import NoSuchSite
from remelt.platform.parties.models import Site

A = TypeVar("A", bound=Any)
_AUCTION: Table = Auction.__table__  # type: ignore[attr-defined]
_BID: Table = Bid.__table__  # type: ignore[attr-defined]
_ASKED: Any = bindparam("asked", type_=Text)
_NAMES = ("listing", "deliver_to", "bidder_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """An offer as it is handed in: what it is about by the codes that people know.

    buying: at a fixed price. Else as `Offer` says.
    """

    listing: str
    deliver_to: str
    bidder_id: int
    person_id: int
    price_fen_per_t: int
    limit_fen_per_t: int | None = None
    key: str = ""
    buying: bool = False

    @property
    def about(self) -> tuple[str, str, int]:
        """What has to be looked up for it; alike for many."""
        return self.listing, self.deliver_to, self.bidder_id

    def offer(self, seen: Any) -> Offer:
        """Return the offer on the auction that was seen."""
        return Offer(
            auction_id=seen.id,
            bidder_id=self.bidder_id,
            person_id=self.person_id,
            deliver_to_site_id=seen.deliver_to_site_id,
            price_fen_per_t=self.price_fen_per_t,
            limit_fen_per_t=self.limit_fen_per_t,
            key=self.key,
        )


@dataclass(frozen=True, slots=True)
class Seen:
    """An offer beside its auction's row, as it was read without a lock at a moment."""

    auction: Any
    offer: Offer
    at: datetime

    def refused(self, reason: str, *, least: int | None) -> Answer:
        """Return the answer to an offer that the row refutes; no line is kept of it."""
        return Answer(
            seq=None,
            verdict="rejected",
            reason=reason,
            price_fen_per_t=self.offer.price_fen_per_t,
            least_fen_per_t=least,
            placed_at=self.at,
            closes_at=self.auction.closes_at,
        )


def _seen(asked: Any) -> Any:
    """The auctions asked for as they are read without a lock, the places, and the moment."""
    site = (
        select(Site.id)
        .where(Site.code == asked.c.deliver_to, *delivered(asked.c.bidder_id))
        .limit(1)
        .scalar_subquery()
    )
    here = (asked.c[name].label(f"asked_{name}") for name in _NAMES)
    return (
        sqlalchemy.select(
            _AUCTION, site.label("deliver_to_site_id"), DatabaseTime().label("told_at"), *here
        )
        .select_from(asked)
        .join(Listing, col(Listing.code) == asked.c.listing)
        .join(_AUCTION, _AUCTION.c.listing_id == col(Listing.id))
    )


def _each_of_json() -> Any:
    each = func.json_each(_ASKED).table_valued("value", name="each")
    parts = (
        func.json_extract(each.c.value, f"$[{n}]").label(name) for n, name in enumerate(_NAMES)
    )
    return sqlalchemy.select(*parts).subquery("asked")


_SEEN = {
    "postgresql": _seen(
        func.json_to_recordset(cast(_ASKED, JSON))
        .table_valued(column("listing", Text), column("deliver_to", Text), column("bidder_id", BIG))
        .render_derived(name="asked", with_types=True)
    ),
    "sqlite": _seen(_each_of_json()),
}
_NAMED = sqlalchemy.select(_BID).where(Among(_BID.c.client_bid_id, bindparam("keys", type_=Text)))


def receive(
    session: Session, handed: Sequence[Handed], *, clock: Clock
) -> list[Offer | Answer | Refusal]:
    """Return for each what a plain read says: its answer, or the offer that has to be decided.

    In the place of what cannot be an offer stands its refusal: `NoSuchListing`, `NotAnAuction`,
    `NotAtFixedPrice`, `NoSuchSite`, `PriceOutOfBounds`, `LimitUnderPrice` or `KeyReused`. One
    statement for all, and one more where a refused offer bears a key.
    """
    found = _standing(session, {each.about for each in handed})
    said: list[Offer | Answer | Refusal] = []
    fit: list[Seen] = []
    for each in handed:
        try:
            row = _fit(found.get(each.about), each)
            offer = each.offer(row)
            check_offer(offer)
        except Refusal as refused:
            said.append(refused)
        else:
            said.append(offer)
            fit.append(Seen(row, offer, clock.now(session, told=row.told_at)))
    answers = iter(plain_answers(session, fit))
    return [(next(answers) or each) if isinstance(each, Offer) else each for each in said]


def entrance(store: Store, *, clock: Clock) -> Together[Handed, Offer | Answer]:
    """Return where offers are received; those that come at the same time by one reading."""

    def read(handed: Sequence[Handed]) -> list[Offer | Answer | Refusal]:
        with store.read() as session:
            return receive(session, handed, clock=clock)

    return Together(read)


def _standing(session: Session, asked: Collection[tuple[str, str, int]]) -> dict[Any, Any]:
    connection = session.connection()
    fit = [each for each in asked if "\0" not in each[0] + each[1]]  # no code has it, and no text
    sqlite = connection.dialect.name == "sqlite"
    listed = fit if sqlite else [dict(zip(_NAMES, each, strict=True)) for each in fit]
    given = {"asked": orjson.dumps(listed).decode()}
    rows = connection.execute(_SEEN[connection.dialect.name], given).all()
    return {(row.asked_listing, row.asked_deliver_to, row.asked_bidder_id): row for row in rows}


def _fit(seen: Any, handed: Handed) -> Any:
    """Return what was seen when an offer may be made on it so, or refuse it."""
    auction = check_kind(seen, listing_code=handed.listing, buying=handed.buying)
    if auction.deliver_to_site_id is None:
        raise NoSuchSite(field="deliver_to")
    return auction


def check_kind(auction: A | None, *, listing_code: str, buying: bool) -> A:
    """Return an auction that offers are made on in this way, or refuse it. No database."""
    if auction is None:
        raise NoSuchListing(listing=listing_code[:20])
    if auction.kind != ("fixed" if buying else "ascending"):
        raise NotAtFixedPrice if buying else NotAnAuction
    return auction


def plain_answers(session: Session, seen: Sequence[Seen]) -> list[Answer | KeyReused | None]:
    """Return the refusals that rows alone prove; None for an offer that has to be decided.

    An offer that was answered before gets that answer, or `KeyReused` where its key named another
    one. Its line is looked up after the row was read: what made its price too low by now was
    committed before that.
    """
    refuted = [_refuted(each.auction, each.offer, now=each.at) for each in seen]
    asked = [each.offer for each, (why, _) in zip(seen, refuted, strict=True) if why]
    given = _given(session, asked)
    said: list[Answer | KeyReused | None] = []
    for each, (reason, least) in zip(seen, refuted, strict=True):
        kept = given.get((each.offer.auction_id, each.offer.client_bid_id))
        if reason and kept is not None:
            said.append(again(each.offer, kept))
        else:
            said.append(each.refused(reason, least=least) if reason else None)
    return said


def _refuted(auction: Any, offer: Offer, *, now: datetime) -> tuple[str, int | None]:
    """Return the code of a refusal that no later moment can undo, and the least price then."""
    over = ended(auction)
    if over:
        return over, None
    if not auction.opens_at <= now < auction.closes_at:
        return "", None  # the end may have moved, and whoever decides tells by its own clock
    if offer.bidder_id == auction.owner_id:
        return OwnListing.code, None
    if auction.kind == "fixed":
        asked = auction.start_fen_per_t
        return (PriceChanged.code, asked) if offer.price_fen_per_t != asked else ("", None)
    least = least_bid(auction)
    if (offer.limit_fen_per_t or 0) > (auction.limit_fen_per_t or 0):
        return "", None  # if it is the leader's, only its limit rises
    low = least is not None and offer.most_fen_per_t < least
    return (BidTooLow.code, least) if low else ("", None)


def _given(session: Session, offers: Sequence[Offer]) -> dict[tuple[int, str | None], Any]:
    """Return the kept lines of offers that were answered before, by auction and key."""
    keys = {each.client_bid_id for each in offers if each.client_bid_id is not None}
    if not keys:
        return {}
    rows = session.connection().execute(_NAMED, {"keys": as_texts(keys)}).all()
    return {(row.auction_id, row.client_bid_id): row for row in rows}
