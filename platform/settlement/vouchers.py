"""Which event enters what: settlements, payments and deposits as entries of each party's book.

Debit stands above zero. What a payer still owes under a contract is the balance of its `payable`,
what a payee still gets that of its `receivable`; a payment that waits for a second person is held
in `payment_held` in between. Money paid by bank rests in `bank_clearing` until a statement
shows it.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from sqlmodel import Session

from remelt.platform.settlement.ledger.chart import Account, Line
from remelt.platform.settlement.ledger.posting import book, entry_of, post, reverse
from remelt.platform.settlement.models import PaymentRecord, Settlement
from remelt.platform.settlement.rules import vat_inside

WHERE: Final = {
    "bank": "bank_clearing",
    "cash": "cash",
    "wechat": "wallet",
    "alipay": "wallet",
    "rounding": "rounding",
    "netting": "advance",
    "stripe": "stripe_balance",
}
# what the payer pays from, where it is not what the payee gets: a card or a wallet of its own
FROM: Final = WHERE | {"stripe": "wallet"}


def enter_settlement(session: Session, made: Settlement, *, before: Settlement | None) -> None:
    """Enter what a settlement changes against the one that it supersedes, in both books."""
    sides = []
    for owner_id, lines_of in ((made.payer_id, _bought), (made.payee_id, _sold)):
        taken_back = [] if before is None else [_turned(line) for line in lines_of(before)]
        lines = _summed([*lines_of(made), *taken_back])
        if lines and owner_id is not None:
            sides.append((owner_id, lines))
    _enter(session, sides, key=f"settled:{made.code}", kind=f"settled-{made.kind}",
           ref=made.code, at=made.computed_at)  # fmt: skip


def enter_payment(session: Session, payment: PaymentRecord, *, owed: Settlement) -> None:
    """Enter a payment as it was recorded: held for a second person, or paid."""
    if payment.confirmed_at is not None:
        enter_paid(session, payment, owed=owed)
        return
    subject, amount = owed.subject_code, payment.amount_fen
    lines = _pair(Account("payable", subject), Account("payment_held", subject), amount)
    _enter(session, [(owed.payer_id, lines)], key=f"held:{payment.code}", kind="payment-held",
           ref=payment.code, at=payment.recorded_at, person_id=payment.person_id)  # fmt: skip


def enter_paid(session: Session, payment: PaymentRecord, *, owed: Settlement) -> None:
    """Enter a confirmed payment in the payer's book and in the payee's, where it has one."""
    subject, amount = owed.subject_code, payment.amount_fen
    debt = Account("payment_held" if payment.needs_second else "payable", subject)
    sides = [(owed.payer_id, _pair(debt, Account(FROM[payment.method]), amount))]
    if owed.payee_id is not None:
        got = Account(WHERE[payment.method])
        sides.append((owed.payee_id, _pair(got, Account("receivable", subject), amount)))
    _enter(session, sides, key=f"paid:{payment.code}", kind="paid", ref=payment.code,
           at=payment.confirmed_at or payment.recorded_at,
           person_id=payment.second_person_id or payment.person_id)  # fmt: skip


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
        (payer_id, _pair(advance, money, amount_fen)),
        (payee_id, _pair(money, advance, amount_fen)),
    ]
    _enter(session, sides, key=f"advance:{code}", kind="advance", ref=code, at=at,
           person_id=person_id)  # fmt: skip


def enter_deposit(
    session: Session,
    *,
    deposit_id: int,
    listing_code: str,
    bidder_id: int,
    amount_fen: int,
    at: datetime,
    person_id: int | None,
) -> None:
    """Enter a deposit that has arrived: the platform holds it, the bidder has laid it down."""
    clearing = Account("bank_clearing")
    laid, held = Account("deposit_paid", listing_code), Account("deposit_held", listing_code)
    sides = [
        (None, _pair(clearing, held, amount_fen)),
        (bidder_id, _pair(laid, clearing, amount_fen)),
    ]
    _enter(session, sides, key=f"deposit:{deposit_id}", kind="deposit-held", ref=listing_code,
           at=at, person_id=person_id)  # fmt: skip


def enter_deposit_end(
    session: Session,
    *,
    deposit_id: int,
    listing_code: str,
    bidder_id: int,
    seller_id: int,
    contract_code: str | None,
    amount_fen: int,
    ended_as: str,
    at: datetime,
) -> None:
    """Enter how a deposit ended: on its way back, on its way to the seller, or towards the price.

    Applied, it stands in `escrow` of the contract until that is settled.
    """
    clearing = Account("bank_clearing")
    laid, held = Account("deposit_paid", listing_code), Account("deposit_held", listing_code)
    escrow = Account("escrow", contract_code or listing_code)
    sides: dict[str, list[tuple[int | None, list[Line]]]] = {
        "released": [
            (None, _pair(held, clearing, amount_fen)),
            (bidder_id, _pair(clearing, laid, amount_fen)),
        ],
        "forfeited": [
            (None, _pair(held, clearing, amount_fen)),
            (bidder_id, _pair(Account("loss"), laid, amount_fen)),
            (seller_id, _pair(clearing, Account("gain"), amount_fen)),
        ],
        "applied": [(None, _pair(held, escrow, amount_fen))],
    }
    _enter(session, sides[ended_as], key=f"deposit-ended:{deposit_id}",
           kind=f"deposit-{ended_as}", ref=listing_code, at=at)  # fmt: skip


def _enter(
    session: Session,
    sides: Iterable[tuple[int | None, Sequence[Line]]],
    *,
    key: str,
    kind: str,
    ref: str,
    at: datetime,
    person_id: int | None = None,
) -> None:
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


def _pair(debit: Account, credit: Account, amount: int) -> list[Line]:
    return [Line(debit, amount), Line(credit, -amount)]


def _turned(line: Line) -> Line:
    return Line(line.account, -line.amount_minor)


def _summed(lines: Sequence[Line]) -> list[Line]:
    """One line an account, those that come to nothing left out."""
    sums: dict[Account, int] = {}
    for line in lines:
        sums[line.account] = sums.get(line.account, 0) + line.amount_minor
    return [Line(account, amount) for account, amount in sums.items() if amount]
