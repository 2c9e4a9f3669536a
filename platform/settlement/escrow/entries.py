"""What the platform's keeping enters: deposits, charges of settlements, payouts.

`escrow` of a contract is what the platform holds for it, less what it may keep of it: it comes to
nothing once the price is paid out and the charges are paid. `held` in the books of the parties is
the other side of it.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlmodel import Session

from remelt.platform.market.models import Contract
from remelt.platform.market.terms_models import Deposit
from remelt.platform.settlement.escrow.models import Payout
from remelt.platform.settlement.ledger.chart import Account, Line
from remelt.platform.settlement.vouchers import enter, pair, summed, turned

CLEARING = Account("bank_clearing")
RETURNED = "payout-returned"
Borne = tuple[str, str, int]
Sides = list[tuple[int | None, Sequence[Line]]]


def enter_charges(
    session: Session,
    contract: Contract,
    *,
    key: str,
    charges: Iterable[Borne],
    before: Iterable[Borne],
    at: datetime,
) -> None:
    """Enter commission and umpire of a settlement, less those of the one that it supersedes.

    charges: kind, who bears it, fen. The seller's come out of what is held for the contract, the
    buyer's are owed to the platform beside the price.
    """
    said = {"seller": contract.seller_id, "buyer": contract.buyer_id, "": None}
    sides: Sides = []
    for side, owner_id in said.items():
        lines = [line for each in charges for line in _charged(each, contract.code, side=side)]
        back = [line for each in before for line in _charged(each, contract.code, side=side)]
        sides.append((owner_id, summed([*lines, *map(turned, back)])))
    enter(session, [each for each in sides if each[1]], key=f"charged:{key}", kind="charged",
          ref=contract.code, at=at)  # fmt: skip


def _charged(charge: Borne, code: str, *, side: str) -> list[Line]:
    """The lines of one charge in the book of a side; "" is the platform's."""
    kind, bearer, amount = charge
    if side:
        fees = pair(Account("fees"), Account("fees_due", code), amount)
        return fees if side == bearer else []
    from_ = Account("escrow" if bearer == "seller" else "receivable", code)
    to = Account("platform_fee") if kind == "commission" else Account("umpire", code)
    return pair(from_, to, amount)


def enter_deposit(
    session: Session,
    deposit: Deposit,
    *,
    listing_code: str,
    at: datetime,
    person_id: int | None,
    through: tuple[Account, Account] = (CLEARING, CLEARING),
) -> None:
    """Enter a deposit that has arrived: the platform holds it, the bidder has laid it down.

    through: where it stood in the platform's book, and where the bidder paid it from.
    """
    laid, held = Account("deposit_paid", listing_code), Account("deposit_held", listing_code)
    sides = [
        (None, pair(through[0], held, deposit.amount_fen)),
        (deposit.bidder_id, pair(laid, through[1], deposit.amount_fen)),
    ]
    enter(session, sides, key=f"deposit:{deposit.key}", kind="deposit-held", ref=listing_code,
          at=at, person_id=person_id)  # fmt: skip


def enter_deposit_end(
    session: Session,
    deposit: Deposit,
    *,
    listing_code: str,
    seller_id: int,
    contract_code: str | None,
    at: datetime,
) -> None:
    """Enter how a deposit ended: due back to the bidder, due to the seller, or for the contract.

    What is due is transferred by a `Payout`; what is applied stands in `escrow` of the contract
    until a settlement is set off against it.
    """
    laid, held = Account("deposit_paid", listing_code), Account("deposit_held", listing_code)
    due, theirs = Account("payout_due", listing_code), Account("held", listing_code)
    escrow = Account("escrow", contract_code or listing_code)
    bidder_id, amount_fen = deposit.bidder_id, deposit.amount_fen
    sides: dict[str, Sides] = {
        "released": [
            (None, pair(held, due, amount_fen)),
            (bidder_id, pair(theirs, laid, amount_fen)),
        ],
        "forfeited": [
            (None, pair(held, due, amount_fen)),
            (bidder_id, pair(Account("loss"), laid, amount_fen)),
            (seller_id, pair(theirs, Account("gain"), amount_fen)),
        ],
        "applied": [(None, pair(held, escrow, amount_fen))],
    }
    enter(session, sides[deposit.ended_as], key=f"deposit-ended:{deposit.key}",
          kind=f"deposit-{deposit.ended_as}", ref=listing_code, at=at)  # fmt: skip


def enter_left(
    session: Session, contract: Contract, *, key: str, listing_code: str, amount_fen: int,
    at: datetime,
) -> None:  # fmt: skip
    """Enter what of a deposit the whole price leaves over: it is due back to the buyer."""
    due, escrow = Account("payout_due", contract.code), Account("escrow", contract.code)
    laid, theirs = Account("deposit_paid", listing_code), Account("held", contract.code)
    sides = [
        (None, pair(escrow, due, amount_fen)),
        (contract.buyer_id, pair(theirs, laid, amount_fen)),
    ]
    enter(session, sides, key=f"deposit-left:{key}", kind="deposit-left", ref=contract.code, at=at)


def enter_payout(session: Session, paid: Payout) -> None:
    """Enter a confirmed payout: it is on its way to whom it is for."""
    subject, amount = paid.subject_code, paid.amount_fen
    from_ = {"price": Account("escrow", subject), "umpire": Account("umpire", subject)}
    due = from_.get(paid.purpose, Account("payout_due", subject))
    sides: Sides = [(None, pair(due, CLEARING, amount))]
    if paid.payee_id is not None:
        theirs = [
            Line(CLEARING, amount),
            Line(Account("fees_due", subject), paid.fees_fen),
            Line(Account("held", subject), -amount - paid.fees_fen),
        ]
        sides.append((paid.payee_id, [line for line in theirs if line.amount_minor]))
    enter(session, sides, key=f"paid-out:{paid.code}", kind="paid-out", ref=paid.code,
          at=paid.confirmed_at or paid.made_at, person_id=paid.second_person_id)  # fmt: skip


def enter_returned(
    session: Session, paid: Payout, *, key: str, amount_fen: int, at: datetime, had_left: bool
) -> None:
    """Enter that a price or part of it did not stay with its seller: it is held for it again.

    The charges that were kept back of it stay paid. had_left: it came back by a movement of the
    provider, which has entered the platform's side.
    """
    held, escrow = Account("held", paid.subject_code), Account("escrow", paid.subject_code)
    sides: Sides = [(paid.payee_id, pair(held, CLEARING, amount_fen))]
    if not had_left:
        sides.append((None, pair(CLEARING, escrow, amount_fen)))
    enter(session, sides, key=f"returned:{key}", kind=RETURNED, ref=paid.code, at=at)


def enter_sent(
    session: Session, *, rail_ref: str, subject: str, amount_fen: int, at: datetime
) -> None:
    """Enter that a provider has sent a payout: what was on its way has left the provider's balance.

    The provider's movement stands against `escrow`, as the payout does already.
    """
    sides: Sides = [(None, pair(CLEARING, Account("escrow", subject), amount_fen))]
    enter(session, sides, key=f"sent:{rail_ref}", kind="paid-out", ref=subject, at=at)
