"""Who is told what happens between the end of bidding and the contract, and before a term ends."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from sqlmodel import Session

from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.outbox import Event
from remelt.platform.kernel.store import Store
from remelt.platform.market import cascade
from remelt.platform.market.award_events import (
    DepositClaimed,
    DepositContested,
    DepositEnded,
    LineEnded,
    LineFormed,
    PlaceMoved,
)
from remelt.platform.market.deposits import laid
from remelt.platform.market.offerings import Offering, offering
from remelt.platform.market.places import Placed, line_of, standing_lines
from remelt.platform.market.terms import terms_of, turns_of
from remelt.platform.parties.notices import News, tell, untold
from remelt.web.told import called

SOON: Final = timedelta(days=1)
TURNS: Final = {"verification": "turn-verify", "payment": "turn-pay"}
"""What the bidder hears whose turn it is."""


def answers(clock: Clock) -> dict[type[Event], Callable[[Session, Any], None]]:
    """Return who is told of each event."""
    heard: dict[type[Event], Callable[[Session, Any], Iterator[News]]] = {
        LineFormed: _formed,
        PlaceMoved: _moved,
        LineEnded: _ended,
        DepositClaimed: _claimed,
        DepositContested: _contested,
        DepositEnded: _deposit_ended,
    }

    def telling(
        about: Callable[[Session, Any], Iterator[News]],
    ) -> Callable[[Session, Any], None]:
        return lambda session, event: _tell(session, about(session, event), clock)

    return {event: telling(about) for event, about in heard.items()}


def remind(store: Store, *, clock: Clock) -> None:
    """Remind, once, whose term is nearly over: who has to decide or verify, and who has to pay."""
    with store.read() as session:
        news = untold(session, list(_ending(session, now=clock.now(session))))
    if news:
        with store.write() as session:
            tell(session, news, clock=clock)


def _tell(session: Session, news: Iterator[News], clock: Clock) -> None:
    tell(session, news, clock=clock)


def _ending(session: Session, *, now: datetime) -> Iterator[News]:
    for each in standing_lines(session):
        line = line_of(session, each.auction)
        turn = _turn(line)
        if turn is None or turn.standing.due_at is None:
            continue
        terms = turns_of(terms_of(session, auction_id=each.auction.key))
        verifies = turn.standing.state == "verification"
        whole = timedelta(seconds=(terms.verify_s if verifies else terms.pay_s) or 0)
        if turn.standing.due_at - min(SOON, whole / 3) <= now < turn.standing.due_at:
            lot = offering(session, code=each.code)
            yield _news(
                lot,
                to=lot.listing.seller_id if verifies else turn.bid.bidder_id,
                kind="decide-soon" if verifies else "pay-soon",
                about=f"{turn.award.place}",
            )


def _formed(session: Session, event: LineFormed) -> Iterator[News]:
    """Tell the seller that it is to decide, and the first what comes."""
    lot = offering(session, code=event.listing_code)
    turn = _turn(line_of(session, lot.auction))
    if turn is None or turn.standing.state not in TURNS:
        return
    if turn.standing.state == "verification":
        yield _news(lot, to=lot.listing.seller_id, kind="decide", about=f"{turn.award.place}")
    yield from _turn_came(lot, turn)


def _moved(session: Session, event: PlaceMoved) -> Iterator[News]:
    """Tell whom a step concerns: the place that moved, and the one whose turn it is by that."""
    lot = offering(session, code=event.listing_code)
    line = line_of(session, lot.auction)
    own = line[event.place - 1]
    if event.step == "failed":
        yield from _failed(lot, own, stood=event.stood, by_clock=event.by_clock)
    turn = _turn(line)
    if turn is not None and event.step in {"verified", "failed"}:
        if turn.standing.state == "verification":
            yield _news(lot, to=lot.listing.seller_id, kind="decide", about=f"{turn.award.place}")
        yield from _turn_came(lot, turn)


def _failed(lot: Offering, own: Placed, *, stood: str, by_clock: bool) -> Iterator[News]:
    """Tell the bidder why its place failed, and the seller where the clock decided."""
    about = f"{own.award.place}"
    if not by_clock:
        yield _news(lot, to=own.bid.bidder_id, kind="passed-over", about=about)
        return
    undecided = stood == "verification"
    yield _news(
        lot, to=own.bid.bidder_id, kind="free-again" if undecided else "paid-late", about=about
    )
    yield _news(
        lot,
        to=lot.listing.seller_id,
        kind="decided-late" if undecided else "not-paid",
        about=about,
    )


def _turn_came(lot: Offering, turn: Placed) -> Iterator[News]:
    kind = TURNS.get(turn.standing.state)
    if kind is not None:
        yield _news(lot, to=turn.bid.bidder_id, kind=kind, about=f"{turn.award.place}")


def _ended(session: Session, event: LineEnded) -> Iterator[News]:
    lot = offering(session, code=event.listing_code)
    yield _news(lot, to=lot.listing.seller_id, kind="line-ended", about="")


def _claimed(session: Session, event: DepositClaimed) -> Iterator[News]:
    row, lot = laid(session, deposit_id=event.deposit_id)
    yield _news(lot, to=row.bidder_id, kind="deposit-claimed", about=f"{row.key}")


def _contested(session: Session, event: DepositContested) -> Iterator[News]:
    row, lot = laid(session, deposit_id=event.deposit_id)
    yield _news(lot, to=lot.listing.seller_id, kind="deposit-contested", about=f"{row.key}")


def _deposit_ended(session: Session, event: DepositEnded) -> Iterator[News]:
    """Tell both sides how a deposit ended whose bidder was late to pay."""
    row, lot = laid(session, deposit_id=event.deposit_id)
    if row.unpaid_at is None:
        return
    for organisation_id in (row.bidder_id, lot.listing.seller_id):
        yield _news(lot, to=organisation_id, kind=f"deposit-{event.ended_as}", about=f"{row.key}")


def _turn(line: list[Placed]) -> Placed | None:
    found = cascade.current([each.standing for each in line])
    return None if found is None else line[found.place - 1]


def _news(lot: Offering, *, to: int, kind: str, about: str) -> News:
    row = lot.listing
    return News(
        organisation_id=to, kind=kind, subject=row.code, told_as=f"{kind}:{row.code}:{about}",
        facts=called(row),
    )  # fmt: skip
