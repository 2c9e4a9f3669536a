"""A lot that comes in several trucks: each on the buyer's scale is a load of its own."""

from datetime import UTC, datetime

import pytest

from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.store import Store
from remelt.platform.settlement.books import in_force
from remelt.platform.settlement.finals.gathering import standing_weights
from remelt.platform.yard.inspection import Finding, release
from remelt.platform.yard.voiding import void
from remelt.platform.yard.weighing import weigh_lot
from remelt.traceability import ledger
from remelt.traceability import queries as lots
from tests.deals import Deal, a_deal, index_smm
from tests.finals import BUYER, wheel_terms
from tests.parties import Party, a_colleague, a_party

ARRIVED = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
AFTER = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)
NETS = [gross - tare for gross, tare in BUYER]
VALUE_FEN = 158_149_952
ALARM = Finding(
    tier="key", item="radioactivity", method="gamma", radiation_nsv_h=900, background_nsv_h=100,
    device="RM-1",
)  # fmt: skip


@pytest.fixture
def clock() -> SimulatedClock:
    """Noon of the Monday of delivery."""
    return SimulatedClock(ARRIVED)


@pytest.fixture
def parties(store: Store, clock: SimulatedClock) -> tuple[Party, Party]:
    """A hub that sells and a smelter that buys; SMM is quoted."""
    with store.write() as session:
        seller = a_party(session, clock=clock, role="hub", login="hub")
        buyer = a_party(session, clock=clock, role="smelter", login="smelter")
        index_smm(session, clock=clock, person_id=buyer.person.key)
    return seller, buyer


def at_the_gate(store, clock, parties, *, signed: bool) -> Deal:
    """A contract whose lot stands at the buyer's gate."""
    seller, buyer = parties
    with store.write() as session:
        deal = a_deal(
            session, clock=clock, seller=seller, buyer=buyer, terms=wheel_terms(), signed=signed
        )
    lot_code = deal.contract.lot_code
    with store.write() as session:
        for kind, site, firm in (("ship", buyer, seller), ("receive", buyer, buyer)):
            ledger.move(
                session, clock=clock, lot_codes=[lot_code], kind=kind,
                to_site=ledger.SiteRef(code=site.site.code, adcode=site.site.adcode),
                custodian=firm.organisation.code, actor="person:x",
            )  # fmt: skip
    return deal


def weigh(store, clock, deal, n: int, *, further: bool | None = None, **more) -> str:
    """Truck n of the worked example on the buyer's scale; all but the first are further ones."""
    gross, tare = BUYER[n - 1]
    with store.write() as session:
        return weigh_lot(
            session, clock=clock, site_id=deal.buyer.site.key, person_id=deal.buyer.person.key,
            lot_code=deal.contract.lot_code, gross_g=gross * 1000, tare_g=tare * 1000,
            further=n > 1 if further is None else further, **more,
        ).code  # fmt: skip


def take_back(store, clock, deal, ticket: str) -> None:
    with store.write() as session:
        void(
            session, clock=clock, ticket_code=ticket, person_id=deal.buyer.person.key,
            organisation_id=deal.buyer.organisation.key, reason="wrong truck",
        )  # fmt: skip


def loads(store, deal) -> dict[str, int]:
    """The buyer's loads that stand, in kg."""
    with store.read() as session:
        rows = standing_weights(session, contract_id=deal.contract.key)
    return {row.load: (row.gross_g - row.tare_g) // 1000 for row in rows if row.side == "buyer"}


def owed(store, deal):
    with store.read() as session:
        return in_force(session, kind="contract", subject_code=deal.contract.code)


def mass_kg(store, deal) -> int:
    with store.read() as session:
        return lots.lot(session, code=deal.contract.lot_code).mass_g // 1000


def test_three_tickets_are_three_loads_of_the_worked_example(store, clock, parties):
    deal = at_the_gate(store, clock, parties, signed=True)
    for n in (1, 2, 3):
        weigh(store, clock, deal, n)
    assert loads(store, deal) == {"1": 34_400, "2": 33_700, "3": 23_300}
    assert mass_kg(store, deal) == 91_400
    clock.set(AFTER)
    for step in (*deal.steps()[:3], *deal.steps()[6:]):
        with store.write() as session:
            step(session)
    assert owed(store, deal).amount_fen == VALUE_FEN


def test_a_voided_truck_leaves_the_others_and_takes_its_place_again(store, clock, parties):
    deal = at_the_gate(store, clock, parties, signed=True)
    first = weigh(store, clock, deal, 1)
    second = weigh(store, clock, deal, 2)
    weigh(store, clock, deal, 3)
    take_back(store, clock, deal, second)
    assert loads(store, deal) == {"1": 34_400, "3": 23_300}
    weigh(store, clock, deal, 2)
    assert loads(store, deal) == {"1": 34_400, "2": 33_700, "3": 23_300}
    assert mass_kg(store, deal) == 91_400
    take_back(store, clock, deal, first)
    weigh(store, clock, deal, 1, further=True)
    assert loads(store, deal)["1"] == 34_400
    assert mass_kg(store, deal) == 91_400


def test_an_award_without_terms_of_its_own_is_paid_for_all_trucks(store, clock, parties):
    deal = at_the_gate(store, clock, parties, signed=False)
    price = deal.contract.price_fen_per_t
    weigh(store, clock, deal, 1)
    assert owed(store, deal).amount_fen == NETS[0] * price // 1000
    second = weigh(store, clock, deal, 2)
    assert owed(store, deal).amount_fen == sum(NETS[:2]) * price // 1000
    take_back(store, clock, deal, second)
    assert owed(store, deal).amount_fen == NETS[0] * price // 1000
    weigh(store, clock, deal, 3)
    assert owed(store, deal).net_g == (NETS[0] + NETS[2]) * 1000
    assert mass_kg(store, deal) == NETS[0] + NETS[2]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_only_truck_voided_before_anything_is_settled_is_weighed_again(store, clock, parties):
    deal = at_the_gate(store, clock, parties, signed=True)
    take_back(store, clock, deal, weigh(store, clock, deal, 1))
    assert loads(store, deal) == {}
    weigh(store, clock, deal, 1)
    assert loads(store, deal) == {"1": 34_400}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_trucks_of_a_held_lot_are_settled_once_it_is_released(store, clock, parties):
    deal = at_the_gate(store, clock, parties, signed=False)
    with store.write() as session:
        second = a_colleague(session, clock=clock, of=deal.buyer)
    weigh(store, clock, deal, 1, findings=[ALARM])
    weigh(store, clock, deal, 2)
    assert owed(store, deal) is None
    with store.write() as session:
        release(
            session, clock=clock, site_id=deal.buyer.site.key, person_id=second.key,
            lot_code=deal.contract.lot_code, reason="natural",
        )  # fmt: skip
    assert owed(store, deal).net_g == sum(NETS[:2]) * 1000
