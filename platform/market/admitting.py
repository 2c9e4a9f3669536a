"""Letting a buyer in: what the bars ask for, looked up under the lock, and the refusal."""

from collections.abc import Collection
from datetime import datetime
from types import SimpleNamespace

from sqlmodel import Session

from remelt.platform.market.bars import Wanted, lack
from remelt.platform.market.bids.bidders import bidders_of, ties_of
from remelt.platform.market.bids.standing import Bidder
from remelt.platform.market.offerings import Offering
from remelt.platform.market.taking import check_bidder
from remelt.platform.market.terms import terms_of


def admit(session: Session, locked: Offering, *, organisation_id: int, now: datetime) -> Bidder:
    """Return who offers on what is locked, or refuse it; its group was locked before.

    Raises what `bars.bar` says, and `DepositMissing`. The credit is asked once the price is known:
    `check_credit`.
    """
    who = bidders_at(session, locked, ids=[organisation_id])[organisation_id]
    check_bidder(who, wanted(session, locked), now=now)
    check_backing(who)
    return who


def check_backing(who: Bidder, *, price_fen_per_t: int = 0) -> None:
    """Refuse an offer that no deposit or no credit stands behind. Touches no database."""
    refusal = lack(who, most_fen_per_t=price_fen_per_t)
    if refusal is not None:
        raise refusal(field="price_fen_per_t")


def bidders_at(session: Session, locked: Offering, *, ids: Collection[int]) -> dict[int, Bidder]:
    """Return what the bars need to know of each bidder on what is locked, by id."""
    auction, listing = locked.auction, locked.listing
    terms = terms_of(session, auction_id=auction.key)
    facts = SimpleNamespace(
        id=auction.key, owner_id=auction.owner_id, authorised_only=auction.authorised_only,
        deposit_fen=terms.deposit_fen, licence=terms.licence, listing_code=listing.code,
        mass_g=listing.declared_mass_g,
    )  # fmt: skip
    ties = ties_of(session, auction_id=auction.key, ids=ids)
    return bidders_of(session, facts, ties=ties, ids=ids)


def wanted(session: Session, locked: Offering) -> Wanted:
    """Return what is asked of whoever buys what is locked."""
    auction = locked.auction
    return Wanted(
        owner_id=auction.owner_id,
        authorised_only=auction.authorised_only,
        licence=terms_of(session, auction_id=auction.key).licence,
    )
