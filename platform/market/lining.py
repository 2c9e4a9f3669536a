"""The line for an award: who is next when the winner fails, and the contract when one has paid."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, select

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import Clock
from remelt.platform.market import cascade
from remelt.platform.market.auction_models import Auction, Award, Bid
from remelt.platform.market.award_errors import (
    AwardPending,
    CauseMissing,
    DecidedTooLate,
    NotInLine,
)
from remelt.platform.market.award_events import LineEnded, LineFormed, PlaceMoved
from remelt.platform.market.contracting import make_contract
from remelt.platform.market.deposits import end_deposits, leave_unpaid, let_go
from remelt.platform.market.errors import BidsStand, NoSuchListing
from remelt.platform.market.models import Contract
from remelt.platform.market.offerings import Offering, lock_offering
from remelt.platform.market.places import Placed, line_of, ranked
from remelt.platform.market.terms import leader_alone, terms_of
from remelt.platform.market.terms_models import AwardStep


def form_line(session: Session, locked: Offering, *, now: datetime) -> None:
    """Give each bidder's best offer that may win a place, the best first; the others are free.

    Where the seller only decides by hand, the offer that leads has the one place.
    """
    auction = locked.auction
    places = ranked(session, auction)
    if leader_alone(terms_of(session, auction_id=auction.key)):
        places = [session.exec(select(Bid).where(Bid.id == auction.leading_bid_id)).one()]
    for place, bid in enumerate(places, start=1):
        session.add(
            Award(
                auction_id=auction.key, bid_id=bid.key, place=place, decided_by="close",
                decided_at=now,
            )
        )  # fmt: skip
    session.flush()
    code = locked.listing.code
    end_deposits(
        session, listing_code=code, auction_id=auction.key, ended_as="released", now=now,
        but=[bid.bidder_id for bid in places],
    )  # fmt: skip
    outbox.record(session, LineFormed(at=now, listing_code=code, places=len(places)))


def move_place(
    session: Session,
    *,
    clock: Clock,
    listing_code: str,
    step: cascade.Step,
    seller_id: int,
    person_id: int,
    cause: str = "",
) -> Contract | None:
    """Say as the seller that the place whose turn it is was verified, has paid, or failed.

    The contract is made, and returned, when the place has done all that was asked. Said twice, the
    second time is refused: the turn has moved on.
    Raises `NoSuchListing` for another's, `NotInLine` or `CauseMissing`.
    """
    locked = lock_offering(session, code=listing_code)
    if locked.listing.seller_id != seller_id:
        raise NoSuchListing(listing=listing_code[:20])
    if step == "failed" and not cause.strip():
        raise CauseMissing(field="cause")
    now = clock.now(session)
    turn = _turn(session, locked)
    if turn is None or step == "withdrawn" or not cascade.may(step, turn.standing, now=now):
        raise NotInLine
    _put(session, locked, turn, step=step, person_id=person_id, cause=cause, now=now)
    return _go_on(session, locked, now=now)


def decide(session: Session, locked: Offering, *, person_id: int | None, now: datetime) -> Contract:
    """Award by hand to the offer that has its turn; said when bidding is over and locked.

    Raises `AwardPending` where winners are verified or pay first, `DecidedTooLate` once the time
    to decide ran out.
    """
    if not leader_alone(terms_of(session, auction_id=locked.auction.key)):
        raise AwardPending(listing=locked.listing.code)
    turn = _turn(session, locked)
    if turn is None or not cascade.may("verified", turn.standing, now=now):
        raise DecidedTooLate
    _put(session, locked, turn, step="verified", person_id=person_id, cause="", now=now)
    return _sold(session, locked, line_of(session, locked.auction), place=turn.award.place, now=now)


def leave_line(
    session: Session, *, clock: Clock, listing_code: str, bidder_id: int, person_id: int
) -> None:
    """Withdraw as a bidder that waits; its deposit is released. Raises `NotInLine`."""
    locked = lock_offering(session, code=listing_code)
    now = clock.now(session)
    own = next(
        (each for each in line_of(session, locked.auction) if each.bid.bidder_id == bidder_id), None
    )
    if own is None or not _stands(locked) or not cascade.may("withdrawn", own.standing, now=now):
        raise NotInLine
    _put(session, locked, own, step="withdrawn", person_id=person_id, cause="", now=now)


def fail_overdue(session: Session, *, clock: Clock, listing_code: str) -> bool:
    """Fail the place whose time ran out, if one's did; True when this call did.

    Nobody loses a deposit by it: a verification only the seller could have brought about, and
    that a payment did not come is the seller's to say (`claiming`).
    """
    locked = lock_offering(session, code=listing_code)
    if not _stands(locked):
        return False
    now = clock.now(session)
    line = line_of(session, locked.auction)
    late = cascade.overdue([each.standing for each in line], now=now)
    if late is None:
        return False
    _put(session, locked, line[late.place - 1], step="failed", person_id=None, cause="", now=now)
    _go_on(session, locked, now=now)
    return True


def check_declined(session: Session, auction: Auction) -> None:
    """Refuse that a seller takes a lot back while the winner that it took has to pay."""
    for each in line_of(session, auction):
        if each.standing.state == "payment":
            raise BidsStand


def _stands(locked: Offering) -> bool:
    """Tell whether a line may still move: nothing is sold, taken back or let go."""
    auction = locked.auction
    ended = auction.awarded_at is not None or auction.withdrawn_at is not None
    return not ended and locked.listing.released_at is None


def _turn(session: Session, locked: Offering) -> Placed | None:
    if not _stands(locked):
        return None
    line = line_of(session, locked.auction)
    found = cascade.current([each.standing for each in line])
    return None if found is None else line[found.place - 1]


def _put(
    session: Session,
    locked: Offering,
    placed: Placed,
    *,
    step: cascade.Step,
    person_id: int | None,
    cause: str,
    now: datetime,
) -> None:
    session.add(
        AwardStep(
            award_id=placed.award.key, step=step, at=now, person_id=person_id, cause=cause.strip()
        )
    )
    session.flush()
    code = locked.listing.code
    outbox.record(
        session,
        PlaceMoved(
            at=now, listing_code=code, place=placed.award.place, step=step,
            stood=placed.standing.state, by_clock=person_id is None,
        ),
    )  # fmt: skip
    if step not in cascade.ENDED:
        return
    bidder_id = placed.bid.bidder_id
    if person_id is None and placed.standing.state == "payment":
        leave_unpaid(session, auction_id=locked.auction.key, bidder_id=bidder_id, now=now)
        return
    end_deposits(
        session, listing_code=code, auction_id=locked.auction.key, now=now, ended_as="released",
        of=[bidder_id],
    )  # fmt: skip


def _go_on(session: Session, locked: Offering, *, now: datetime) -> Contract | None:
    """Make the contract of a place that has done its part, or end a line with nobody left."""
    line = line_of(session, locked.auction)
    found = cascade.current([each.standing for each in line])
    if found is None:
        _end(session, locked, now=now)
        return None
    if found.state != "active":
        return None
    return _sold(session, locked, line, place=found.place, now=now)


def _sold(
    session: Session, locked: Offering, line: Sequence[Placed], *, place: int, now: datetime
) -> Contract:
    """Make the contract of a place that has done its part; the others are free."""
    winner = line[place - 1]
    made = make_contract(session, locked, award=winner.award, bid=winner.bid, now=now)
    _free(session, locked, line, winner=winner, now=now)
    return made


def _free(
    session: Session, locked: Offering, line: Sequence[Placed], *, winner: Placed, now: datetime
) -> None:
    said = {"listing_code": locked.listing.code, "auction_id": locked.auction.key, "now": now}
    own = winner.bid.bidder_id
    end_deposits(session, **said, ended_as="applied", of=[own])  # type: ignore[arg-type]
    others = [each.bid.bidder_id for each in line if each.bid.bidder_id != own]
    end_deposits(session, **said, ended_as="released", of=others)  # type: ignore[arg-type]


def _end(session: Session, locked: Offering, *, now: datetime) -> None:
    listing, auction = locked.listing, locked.auction
    auction.leading_fen_per_t = auction.leading_bid_id = None
    let_go(session, locked, now=now)
    outbox.record(session, LineEnded(at=now, listing_code=listing.code, lot_code=listing.lot_code))
