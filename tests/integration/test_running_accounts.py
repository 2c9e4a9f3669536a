"""Running accounts: advances, a limit, netting, statements that later changes do not touch."""

from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa
from sqlmodel import select

from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.codes import new_code
from remelt.platform.kernel.store import Store
from remelt.platform.settlement import accounts, books
from remelt.platform.settlement import queries as settlements
from remelt.platform.settlement.errors import PaysTooMuch, ReasonMissing, SamePerson
from remelt.platform.settlement.ledger.models import MoneyAccount, MoneyBook, MoneyPosting
from remelt.platform.settlement.models import Settlement
from remelt.platform.settlement.rails.bank import accounts as bank_accounts
from remelt.platform.settlement.rails.bank import matching
from remelt.platform.settlement.rails.bank import queries as bank_queries
from remelt.platform.settlement.rails.bank.errors import NotDueHere
from remelt.platform.settlement.rails.bank.statement import parse
from remelt.platform.settlement.rules import Weighed
from remelt.platform.settlement.running import advancing, errors, queries, stating
from remelt.platform.settlement.running.models import Advance, RunningAccount
from tests.parties import Party, a_colleague, a_party

_POSTINGS = (
    sa.select(MoneyBook.organisation_id, MoneyAccount.kind, MoneyPosting.amount_minor)
    .join(MoneyAccount, MoneyAccount.id == MoneyPosting.account_id)
    .join(MoneyBook, MoneyBook.id == MoneyAccount.book_id)
)
APRIL = datetime(2026, 4, 1, 0, 0, tzinfo=UTC)


@pytest.fixture
def smelter(store: Store, clock: SimulatedClock) -> Party:
    with store.write() as session:
        return a_party(session, clock=clock, role="smelter")


@pytest.fixture
def collector(store: Store, clock: SimulatedClock) -> Party:
    with store.write() as session:
        return a_party(session, clock=clock, role="collector")


@pytest.fixture
def account(store, clock, smelter, collector) -> RunningAccount:
    with store.write() as session:
        return advancing.open_account(
            session, clock=clock, payer_id=smelter.organisation.key,
            partner_code=collector.organisation.code,
        )  # fmt: skip


def delivered(store, clock, smelter, collector, *, grams: int, subject: str | None = None):
    """Settle a delivery of so many grams at 10,000 CNY/t: a fen a gram."""
    code = subject or new_code()
    with store.write() as session:
        draft = Settlement(
            code=new_code(), kind="contract", subject_code=code, ticket_code=code, revision=1,
            site_id=smelter.site.key, payer_id=smelter.organisation.key,
            payee_id=collector.organisation.key, net_g=0, deducted_g=0, payable_g=0, lines_fen=0,
            amount_fen=0, inputs={}, inputs_sha256="", computed_at=clock.now(),
        )  # fmt: skip
        line = Weighed(lot_code="LOT", net_g=grams, deducted_g=0, price_fen_per_t=1_000_000)
        return books.put(session, draft, lines=[line], clock=clock)[0]


def advanced(store, clock, account, smelter, fen, **changes) -> Advance:
    facts = {"code": account.code, "payer_id": smelter.organisation.key,
             "person_id": smelter.person.key, "amount_fen": fen,
             "paid_on": date(2026, 3, 2)}  # fmt: skip
    with store.write() as session:
        return advancing.pay_advance(session, clock=clock, **(facts | changes))


def netted(store, clock, account, smelter):
    with store.write() as session:
        return advancing.net(
            session, clock=clock, code=account.code, payer_id=smelter.organisation.key,
            person_id=smelter.person.key,
        )  # fmt: skip


def seen(store, account, party, *, today=date(2026, 3, 2)):
    with store.read() as session:
        return queries.view(session, account, organisation_id=party.organisation.key, today=today)


def stated(store, clock, account, party, month):
    with store.write() as session:
        return stating.issue(
            session, clock=clock, code=account.code, organisation_id=party.organisation.key,
            person_id=party.person.key, month=month,
        )  # fmt: skip


def answered(store, clock, party, made, verdict, reason=""):
    with store.write() as session:
        return stating.answer(
            session, clock=clock, statement_code=made.code,
            organisation_id=party.organisation.key, person_id=party.person.key,
            verdict=verdict, reason=reason,
        )  # fmt: skip


def test_an_advance_is_netted_over_deliveries(store, clock, account, smelter, collector):
    advanced(store, clock, account, smelter, 500_000)
    first = delivered(store, clock, smelter, collector, grams=300_000)
    second = delivered(store, clock, smelter, collector, grams=400_000)
    assert seen(store, account, smelter).balance_fen == 200_000
    assert [use.amount_fen for use in netted(store, clock, account, smelter)] == [300_000, 200_000]
    after = seen(store, account, collector)
    assert (after.balance_fen, after.outstanding_fen, after.pays) == (200_000, 0, False)
    with store.read() as session:
        assert books.balance(session, first).state == "paid"
        assert books.balance(session, second).open_fen == 200_000
    with pytest.raises(errors.NothingToNet):
        netted(store, clock, account, smelter)


def test_the_books_agree_with_the_view(store, clock, account, smelter, collector):
    assert _books(store) == {}
    advanced(store, clock, account, smelter, 500_000)
    for grams, balance_fen in ((300_000, -200_000), (400_000, 200_000)):
        delivered(store, clock, smelter, collector, grams=grams)
        assert seen(store, account, smelter).balance_fen == balance_fen
        for _each in ("before", "after"):
            books_of = _books(store)
            payer = {kind: books_of.get((smelter.organisation.key, kind), 0) for kind in _OWED}
            payee = {kind: books_of.get((collector.organisation.key, kind), 0) for kind in _OWED}
            assert payer["payable"] + payer["advance"] == -balance_fen
            assert payee["receivable"] + payee["advance"] == balance_fen
            if _each == "before":
                netted(store, clock, account, smelter)
    assert (payer["payable"], payer["advance"]) == (-200_000, 0)


_OWED = ("payable", "receivable", "advance")


def _books(store) -> dict:
    from_rows: dict = {}
    with store.read() as session:
        rows = session.execute(_POSTINGS).all()
    for organisation_id, kind, amount in rows:
        if kind in _OWED:
            key = (organisation_id, kind)
            from_rows[key] = from_rows.get(key, 0) + amount
    return from_rows


def test_an_advance_is_never_a_method_of_paying_twice(store, clock, account, smelter, collector):
    advanced(store, clock, account, smelter, 300_000)
    owed = delivered(store, clock, smelter, collector, grams=300_000)
    netted(store, clock, account, smelter)
    with pytest.raises(PaysTooMuch), store.write() as session:
        accounts.record_payment(
            session, clock=clock, settlement_code=owed.code,
            organisation_id=smelter.organisation.key, person_id=smelter.person.key,
            amount_fen=1, paid_on=date(2026, 3, 2),
        )  # fmt: skip


def test_the_limit_holds_to_the_fen(store, clock, account, smelter):
    with store.write() as session:
        advancing.set_limit(
            session, clock=clock, code=account.code, payer_id=smelter.organisation.key,
            person_id=smelter.person.key, limit_fen=500_000,
        )  # fmt: skip
    advanced(store, clock, account, smelter, 499_999)
    with pytest.raises(errors.AdvanceLimitReached) as refused:
        advanced(store, clock, account, smelter, 2)
    assert refused.value.facts["left_yuan"] == "0.01"
    advanced(store, clock, account, smelter, 1)


def test_a_large_advance_waits_for_a_second_person(store, clock, account, smelter, collector):
    made = advanced(store, clock, account, smelter, 100_000_000)
    assert made.state == "waiting"
    assert seen(store, account, smelter).balance_fen == 0
    facts = {"code": account.code, "advance_code": made.code,
             "payer_id": smelter.organisation.key}  # fmt: skip
    with pytest.raises(SamePerson), store.write() as session:
        advancing.answer_advance(
            session, clock=clock, person_id=smelter.person.key, paid=True, **facts
        )
    with store.write() as session:
        second = a_colleague(session, clock=clock, of=smelter)
    with store.write() as session:
        advancing.answer_advance(session, clock=clock, person_id=second.key, paid=True, **facts)
    assert seen(store, account, smelter).balance_fen == -100_000_000


def test_only_the_payer_advances(store, clock, account, collector):
    with pytest.raises(errors.NoSuchRunningAccount):
        advanced(store, clock, account, collector, 1)


def test_what_is_open_stands_in_its_bucket(store, clock, account, smelter, collector):
    delivered(store, clock, smelter, collector, grams=1_000)
    advanced(store, clock, account, smelter, 7)
    for days, bucket in ((0, 0), (30, 0), (31, 1), (61, 2), (91, 3)):
        today = date.fromordinal(date(2026, 3, 2).toordinal() + days)
        ages = seen(store, account, smelter, today=today)
        assert ages.owed_ages[bucket] == 1_000
        assert ages.advance_ages[bucket] == 7
        assert sum(ages.owed_ages) == 1_000


def test_a_later_change_stands_on_the_next_statement(store, clock, account, smelter, collector):
    owed = delivered(store, clock, smelter, collector, grams=300_000)
    clock.set(APRIL)
    march = stated(store, clock, account, smelter, "2026-03")
    assert (march.opening_fen, march.closing_fen) == (0, 300_000)
    answered(store, clock, collector, march, "confirmed")
    delivered(store, clock, smelter, collector, grams=290_000, subject=owed.subject_code)
    clock.set(datetime(2026, 5, 1, tzinfo=UTC))
    april = stated(store, clock, account, collector, "2026-04")
    assert (april.opening_fen, april.closing_fen) == (300_000, 290_000)
    assert april.before_sha256 == march.sha256
    views = seen(store, account, smelter).statements
    assert [view.sound for view in views] == [True, True]
    assert [fact.amount_fen for fact in views[1].facts] == [300_000]
    assert views[1].statement.sha256 == march.sha256


@pytest.mark.parametrize("month", ["2026-04", "2026-05", "2026-13", "", "2026-3"])
def test_a_month_is_stated_after_its_end(store, clock, account, smelter, month):
    clock.set(APRIL)
    with pytest.raises(errors.StatementNotDue):
        stated(store, clock, account, smelter, month)


def test_a_month_is_stated_once_and_in_order(store, clock, account, smelter):
    clock.set(APRIL)
    stated(store, clock, account, smelter, "2026-02")
    stated(store, clock, account, smelter, "2026-03")
    for month in ("2026-03", "2026-01"):
        with pytest.raises(errors.StatementNotDue):
            stated(store, clock, account, smelter, month)


def test_the_other_party_answers_once(store, clock, account, smelter, collector):
    clock.set(APRIL)
    made = stated(store, clock, account, smelter, "2026-03")
    with pytest.raises(errors.StatementAnswered):
        answered(store, clock, smelter, made, "confirmed")
    with pytest.raises(ReasonMissing):
        answered(store, clock, collector, made, "disputed")
    answered(store, clock, collector, made, "disputed", "a load is missing")
    with pytest.raises(errors.StatementAnswered):
        answered(store, clock, collector, made, "confirmed")


def test_a_stranger_reads_nothing(store, clock, account):
    with store.write() as session:
        stranger = a_party(session, clock=clock, role="hub")
    with store.read() as session, pytest.raises(errors.NoSuchRunningAccount):
        queries.account(session, code=account.code, organisation_id=stranger.organisation.key)


def test_one_pair_has_one_account(store, clock, account, smelter, collector):
    with store.write() as session:
        again = advancing.open_account(
            session, clock=clock, payer_id=smelter.organisation.key,
            partner_code=collector.organisation.code,
        )  # fmt: skip
        assert again.key == account.key
        assert len(session.exec(select(RunningAccount)).all()) == 1
        with pytest.raises(errors.NoSuchPartner):
            advancing.open_account(
                session, clock=clock, payer_id=smelter.organisation.key,
                partner_code=smelter.organisation.code,
            )  # fmt: skip


def test_netting_supersedes_what_was_asked_and_the_old_reference_pays_no_more_than_is_open(
    store, clock, account, smelter, collector
):
    owed = delivered(store, clock, smelter, collector, grams=500_000)
    with store.read() as session:
        old = books.asked_for(session, owed)
    advanced(store, clock, account, smelter, 300_000)
    netted(store, clock, account, smelter)
    with store.write() as session:
        asked = books.asked_for(session, owed)
        assert (asked.amount_fen, asked.reference != old.reference) == (200_000, True)
        bank = bank_accounts.open_bank_account(
            session, clock=clock, organisation_id=collector.organisation.key, bank="农行",
            number="62284800123456",
        )  # fmt: skip
    text = f"日期,收入,支出,附言\n2026-03-02,5000.00,,{old.reference}\n"
    who = {"clock": clock, "organisation_id": collector.organisation.key,
           "person_id": collector.person.key}  # fmt: skip
    with store.write() as session:
        bank_accounts.take_in(
            session, **who, account_code=bank.code, parsed=parse(text.encode(), filename="s.csv")
        )
        (line,) = bank_queries.movements(session, account=bank)
        view = bank_queries.movement(
            session, code=line.movement.code, organisation_id=collector.organisation.key
        )
    (proposal,) = view.proposals
    assert (proposal.why, proposal.left_minor) == ("more", 300_000)
    wish = matching.Wish("settlement", owed.code, 500_000)
    with pytest.raises(NotDueHere), store.write() as session:
        matching.match(session, **who, movement_code=line.movement.code, wishes=[wish])
    with store.write() as session:
        wish = matching.Wish("settlement", owed.code, 200_000)
        matching.match(session, **who, movement_code=line.movement.code, wishes=[wish])
    with store.read() as session:
        assert books.balance(session, owed).state == "paid"


def test_what_is_netted_whole_is_asked_for_no_more(store, clock, account, smelter, collector):
    owed = delivered(store, clock, smelter, collector, grams=500_000)
    advanced(store, clock, account, smelter, 500_000)
    netted(store, clock, account, smelter)
    with store.read() as session:
        assert books.asked_for(session, owed).amount_fen == 0
        view = settlements.settlement(
            session, code=owed.code, organisation_id=smelter.organisation.key
        )
    assert view.instruction is None
