"""Terms, settlement, indices: through the pages, as seller, buyer and operator see them."""

import hashlib
import io
import re

import orjson
import pypdfium2
import pytest

from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.settlement.finals.settling import resettle
from remelt.web.passwords import hash_password
from tests.browser import signed_in
from tests.deals import FRIDAY, Deal, a_deal, index_smm
from tests.integration.test_signed_terms import AFTER
from tests.parties import PASSWORD, a_party

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def clock() -> SimulatedClock:
    """Noon of the Friday of loading."""
    return SimulatedClock(FRIDAY)


@pytest.fixture
def deal(app, clock) -> Deal:
    """The contract of the worked example, drafted by the buyer and not yet signed."""
    secret = hash_password(PASSWORD)
    with app.extensions["remelt"].store.write() as session:
        parties = [
            a_party(session, clock=clock, role=role, login=role, password_hash=secret)
            for role in ("hub", "smelter", "operator")
        ]
        index_smm(session, clock=clock, person_id=parties[2].person.key)
        return a_deal(session, clock=clock, seller=parties[0], buyer=parties[1], signed=False)


QUOTES = """指数代码,日期,均价
SMM_A00,2026-03-03,20480
SMM_A00,2026-03-04,20510
SMM_A00,2026-03-05,20390
SMM_A00,2026-03-06,20440
SMM_A00,2026-03-09,20530
"""


def test_a_contract_is_signed_fed_and_explained(app, clock, deal):
    code = deal.contract.code
    seller = signed_in(app, "hub")
    page = seller.get(f"/contracts/{code}/terms").text
    assert "SMM_A00 作价期均价的 88% 减 150 元/吨" in page
    sign = f"/contracts/{code}/terms/{deal.terms_code}/sign"
    assert seller.send(sign).status_code == 303
    clock.set(AFTER)
    store = app.extensions["remelt"].store
    for step in deal.steps()[:-5]:
        with store.write() as session:
            step(session)
    buyer = signed_in(app, "smelter")
    waiting = buyer.get(f"/contracts/{code}/settlement").text
    assert "2026-03-09" in waiting
    operator = signed_in(app, "operator")
    operator.get("/indices")
    answer = operator.send("/indices/quotes", file=(io.BytesIO(QUOTES.encode()), "q.csv"))
    assert answer.status_code == 303
    with store.write() as session:
        resettle(session, clock=clock, codes=["SMM_A00"])
    page = buyer.get(f"/contracts/{code}/settlement").text
    assert "1,581,499.52" in page
    for target in re.findall(r'href="#(l-[^"]+)"', page):
        assert f'id="{target}"' in page, target
    money = buyer.get("/money").text
    assert f'href="/contracts/{code}/settlement"' in money
    assert "1,581,499.52" in buyer.get("/money?open=pay").text
    assert "1,581,499.52" not in buyer.get("/money?open=get").text.split("</h2>")[-1]
    buyer.get(f"/contracts/{code}/settlement")
    assert buyer.send(f"/contracts/{code}/words", word="agree").status_code == 303
    assert "q-2026-03-03-1" in buyer.get("/indices/SMM_A00").text


def test_a_file_of_quotes_with_a_mistake_is_taken_in_not_at_all(app, deal):
    operator = signed_in(app, "operator")
    operator.get("/indices")
    bad = QUOTES.replace("20390", "x").encode()
    answer = operator.send("/indices/quotes", file=(io.BytesIO(bad), "q.csv"))
    assert answer.status_code == 422
    assert "C4" in answer.text
    assert "2026-03-03" not in operator.get("/indices/SMM_A00").text


def test_a_formula_is_said_or_refused_as_it_is_typed(app, deal):
    buyer = signed_in(app, "smelter")
    good = buyer.get("/formulas/said", query_string={"formula": "20000 CNY/t without invoice"})
    assert "without invoice" in good.text
    bad = buyer.get("/formulas/said", query_string={"formula": "1 CNY/t + 2"})
    assert "第 9 列" in bad.text
    assert 'class="error"' in bad.text


def test_terms_with_a_mistake_come_back_with_what_was_typed(app, deal):
    buyer = signed_in(app, "smelter")
    code = deal.contract.code
    buyer.get(f"/contracts/{code}/terms")
    answer = buyer.send(f"/contracts/{code}/terms", formula="0.9 * avg(SMM_A00, QP)")
    assert answer.status_code == 422
    assert "0.9 * avg(SMM_A00, QP)" in answer.text
    assert 'id="formula-error"' in answer.text


def test_the_contract_as_json_and_as_pdf_carry_one_hash(app, deal):
    buyer = signed_in(app, "smelter")
    said = buyer.get(f"/contracts/{deal.contract.code}/contract.json")
    paper = buyer.get(f"/contracts/{deal.contract.code}/contract.pdf")
    sha256 = hashlib.sha256(said.data).hexdigest()
    assert said.headers["X-Content-SHA256"] == paper.headers["X-Content-SHA256"] == sha256
    assert orjson.loads(said.data)["price_en"] == "14500 CNY/t; without invoice"
    text = "".join(
        page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(paper.data)
    )
    assert sha256 in text.replace("\r\n", "")
    assert "14500 元/吨" in text


def test_what_came_back_stands_in_the_form_it_was_typed_into(app, deal):
    code = deal.contract.code
    seller = signed_in(app, "hub")
    seller.get(f"/contracts/{code}/terms")
    seller.send(f"/contracts/{code}/terms/{deal.terms_code}/sign")
    typed = {"load": "1", "ticket": "A-7", "day": "2026-02-27", "gross_kg": "12x", "tare_kg": "1"}
    seller.get(f"/contracts/{code}/settlement")
    page = seller.send(f"/contracts/{code}/loads", **typed).text
    assert page.count('class="error"') == 1
    assert 'value="A-7"' in page
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#(gross_kg)"', page)) <= set(ids)
