"""Sellers paid through the provider: a payout that two people let go becomes transfers."""

from sqlmodel import Session, select

from remelt.platform.kernel.clock import Clock
from remelt.platform.settlement.escrow.due import PayoutDue, contract_of, payouts_due
from remelt.platform.settlement.escrow.models import Payout
from remelt.platform.settlement.escrow.paying import let_go, payout
from remelt.platform.settlement.rails.protocol import Money
from remelt.platform.settlement.rails.provider_accounts import account_of, payable_account
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


def paid_online(session: Session, *, order_key: str) -> Payout | None:
    """Return the payout that an order sends, None where it sends none."""
    return session.exec(
        select(Payout)
        .join(PaymentIntentRequest, PaymentIntentRequest.reference == Payout.code)  # type: ignore[arg-type]  # a column's expression
        .where(PaymentIntentRequest.order_key == order_key)
    ).first()


def prices_due(session: Session) -> list[tuple[PayoutDue, ConnectedAccount | None]]:
    """Return the prices that are due to sellers, with the accounts that they may be paid into."""
    return [
        (due, account_of(session, organisation_id=due.payee_id))
        for due in payouts_due(session)
        if due.purpose == "price" and due.payee_id is not None
    ]
