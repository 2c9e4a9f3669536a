"""点价 and open prices: who calls when, what the job does at expiry, what stays without a price."""

from datetime import date, datetime

import pytest

from remelt.platform.kernel.clock import BEIJING, SimulatedClock
from remelt.platform.kernel.files import FileStore
from remelt.platform.kernel.runner import JobRunner
from remelt.platform.kernel.settings import Settings
from remelt.platform.kernel.store import Store
from remelt.platform.market.contracting import note_paid
from remelt.platform.market.errors import ContractSuspended
from remelt.platform.market.suspending import resume, suspend
from remelt.platform.settlement.books import in_force
from remelt.platform.settlement.finals import errors
from remelt.platform.settlement.finals.entering import call_price
from remelt.platform.settlement.finals.exposing import Exposed, exposure
from remelt.platform.settlement.finals.settling import JOB_KIND, resettle
from remelt.platform.settlement.finals.terms import CalledPrice, Terms, Weights
from remelt.platform.settlement.pricing.importing import QuoteRow, import_quotes
from remelt.platform.settlement.pricing.indices import IndexDraft, add_index
from remelt.platform.settlement.pricing.quotes import E6
from remelt.web.wiring import job_kinds, keep_schedules
from tests.counting import Counting
from tests.deals import DAYS, FRIDAY, Deal, a_deal, index_smm
from tests.finals import QP, wheel_terms
from tests.parties import Party, a_party

MONDAY, NINE, THREE = date(2026, 3, 2), 9 * 60, 15 * 60
TONNE = 1_000_000
WINDOW = {"by": "buyer", "first": MONDAY, "last": date(2026, 3, 6), "mass_g": 60 * TONNE}


@pytest.fixture
def clock() -> SimulatedClock:
    """Noon of the Friday of loading."""
    return SimulatedClock(FRIDAY)


@pytest.fixture
def parties(store: Store, clock: SimulatedClock) -> tuple[Party, Party]:
    """A hub that sells and a smelter that buys; SMM is quoted."""
    with store.write() as session:
        seller = a_party(session, clock=clock, role="hub", login="hub")
        buyer = a_party(session, clock=clock, role="smelter", login="smelter")
        index_smm(session, clock=clock, person_id=buyer.person.key)
    return seller, buyer


def a_called(store, clock, parties, **changes) -> Deal:
    """A contract on a called price, 60 t, from Monday to Friday."""
    terms = Terms(
        formula="called(SMM_A00) - 150 CNY/t without invoice",
        called=CalledPrice(**(WINDOW | changes)),
        weights=Weights(inside="buyer", outside="buyer"),
    )  # fmt: skip
    with store.write() as session:
        return a_deal(session, clock=clock, seller=parties[0], buyer=parties[1], terms=terms)


def call(store, deal, mass_t: int) -> None:
    with store.write() as session:
        call_price(session, **deal.by("buyer"), mass_g=mass_t * TONNE)


def beijing(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of March 2026 in Beijing."""
    return datetime(2026, 3, day, hour, minute, tzinfo=BEIJING)


def open_of(store, clock, party) -> list[tuple[bool, int, int]]:
    """What is open: whether bought, of how many tonnes, how many."""
    with store.read() as session:
        rows: list[Exposed] = exposure(
            session,
            organisation_id=party.organisation.key,
            today=clock.now(session).astimezone(BEIJING).date(),
        )
    return [(row.buys, row.mass_g // TONNE, row.open_g // TONNE) for row in rows]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_price_is_called_within_the_session_only(store, clock, parties):
    deal = a_called(store, clock, parties, opens_min=NINE, closes_min=THREE)
    clock.set(beijing(2, 8, 59))
    with pytest.raises(errors.CallOutsideSession):
        call(store, deal, 20)
    for moment in (beijing(2, 9), beijing(2, 14, 59)):
        clock.set(moment)
        call(store, deal, 10)
    clock.set(beijing(2, 15))
    with pytest.raises(errors.CallOutsideSession):
        call(store, deal, 20)
    clock.set(beijing(7, 10))
    with pytest.raises(errors.CallOutsideWindow):
        call(store, deal, 20)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_price_is_called_while_a_payment_is_disputed_yet_loads_are_recorded(
    store, clock, parties
):
    deal = a_called(store, clock, parties)
    clock.set(beijing(2, 10))
    call(store, deal, 10)
    stop = {"clock": clock, "contract_code": deal.contract.code, "cause": "dp_1"}
    with store.write() as session:
        assert suspend(session, **stop)
    with pytest.raises(ContractSuspended):
        call(store, deal, 20)
    with store.write() as session:
        deal.load(session, "buyer", 1, gross_g=70 * TONNE, tare_g=10 * TONNE)
        assert resume(session, **stop)
    call(store, deal, 50)
    assert open_of(store, clock, parties[1]) == []


def test_what_is_not_called_takes_its_default_by_the_daily_job(store, clock, parties, tmp_path):
    """60 t: 15 t called on Monday; of the rest the window's average, once it has passed."""
    deal = a_called(store, clock, parties)
    clock.set(beijing(2, 10))
    call(store, deal, 15)
    with store.write() as session:
        deal.load(session, "buyer", 1, gross_g=70 * TONNE, tare_g=10 * TONNE)
    for day, value in zip((2, 3, 4, 5, 6), (20_600, *QP[:4]), strict=True):
        clock.set(beijing(day, 18))
        with store.write() as session:
            deal.quote(session, date(2026, 3, day), value)
    assert final_price(store, deal) is None, "the window is still open"
    with store.write() as session:
        keep_schedules(session, clock=clock)
    files, settings = FileStore(tmp_path / "files"), Settings(home=tmp_path)
    kinds = job_kinds(store=store, clock=clock, files=files, settings=settings)
    runner = JobRunner(store, clock=clock, kinds={JOB_KIND: kinds[JOB_KIND]})
    runner.run_pending()
    assert final_price(store, deal) is None
    clock.set(beijing(7, 23))
    runner.run_pending()
    average = (20_600 + sum(QP[:4])) * 100 // 5
    assert final_price(store, deal) == (15 * 2_060_000 + 45 * average) // 60 - 15_000


def final_price(store, deal) -> int | None:
    with store.read() as session:
        found = in_force(session, kind="contract", subject_code=deal.contract.code)
        return None if found is None else int(found.inputs["lines"][0]["price_fen_per_t"])


def test_what_has_no_price_is_exposed_until_it_has_one(store, clock, parties):
    seller, buyer = parties
    deal = a_called(store, clock, parties)
    assert open_of(store, clock, buyer) == [(True, 60, 60)]
    assert open_of(store, clock, seller) == [(False, 60, 60)]
    clock.set(beijing(2, 10))
    call(store, deal, 20)
    assert open_of(store, clock, buyer) == [(True, 60, 40)]
    clock.set(beijing(7, 1))
    assert open_of(store, clock, buyer) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_each_quoted_day_of_an_average_is_its_share(store, clock, parties):
    buyer = parties[1]
    with store.write() as session:
        deal = a_deal(session, clock=clock, seller=parties[0], buyer=buyer)
    assert open_of(store, clock, buyer) == [(True, 2, 2)], "before delivery all of it"
    clock.set(beijing(10, 10))
    with store.write() as session:
        deal.load(session, "buyer", 1, gross_g=60 * TONNE, tare_g=10 * TONNE)
    for n, left in enumerate((40, 30, 20, 10)):
        with store.write() as session:
            deal.quote(session, DAYS[n], QP[n])
        assert open_of(store, clock, buyer) == [(True, 50, left)]
    with store.write() as session:
        deal.quote(session, DAYS[4], QP[4])
    assert open_of(store, clock, buyer) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_days_by_date_are_known_before_delivery_and_the_paid_is_not_open(store, clock, parties):
    terms = wheel_terms(quotation="2026-03-03..2026-03-06")
    with store.write() as session:
        deal = a_deal(session, clock=clock, seller=parties[0], buyer=parties[1], terms=terms)
    clock.set(beijing(4, 18))
    with store.write() as session:
        deal.quote(session, DAYS[0], QP[0])
    with store.read() as session:
        today = clock.now(session).astimezone(BEIJING).date()
        buyer = parties[1].organisation.key
        [row] = exposure(session, organisation_id=buyer, today=today)
        assert (row.mass_g, row.open_g) == (2 * TONNE, 3 * TONNE // 2)
    with store.write() as session:
        note_paid(session, contract_code=deal.contract.code, at=clock.now())
    assert open_of(store, clock, parties[1]) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_page_of_exposure_asks_no_more_of_the_database_for_more_contracts(
    store, clock, parties
):
    def asked() -> int:
        with store.read() as session, Counting(store) as counted:
            exposure(session, organisation_id=parties[1].organisation.key, today=FRIDAY.date())
        return counted.statements

    a_called(store, clock, parties)
    one = asked()
    for _ in range(3):
        a_called(store, clock, parties)
    assert asked() == one


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("invoice", "price_fen", "vat_bp"),
    [("without invoice", 1_770_850, 0), ("with invoice 13%", 2_001_061, 1_300)],
)
def test_a_foreign_price_is_settled_at_its_rate_with_and_without_invoice(
    store, clock, parties, invoice, price_fen, vat_bp
):
    """2,500 USD/t x 7.1234 CNY/USD - 100 = 17,708.50 CNY/t; with 13 % on it 20,010.605."""
    price = "avg(LME_AL, D+1) * avg(USD_CNY, D+1) - 100 CNY/t"
    formula = f"plus_vat({price}, 13%)" if vat_bp else price
    person = parties[1].person.key
    clock.set(beijing(10, 10))
    rows = [
        QuoteRow(2, "LME_AL", DAYS[0], 2_500 * E6, None),
        QuoteRow(3, "USD_CNY", DAYS[0], 7_123_400, None),
    ]
    with store.write() as session:
        for code, unit in (("LME_AL", "USD/t"), ("USD_CNY", "CNY/USD")):
            draft = IndexDraft(code=code, name_zh=code, source="X", unit=unit, calendar="SMM")
            add_index(session, draft, clock=clock, person_id=person)
        deal = a_deal(
            session, clock=clock, seller=parties[0], buyer=parties[1],
            terms=Terms(formula=f"{formula} {invoice}"),
        )  # fmt: skip
        deal.load(session, "buyer", 1, gross_g=60 * TONNE, tare_g=10 * TONNE)
    assert open_of(store, clock, parties[1]) == [(True, 50, 50)], "the rate is no tonnage"
    with store.write() as session:
        import_quotes(session, clock=clock, person_id=person, rows=rows, sha256="0" * 64)
        resettle(session, clock=clock, codes=["LME_AL"])
        found = in_force(session, kind="contract", subject_code=deal.contract.code)
        assert found is not None
        assert found.inputs["lines"][0]["price_fen_per_t"] == price_fen
        assert (found.tax_included, found.vat_rate_bp) == (bool(vat_bp), vat_bp)
    assert open_of(store, clock, parties[1]) == []
