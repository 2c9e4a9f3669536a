"""Which event enters what: settlements and payments as entries of each party's book.

Debit stands above zero. What a payer still owes under a contract is the balance of its `payable`,
what a payee still gets that of its `receivable`; a payment that waits for a second person is held
in `payment_held` in between. Money paid by bank rests in `bank_clearing` until a statement
shows it. Money that was paid to the platform stands in its `escrow` and, for whom it is, in
`held`; `escrow/entries.py` says what becomes of it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session

from remelt.platform.settlement.ledger.chart import Account, Line
from remelt.platform.settlement.ledger.posting import Draft, book, entry_of, post, post_all, reverse
from remelt.platform.settlement.models import PaymentRecord, Settlement
from remelt.platform.settlement.rules import vat_inside

WHERE: Final = {
    "bank": "bank_clearing",
    "cash": "cash",
    "wechat": "wallet",
    "alipay": "wallet",
    "rounding": "rounding",
    "netting": "advance",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Voucher:
    """One event to be entered, with the lines of each side's book; None is the platform's."""

    sides: Sequence[tuple[int | None, Sequence[Line]]]
    key: str
    kind: str
    ref: str
    at: datetime
    person_id: int | None = None


def enter_settlement(session: Session, made: Settlement, *, before: Settlement | None) -> None:
    """Enter what a settlement changes against the one that it supersedes, in both books."""
    _enter(session, settled(made, before=before))


def settled(made: Settlement, *, before: Settlement | None) -> Voucher:
    """Return what is entered of a settlement."""
    sides: list[tuple[int | None, Sequence[Line]]] = []
    for owner_id, lines_of in ((made.payer_id, _bought), (made.payee_id, _sold)):
        taken_back = [] if before is None else [turned(line) for line in lines_of(before)]
        lines = summed([*lines_of(made), *taken_back])
        if lines and owner_id is not None:
            sides.append((owner_id, lines))
    return Voucher(
        sides=sides, key=f"settled:{made.code}", kind=f"settled-{made.kind}", ref=made.code,
        at=made.computed_at,
    )  # fmt: skip


def enter_payment(session: Session, payment: PaymentRecord, *, owed: Settlement) -> None:
    """Enter a payment as it was recorded: held for a second person, or paid."""
    _enter(session, recorded(payment, owed=owed))


def recorded(payment: PaymentRecord, *, owed: Settlement) -> Voucher:
    """Return what is entered of a payment as it is recorded."""
    if payment.confirmed_at is not None:
        return _paid(payment, owed=owed)
    subject, amount = owed.subject_code, payment.amount_fen
    lines = pair(Account("payable", subject), Account("payment_held", subject), amount)
    return Voucher(
        sides=[(owed.payer_id, lines)], key=f"held:{payment.code}", kind="payment-held",
        ref=payment.code, at=payment.recorded_at, person_id=payment.person_id,
    )  # fmt: skip


def enter_paid(session: Session, payment: PaymentRecord, *, owed: Settlement) -> None:
    """Enter a confirmed payment for payer and payee, and for the platform where it holds it.

    What was handed back is below zero, and enters the same lines turned round.
    """
    _enter(session, _paid(payment, owed=owed))


def _paid(payment: PaymentRecord, *, owed: Settlement) -> Voucher:
    subject, amount = owed.subject_code, payment.amount_fen
    way = _way(payment, subject=subject)
    from_ = Account("payment_held" if payment.needs_second else "payable", subject)
    sides: list[tuple[int | None, list[Line]]] = [(owed.payer_id, pair(from_, way.payer, amount))]
    if owed.payee_id is not None:
        sides.append((owed.payee_id, pair(way.payee, Account("receivable", subject), amount)))
    if way.platform is not None:
        sides.append((None, pair(*way.platform, amount)))
    return Voucher(
        sides=sides, key=f"paid:{payment.code}", kind="paid", ref=payment.code,
        at=payment.confirmed_at or payment.recorded_at,
        person_id=payment.second_person_id or payment.person_id,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Way:
    """Where a payment stands on each side; platform: what it debits and credits, if it holds it."""

    payer: Account
    payee: Account
    platform: tuple[Account, Account] | None = None


def _way(payment: PaymentRecord, *, subject: str) -> _Way:
    held, escrow = Account("held", subject), Account("escrow", subject)
    if payment.method == "escrow":
        clearing = Account("bank_clearing")
        return _Way(clearing, held, (clearing, escrow))
    if payment.method == "stripe":  # the movement has entered the platform's side, with its fee
        return _Way(Account("wallet"), held)
    if payment.method == "deposit":
        return _Way(Account("deposit_paid", payment.reference), held)
    if payment.method == "set-off":
        kept_for, due = payment.reference, Account("payout_due", subject)
        return _Way(held, Account("held", kept_for), (due, Account("escrow", kept_for)))
    return _Way(Account(WHERE[payment.method]), Account(WHERE[payment.method]))


def enter_declined(session: Session, payment: PaymentRecord, *, owed: Settlement) -> None:
    """Take the hold of a declined payment back."""
    held = entry_of(
        session,
        book_id=book(session, organisation_id=owed.payer_id),
        key=f"held:{payment.code}",
    )
    at = payment.declined_at or payment.recorded_at
    reverse(session, entry=held, at=at, person_id=payment.second_person_id)


def enter_advance(
    session: Session,
    code: str,
    *,
    method: str,
    amount_fen: int,
    payer_id: int,
    payee_id: int,
    at: datetime,
    person_id: int,
) -> None:
    """Enter money paid before anything was delivered: what netting draws on later."""
    money, advance = Account(WHERE[method]), Account("advance")
    sides = [
        (payer_id, pair(advance, money, amount_fen)),
        (payee_id, pair(money, advance, amount_fen)),
    ]
    enter(session, sides, key=f"advance:{code}", kind="advance", ref=code, at=at,
           person_id=person_id)  # fmt: skip


def enter(
    session: Session,
    sides: Iterable[tuple[int | None, Sequence[Line]]],
    *,
    key: str,
    kind: str,
    ref: str,
    at: datetime,
    person_id: int | None = None,
) -> None:
    """Enter the same event in the book of each side; None is the platform's."""
    for owner_id, lines in sides:
        post(
            session,
            book_id=book(session, organisation_id=owner_id),
            key=key,
            kind=kind,
            ref=ref,
            at=at,
            lines=lines,
            person_id=person_id,
        )


def enter_all(session: Session, vouchers: Sequence[Voucher]) -> None:
    """Enter many events that nobody has entered yet, in their order, each book in one go."""
    by_owner: dict[int | None, list[Draft]] = {}
    for each in vouchers:
        for owner_id, lines in each.sides:
            by_owner.setdefault(owner_id, []).append(
                Draft(each.key, each.kind, each.ref, each.at, lines, each.person_id)
            )
    for owner_id, drafts in by_owner.items():
        post_all(session, book_id=book(session, organisation_id=owner_id), drafts=drafts)


def _enter(session: Session, voucher: Voucher) -> None:
    enter(
        session, voucher.sides, key=voucher.key, kind=voucher.kind, ref=voucher.ref,
        at=voucher.at, person_id=voucher.person_id,
    )  # fmt: skip


def _bought(owed: Settlement) -> list[Line]:
    vat_fen = vat_inside(owed.amount_fen, rate_bp=owed.vat_rate_bp if owed.tax_included else 0)
    return [
        Line(Account("purchases"), owed.amount_fen - vat_fen),
        Line(Account("tax_input"), vat_fen),
        Line(Account("payable", owed.subject_code), -owed.amount_fen),
    ]


def _sold(owed: Settlement) -> list[Line]:
    vat_fen = vat_inside(owed.amount_fen, rate_bp=owed.vat_rate_bp if owed.tax_included else 0)
    return [
        Line(Account("receivable", owed.subject_code), owed.amount_fen),
        Line(Account("sales"), vat_fen - owed.amount_fen),
        Line(Account("tax_output"), -vat_fen),
    ]


def pair(debit: Account, credit: Account, amount: int) -> list[Line]:
    """Two lines: so much from `credit` to `debit`."""
    return [Line(debit, amount), Line(credit, -amount)]


def turned(line: Line) -> Line:
    """The opposite line."""
    return Line(line.account, -line.amount_minor)


def summed(lines: Sequence[Line]) -> list[Line]:
    """One line an account, those that come to nothing left out."""
    sums: dict[Account, int] = {}
    for line in lines:
        sums[line.account] = sums.get(line.account, 0) + line.amount_minor
    return [Line(account, amount) for account, amount in sums.items() if amount]
