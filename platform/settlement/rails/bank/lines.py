"""Lines of statements and what they are matched with, as an organisation may reach them."""

from collections.abc import Sequence
from typing import Final

from sqlmodel import Session, col, select

from remelt.platform.parties import queries as parties
from remelt.platform.settlement.errors import SamePerson
from remelt.platform.settlement.ledger.chart import Account
from remelt.platform.settlement.models import PaymentRecord
from remelt.platform.settlement.rails.bank.errors import NoSuchMatch, NoSuchMovement
from remelt.platform.settlement.rails.bank.models import BankAccount, BankMatch, BankMovement

# what a line may be booked to that pays for no trade here
BOOKABLE: Final = (
    "charges", "gain", "loss", "cash", "wallet", "bank_clearing", "tax_output", "vat_agent",
    "income_tax_agent", "outside",
)  # fmt: skip
# words that banks put on lines that are no trade: for money out, and for money in
SIGNS: Final = {
    False: (("手续费", "charges"), ("工本费", "charges"), ("管理费", "charges"),
            ("个人所得税", "income_tax_agent"), ("增值税", "tax_output"), ("取现", "cash")),
    True: (("利息", "gain"), ("结息", "gain"), ("存现", "cash")),
}  # fmt: skip


def lock_movement(
    session: Session, *, code: str, organisation_id: int
) -> tuple[BankMovement, BankAccount]:
    """Return a line of the organisation's statements, locked. Raises `NoSuchMovement`."""
    found = session.exec(
        select(BankMovement, BankAccount)
        .join(BankAccount, col(BankAccount.id) == col(BankMovement.bank_account_id))
        .where(BankMovement.code == code, BankAccount.organisation_id == organisation_id)
        .with_for_update()
    ).one_or_none()
    if found is None:
        raise NoSuchMovement(movement=code[:20])
    return found[0], found[1]


def live_matches(session: Session, *, movement: BankMovement) -> list[BankMatch]:
    """Return what a line is matched with, confirmed or waiting."""
    return list(
        session.exec(
            select(BankMatch)
            .where(
                BankMatch.movement_id == movement.key,
                col(BankMatch.declined_at).is_(None),
                col(BankMatch.undone_at).is_(None),
            )
            .order_by(col(BankMatch.id))
        )
    )


def check_second_hand(
    session: Session, matches: Sequence[BankMatch], *, organisation_id: int, person_id: int
) -> None:
    """Refuse whoever matched, and whoever may not be the second person. Raises `SamePerson`."""
    for first_id in {each.person_id for each in matches if each.state == "waiting"}:
        if not parties.second_hand(
            session, first_id=first_id, person_id=person_id, organisation_id=organisation_id
        ):
            raise SamePerson


def own_match(
    session: Session, *, code: str, organisation_id: int, lock: bool = False
) -> tuple[BankMatch, BankAccount]:
    """Return a match of the organisation with its account, locked on wish.

    Raises `NoSuchMatch`.
    """
    statement = (
        select(BankMatch, BankAccount)
        .join(BankMovement, col(BankMovement.id) == col(BankMatch.movement_id))
        .join(BankAccount, col(BankAccount.id) == col(BankMovement.bank_account_id))
        .where(BankMatch.code == code, BankAccount.organisation_id == organisation_id)
    )
    found = session.exec(statement.with_for_update() if lock else statement).one_or_none()
    if found is None:
        raise NoSuchMatch(match=code[:20])
    return found[0], found[1]


def payments_made(session: Session, found: BankMatch) -> list[PaymentRecord]:
    """Return the payments that were recorded from a line, and the cent written off with them."""
    ids = [found.payment_id if found.made_payment else None, found.rounding_id]
    return [
        session.exec(select(PaymentRecord).where(PaymentRecord.id == each).with_for_update()).one()
        for each in ids
        if each is not None
    ]


def other_side(found: BankMatch) -> Account:
    """Return the account that a match clears the suspense against."""
    if found.kind == "account":
        return Account(found.booked_to)
    return Account("rounding" if found.kind == "rounding" else "bank_clearing")


def guessed(text: str, *, incoming: bool) -> str | None:
    """Return the account that a line of no trade is likely for, by the words that banks use."""
    return next((kind for word, kind in SIGNS[incoming] if word in text), None)
