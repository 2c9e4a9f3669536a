"""What the operator reads of the money that the platform holds for others."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from remelt.platform.market.models import Contract, Listing
from remelt.platform.parties.models import Organisation
from remelt.platform.settlement.escrow.due import (
    PayoutDue,
    contract_dues,
    contract_of,
    held_contracts,
    payouts_due,
    stands,
)
from remelt.platform.settlement.escrow.entries import RETURNED
from remelt.platform.settlement.escrow.errors import NoSuchContractHeld
from remelt.platform.settlement.escrow.models import Payout
from remelt.platform.settlement.ledger.models import MoneyAccount, MoneyEntry, MoneyPosting

SHOWN = 100


@dataclass(frozen=True, slots=True)
class DueLine:
    """Something to be paid out, and to whom; None for an umpire's laboratory."""

    due: PayoutDue
    payee: Organisation | None


@dataclass(frozen=True, slots=True)
class PayoutLine:
    """A payout, who gets it, and how much of it came back or never left."""

    payout: Payout
    payee: Organisation | None
    returned_fen: int = 0

    @property
    def state(self) -> str:
        """Of the payout, or "returned" where all of it was."""
        return "returned" if self.returned_fen == self.payout.amount_fen else self.payout.state


@dataclass(frozen=True, slots=True)
class HeldLine:
    """A contract with money, and between whom: what is held, below zero what is to come in."""

    contract_code: str
    seller: Organisation
    buyer: Organisation
    held_fen: int


@dataclass(frozen=True, slots=True)
class HeldView:
    """What is due, what waits for a second person, what was answered last; contracts with money."""

    dues: tuple[DueLine, ...]
    waiting: tuple[PayoutLine, ...]
    answered: tuple[PayoutLine, ...]
    contracts: tuple[HeldLine, ...]


@dataclass(frozen=True, slots=True)
class ContractHeld:
    """One contract: what is held for it, what its parties stand at, its payouts."""

    contract: Contract
    listing: Listing
    seller: Organisation
    buyer: Organisation
    escrow_fen: int
    umpire_fen: int
    due_back_fen: int
    held_fen: int
    fees_due_fen: int
    dues: tuple[DueLine, ...]
    payouts: tuple[PayoutLine, ...]


def held_view(session: Session) -> HeldView:
    """Return everything that the platform holds for others and has to pay out."""
    lines = _payouts(session)
    return HeldView(
        dues=tuple(_named(session, payouts_due(session))),
        waiting=tuple(line for line in lines if line.payout.state == "waiting"),
        answered=tuple(line for line in lines if line.payout.state != "waiting"),
        contracts=tuple(_contracts(session)),
    )


def contract_held(session: Session, *, code: str) -> ContractHeld:
    """Return what is held for one contract. Raises `NoSuchContractHeld`."""
    contract = contract_of(session, code=code)
    if contract is None:
        raise NoSuchContractHeld(contract=code[:20])
    seller, buyer = contract.seller_id, contract.buyer_id
    return ContractHeld(
        contract=contract,
        listing=session.get_one(Listing, contract.listing_id),
        seller=session.get_one(Organisation, seller),
        buyer=session.get_one(Organisation, buyer),
        escrow_fen=-stands(session, "escrow", code),
        umpire_fen=-stands(session, "umpire", code),
        due_back_fen=-stands(session, "payout_due", code),
        held_fen=stands(session, "held", code, of=seller),
        fees_due_fen=-stands(session, "fees_due", code, of=seller),
        dues=tuple(_named(session, contract_dues(session, contract))),
        payouts=tuple(_payouts(session, subject_code=code)),
    )


def _contracts(session: Session) -> list[HeldLine]:
    held = held_contracts(session)
    seller, buyer = aliased(Organisation), aliased(Organisation)
    rows = session.exec(
        select(Contract.code, seller, buyer)
        .join(seller, col(seller.id) == col(Contract.seller_id))
        .join(buyer, col(buyer.id) == col(Contract.buyer_id))
        .where(col(Contract.code).in_(list(held)))
        .order_by(col(Contract.code))
    )
    return [HeldLine(code, sells, buys, held[code]) for code, sells, buys in rows]


def _payouts(session: Session, *, subject_code: str | None = None) -> list[PayoutLine]:
    statement = (
        select(Payout, Organisation)
        .outerjoin(Organisation, col(Organisation.id) == col(Payout.payee_id))
        .order_by(
            (col(Payout.confirmed_at).is_(None) & col(Payout.declined_at).is_(None)).desc(),
            col(Payout.id).desc(),
        )
        .limit(SHOWN)
    )
    if subject_code is not None:
        statement = statement.where(Payout.subject_code == subject_code)
    rows = session.exec(statement).all()
    back = returned(session, codes=[paid.code for paid, _ in rows])
    return [PayoutLine(paid, payee, back.get(paid.code, 0)) for paid, payee in rows]


def returned(session: Session, *, codes: Sequence[str]) -> dict[str, int]:
    """Return what of payouts is held for their payees again, in fen by code."""
    rows = session.exec(
        select(MoneyEntry.ref, func.sum(MoneyPosting.amount_minor))
        .join(MoneyPosting, col(MoneyPosting.entry_id) == col(MoneyEntry.id))
        .join(MoneyAccount, col(MoneyAccount.id) == col(MoneyPosting.account_id))
        .where(
            MoneyEntry.kind == RETURNED, col(MoneyEntry.ref).in_(codes),
            MoneyAccount.kind == "held",
        )
        .group_by(col(MoneyEntry.ref))
    )  # fmt: skip
    return {code: int(fen) for code, fen in rows}


def _named(session: Session, dues: Iterable[PayoutDue]) -> list[DueLine]:
    found = list(dues)
    ids = {due.payee_id for due in found if due.payee_id is not None}
    rows = session.exec(select(Organisation).where(col(Organisation.id).in_(ids)))
    known = {row.key: row for row in rows}
    return [DueLine(due, known.get(due.payee_id or 0)) for due in found]
