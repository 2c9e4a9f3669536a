"""What the desk of others' money asks of the database: as much for many contracts as for one."""

from sqlmodel import Session

from remelt.platform.settlement.escrow.queries import held_view
from remelt.platform.settlement.escrow.setting_off import set_off
from remelt.platform.settlement.ledger.chart import Account
from remelt.platform.settlement.rails.provider_payouts import prices_due
from remelt.platform.settlement.vouchers import enter, pair
from tests.counting import Counting
from tests.money import a_settled_sale
from tests.parties import Party, a_party

HELD_FEN = 900_000


def a_sale(session: Session, *, clock, seller: Party, buyer: Party) -> str:
    """A contract that was settled, and part of whose price the platform holds."""
    owed = a_settled_sale(session, clock=clock, seller=seller, buyer=buyer, net_g=1_000_000)
    code, clearing = owed.subject_code, Account("bank_clearing")
    sides = [
        (None, pair(clearing, Account("escrow", code), HELD_FEN)),
        (seller.organisation.key, pair(Account("held", code), clearing, HELD_FEN)),
    ]
    enter(session, sides, key=f"test:{code}", kind="paid", ref=code, at=clock.now())
    return code


def test_many_contracts_are_asked_for_as_often_as_one(store, clock):
    with store.write() as session:
        seller = a_party(session, clock=clock, role="hub")
        parties = {"seller": seller, "buyer": a_party(session, clock=clock, role="smelter")}
        sold = [a_sale(session, clock=clock, **parties)]
    asked = [counted(store, clock, sold[0])]
    with store.write() as session:
        sold += [a_sale(session, clock=clock, **parties) for _ in range(4)]
    asked.append(counted(store, clock, sold[0]))
    assert asked[0] == asked[1]
    with store.read() as session:
        assert [(each.due.subject_code, each.due.amount_fen) for each in prices_due(session)] == [
            (code, HELD_FEN) for code in sold
        ]


def counted(store, clock, code: str) -> tuple[int, int, int]:
    """How many statements the two pages take, and setting off after a settlement."""
    with Counting(store) as desk, store.read() as session:
        held_view(session)
    with Counting(store) as rails, store.read() as session:
        prices_due(session)
    with Counting(store) as settling, store.write() as session:
        set_off(session, clock=clock, contract_code=code)
    return desk.statements, rails.statements, settling.statements
