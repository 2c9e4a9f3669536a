"""The end of bidding: the close, the award, the contract, and when title passes."""

from datetime import datetime
from typing import Any

import structlog
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlmodel import Session, col, select

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.kernel.errors import Refusal
from remelt.platform.market import queries
from remelt.platform.market.auction_models import Auction, Award, Bid
from remelt.platform.market.errors import (
    BiddingStillOpen,
    ListingIsWithdrawn,
    LotSoldElsewhere,
    NoSuchListing,
    NothingToAward,
)
from remelt.platform.market.events import BiddingClosed, LotAwarded, TitlePassed
from remelt.platform.market.models import Contract, Listing
from remelt.platform.market.offerings import Offering, lock_offering
from remelt.platform.market.state import is_over, reserve_met
from remelt.platform.parties.models import Organisation, Site

DUE_AT_ONCE = 50
log = structlog.get_logger()


def award(
    session: Session,
    *,
    clock: Clock,
    listing_code: str,
    seller_id: int | None = None,
    person_id: int | None = None,
) -> Contract:
    """Sell the lot to the highest offer at or over the reserve; asked twice, one contract.

    seller_id: the organisation that asks, where a person does; another's listing is not found.
    Raises `NoSuchListing`, `ListingIsWithdrawn`, `BiddingStillOpen`, `NothingToAward` or
    `LotSoldElsewhere`.
    """
    locked = lock_offering(session, code=listing_code)
    listing, auction = locked.listing, locked.auction
    if seller_id is not None and listing.seller_id != seller_id:
        raise NoSuchListing(listing=listing_code)
    made = session.exec(select(Contract).where(Contract.listing_id == listing.key)).one_or_none()
    if made is not None:
        return made
    now = clock.now(session)
    if auction.withdrawn_at is not None:
        raise ListingIsWithdrawn(listing=listing.code)
    if not is_over(auction, now=now):
        raise BiddingStillOpen(closes_at=auction.closes_at)
    contract = _close(session, locked, now=now)
    if contract is not None:
        return contract
    if not reserve_met(auction):
        raise NothingToAward(listing=listing.code)
    return conclude(
        session, locked, bid=_leading(session, auction), decided_by="seller",
        person_id=person_id, now=now,
    )  # fmt: skip


def close(session: Session, *, clock: Clock, listing_code: str) -> bool:
    """Record the end of bidding if its time has come; True when this call did.

    An automatic award is made in the same transaction. Closing twice changes nothing.
    """
    locked = lock_offering(session, code=listing_code)
    auction, now = locked.auction, clock.now(session)
    stands = auction.withdrawn_at is None and auction.closed_at is None
    if not stands or now < auction.closes_at:
        return False
    _close(session, locked, now=now)
    return True


def due(session: Session, *, clock: Clock, limit: int = DUE_AT_ONCE) -> list[str]:
    """Return the codes of listings whose time is over and whose close is not recorded."""
    rows = session.exec(
        select(Listing.code)
        .join(Auction, col(Auction.listing_id) == col(Listing.id))
        .where(
            col(Auction.withdrawn_at).is_(None),
            col(Auction.closed_at).is_(None),
            col(Auction.closes_at) <= clock.now(session),
        )
        .order_by(col(Auction.id))
        .limit(limit)
    )
    return list(rows)


def close_due(session: Session, *, clock: Clock, limit: int = DUE_AT_ONCE) -> int:
    """Close up to `limit` listings whose time is over, in the order of their ids.

    One that cannot be closed is logged and left as it was; the others close. A database that is
    busy ends the round, and the next one begins anew.
    """
    return sum(
        _close_apart(session, clock=clock, listing_code=code)
        for code in due(session, clock=clock, limit=limit)
    )


def conclude(
    session: Session,
    locked: Offering,
    *,
    bid: Bid,
    decided_by: str,
    person_id: int | None,
    now: datetime,
) -> Contract:
    """Award what is locked to `bid`, make the contract and announce it.

    Raises `LotSoldElsewhere` when another contract over the lot came before.
    """
    listing, auction = locked.listing, locked.auction
    _refuse_sold(session, listing)
    session.flush()
    award_ = Award(
        auction_id=auction.key, bid_id=bid.key, decided_by=decided_by, person_id=person_id,
        decided_at=now,
    )  # fmt: skip
    session.add(award_)
    if auction.closed_at is None:
        auction.closed_at = now
    auction.awarded_at = listing.released_at = now
    session.flush()
    contract = _contract(locked, bid=bid, award_id=award_.key, now=now)
    session.add(contract)
    session.flush()
    organisations = _codes(session, Organisation, contract.seller_id, contract.buyer_id)
    sites = _codes(session, Site, contract.from_site_id, contract.deliver_to_site_id)
    outbox.record(
        session,
        LotAwarded(
            at=now,
            contract_code=contract.code,
            listing_code=listing.code,
            lot_code=listing.lot_code,
            metal=listing.metal,
            seller_code=organisations[contract.seller_id],
            buyer_code=organisations[contract.buyer_id],
            from_site_code=sites[contract.from_site_id],
            deliver_to_site_code=sites[contract.deliver_to_site_id],
            declared_mass_g=contract.declared_mass_g,
            price_fen_per_t=contract.price_fen_per_t,
        ),
    )
    return contract


def pass_title(session: Session, *, clock: Clock, lot_code: str, site_code: str) -> Contract | None:
    """Pass title to the buyer at the first weighing away from the place where the lot was sold.

    That scale, the hub's or the smelter's, accepts the lot for the buyer. A weighing where the
    lot was sold passes title only if it is delivered there.
    Returns the contract, or None when this weighing passes no title.
    """
    contract = session.exec(
        select(Contract).where(Contract.lot_code == lot_code, queries.is_open()).with_for_update()
    ).one_or_none()
    if contract is None:
        return None
    sites = _codes(session, Site, contract.from_site_id, contract.deliver_to_site_id)
    stays = contract.from_site_id == contract.deliver_to_site_id
    if site_code == sites[contract.from_site_id] and not stays:
        return None
    now = clock.now(session)
    contract.title_passed_at = now
    organisations = _codes(session, Organisation, contract.seller_id, contract.buyer_id)
    outbox.record(
        session,
        TitlePassed(
            at=now,
            contract_code=contract.code,
            lot_code=lot_code,
            seller_code=organisations[contract.seller_id],
            buyer_code=organisations[contract.buyer_id],
        ),
    )
    return contract


def _close_apart(session: Session, *, clock: Clock, listing_code: str) -> bool:
    """Close one of many: what goes wrong takes back this close and no other."""
    try:
        with outbox.savepoint(session):
            return close(session, clock=clock, listing_code=listing_code)
    except OperationalError:
        raise
    except (Refusal, SQLAlchemyError) as reason:
        log.warning("listing not closed", listing=listing_code, reason=str(reason))
        return False


def _refuse_sold(session: Session, listing: Listing) -> None:
    """Refuse to sell a lot that was sold to somebody else since it was listed."""
    last = queries.contract_of(session, lot_code=listing.lot_code)
    if last is None or last.refused_at is not None:
        return
    passed = last.title_passed_at
    gone = (
        passed is not None
        and listing.published_at is not None
        and (passed >= listing.published_at and last.buyer_id != listing.seller_id)
    )
    if passed is None or gone:
        raise LotSoldElsewhere(lot=listing.lot_code)


def _close(session: Session, locked: Offering, *, now: datetime) -> Contract | None:
    """Record the close of a locked auction that is over, once; award it if it says so."""
    listing, auction = locked.listing, locked.auction
    if auction.closed_at is not None:
        return None
    auction.closed_at = now
    sold = reserve_met(auction)
    if not sold:
        listing.released_at = now
    outbox.record(
        session,
        BiddingClosed(at=now, listing_code=listing.code, lot_code=listing.lot_code, sold=sold),
    )
    if not (sold and auction.auto_award):
        return None
    return conclude(
        session, locked, bid=_leading(session, auction), decided_by="close", person_id=None,
        now=now,
    )  # fmt: skip


def _leading(session: Session, auction: Auction) -> Bid:
    """Return the highest accepted offer; of equal ones the earlier."""
    return session.exec(
        select(Bid)
        .where(Bid.auction_id == auction.key, Bid.verdict == "accepted")
        .order_by(col(Bid.price_fen_per_t).desc(), col(Bid.seq))
        .limit(1)
    ).one()


def _contract(locked: Offering, *, bid: Bid, award_id: int, now: datetime) -> Contract:
    listing = locked.listing
    return Contract(
        code=new_code(),
        listing_id=listing.key,
        award_id=award_id,
        lot_code=listing.lot_code,
        seller_id=listing.seller_id,
        buyer_id=bid.bidder_id,
        from_site_id=listing.site_id,
        deliver_to_site_id=bid.deliver_to_site_id,
        declared_mass_g=listing.declared_mass_g,
        price_fen_per_t=bid.price_fen_per_t,
        tax_included=listing.tax_included,
        vat_rate_bp=listing.vat_rate_bp,
        made_at=now,
        terms=_terms(locked),
    )


def _terms(locked: Offering) -> dict[str, Any]:
    listing = locked.listing
    return {
        "version": 1,
        "currency": "CNY",
        "weights": "first_weighing_away_from_seller",
        "title_passes": "first_weighing_away_from_seller",
        "price_mode": locked.auction.price_mode,
        "metal": listing.metal,
        "grade_system": listing.grade_system,
        "grade_code": listing.grade_code,
        "grade_edition": listing.grade_edition,
        "form": listing.form,
        "origin": listing.origin,
        "evidence": listing.evidence,
        "productive": listing.productive,
        "certificate": listing.certificate,
        "track": listing.track,
        "origin_area": listing.origin_area,
    }


def _codes(session: Session, table: type[Organisation] | type[Site], *ids: int) -> dict[int, str]:
    rows = session.exec(select(table.id, table.code).where(col(table.id).in_(ids)))
    return {key: code for key, code in rows if key is not None}
