"""What the pages of a contract can do, a program can: terms, inputs, settlement, claims, notes."""

import base64
import hashlib

import orjson
import pytest

from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.settlement.accounts import confirm_payment, record_payment
from remelt.platform.settlement.books import in_force
from remelt.platform.settlement.finals.recomputing import recomputed
from remelt.platform.settlement.finals.terms import canonical_json, terms_json
from remelt.web.passwords import hash_password
from tests.browser import signed_in
from tests.deals import DAYS, FRIDAY, Deal, a_deal, index_smm
from tests.finals import ASSAYS, BUYER, DELIVERED, LOADED, QP, SELLER, wheel_terms
from tests.functional.test_works_pages import send
from tests.integration.test_signed_terms import AFTER
from tests.market import a_picture
from tests.parties import PASSWORD, a_party

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def clock() -> SimulatedClock:
    """Noon of the Friday of loading."""
    return SimulatedClock(FRIDAY)


@pytest.fixture
def deal(app, clock) -> Deal:
    """A contract whose price the buyer has drafted terms for; others stand outside."""
    secret = hash_password(PASSWORD)
    with app.extensions["remelt"].store.write() as session:
        parties = [
            a_party(session, clock=clock, role=role, login=login, password_hash=secret)
            for role, login in (("hub", "seller"), ("smelter", "buyer"), ("smelter", "stranger"))
        ]
        index_smm(session, clock=clock, person_id=parties[2].person.key)
        return a_deal(session, clock=clock, seller=parties[0], buyer=parties[1], signed=False)


def test_a_program_drafts_and_the_other_sides_program_signs(app, deal):
    seller, buyer = signed_in(app, "seller"), signed_in(app, "buyer")
    at = f"/api/v1/contracts/{deal.contract.code}"
    said = terms_json(wheel_terms(commission_bp=100))
    bad = send(buyer, f"{at}/terms", {"terms": said | {"quotation": 5}})
    assert (bad.status_code, bad.json["errors"][0]["field"]) == (422, "terms-quotation")
    wrong = send(buyer, f"{at}/terms", {"terms": said | {"formula": "1 CNY/t"}})
    assert wrong.json["type"] == "urn:remelt:error:invoice-not-said"
    made = send(buyer, f"{at}/terms", {"terms": said})
    assert (made.status_code, made.json["revision"], made.json["signed_by_us"]) == (201, 2, True)
    waiting = seller.client.get(f"{at}/terms").json
    assert (waiting["signed"], waiting["draft"]["code"]) == (False, made.json["code"])
    assert waiting["draft_terms"] == said
    late = send(seller, f"{at}/terms/{deal.terms_code}/sign", {})
    assert late.json["type"] == "urn:remelt:error:terms-superseded"
    signed = send(seller, f"{at}/terms/{made.json['code']}/sign", {})
    assert (signed.status_code, signed.json["sha256"]) == (200, made.json["sha256"])
    standing = seller.client.get(f"{at}/terms").json
    assert (standing["signed"], standing["draft"], standing["terms"]) == (True, None, said)
    document = buyer.client.get(f"{at}/document").json
    kept = orjson.dumps(document["document"], option=orjson.OPT_SORT_KEYS)
    assert hashlib.sha256(kept).hexdigest() == document["sha256"]
    paper = buyer.get(f"/contracts/{deal.contract.code}/contract.json")
    assert (paper.data, paper.headers["X-Content-SHA256"]) == (kept, document["sha256"])


def test_programs_feed_the_worked_example_and_read_each_origin(app, clock, deal):
    """Weights with photos, results, quotes: to the fen, by the interface alone."""
    seller, buyer = signed_in(app, "seller"), signed_in(app, "buyer")
    at = f"/api/v1/contracts/{deal.contract.code}"
    assert send(seller, f"{at}/terms/{deal.terms_code}/sign", {}).status_code == 200
    clock.set(AFTER)
    seller, buyer = signed_in(app, "seller"), signed_in(app, "buyer")
    feed(seller, buyer, at=at)
    waiting = buyer.client.get(f"{at}/settlement").json
    assert {w["name"] for w in waiting["waiting"]} == {"SMM_A00"}
    assert waiting["standing"]["state"] == "provisional"
    store = app.extensions["remelt"].store
    with store.write() as session:
        for day, value in zip(DAYS, QP, strict=True):
            deal.quote(session, day, value)
    found = buyer.client.get(f"{at}/settlement").json
    figures = {line["key"]: line for line in found["figures"]}
    assert figures["value"]["value"] == found["balance"]["amount_fen"] == 158_149_952
    assert (found["waiting"], found["standing"]["state"]) == ([], "claim-window")
    assert all(line["origins"] for line in found["figures"])
    away = {each["address"] for line in found["figures"] for each in line["origins"]}
    for address in sorted(each for each in away if not each.startswith("#")):
        assert buyer.client.get(address).status_code == 200, address
    last = found["revisions"][-1]
    why = buyer.client.get(f"{at}/settlement/{last['revision']}").json
    assert why["sha256"] == last["sha256"]
    statement = canonical_json(why["statement"])
    assert recomputed(orjson.dumps(why["record"])) == statement
    assert hashlib.sha256(statement).hexdigest() == why["sha256"]


def feed(seller, buyer, *, at: str) -> None:
    """Each side's program sends its loads and results, each with a picture."""
    photo = base64.b64encode(a_picture()).decode()
    for browser, day, loads in ((seller, LOADED, SELLER), (buyer, DELIVERED, BUYER)):
        for n, (gross, tare) in enumerate(loads, start=1):
            body = {
                "load": str(n), "ticket": f"T{n}", "day": day.isoformat(),
                "gross_g": gross * 1000, "tare_g": tare * 1000, "photo": photo,
            }  # fmt: skip
            made = send(browser, f"{at}/loads", body)
            assert made.status_code == 201, made.text
            assert made.json["photo_sha256"]
    for analyte, side, ppm in ASSAYS:
        by = {"seller": [seller], "buyer": [buyer], "umpire": [seller, buyer]}[side]
        body = {"analyte": analyte, "ppm": ppm, "umpire": side == "umpire", "report": photo}
        for browser in by:
            assert send(browser, f"{at}/results", body).status_code == 201


def test_a_claim_is_raised_withdrawn_and_ended_by_program(app, clock, deal):
    store = app.extensions["remelt"].store
    with store.write() as session:
        deal.sign(session)
    clock.set(AFTER)
    for step in deal.steps():
        with store.write() as session:
            step(session)
    seller, buyer = signed_in(app, "seller"), signed_in(app, "buyer")
    words = f"/api/v1/contracts/{deal.contract.code}/words"
    claimed = send(seller, words, {"word": "object", "about": "quality", "text": "水分"})
    assert (claimed.status_code, claimed.json["standing"]["state"]) == (201, "disputed")
    assert claimed.json["words"][-1]["text"] == "水分"
    assert send(buyer, words, {"word": "withdraw"}).status_code == 409
    for browser, word in ((seller, "withdraw"), (seller, "agree"), (buyer, "agree")):
        answer = send(browser, words, {"word": word})
    assert answer.json["standing"]["state"] == "agreed"
    results = f"/api/v1/contracts/{deal.contract.code}/results"
    again = send(buyer, results, {"analyte": "moisture", "ppm": 1})
    assert again.status_code == 409


def test_open_prices_and_debit_notes_are_read_by_program(app, clock, deal):
    store = app.extensions["remelt"].store
    with store.write() as session:
        deal.sign(session)
    [row] = signed_in(app, "seller").client.get("/api/v1/exposure").json["items"]
    assert (row["contract"], row["buys"], row["open_g"]) == (deal.contract.code, False, 2_000_000)
    for step in deal.steps()[:3]:
        with store.write() as session:
            step(session)
    pay_first(app, clock, deal, store)
    clock.set(AFTER)
    for step in deal.steps((17_900,) * 5)[3:]:
        with store.write() as session:
            step(session)
    seller, buyer = signed_in(app, "seller"), signed_in(app, "buyer")
    [note] = seller.client.get("/api/v1/debit-notes").json["items"]
    assert (note["contract"], note["amount_fen"]) == (deal.contract.code, 10_456_905)
    assert note["owes"] is True
    [note] = buyer.client.get("/api/v1/debit-notes").json["items"]
    assert note["owes"] is False
    assert signed_in(app, "stranger").client.get("/api/v1/debit-notes").json["items"] == []


def pay_first(app, clock, deal, store) -> None:
    """The buyer pays the provisional settlement; somebody else confirms it."""
    with store.read() as session:
        first = in_force(session, kind="contract", subject_code=deal.contract.code)
    who = {k: v for k, v in deal.by("buyer").items() if k != "contract_code"}
    with store.write() as session:
        paid = record_payment(
            session, **who, settlement_code=first.code, amount_fen=first.amount_fen,
            paid_on=FRIDAY.date(),
        )  # fmt: skip
        confirm_payment(
            session, **(who | {"person_id": deal.seller.person.key}), payment_code=paid.code
        )


def test_a_stranger_sees_no_contract(app, deal):
    stranger = signed_in(app, "stranger")
    at = f"/api/v1/contracts/{deal.contract.code}"
    for path in ("terms", "document", "settlement"):
        assert stranger.client.get(f"{at}/{path}").status_code == 404
    for path in ("terms", "loads", "results", "calls", "words", "terms/X/sign"):
        assert send(stranger, f"{at}/{path}", {}).status_code == 404, path
