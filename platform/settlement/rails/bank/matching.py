"""Saying what a line of a statement was for; above the threshold a second person confirms it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, select

from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.market.deposits import hold_deposit
from remelt.platform.settlement import by_bank as till
from remelt.platform.settlement.books import strictest
from remelt.platform.settlement.errors import ReasonMissing
from remelt.platform.settlement.escrow.due import check_there
from remelt.platform.settlement.escrow.paying import payout
from remelt.platform.settlement.ledger.chart import Line
from remelt.platform.settlement.ledger.posting import entry_of, post, reverse
from remelt.platform.settlement.models import PaymentRecord
from remelt.platform.settlement.rails.bank.accounts import SUSPENSE, book_of
from remelt.platform.settlement.rails.bank.errors import (
    MatchDiffers,
    MatchNothing,
    MatchNotWaiting,
    MatchStands,
    MatchTooMuch,
    NotDueHere,
)
from remelt.platform.settlement.rails.bank.expected import dues
from remelt.platform.settlement.rails.bank.lines import (
    BOOKABLE,
    check_second_hand,
    live_matches,
    lock_movement,
    other_side,
    own_match,
    payments_made,
)
from remelt.platform.settlement.rails.bank.models import BankAccount, BankMatch, BankMovement
from remelt.platform.settlement.rails.bank.proposing import CENT, Due
from remelt.platform.settlement.rules import needs_second

REASON_MOST = 200


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person says a line was for: so much of what is due under a code, above zero."""

    kind: str
    code: str
    minor: int


@dataclass(frozen=True, slots=True)
class _Line:
    """A line at hand, with its account; who matches it, when, and by which rule."""

    movement: BankMovement
    account: BankAccount
    person_id: int
    now: datetime
    second: bool
    why: str

    @property
    def sign(self) -> int:
        """1 for money in, -1 for money out."""
        return 1 if self.movement.amount_minor > 0 else -1


def match(
    session: Session,
    *,
    clock: Clock,
    movement_code: str,
    organisation_id: int,
    person_id: int,
    wishes: Sequence[Wish],
    why: str = "by-hand",
    write_off: bool = False,
) -> list[BankMatch]:
    """Say what a line was for, one or several things; what is left stays in suspense.

    Up to the strictest threshold of the organisation's sites it counts at once, above it, and for
    the money of others always, when a second person confirms; what was matched of the line before
    counts with it. write_off: a cent too much, or short of the last thing, goes to rounding.
    Raises `NoSuchMovement`, `MatchNothing`, `MatchTooMuch`, `NotDueHere`, `MatchDiffers`, and
    what a payment raises.
    """
    line, left = _at_hand(
        session, clock=clock, movement_code=movement_code, organisation_id=organisation_id,
        person_id=person_id, wishes=wishes, why=why,
    )  # fmt: skip
    expected = dues(session, account=line.account, incoming=line.sign > 0)
    known = {(each.kind, each.code): each for each in expected}
    made = [
        _made(session, line, known.get((wish.kind, wish.code)), wish, clock=clock)
        for wish in wishes
    ]
    if write_off and left == CENT:
        made.append(_kept(session, line, kind="rounding", minor=CENT))
    elif write_off and left == 0:
        _write_off_short(session, line, made[-1])
    if not line.second:
        for each in made:
            _apply(session, each, line=line, clock=clock, person_id=person_id)
    return made


def confirm_matches(
    session: Session, *, clock: Clock, movement_code: str, organisation_id: int, person_id: int
) -> list[BankMatch]:
    """Confirm, as the second person, what waits about a line.

    Raises `NoSuchMovement`, `MatchNotWaiting` or `SamePerson`.
    """
    line, waiting = _waiting(
        session, clock=clock, movement_code=movement_code, organisation_id=organisation_id,
        person_id=person_id,
    )  # fmt: skip
    for each in waiting:
        each.second_person_id = person_id
        _apply(session, each, line=line, clock=clock, person_id=person_id)
    return waiting


def decline_matches(
    session: Session,
    *,
    clock: Clock,
    movement_code: str,
    organisation_id: int,
    person_id: int,
    reason: str,
) -> list[BankMatch]:
    """Decline, as the second person, what waits about a line: it is in suspense again.

    Raises `NoSuchMovement`, `MatchNotWaiting`, `SamePerson` or `ReasonMissing`.
    """
    if not reason.strip():
        raise ReasonMissing(field="reason")
    line, waiting = _waiting(
        session, clock=clock, movement_code=movement_code, organisation_id=organisation_id,
        person_id=person_id,
    )  # fmt: skip
    said = reason.strip()[:REASON_MOST]
    for each in waiting:
        each.sqlmodel_update(
            {"second_person_id": person_id, "declined_at": line.now, "reason": said}
        )
        session.add(each)
        for payment in payments_made(session, each):
            till.decline_by_bank(session, payment, at=line.now, person_id=person_id, reason=said)
    return waiting


def undo_match(
    session: Session,
    *,
    clock: Clock,
    match_code: str,
    organisation_id: int,
    person_id: int,
    reason: str,
) -> BankMatch:
    """Take a match back by reversing entries; a payment made from the line is taken back too.

    Raises `NoSuchMatch`, `MatchStands`, `ReasonMissing`, or `PaidOn` where the money has left.
    """
    if not reason.strip():
        raise ReasonMissing(field="reason")
    found, account = own_match(session, code=match_code, organisation_id=organisation_id, lock=True)
    if found.state != "confirmed" or found.kind == "deposit":
        raise MatchStands(match=found.code)
    check_there(session, made := payments_made(session, found))
    now = clock.now(session)
    found.sqlmodel_update(
        {"undone_at": now, "undone_by": person_id, "reason": reason.strip()[:REASON_MOST]}
    )
    session.add(found)
    entry = entry_of(session, book_id=book_of(session, account), key=f"matched:{found.code}")
    reverse(session, entry=entry, at=now, person_id=person_id)
    for payment in made:
        till.take_back_payment(session, payment, at=now, person_id=person_id, ref=found.code)
    return found


def _at_hand(
    session: Session, *, clock: Clock, movement_code: str, organisation_id: int, person_id: int,
    wishes: Sequence[Wish], why: str,
) -> tuple[_Line, int]:  # fmt: skip
    """Lock a line; return it with what the wishes leave of it. Refuses what it does not hold."""
    movement, account = lock_movement(session, code=movement_code, organisation_id=organisation_id)
    taken = sum(abs(each.amount_minor) for each in live_matches(session, movement=movement))
    if not wishes or any(wish.minor <= 0 for wish in wishes):
        raise MatchNothing(field="matches")
    taken += sum(wish.minor for wish in wishes)
    left = abs(movement.amount_minor) - taken
    if left < 0:
        raise MatchTooMuch(field="matches", over_yuan=f"{-left // 100}.{-left % 100:02d}")
    above_fen = strictest(session, organisation_id=organisation_id)
    second = account.of_platform or needs_second(taken, above_fen=above_fen)
    return _Line(movement, account, person_id, clock.now(session), second, why), left


def _made(session: Session, line: _Line, due: Due | None, wish: Wish, *, clock: Clock) -> BankMatch:
    """Keep one match, waiting; a settlement's gets its payment recorded, waiting as well."""
    if wish.kind == "account" and wish.code in BOOKABLE:
        return _kept(session, line, kind="account", minor=wish.minor, booked_to=wish.code)
    if due is None or wish.minor > due.minor:
        raise NotDueHere(field="matches", code=wish.code[:20])
    if due.kind != "settlement" and wish.minor != due.minor:
        raise MatchDiffers(field="matches", code=wish.code[:20])
    if due.kind == "deposit":
        return _kept(session, line, kind="deposit", minor=wish.minor, deposit_id=int(due.code))
    if due.kind == "payout":
        paid = payout(session, code=due.code)
        return _kept(session, line, kind="payout", minor=wish.minor, payout_id=paid.key)
    if due.kind == "payment":
        payment = session.exec(select(PaymentRecord).where(PaymentRecord.code == due.code)).one()
    else:
        payment = till.record_by_bank(
            session, clock=clock, settlement_code=due.code, amount_fen=wish.minor,
            person_id=line.person_id, waiting=line.second, paid_on=line.movement.on_day,
            reference=line.movement.bank_ref or line.movement.text, back=due.back,
            method="escrow" if line.account.of_platform else "bank",
        )  # fmt: skip
    return _kept(
        session, line, kind="payment", minor=wish.minor, payment_id=payment.key,
        made_payment=due.kind == "settlement",
    )  # fmt: skip


def _kept(session: Session, line: _Line, *, kind: str, minor: int, **of_what: Any) -> BankMatch:
    made = BankMatch(
        code=new_code(), movement_id=line.movement.key, kind=kind,
        amount_minor=line.sign * minor, why=line.why[:20], person_id=line.person_id,
        made_at=line.now, needs_second=line.second, **of_what,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def _write_off_short(session: Session, line: _Line, last: BankMatch) -> None:
    """Write off the cent that the payment is short of what is open, if it is one cent."""
    if not last.made_payment:
        return
    payment = session.exec(select(PaymentRecord).where(PaymentRecord.id == last.payment_id)).one()
    short = till.write_off_cent(
        session, payment, at=line.now, person_id=line.person_id, waiting=line.second
    )
    if short is not None:
        last.rounding_id = short.key
        session.add(last)


def _apply(
    session: Session, found: BankMatch, *, line: _Line, clock: Clock, person_id: int
) -> None:
    """Let a match count: what it is for has moved, and the suspense of the line is cleared."""
    found.confirmed_at = line.now
    session.add(found)
    for payment_id in (found.payment_id, found.rounding_id):
        if payment_id is not None:
            till.confirm_by_bank(session, payment_id=payment_id, at=line.now, person_id=person_id)
    if found.deposit_id is not None:
        hold_deposit(session, clock=clock, deposit_id=found.deposit_id, person_id=person_id)
    post(
        session,
        book_id=book_of(session, line.account),
        key=f"matched:{found.code}",
        kind="matched",
        ref=line.movement.code,
        at=line.now,
        lines=[Line(SUSPENSE, found.amount_minor), Line(other_side(found), -found.amount_minor)],
        person_id=person_id,
    )


def _waiting(
    session: Session, *, clock: Clock, movement_code: str, organisation_id: int, person_id: int
) -> tuple[_Line, list[BankMatch]]:
    movement, account = lock_movement(session, code=movement_code, organisation_id=organisation_id)
    waiting = [e for e in live_matches(session, movement=movement) if e.state == "waiting"]
    if not waiting:
        raise MatchNotWaiting(movement=movement.code)
    check_second_hand(session, waiting, organisation_id=organisation_id, person_id=person_id)
    return _Line(movement, account, person_id, clock.now(session), second=True, why=""), waiting
