"""Sellers paid through the provider: a payout that two people let go becomes transfers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from remelt.platform.kernel.clock import Clock
from remelt.platform.settlement.escrow.due import PayoutDue, contract_of, payouts_due
from remelt.platform.settlement.escrow.models import Payout
from remelt.platform.settlement.escrow.paying import let_go, payout
from remelt.platform.settlement.rails.protocol import Money
from remelt.platform.settlement.rails.provider_accounts import payable_account
from remelt.platform.settlement.rails.provider_errors import PaysOutTooMuch, SellerNotReady
from remelt.platform.settlement.rails.provider_models import ConnectedAccount, PaymentIntentRequest
from remelt.platform.settlement.rails.provider_orders import (
    before_of,
    check_frozen,
    lock_subject,
    store_order,
)
from remelt.platform.settlement.rails.provider_rules import escrowed, left_of

RAIL = "stripe"


@dataclass(frozen=True, slots=True)
class PriceDue:
    """A price due to a seller, and its account. refusal: why the last transfer was refused."""

    due: PayoutDue
    account: ConnectedAccount | None
    refusal: str = ""


def let_go_online(session: Session, *, clock: Clock, contract_code: str, person_id: int) -> Payout:
    """Let a seller's price go to its account at the provider, until a second person confirms it.

    Raises `SellerNotReady`, `NothingToPayOut`, `SubjectFrozen`, or `PaysOutTooMuch` where part of
    it came another way: that is paid by bank transfer.
    """
    check_frozen(session, subject=contract_code, purpose="pay-out")
    contract = contract_of(session, code=contract_code, lock=True)
    if contract is None:
        raise SellerNotReady
    payable_account(session, organisation_id=contract.seller_id)
    made = let_go(
        session, clock=clock, purpose="price", subject_code=contract_code, person_id=person_id,
        rail=RAIL,
    )  # fmt: skip
    left = escrowed([before_of(row) for row in lock_subject(session, contract_code)])
    if made.amount_fen > left:
        raise PaysOutTooMuch(left_minor=left, currency="CNY")
    return made


def send_payout(session: Session, *, clock: Clock, code: str) -> list[PaymentIntentRequest]:
    """Order the transfers of a payout that was confirmed: one of each payment that it is of.

    Raises `SellerNotReady`, `SubjectFrozen` or `PaysOutTooMuch`: then it is not confirmed.
    """
    paid = payout(session, code=code)
    if paid.rail != RAIL:
        return []
    party = payable_account(session, organisation_id=paid.payee_id or 0)
    rows = lock_subject(session, paid.subject_code)
    before, still = [before_of(row) for row in rows], paid.amount_fen
    made: list[PaymentIntentRequest] = []
    for row in rows:
        if row.purpose != "collect" or not row.rail_ref:
            continue
        part = min(left_of(before, row.rail_ref), still)
        if part > 0:
            still -= part
            made.append(
                store_order(
                    session, clock=clock, subject=paid.subject_code, purpose="pay-out",
                    money=Money(part, row.currency), earlier=row.rail_ref, party=party,
                    reference=paid.code, person_id=paid.second_person_id,
                )
            )  # fmt: skip
    if still:
        raise PaysOutTooMuch(left_minor=paid.amount_fen - still, currency="CNY")
    return made


def paid_online(session: Session, *, order_key: str = "", transfer: str = "") -> Payout | None:
    """Return the payout that an order sends, by our key or the provider's name of the transfer."""
    row = PaymentIntentRequest
    sent = select(Payout).join(row, col(row.reference) == col(Payout.code))
    if transfer:
        return session.exec(sent.where(row.purpose == "pay-out", row.rail_ref == transfer)).first()
    return session.exec(sent.where(row.order_key == order_key)).first()


def refusals(session: Session, *, payouts: Iterable[Payout]) -> dict[str, str]:
    """Return why the provider refused transfers of payouts, by the payout's code."""
    codes = [paid.code for paid in payouts if paid.rail == RAIL]
    rows = session.exec(
        select(PaymentIntentRequest.reference, PaymentIntentRequest.reason).where(
            PaymentIntentRequest.purpose == "pay-out",
            PaymentIntentRequest.state == "refused",
            col(PaymentIntentRequest.reference).in_(codes),
        )
    )
    return dict(rows.all())


def prices_due(session: Session) -> list[PriceDue]:
    """Return the prices that are due to sellers, with the accounts that they may be paid into."""
    prices = [due for due in payouts_due(session) if due.purpose == "price"]
    refused = _last_refusals(session, subjects=[due.subject_code for due in prices])
    sellers = {due.payee_id for due in prices}
    rows = session.exec(
        select(ConnectedAccount).where(col(ConnectedAccount.organisation_id).in_(sellers))
    )
    accounts = {row.organisation_id: row for row in rows}
    return [
        PriceDue(
            due,
            account=accounts.get(due.payee_id or 0),
            refusal=refused.get(due.subject_code, ""),
        )
        for due in prices
    ]


def _last_refusals(session: Session, *, subjects: Sequence[str]) -> dict[str, str]:
    """Why the last transfer for a contract was refused, of contracts where it was."""
    row = PaymentIntentRequest
    rows = session.exec(
        select(row.subject, row.state, row.reason)
        .where(col(row.subject).in_(subjects), row.purpose == "pay-out")
        .order_by(col(row.id))
    )
    last = {subject: (state, reason) for subject, state, reason in rows}
    return {subject: reason for subject, (state, reason) in last.items() if state == "refused"}
