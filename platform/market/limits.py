"""Credit limits: what an organisation and those linked to it may stand in for, over all auctions.

Whoever bids under a limit locks its group first and the auction after it, so that two offers on
two auctions are counted one after the other.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import and_, func
from sqlmodel import Session, col, select

from remelt.platform.kernel.clock import Clock
from remelt.platform.market.auction_models import Auction, Award, Bid
from remelt.platform.market.combined.exposing import offered
from remelt.platform.market.credit import Exposure, commitment_fen, headroom_fen
from remelt.platform.market.eligibility import linked_to
from remelt.platform.market.errors import LimitNeedsReason
from remelt.platform.market.models import Contract, Listing
from remelt.platform.market.offerings import Offering
from remelt.platform.market.tenders.binding import led
from remelt.platform.market.terms_models import AwardStep, ContractEstimate, CreditLimit
from remelt.platform.parties.models import Organisation

G_PER_T = 1_000_000
OPEN = frozenset({"quoted", "awaited"})


@dataclass(frozen=True, slots=True)
class Caps:
    """The most that bidders under a limit may offer on one auction, in fen per tonne."""

    most_fen_per_t: dict[int, int]

    def refuses(self, bidder_id: int, *, price_fen_per_t: int) -> bool:
        """Tell whether an offer would promise too much."""
        most = self.most_fen_per_t.get(bidder_id)
        return most is not None and price_fen_per_t > most


def set_limit(
    session: Session, *, clock: Clock, organisation_id: int, limit_fen: int | None,
    reason: str, person_id: int,
) -> CreditLimit:  # fmt: skip
    """Set what an organisation may stand in for from now on; None lifts it.

    Raises `LimitNeedsReason`.
    """
    if not reason.strip():
        raise LimitNeedsReason(field="reason")
    row = CreditLimit(
        organisation_id=organisation_id, limit_fen=limit_fen, reason=reason.strip()[:200],
        set_at=clock.now(session), person_id=person_id,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def limit_of(session: Session, *, organisation_id: int) -> int | None:
    """Return the limit in force, None without one."""
    return limits_of(session, organisation_ids=[organisation_id]).get(organisation_id)


def limits_of(session: Session, *, organisation_ids: Collection[int]) -> dict[int, int]:
    """Return the limits in force of those that have one."""
    newest = (
        select(func.max(CreditLimit.id))
        .where(col(CreditLimit.organisation_id).in_(list(organisation_ids)))
        .group_by(col(CreditLimit.organisation_id))
    )
    rows = session.exec(
        select(CreditLimit.organisation_id, CreditLimit.limit_fen).where(
            col(CreditLimit.id).in_(newest)
        )
    )
    return {key: limit for key, limit in rows if limit is not None}


def lock_groups(session: Session, *, organisation_ids: Collection[int]) -> set[int]:
    """Lock the groups that a limit stands over, in the order of their ids; return their bidders.

    Done before an auction is locked. Without limits it locks nothing.
    """
    limited = {key for key in organisation_ids if _limits_over(session, organisation_id=key)}
    lock_limited(session, limited)
    return limited


def lock_limited(session: Session, limited: Collection[int]) -> None:
    """Lock the groups of those that are known to have a limit, in the order of their ids."""
    wanted: set[int] = set()
    for key in limited:
        wanted |= {key, *linked_to(session, organisation_id=key)}
    if wanted:
        session.exec(
            select(Organisation.id)
            .where(col(Organisation.id).in_(wanted))
            .order_by(col(Organisation.id))
            .with_for_update(key_share=True)
        ).all()


def caps_of(session: Session, *, locked: Offering, bidder_ids: Collection[int]) -> Caps:
    """Return the most that each bidder under a limit may offer on what is locked."""
    listing = locked.listing
    return caps_beside(
        session, listing_code=listing.code, mass_g=listing.declared_mass_g, bidder_ids=bidder_ids
    )


def caps_beside(
    session: Session, *, listing_code: str, mass_g: int, bidder_ids: Collection[int]
) -> Caps:
    """Return the same of a lot of a declared mass, beside its own listing."""
    most: dict[int, int] = {}
    for key in bidder_ids:
        room = room_fen(session, organisation_id=key, beside=listing_code)
        if room is not None:
            most[key] = max(0, room) * G_PER_T // mass_g
    return Caps(most)


def room_fen(session: Session, *, organisation_id: int, beside: str = "") -> int | None:
    """Return what an organisation may still promise; None where no limit stands over it.

    The limit of an organisation counts for whoever shares a person with it too: nobody passes it
    by offering in another name.
    """
    rooms = [
        headroom_fen(limit, exposures(session, organisation_id=key), beside=beside)
        for key, limit in _limits_over(session, organisation_id=organisation_id).items()
    ]
    return min((room for room in rooms if room is not None), default=None)


def _limits_over(session: Session, *, organisation_id: int) -> dict[int, int]:
    """Return the limits in force of an organisation and of those linked to it."""
    group = {organisation_id, *linked_to(session, organisation_id=organisation_id)}
    return limits_of(session, organisation_ids=group)


def exposures(session: Session, *, organisation_id: int) -> list[Exposure]:
    """Return the promises that stand of an organisation and those linked to it."""
    group = {organisation_id, *linked_to(session, organisation_id=organisation_id)}
    return [
        *_leading(session, group),
        *_waiting(session, group),
        *_owed(session, group),
        *offered(session, group=group),
        *led(session, group=group),
    ]


def _leading(session: Session, group: Iterable[int]) -> list[Exposure]:
    """The offers that lead auctions which are not yet awarded, at the most they may come to."""
    reach = func.coalesce(col(Auction.limit_fen_per_t), col(Bid.price_fen_per_t))
    rows = session.exec(
        select(Listing.code, Bid.bidder_id, reach, Listing.declared_mass_g)
        .join(Auction, col(Auction.listing_id) == col(Listing.id))
        .join(Bid, col(Bid.id) == col(Auction.leading_bid_id))
        .where(
            col(Bid.bidder_id).in_(list(group)),
            col(Auction.awarded_at).is_(None),
            col(Auction.withdrawn_at).is_(None),
            col(Listing.released_at).is_(None),
            ~select(Award.id).where(col(Award.auction_id) == col(Auction.id)).exists(),
        )
    )
    return _exposures(rows)


def _waiting(session: Session, group: Iterable[int]) -> list[Exposure]:
    """The offers that stand in a line for an award which is not made yet."""
    rows = session.exec(
        select(Listing.code, Bid.bidder_id, Bid.price_fen_per_t, Listing.declared_mass_g)
        .join(Auction, col(Auction.listing_id) == col(Listing.id))
        .join(Award, col(Award.auction_id) == col(Auction.id))
        .join(Bid, col(Bid.id) == col(Award.bid_id))
        .where(
            col(Bid.bidder_id).in_(list(group)),
            col(Auction.awarded_at).is_(None),
            col(Auction.withdrawn_at).is_(None),
            col(Listing.released_at).is_(None),
            ~select(AwardStep.id)
            .where(
                and_(
                    col(AwardStep.award_id) == col(Award.id),
                    col(AwardStep.step).in_(["failed", "withdrawn"]),
                )
            )
            .exists(),
        )
    )
    return _exposures(rows)


def _owed(session: Session, group: Iterable[int]) -> list[Exposure]:
    """The contracts that are neither refused nor paid; signed terms at their newest estimate."""
    newest = (
        select(func.max(ContractEstimate.id))
        .where(col(ContractEstimate.contract_id) == col(Contract.id))
        .correlate(Contract)
        .scalar_subquery()
    )
    price = func.coalesce(ContractEstimate.price_fen_per_t, Contract.price_fen_per_t)
    rows = session.execute(
        sa.select(
            col(Contract.code),
            col(Contract.buyer_id),
            price,
            col(Contract.declared_mass_g),
            col(ContractEstimate.how),
        )
        .outerjoin(ContractEstimate, col(ContractEstimate.id) == newest)
        .where(
            col(Contract.buyer_id).in_(list(group)),
            col(Contract.refused_at).is_(None),
            col(Contract.paid_at).is_(None),
        )
    )
    return [
        Exposure(
            code, buyer, commitment_fen(fen, mass_g=mass), estimated=how in OPEN, kind="contract"
        )
        for code, buyer, fen, mass, how in rows
    ]


def _exposures(rows: Iterable[tuple[str, int, int, int]]) -> list[Exposure]:
    return [
        Exposure(code, bidder, commitment_fen(price, mass_g=mass))
        for code, bidder, price, mass in rows
    ]
