"""A contract that was settled; bank accounts, lines and entries for the walk over every route."""

from typing import Any

from sqlmodel import Session, col, select

from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.market.models import Contract
from remelt.platform.settlement import books
from remelt.platform.settlement.escrow.models import Payout
from remelt.platform.settlement.ledger.models import MoneyAccount, MoneyEntry
from remelt.platform.settlement.models import Settlement
from remelt.platform.settlement.rails.bank import accounts
from remelt.platform.settlement.rails.bank.models import BankAccount, BankMatch, BankMovement
from remelt.platform.settlement.rails.bank.statement import parse
from remelt.platform.settlement.rules import Weighed
from tests.market import a_contract
from tests.parties import Party


def a_settled_sale(
    session: Session, *, clock: Clock, seller: Party, buyer: Party, net_g: int = 10_000_000
) -> Settlement:
    """What a buyer owes for scrap at 15,000 CNY a tonne, under a contract of its own."""
    contract = a_contract(session, clock=clock, seller=seller, buyer=buyer)
    draft = Settlement(
        code=new_code(), kind="contract", subject_code=contract.code, ticket_code="TICKET",
        revision=1, site_id=buyer.site.key, payer_id=buyer.organisation.key,
        payee_id=seller.organisation.key, net_g=0, deducted_g=0, payable_g=0, lines_fen=0,
        amount_fen=0, inputs={}, inputs_sha256="", computed_at=clock.now(),
    )  # fmt: skip
    line = Weighed(lot_code="LOT", net_g=net_g, deducted_g=0, price_fen_per_t=1_500_000)
    owed, _ = books.put(session, draft, lines=[line], clock=clock)
    return owed


def money_objects(world: Any, session: Session) -> None:
    """A bank account with a line, its entry and a match of each walker, and one of another."""
    for number, walker in enumerate(world.own):
        made = []
        for party in (world.own[walker], world.other[walker]):
            of_platform = walker == "operator" and party is world.own[walker]
            text = f"Verborgen-{walker}-{len(made)}-附言"
            world.hide(text, of=party)
            account = accounts.open_bank_account(
                session, clock=world.clock, organisation_id=party.organisation.key, bank="银行",
                number=f"62220000{number:04}{len(made)}", of_platform=of_platform,
            )  # fmt: skip
            lines = f"日期,收入,支出,附言\n2026-03-02,10.00,,{text}\n"
            accounts.take_in(
                session, clock=world.clock, account_code=account.code,
                organisation_id=party.organisation.key, person_id=party.person.key,
                parsed=parse(lines.encode(), filename="s.csv"),
            )  # fmt: skip
            made.append(_codes(session, account))
        for name, own, other in zip(
            ("bank_account", "movement", "match", "money_account", "money_entry"),
            *made,
            strict=True,
        ):
            world.give(name, own=own, other=other, walker=walker)


def payout_objects(world: Any, session: Session) -> None:
    """Two contracts whose umpires are to be paid: one payout of each waits."""
    contracts = session.exec(select(Contract).order_by(col(Contract.id)).limit(2)).all()
    operator = world.own["operator"].person.key
    made = [
        Payout(
            code=new_code(), purpose="umpire", subject_code=contract.code, payee="化验室",
            amount_fen=120_000, person_id=operator, made_at=world.clock.now(),
        )
        for contract in contracts
    ]  # fmt: skip
    session.add_all(made)
    session.flush()
    world.give("payouts.contract", own=contracts[0].code, other=contracts[1].code)
    for name in ("payouts.payout", "api_payouts.payout"):
        world.give(name, own=made[0].code, other=made[1].code)


def _codes(session: Session, account: BankAccount) -> list[str]:
    movement = session.exec(
        select(BankMovement).where(BankMovement.bank_account_id == account.key)
    ).one()
    match = BankMatch(
        code=new_code(), movement_id=movement.key, kind="rounding", amount_minor=1,
        person_id=1, made_at=movement.at, needs_second=True,
    )  # fmt: skip
    entry = session.exec(select(MoneyEntry).where(MoneyEntry.ref == movement.code)).one()
    match.person_id = entry.person_id or 0
    session.add(match)
    session.flush()
    own = session.exec(select(MoneyAccount).where(MoneyAccount.subject == account.code)).one()
    return [account.code, movement.code, match.code, own.code, entry.code]
