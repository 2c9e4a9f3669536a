"""Statements taken in once, matched by two hands, and a book that says what the bank says."""

import io
from dataclasses import dataclass

import pytest
from openpyxl import Workbook
from sqlmodel import func, select

from remelt.platform.kernel.sheets.errors import HeadingsMissing, ImportHasErrors
from remelt.platform.settlement import accounts as till
from remelt.platform.settlement import books
from remelt.platform.settlement.errors import ReasonMissing, SamePerson
from remelt.platform.settlement.ledger.chart import Account
from remelt.platform.settlement.ledger.models import MoneyPosting
from remelt.platform.settlement.ledger.posting import book
from remelt.platform.settlement.ledger.reading import balance_of, unbalanced
from remelt.platform.settlement.models import PaymentInstruction, PaymentRecord, Settlement
from remelt.platform.settlement.rails.bank import accounts, errors, matching, queries
from remelt.platform.settlement.rails.bank.models import BankMovement
from remelt.platform.settlement.rails.bank.statement import gaps, parse
from remelt.platform.settlement.rules import Weighed
from tests.counting import Counting
from tests.parties import Party, a_colleague, a_party

HEADINGS = "交易日期,收入金额,支出金额,余额,对方户名,对方账号,交易流水号,附言"
WISH = matching.Wish


@dataclass
class Desk:
    """A seller with two people and a bank account; a buyer who owes it under contracts."""

    store: object
    clock: object
    seller: Party
    second: object
    buyer: Party
    account: str

    def take_in(self, content: str | bytes, *, filename="s.csv"):
        """Take a file in for the seller."""
        raw = content.encode() if isinstance(content, str) else content
        with self.store.write() as session:
            return accounts.take_in(
                session, clock=self.clock, account_code=self.account,
                organisation_id=self.seller.organisation.key, person_id=self.seller.person.key,
                parsed=parse(raw, filename=filename),
            )  # fmt: skip

    def owe(self, contract: str, *, net_g: int) -> tuple[Settlement, str]:
        """Settle a contract at 10,000 yuan a tonne; return it with its reference."""
        draft = Settlement(
            code=till.new_code(), kind="contract", subject_code=contract, ticket_code="T",
            revision=1, site_id=self.buyer.site.key, payer_id=self.buyer.organisation.key,
            payee_id=self.seller.organisation.key, net_g=0, deducted_g=0, payable_g=0,
            lines_fen=0, amount_fen=0, inputs={}, inputs_sha256="", computed_at=self.clock.now(),
        )  # fmt: skip
        line = Weighed(lot_code="LOT", net_g=net_g, deducted_g=0, price_fen_per_t=1_000_000)
        with self.store.write() as session:
            made = books.put(session, draft, lines=[line], clock=self.clock)[0]
            reference = session.exec(
                select(PaymentInstruction.reference).where(
                    PaymentInstruction.settlement_id == made.key
                )
            ).one()
        return made, reference

    def one(self, yuan: str, text: str = "", *, name: str = "", ref: str = "R1") -> str:
        """Take in one line of money in; return its code."""
        self.take_in(f"{HEADINGS}\n2026-03-02,{yuan},,,{name},,{ref},{text}\n")
        with self.store.read() as session:
            return session.exec(select(BankMovement.code).order_by(BankMovement.id.desc())).first()

    def view(self, code: str):
        """What the cashier sees of a line."""
        with self.store.read() as session:
            return queries.movement(
                session, code=code, organisation_id=self.seller.organisation.key
            )

    def act(self, action, *, person_id=None, **facts):
        """Do something as the seller's cashier."""
        with self.store.write() as session:
            return action(
                session, clock=self.clock, organisation_id=self.seller.organisation.key,
                person_id=person_id or self.seller.person.key, **facts,
            )  # fmt: skip

    def accept(self, code: str, *, write_off: bool = False):
        """Take the first proposal."""
        proposal = self.view(code).proposals[0]
        wishes = [WISH(s.due.kind, s.due.code, s.minor) for s in proposal.shares]
        return self.act(
            matching.match, movement_code=code, wishes=wishes, why=proposal.why,
            write_off=write_off,
        )  # fmt: skip

    def stands(self, kind: str, subject: str = "", *, of: Party | None = None) -> int:
        """What an account stands at."""
        with self.store.write() as session:
            book_id = book(session, organisation_id=(of or self.seller).organisation.key)
            return balance_of(session, book_id=book_id, account=Account(kind, subject))

    def open_fen(self, owed: Settlement) -> int:
        """What is still open of a settlement."""
        with self.store.read() as session:
            return books.balance(session, owed).open_fen


@pytest.fixture
def desk(store, clock):
    with store.write() as session:
        seller = a_party(session, clock=clock, role="smelter", name="遵义再生铝")
        second = a_colleague(session, clock=clock, of=seller)
        buyer = a_party(session, clock=clock, role="smelter", name="黔南铝厂")
        account = accounts.open_bank_account(
            session, clock=clock, organisation_id=seller.organisation.key,
            bank="工商银行遵义分行", number="2404 0333 0910 0012 345",
        )  # fmt: skip
    made = Desk(store, clock, seller, second, buyer, account.code)
    yield made
    with store.read() as session:
        assert unbalanced(session) == []
        assert (session.exec(select(func.sum(MoneyPosting.amount_minor))).one() or 0) == 0


THREE = (
    f'{HEADINGS}\n2026-03-01,"1,000.00",,51000.00,黔南铝厂,1234,A1,货款\n'
    "2026-03-01,,200.50,50799.50,税务局,,A2,税款\n2026-03-02,10.00,,50809.50,,,A3,\n"
    "合计,1010.00,200.50,,,,,\n"
)


def test_the_same_file_and_the_same_line_twice_move_nothing_again(desk):
    first = desk.take_in(THREE)
    again = desk.take_in(THREE.encode("gb18030"), filename="again.csv")
    longer = desk.take_in(THREE + "2026-03-02,5.00,,50814.50,,,A4,\n")
    assert (first.fresh, again.fresh, longer.fresh) == (3, 0, 1)
    assert desk.stands("bank", desk.account) == 5_081_450
    assert desk.stands("opening") == -5_000_000
    with desk.store.read() as session:
        account = accounts.bank_account(
            session, code=desk.account, organisation_id=desk.seller.organisation.key
        )
        days = queries.days(session, account=account)
    assert [(day.bank_minor, day.differs_minor, day.open_lines) for day in days] == [
        (5_081_450, 0, 2), (5_079_950, 0, 2),
    ]  # fmt: skip


def test_two_lines_that_say_the_same_are_two(desk):
    line = "2026-03-02,5.00,,,黔南铝厂,,,货款\n"
    assert desk.take_in(f"{HEADINGS}\n{line}").fresh == 1
    assert desk.take_in(f"{HEADINGS}\n{line}{line}").fresh == 1
    assert desk.take_in(f"{HEADINGS}\n{line}{line}").fresh == 0
    assert desk.stands("suspense") == -1_000


def test_a_workbook_with_one_amount_and_a_side_is_read_alike(desk):
    sheet = Workbook()
    for row in (
        ["账户明细", None], ["记账日期", "交易时间", "借贷标志", "发生额", "对方名称", "摘要"],
        ["20260302", "20260302 101500", "贷", 88.5, "黔南铝厂", "货款"],
        ["20260302", None, "借", 8, "手续费", None],
    ):  # fmt: skip
        sheet.active.append(row)
    out = io.BytesIO()
    sheet.save(out)
    assert desk.take_in(out.getvalue(), filename="s.xlsx").fresh == 2
    assert desk.stands("bank", desk.account) == 8_050


def test_each_mistake_is_named_by_its_cell_and_nothing_is_taken_in(desk):
    bad = f"{HEADINGS}\n2026-02-30,1.00,,,,,,\n2026-03-02,1.005,,,,,,\n2026-03-02,1,2,,,,,\n"
    parsed = parse(bad.encode(), filename="bad.csv")
    assert [(p.cell, p.refusal.code) for p in parsed.problems] == [
        ("A2", "cell-not-a-day"), ("B3", "cell-not-a-number"), ("B4", "cell-no-amount"),
    ]  # fmt: skip
    with pytest.raises(ImportHasErrors):
        desk.take_in(bad)
    assert desk.stands("suspense") == 0
    for text in ("日期,摘要\n2026-03-02,x\n", "金额,摘要\n1,x\n"):
        with pytest.raises(HeadingsMissing):
            parse(text.encode(), filename="bad.csv")


def test_a_line_missing_between_two_balances_is_seen():
    gap = THREE.replace("50809.50", "50909.50")
    assert gaps(parse(THREE.encode(), filename="s.csv").rows) == ()
    assert gaps(parse(gap.encode(), filename="s.csv").rows) == (4,)


def test_a_transfer_with_the_reference_pays_the_contract_in_both_books(desk):
    owed, reference = desk.owe("CONTRACT", net_g=500_000)
    code = desk.one("5000.00", f"货款 {reference[:4]}-{reference[4:]}")
    (proposal,) = desk.view(code).proposals
    assert (proposal.why, proposal.left_minor, proposal.short_minor) == ("reference", 0, 0)
    (done,) = desk.accept(code)
    assert done.state == "confirmed"
    assert desk.open_fen(owed) == 0
    assert desk.stands("receivable", "CONTRACT") == desk.stands("suspense") == 0
    assert desk.stands("bank_clearing") == 0
    assert desk.stands("bank", desk.account) == 500_000
    assert desk.stands("payable", "CONTRACT", of=desk.buyer) == 0
    assert desk.stands("bank_clearing", of=desk.buyer) == -500_000
    with pytest.raises(errors.MatchTooMuch):
        desk.act(matching.match, movement_code=code, wishes=[WISH("settlement", owed.code, 1)])


def test_above_the_threshold_a_second_person_confirms(desk):
    owed, reference = desk.owe("CONTRACT", net_g=2_000_000)
    code = desk.one("20000.00", reference)
    (waiting,) = desk.accept(code)
    assert (waiting.state, desk.stands("suspense")) == ("waiting", -2_000_000)
    assert desk.stands("payment_held", "CONTRACT", of=desk.buyer) == -2_000_000
    with pytest.raises(SamePerson):
        desk.act(matching.confirm_matches, movement_code=code)
    with pytest.raises(ReasonMissing):
        desk.act(
            matching.decline_matches, movement_code=code, reason=" ", person_id=desk.second.key
        )
    desk.act(
        matching.decline_matches, movement_code=code, reason="other lot", person_id=desk.second.key
    )
    assert (desk.open_fen(owed), desk.stands("suspense")) == (2_000_000, -2_000_000)
    desk.accept(code)
    (done,) = desk.act(matching.confirm_matches, movement_code=code, person_id=desk.second.key)
    assert (done.state, desk.open_fen(owed), desk.stands("suspense")) == ("confirmed", 0, 0)
    with pytest.raises(errors.MatchNotWaiting):
        desk.act(matching.confirm_matches, movement_code=code, person_id=desk.second.key)


def test_halves_of_one_line_do_not_spare_the_second_person(desk):
    owed, reference = desk.owe("CONTRACT", net_g=2_000_000)
    code = desk.one("20000.00", reference)
    wish = {"movement_code": code, "wishes": [WISH("settlement", owed.code, 1_000_000)]}
    assert desk.act(matching.match, **wish)[0].state == "confirmed"
    assert desk.act(matching.match, **wish)[0].state == "waiting"


def test_one_transfer_pays_two_contracts(desk):
    one, first = desk.owe("CONTRACT1", net_g=300_000)
    two, second = desk.owe("CONTRACT2", net_g=200_000)
    code = desk.one("5000.00", f"{first} {second}")
    (proposal,) = desk.view(code).proposals
    assert proposal.why == "references"
    assert len(desk.accept(code)) == 2
    assert desk.open_fen(one) == desk.open_fen(two) == desk.stands("suspense") == 0


def test_without_a_reference_name_and_amount_find_it_or_a_pair(desk):
    desk.owe("CONTRACT1", net_g=300_000)
    desk.owe("CONTRACT2", net_g=200_000)
    name = desk.buyer.organisation.name_zh
    alone, both = desk.one("2000.00", name=name), desk.one("5000.00", name=name, ref="R2")
    assert [p.why for p in desk.view(alone).proposals] == ["amount-and-name"]
    assert [p.why for p in desk.view(both).proposals] == ["pair"]
    stranger = desk.one("2000.00", name="别人", ref="R3")
    assert [p.why for p in desk.view(stranger).proposals] == ["amount"]


@pytest.mark.parametrize(
    ("yuan", "left", "short", "rounding"), [("4999.99", 0, 1, 1), ("5000.01", 1, 0, -1)]
)
def test_a_cent_is_proposed_with_its_reason_and_never_smoothed_over(
    desk, yuan, left, short, rounding
):
    owed, reference = desk.owe("CONTRACT", net_g=500_000)
    code = desk.one(yuan, reference)
    (proposal,) = desk.view(code).proposals
    assert (proposal.why, proposal.left_minor, proposal.short_minor) == ("cent", left, short)
    desk.accept(code)
    assert (desk.open_fen(owed), desk.stands("suspense")) == (short, -left)
    other, again = desk.owe("OTHER", net_g=500_000)
    code = desk.one(yuan, again, ref="R2")
    desk.accept(code, write_off=True)
    assert (desk.open_fen(other), desk.stands("suspense")) == (0, -left)
    assert desk.stands("rounding") == rounding


def test_a_part_payment_leaves_the_rest_open_and_too_much_stays_in_suspense(desk):
    owed, reference = desk.owe("CONTRACT", net_g=500_000)
    part, more = desk.one("1000.00", reference), desk.one("6000.00", reference, ref="R2")
    assert desk.view(part).proposals[0].why == "part"
    desk.accept(part)
    assert desk.open_fen(owed) == 400_000
    (proposal,) = desk.view(more).proposals
    assert (proposal.why, proposal.left_minor) == ("more", 200_000)
    desk.accept(more)
    assert (desk.open_fen(owed), desk.stands("suspense")) == (0, -200_000)


def test_a_payment_that_the_payer_told_is_matched_and_not_paid_twice(desk):
    owed, _ = desk.owe("CONTRACT", net_g=500_000)
    with desk.store.write() as session:
        told = till.record_payment(
            session, clock=desk.clock, settlement_code=owed.code, amount_fen=500_000,
            organisation_id=desk.buyer.organisation.key, person_id=desk.buyer.person.key,
            paid_on=desk.clock.now().date(), reference="ICBC-778899",
        )  # fmt: skip
    assert desk.stands("bank_clearing") == 500_000
    code = desk.one("5000.00", "ICBC778899")
    assert desk.view(code).proposals[0].shares[0].due.code == told.code
    desk.accept(code)
    assert desk.stands("bank_clearing") == desk.stands("suspense") == 0
    with desk.store.read() as session:
        assert session.exec(select(func.count(PaymentRecord.id))).one() == 1


def test_undoing_a_match_reverses_it_and_what_it_paid(desk):
    owed, reference = desk.owe("CONTRACT", net_g=500_000)
    code = desk.one("5000.00", reference)
    (done,) = desk.accept(code)
    undo = {"match_code": done.code, "reason": "another contract"}
    desk.act(matching.undo_match, **undo)
    assert (desk.open_fen(owed), desk.stands("suspense")) == (500_000, -500_000)
    assert desk.stands("receivable", "CONTRACT") == 500_000
    with pytest.raises(errors.MatchStands):
        desk.act(matching.undo_match, **undo)
    desk.accept(code)
    assert (desk.open_fen(owed), desk.stands("suspense")) == (0, 0)


def test_another_organisations_line_is_not_found(desk):
    owed, reference = desk.owe("CONTRACT", net_g=500_000)
    code = desk.one("5000.00", reference)
    with pytest.raises(errors.NoSuchMovement), desk.store.write() as session:
        matching.match(
            session, clock=desk.clock, movement_code=code, person_id=desk.buyer.person.key,
            organisation_id=desk.buyer.organisation.key,
            wishes=[WISH("settlement", owed.code, 1)],
        )  # fmt: skip


def test_a_line_of_no_trade_is_booked_to_an_account(desk):
    desk.take_in(f"{HEADINGS}\n2026-03-02,,20.50,,,,A1,账户管理费\n2026-03-02,1.23,,,,,A2,结息\n")
    with desk.store.read() as session:
        codes = session.exec(select(BankMovement.code).order_by(BankMovement.id)).all()
    for code, guess, minor in zip(codes, ("charges", "gain"), (2_050, 123), strict=True):
        assert desk.view(code).guess == guess
        wish = {"movement_code": code, "wishes": [WISH("account", guess, minor)]}
        assert desk.act(matching.match, **wish)[0].state == "confirmed"
    assert (desk.stands("charges"), desk.stands("gain"), desk.stands("suspense")) == (
        2_050,
        -123,
        0,
    )
    (made,) = desk.view(codes[0]).matches
    desk.act(matching.undo_match, match_code=made.match.code, reason="a fee of another trade")
    assert (desk.stands("charges"), desk.stands("suspense")) == (0, 2_050)
    for kind in ("sales", "receivable", "bank", "nothing"):
        with pytest.raises(errors.NotDueHere):
            desk.act(matching.match, movement_code=codes[0], wishes=[WISH("account", kind, 1)])


def test_a_large_line_of_no_trade_waits_for_a_second_person(desk):
    code = desk.one("20000.00", "往来")
    wishes = [WISH("account", "outside", 2_000_000)]
    assert desk.act(matching.match, movement_code=code, wishes=wishes)[0].state == "waiting"
    assert (desk.stands("outside"), desk.stands("suspense")) == (0, -2_000_000)
    desk.act(matching.confirm_matches, movement_code=code, person_id=desk.second.key)
    assert (desk.stands("outside"), desk.stands("suspense")) == (-2_000_000, 0)


def test_a_file_of_many_lines_asks_as_much_as_one_of_few(desk):
    asked = []
    for first, lines in ((0, 3), (100, 60)):
        rows = "\n".join(f"2026-03-02,1.00,,,,,M{first + n}," for n in range(lines))
        with Counting(desk.store) as counted:
            assert desk.take_in(f"{HEADINGS}\n{rows}\n").fresh == lines
        asked.append(counted.statements)
    assert asked[1] <= asked[0]
    assert desk.stands("suspense") == -63_00
