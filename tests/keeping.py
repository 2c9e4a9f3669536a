"""The platform's desk for tests: two people, an account of the money of others, and its book."""

from dataclasses import dataclass

from sqlmodel import Session

from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.store import Store
from remelt.platform.parties.models import Person
from remelt.platform.settlement.books import asked_for, in_force
from remelt.platform.settlement.escrow.due import PayoutDue, payouts_due
from remelt.platform.settlement.escrow.models import Payout
from remelt.platform.settlement.escrow.paying import confirm_payout, let_go
from remelt.platform.settlement.ledger.chart import Account
from remelt.platform.settlement.ledger.posting import book
from remelt.platform.settlement.ledger.reading import balance_of
from remelt.platform.settlement.rails.bank import accounts, matching, queries
from remelt.platform.settlement.rails.bank.statement import parse
from tests.parties import Party, a_colleague, a_party

HEADINGS = "交易日期,收入金额,支出金额,对方户名,交易流水号,附言"


def yuan(fen: int) -> str:
    """An amount as a bank's file says it."""
    return f"{fen // 100}.{fen % 100:02d}"


@dataclass
class Desk:
    """The operator with a second person and a bank account that holds the money of others."""

    store: Store
    clock: SimulatedClock
    operator: Party
    second: Person
    account: str
    lines: int = 0

    @property
    def organisation_id(self) -> int:
        """The operator's organisation."""
        return self.operator.organisation.key

    def statement(self, *, income: int = 0, spent: int = 0, text: str = "") -> str:
        """Take in a line of the platform's account; return its code."""
        self.lines += 1
        day = self.clock.now().date().isoformat()
        cells = [day, yuan(income) if income else "", yuan(spent) if spent else "", "", "", text]
        cells[4] = f"R{self.lines}"
        content = f"{HEADINGS}\n{','.join(cells)}\n".encode()
        with self.store.write() as session:
            accounts.take_in(
                session, clock=self.clock, account_code=self.account,
                organisation_id=self.organisation_id, person_id=self.operator.person.key,
                parsed=parse(content, filename="platform.csv"),
            )  # fmt: skip
        with self.store.read() as session:
            row = accounts.bank_account(
                session, code=self.account, organisation_id=self.organisation_id
            )
            return queries.movements(session, account=row)[0].movement.code

    def match(self, movement: str) -> str:
        """Take the first proposal for a line, and let the second person confirm it; its match."""
        with self.store.write() as session:
            view = queries.movement(session, code=movement, organisation_id=self.organisation_id)
            (proposal,) = view.proposals
            (made,) = matching.match(
                session, clock=self.clock, movement_code=movement,
                organisation_id=self.organisation_id, person_id=self.operator.person.key,
                wishes=[matching.Wish(s.due.kind, s.due.code, s.minor) for s in proposal.shares],
            )  # fmt: skip
        with self.store.write() as session:
            matching.confirm_matches(
                session, clock=self.clock, movement_code=movement,
                organisation_id=self.organisation_id, person_id=self.second.key,
            )  # fmt: skip
        return made.code

    def receive(self, contract_code: str) -> str:
        """The buyer transfers to the platform what is asked of it; return the match."""
        with self.store.read() as session:
            owed = in_force(session, kind="contract", subject_code=contract_code)
            assert owed is not None
            asked = asked_for(session, owed)
        assert asked is not None
        return self.match(self.statement(income=asked.amount_fen, text=asked.reference))

    def due(self, subject: str) -> list[PayoutDue]:
        """What is due of a contract or listing."""
        with self.store.write() as session:
            return [each for each in payouts_due(session) if each.subject_code == subject]

    def let_go(self, purpose: str, subject: str, *, deposit_id: int | None = None) -> Payout:
        """One person lets money go."""
        with self.store.write() as session:
            return let_go(
                session, clock=self.clock, purpose=purpose, subject_code=subject,
                person_id=self.operator.person.key, deposit_id=deposit_id,
                payee="贵州省有色金属检测中心",
            )  # fmt: skip

    def pay_out(self, purpose: str, subject: str, *, deposit_id: int | None = None) -> Payout:
        """Two people let money go, the bank transfers it, and its line is matched."""
        made = self.let_go(purpose, subject, deposit_id=deposit_id)
        with self.store.write() as session:
            paid = confirm_payout(
                session, clock=self.clock, code=made.code, organisation_id=self.organisation_id,
                person_id=self.second.key,
            )  # fmt: skip
        self.match(self.statement(spent=paid.amount_fen, text=paid.code))
        return paid

    def stands(self, kind: str, subject: str = "", *, of: Party | None = None) -> int:
        """What an account stands at, in the platform's book or a party's."""
        with self.store.write() as session:
            book_id = book(session, organisation_id=of and of.organisation.key)
            return balance_of(session, book_id=book_id, account=Account(kind, subject))


def a_desk(session: Session, *, store: Store, clock: SimulatedClock) -> Desk:
    """The operator's desk with its account."""
    operator = a_party(session, clock=clock, role="operator")
    second = a_colleague(session, clock=clock, of=operator)
    account = accounts.open_bank_account(
        session, clock=clock, organisation_id=operator.organisation.key, bank="贵阳银行",
        number="5200 0000 0001", of_platform=True,
    )  # fmt: skip
    return Desk(store, clock, operator, second, account.code)
