"""A person's own account: tied by a buyer's code and the identity number, seen by nobody else."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlmodel import select

from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.codes import BadCode, new_code
from remelt.platform.kernel.outbox import OutboxRow
from remelt.platform.kernel.store import Store
from remelt.platform.parties.models import Organisation
from remelt.platform.settlement.deliveries import settle
from remelt.platform.settlement.reverse import errors, invoicing, queries, tying
from remelt.platform.settlement.reverse.models import NaturalSeller, SellerPurchase, TieCode
from remelt.platform.yard.models import SellerCard
from remelt.web.erasing import erase_person
from remelt.web.natural import note_past_contracts, tie_digest
from tests.market import a_contract
from tests.parties import Party, a_party
from tests.reverse import ID_NUMBER, VAULT, agree, buy_for, id_number, natural, set_up
from tests.yard import hang_out

TERM = 1_096


@pytest.fixture
def hub(store: Store, clock: SimulatedClock) -> Party:
    """A buyer that knows Wang by identity card."""
    with store.write() as session:
        party = a_party(session, clock=clock, role="hub")
        hang_out(session, clock=clock, hub=party)
        set_up(session, clock=clock, hub=party)
        buy_for(session, clock=clock, hub=party, fen=101_000_000)
    return party


@pytest.fixture
def wang(store: Store, clock: SimulatedClock) -> Party:
    """Wang's own account, of a natural person."""
    with store.write() as session:
        return a_party(session, clock=clock, legal_form="natural_person", name="王五收购户")


def handed(store, clock, hub) -> str:
    code = new_code()
    with store.write() as session:
        tying.hand_code(
            session, clock=clock, seller=natural(session), buyer_id=hub.organisation.key,
            person_id=hub.person.key, digest=tie_digest(code, vault=VAULT),
            sealed=VAULT.seal(code),
        )  # fmt: skip
    return code


def tied(store, clock, account, *, code, number=ID_NUMBER) -> NaturalSeller:
    with store.write() as session:
        return tying.tie(
            session, clock=clock, organisation_id=account.organisation.key,
            person_id=account.person.key, code_digest=tie_digest(code, vault=VAULT),
            identity_digest=VAULT.digest(number),
        )  # fmt: skip


def test_code_and_number_together_tie_the_account_once(store, clock, hub, wang):
    code = handed(store, clock, hub)
    tied(store, clock, wang, code=f" {code[:5].lower()}-{code[5:]}")
    with store.read() as session:
        seller = tying.tied_to(session, organisation_id=wang.organisation.key)
        assert seller is not None
        assert seller.key == natural(session).key
        (sold,) = queries.purchases(session, seller_id=seller.key)
        assert (sold.buyer_id, sold.amount_fen) == (hub.organisation.key, 101_000_000)
    with pytest.raises(errors.AccountTied):
        tied(store, clock, wang, code=code)
    with store.write() as session:
        other = a_party(session, clock=clock, legal_form="natural_person")
    with pytest.raises(errors.TieRefused):
        tied(store, clock, other, code=code)


def test_a_wrong_code_and_a_wrong_number_are_answered_alike(store, clock, hub, wang):
    code = handed(store, clock, hub)
    answers = []
    for facts in ({"code": new_code()}, {"code": code, "number": id_number(7)}):
        with pytest.raises(errors.TieRefused) as refused:
            tied(store, clock, wang, **facts)
        answers.append(refused.value.facts)
    assert answers[0] == answers[1]
    with pytest.raises(BadCode):
        tied(store, clock, wang, code="A" * 14)
    tied(store, clock, wang, code=code)


def test_a_code_ends_with_its_week_and_with_the_next_one(store, clock, hub, wang):
    old = handed(store, clock, hub)
    clock.advance(seconds=1)
    newer = handed(store, clock, hub)
    with pytest.raises(errors.TieRefused):
        tied(store, clock, wang, code=old)
    clock.advance(seconds=tying.CODE_LASTS.total_seconds())
    with pytest.raises(errors.TieRefused):
        tied(store, clock, wang, code=newer)


@pytest.mark.parametrize("legal_form", ["household", "enterprise"])
def test_who_issues_invoices_is_no_such_seller(store, clock, hub, legal_form):
    with store.write() as session:
        firm = a_party(session, clock=clock, legal_form=legal_form)
    code = handed(store, clock, hub)
    with pytest.raises(errors.IssuesOwnInvoices):
        tied(store, clock, firm, code=code)


def settled(store, clock, *, seller, buyer) -> str:
    """Sell a tonne under a contract and weigh it; return the contract's code."""
    with store.write() as session:
        contract = a_contract(session, clock=clock, seller=seller, buyer=buyer)
        code = contract.code
    with store.write() as session:
        settle(
            session, clock=clock, contract_code=code, ticket_code=code, net_g=1_000_000,
            deducted_g=0, person_id=seller.person.key,
        )  # fmt: skip
    return code


def drawn(store, clock, hub, code):
    with store.write() as session:
        return invoicing.draw_up(
            session, clock=clock, subject_code=code, buyer_id=hub.organisation.key,
            person_id=hub.person.key, kind="contract",
        )  # fmt: skip


def test_contracts_before_and_after_the_tie_count_for_the_person(store, clock, hub, wang):
    before = settled(store, clock, seller=wang, buyer=hub)
    seller = tied(store, clock, wang, code=handed(store, clock, hub))
    with store.write() as session:
        note_past_contracts(session, seller, clock=clock)
        note_past_contracts(session, seller, clock=clock)
        agree(session, clock=clock, hub=hub, seller=natural(session))
    after = settled(store, clock, seller=wang, buyer=hub)
    with store.read() as session:
        noted = session.exec(select(SellerPurchase).where(SellerPurchase.kind == "contract"))
        assert sorted(row.subject_code for row in noted) == sorted([before, after])
    assert drawn(store, clock, hub, after).net_fen > 0


def test_who_became_a_firm_is_not_invoiced_for(store, clock, hub, wang):
    tied(store, clock, wang, code=handed(store, clock, hub))
    code = settled(store, clock, seller=wang, buyer=hub)
    with store.write() as session:
        agree(session, clock=clock, hub=hub, seller=natural(session))
        account = session.get_one(Organisation, wang.organisation.key)
        account.legal_form = "household"
        session.add(account)
    with pytest.raises(errors.IssuesOwnInvoices):
        drawn(store, clock, hub, code)


def test_two_accounts_with_one_code_at_once_tie_one(store, clock, hub, wang):
    with store.write() as session:
        other = a_party(session, clock=clock, legal_form="natural_person")
    code, start = handed(store, clock, hub), Barrier(2)

    def race(account: Party) -> str:
        start.wait()
        try:
            return str(tied(store, clock, account, code=code).key)
        except errors.TieRefused:
            return "refused"

    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(race, (wang, other)))
    assert told.count("refused") == 1


def test_untied_and_erased_nothing_leads_from_the_account_to_the_person(store, clock, hub, wang):
    tied(store, clock, wang, code=handed(store, clock, hub))
    with store.write() as session:
        tying.untie(
            session, clock=clock, organisation_id=wang.organisation.key,
            person_id=wang.person.key,
        )  # fmt: skip
    tied(store, clock, wang, code=handed(store, clock, hub))
    handed(store, clock, hub)
    clock.advance(days=TERM)
    with store.write() as session:
        card = session.exec(select(SellerCard.code)).one()
        assert erase_person(session, clock=clock, code=card, keep_days=TERM).until is None
    with store.read() as session:
        assert session.exec(select(TieCode)).all() == []
        assert natural(session).organisation_id is None
        told = session.exec(select(OutboxRow).where(OutboxRow.name == "seller-tied")).all()
        assert [row.body["tied"] for row in told] == [True, False, True]
        assert all("natural_seller" not in str(row.body) for row in told)
