"""A price that floats weighs on its buyer's credit by what the index says, as it says it."""

from datetime import UTC, date, datetime

import pytest

from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.store import Store
from remelt.platform.market.contracting import note_paid
from remelt.platform.market.credit import commitment_fen
from remelt.platform.market.estimating import estimate_of
from remelt.platform.market.limit_queries import limit_lines, limit_page
from remelt.platform.market.limits import exposures, room_fen, set_limit
from remelt.platform.settlement.finals.entering import call_price
from remelt.platform.settlement.finals.terms import CalledPrice, Terms
from tests.deals import DAYS, FRIDAY, Deal, a_deal, index_smm
from tests.finals import wheel_terms
from tests.parties import Party, a_party

AWARD_FEN, MASS_G = 1_450_000, 2_000_000
AFTER = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> SimulatedClock:
    """Noon of the Friday of loading."""
    return SimulatedClock(FRIDAY)


@pytest.fixture
def parties(store: Store, clock: SimulatedClock) -> tuple[Party, Party]:
    """A hub that sells and a smelter that buys."""
    with store.write() as session:
        seller = a_party(session, clock=clock, role="hub", login="hub")
        return seller, a_party(session, clock=clock, role="smelter", login="smelter")


def a_floating(store, clock, parties, *, quoted=True, terms=None, signed=True) -> Deal:
    with store.write() as session:
        person = parties[1].person.key
        if quoted:
            index_smm(session, clock=clock, person_id=person)
        return a_deal(
            session, clock=clock, seller=parties[0], buyer=parties[1], terms=terms, signed=signed
        )


def weighs(store: Store, buyer: Party) -> list[tuple[int, bool]]:
    """What stands of the buyer, in fen per tonne of two tonnes, and whether it is estimated."""
    with store.read() as session:
        found = exposures(session, organisation_id=buyer.organisation.key)
    return [(each.amount_fen * 1_000_000 // MASS_G, each.estimated) for each in found]


def test_signed_terms_weigh_at_the_latest_index_and_follow_it(store, clock, parties):
    deal = a_floating(store, clock, parties, signed=False)
    assert weighs(store, deal.buyer) == [(AWARD_FEN, False)]
    with store.write() as session:
        deal.sign(session)
    assert weighs(store, deal.buyer) == [(1_802_200, True)]
    clock.set(datetime(2026, 3, 3, 9, 0, tzinfo=UTC))
    with store.write() as session:
        deal.quote(session, DAYS[0], 22_000)
    assert weighs(store, deal.buyer) == [(1_921_000, True)]
    with store.read() as session:
        found = estimate_of(session, contract_id=deal.contract.key)
        assert found is not None
        assert (found.how, found.basis) == ("quoted", "SMM_A00@2026-03-03#1")


def test_an_index_that_rises_leaves_less_room_under_a_limit(store, clock, parties):
    deal = a_floating(store, clock, parties)
    buyer = deal.buyer.organisation
    with store.write() as session:
        set_limit(
            session, clock=clock, organisation_id=buyer.key, limit_fen=5_000_000,
            reason="年度授信", person_id=deal.seller.person.key,
        )  # fmt: skip
    with store.read() as session:
        assert room_fen(session, organisation_id=buyer.key) == 5_000_000 - 2 * 1_802_200
    clock.set(AFTER)
    with store.write() as session:
        deal.quote(session, DAYS[0], 29_000)
    with store.read() as session:
        assert room_fen(session, organisation_id=buyer.key) == 5_000_000 - 2 * 2_537_000
        [line] = limit_lines(session)
        assert (line.standing_fen, line.estimated_fen) == (5_074_000, 5_074_000)
        page = limit_page(session, organisation_code=buyer.code)
        assert [(past.limit_fen, past.reason) for past in page.past] == [(5_000_000, "年度授信")]


def test_what_is_settled_weighs_at_its_price_and_what_is_paid_not_at_all(store, clock, parties):
    deal = a_floating(store, clock, parties)
    clock.set(AFTER)
    for step in deal.steps():
        with store.write() as session:
            step(session)
    assert weighs(store, deal.buyer) == [(1_765_360, False)]
    with store.write() as session:
        note_paid(session, contract_code=deal.contract.code, at=clock.now())
    assert weighs(store, deal.buyer) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("formula", "weighed"),
    [
        ("0.88 * avg(SMM_A00, QP) without invoice", (AWARD_FEN, True)),  # nothing quoted
        ("16000 CNY/t without invoice", (1_600_000, False)),
    ],
)
def test_without_a_quote_the_awards_price_stands_in(store, clock, parties, formula, weighed):
    with store.write() as session:
        person = parties[1].person.key
        index_smm(session, clock=SimulatedClock(AFTER), person_id=person, quoted=False)
    deal = a_floating(store, clock, parties, quoted=False, terms=wheel_terms(formula=formula))
    assert weighs(store, deal.buyer) == [weighed]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_was_called_weighs_at_what_it_was_called_at(store, clock, parties):
    called = CalledPrice(by="buyer", first=date(2026, 2, 27), last=date(2026, 3, 6), mass_g=MASS_G)
    terms = Terms(formula="called(SMM_A00) without invoice", called=called)
    deal = a_floating(store, clock, parties, terms=terms)
    with store.write() as session:
        call_price(session, **deal.by("buyer"), mass_g=500_000)
    clock.set(AFTER)
    with store.write() as session:
        deal.quote(session, DAYS[0], 18_650)
    price = (2_065_000 + 3 * 1_865_000) // 4
    assert weighs(store, deal.buyer) == [(price, True)]
    assert commitment_fen(price, mass_g=MASS_G) == 2 * price
