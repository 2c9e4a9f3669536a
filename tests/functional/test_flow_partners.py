"""Ladles, metal accounts, returns and analyses at their pages and through the API."""

import pytest
from sqlmodel import select

from remelt.platform.catalogue.definitions import Definition
from remelt.platform.works.flow_models import LadleNote, TollingAccount, TollingEntry
from remelt.platform.yard.return_models import LotReturn
from remelt.platform.yard.returning import Cause, return_lot
from remelt.traceability.models import Lot
from remelt.web.passwords import hash_password
from tests.browser import signed_in
from tests.functional.test_works_pages import send
from tests.parties import PASSWORD, a_party
from tests.works import a_lot

SECRET = hash_password(PASSWORD)


@pytest.fixture
def store(app):
    return app.extensions["remelt"].store


def party(store, clock, login, role="smelter"):
    with store.write() as session:
        return a_party(session, clock=clock, role=role, login=login, password_hash=SECRET)


@pytest.fixture
def here(store, clock):
    return party(store, clock, "here")


@pytest.fixture
def there(store, clock):
    return party(store, clock, "there")


def rows(store, table):
    with store.read() as session:
        return session.exec(select(table)).all()


def note(site, **changes):
    return {
        "site": site, "ladle": "L7", "tap": "T-31", "gross_kg": "12500", "tare_kg": "2500",
        "temperature_c": "850", "day": "2026-03-02", "hour": "11:30",
    } | changes  # fmt: skip


def test_a_ladle_is_sent_received_and_shown_to_both(app, store, here, there):
    sender, receiver = signed_in(app, "here"), signed_in(app, "there")
    sheet = note(here.site.code, to_site=there.site.code, alloy="AA / GB/T 3190|6063")
    for bad in ({"tare_kg": "12500"}, {"temperature_c": "20"}, {"hour": "noon"}, {"alloy": ""}):
        assert sender.post("/works/ladles/send", **(sheet | bad)).status_code == 422, bad
    assert sender.post("/works/ladles/send", **sheet).status_code == 303
    assert "L7" in receiver.get("/works/ladles").text
    assert receiver.get("/works/ladles/receive").status_code == 200
    mine = note(there.site.code, sender=here.organisation.code, tap="T-13", gross_kg="12440")
    assert receiver.post("/works/ladles/receive", **mine).status_code == 303
    [first, second] = rows(store, LadleNote)
    pair = {"sent": first.code, "received": second.code}
    assert sender.post("/works/ladles/match", on="/works/ladles/send", **pair).status_code == 409
    assert receiver.post("/works/ladles/match", on="/works/ladles", **pair).status_code == 303
    for browser in (sender, receiver):
        assert "-60" in browser.get("/works/ladles").text.replace("\u2212", "-").replace("−", "-")
    [lot] = rows(store, Lot)
    assert (lot.owner, lot.mass_g) == (there.organisation.code, 10_000_000)


def test_programs_write_ladle_notes(app, store, here, there):
    sender, receiver = signed_in(app, "here"), signed_in(app, "there")
    sent = {
        "site": here.site.code, "to_site": there.site.code, "ladle": "L1", "tap": "1",
        "gross_g": 9_000_000, "tare_g": 1_000_000, "temperature_c": 800,
        "at": "2026-03-02T11:30:00+08:00", "alloy": "6063", "standard": "AA / GB/T 3190",
    }  # fmt: skip
    for never in ("9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+12:00"):
        refused = send(sender, "/api/v1/ladles/sent", sent | {"at": never})
        assert refused.status_code == 422
        assert "at" in refused.text
    made = send(sender, "/api/v1/ladles/sent", sent)
    assert (made.status_code, made.json["net_g"]) == (201, 8_000_000), made.text
    got = {k: sent[k] for k in ("ladle", "gross_g", "tare_g", "temperature_c", "at")}
    got |= {"site": there.site.code, "tap": "2", "sender": here.organisation.code}
    other = send(receiver, "/api/v1/ladles/received", got)
    listed = receiver.client.get("/api/v1/ladles").json
    assert len(listed["unmatched"]) == 2
    pair = {"sent": made.json["code"], "received": other.json["code"]}
    assert send(receiver, "/api/v1/ladles/matches", pair).json["difference_g"] == 0
    assert send(receiver, "/api/v1/ladles/matches", pair).status_code == 404
    listed = sender.client.get("/api/v1/ladles").json
    assert (listed["unmatched"], len(listed["deliveries"])) == ([], 1)


def test_the_regulator_sees_and_redefines_direct_alloying(app, store, clock, here):
    party(store, clock, "state", role="regulator")
    party(store, clock, "audit", role="auditor")
    sheet = note(here.site.code, alloy="AA / GB/T 3190|6063")
    assert signed_in(app, "here").post("/works/ladles/send", **sheet).status_code == 303
    official = signed_in(app, "state")
    address = "/regulator/direct-alloying"
    shown = official.get(f"{address}?month=2026-03").text
    assert "10" in shown
    words = {
        "from_month": "2026-03", "text_zh": "新定义", "text_en": "new words", "area": "52",
        "remelt_forms": "remelt_ingot, sow", "reason": "decree 1",
    }  # fmt: skip
    assert official.post(address, **(words | {"reason": ""})).status_code == 422
    assert official.post(address, **(words | {"area": "Guizhou"})).status_code == 422
    assert official.post(address, **words).status_code == 303
    [row] = rows(store, Definition)
    assert row.parameters == {"remelt_forms": ["remelt_ingot", "sow"], "area": "52"}
    assert "新定义" in official.get(f"{address}?month=2026-03").text
    assert "新定义" not in official.get(f"{address}?month=2026-02").text
    auditor = signed_in(app, "audit")
    assert "新定义" in auditor.get(address).text
    assert auditor.post(address, on="/account", **words).status_code == 403


def test_a_metal_account_at_its_pages(app, store, clock, here, there):
    with store.write() as session:
        lot = a_lot(session, clock=clock, at=there)
        ingot = a_lot(session, clock=clock, at=here, mass_g=900_000)
    processor, owner = signed_in(app, "here"), signed_in(app, "there")
    form = {
        "site": here.site.code, "owner_site": there.site.code, "terms": "equivalent",
        "metal": "Al", "material": "scrap", "product": "6063", "yield_pct": "92",
        "fee_yuan_per_t": "800",
    }  # fmt: skip
    assert processor.post("/tolling", **(form | {"yield_pct": "101"})).status_code == 422
    assert processor.post("/tolling", **(form | {"material": "dross"})).status_code == 422
    assert processor.post("/tolling", **form).status_code == 303
    [made] = rows(store, TollingAccount)
    address = f"/tolling/{made.code}"
    assert processor.get(address).status_code == 200
    refused = processor.post(f"{address}/lots", on="/tolling", what="give_back", lot=ingot.code)
    assert refused.status_code == 409
    assert owner.post(f"{address}/accept", on=address).status_code == 303
    lots = f"{address}/lots"
    assert owner.post(lots, on=address, what="send", lot=lot.code).status_code == 303
    taken = {"what": "take_in", "lot": lot.code, "mass_kg": ""}
    assert processor.post(lots, on=address, **taken).status_code == 422
    assert processor.post(lots, on=address, **(taken | {"mass_kg": "990"})).status_code == 303
    assert processor.post(lots, on=address, what="give_back", lot=ingot.code).status_code == 303
    assert owner.post(lots, on=address, what="take_home", lot=ingot.code).status_code == 303
    assert [entry.kind for entry in rows(store, TollingEntry)] == ["received", "returned"]
    page = owner.get(address).text
    for figure in ("990", "910.8", "900"):
        assert figure in page
    party(store, clock, "stranger")
    assert signed_in(app, "stranger").get(address).status_code == 404


def test_a_program_keeps_a_metal_account(app, store, clock, here, there):
    with store.write() as session:
        lot = a_lot(session, clock=clock, at=there)
    processor, owner = signed_in(app, "here"), signed_in(app, "there")
    terms = {
        "site": here.site.code, "owner_site": there.site.code, "metal": "Al",
        "product": "6063", "terms": "own_metal", "yield_bp": 9_200,
    }  # fmt: skip
    made = send(processor, "/api/v1/tolling", terms)
    assert (made.status_code, made.json["state"]) == (201, "offered"), made.text
    booking = {"account": made.json["code"]}
    bookings = "/api/v1/tolling/bookings"
    assert send(owner, bookings, booking | {"what": "accept"}).json["state"] == "open"
    assert send(owner, bookings, booking | {"what": "send", "lot": lot.code}).status_code == 201
    taken = booking | {"what": "take_in", "lot": lot.code, "mass_g": 1_000_000}
    assert send(processor, bookings, taken).json["owed_g"] == 920_000
    assert owner.client.get("/api/v1/tolling").json["items"][0]["balance_g"] == 920_000


def test_a_return_at_the_page(app, store, clock, here, there):
    with store.write() as session:
        lot = a_lot(session, clock=clock, at=here)
    sender, receiver = signed_in(app, "here"), signed_in(app, "there")
    form = {
        "site": here.site.code, "lot_code": lot.code, "cause": "chemistry", "note": "Fe",
        "freight_by": "here", "co2e_by": "there", "co2e_kg": "12",
    }  # fmt: skip
    assert sender.post("/returns", **(form | {"cause": "mood"})).status_code == 422
    assert sender.post("/returns", **form).status_code == 422  # the other party's to say
    del form["co2e_kg"]
    assert sender.post("/returns", **form).status_code == 409  # whose metal it becomes again?
    form |= {"to_site": there.site.code}
    assert sender.post("/returns", **form).status_code == 303
    [row] = rows(store, LotReturn)
    assert lot.code[:4] in receiver.get("/returns").text
    for reader, freight, agreed in (
        (sender, "we, who send it back", "not agreed yet"),
        (receiver, "the other party", "Agree who bears it"),
    ):
        page = reader.get("/returns?lang=en").text.partition("</table>")[0]
        assert freight in page.partition('data-label="Freight"')[2].partition("</td>")[0]
        assert agreed in page
    agree = f"/returns/{row.code}/agree"
    assert sender.get(agree).status_code == 404
    assert 'name="co2e_kg"' in receiver.get(agree).text
    assert receiver.post(agree, co2e_kg="soon").status_code == 422
    assert receiver.post(agree).status_code == 303
    assert "State the CO2e you bear" in receiver.get("/returns?lang=en").text
    assert sender.post(f"/returns/{row.code}/receive", on="/returns").status_code == 404
    assert receiver.post(f"/returns/{row.code}/receive", on="/returns").status_code == 303
    [lot] = rows(store, Lot)
    assert (lot.owner, lot.site_code) == (there.organisation.code, there.site.code)
    assert "transport" in lot.vectors.missing
    stated = send(receiver, f"/api/v1{agree}", {"co2e_g": 9_500})
    assert (stated.status_code, stated.json["co2e_g"]) == (200, 9_500), stated.text
    assert send(receiver, f"/api/v1{agree}", {"co2e_g": 9_000}).status_code == 409
    done = receiver.get(f"{agree}?lang=en").text
    assert "nothing is left for you to state" in done
    assert f'action="{agree}"' not in done
    [lot] = rows(store, Lot)
    assert "transport" not in lot.vectors.missing
    assert lot.vectors.co2e["transport"] == 9_500
    listed = receiver.client.get("/api/v1/returns").json["items"]
    assert [(one["cause"], one["co2e_g"]) for one in listed] == [("chemistry", 9_500)]
    back = form | {"mass_kg": "1", "customer": "Hu"}
    del back["to_site"]
    assert sender.post("/returns/customers", on="/returns", **back).status_code == 409


def test_what_waits_is_agreed_and_received_however_old(app, store, clock, here, there):
    """62 returns since: the one that waits stands first, and both its buttons work."""
    with store.write() as session:
        terms = {"clock": clock, "site_id": here.site.key, "person_id": here.person.key}
        old = return_lot(
            session, lot_code=a_lot(session, clock=clock, at=here).code, why=Cause(cause="grade"),
            to_site=there.site.code, **terms,
        )  # fmt: skip
        values = old.model_dump(exclude={"id", "code"})
        done = {"agreed_at": old.at, "arrived_at": old.at, "agreed_by": there.person.key}
        session.add_all(LotReturn(**(values | done), code=f"OLDER{n}") for n in range(62))
    receiver = signed_in(app, "there")
    page = receiver.get("/returns").text
    for what in ("agree", "receive"):
        address = f"/returns/{old.code}/{what}"
        assert address in page
        assert receiver.post(address, on="/returns").status_code == 303
    row = next(row for row in rows(store, LotReturn) if row.code == old.code)
    assert row.agreed_at is not None
    assert row.arrived_at is not None


def test_a_program_sends_back(app, store, clock, here, there):
    with store.write() as session:
        lot = a_lot(session, clock=clock, at=here)
    body = {
        "site": here.site.code, "lot": lot.code, "cause": "grade", "freight_by": "here",
        "co2e_by": "here", "to_site": there.site.code,
    }  # fmt: skip
    made = send(signed_in(app, "here"), "/api/v1/returns", body)
    assert (made.status_code, made.json["kind"]) == (201, "unloaded"), made.text
    address = f"/api/v1/returns/{made.json['code']}/receive"
    assert send(signed_in(app, "here"), address, {}).status_code == 404
    assert send(signed_in(app, "there"), address, {}).json["arrived_at"] is not None


def test_a_spectrometers_result_at_the_page_and_through_the_api(app, store, clock, here):
    with store.write() as session:
        lot = a_lot(session, clock=clock, at=here)
    browser = signed_in(app, "here")
    address = f"/stock/{lot.code}/assay"
    form = {
        "method": "OES", "sample": "S-17", "balance": "yes", "elements-0-element": "Si",
        "elements-0-share_pct": "0.4512", "elements-0-sd_pct": "0.005",
    }  # fmt: skip
    for bad in (
        {"elements-0-share_pct": "101"},
        {"elements-0-element": "silicon"},
        {"sample": ""},
        {"elements-0-element": "Al"},
    ):
        assert browser.post(address, **(form | bad)).status_code == 422, bad
    assert browser.post(address, **form).status_code == 303
    page = browser.get(f"{address}?alloy=AA / GB/T 3190|6063").text
    assert "S-17" in page
    assert "0.45" in page
    body = {
        "site": here.site.code, "lots": [lot.code], "elements_ppm": {"Si": 4_000},
        "method": "OES", "sample": "S-18",
    }  # fmt: skip
    made = send(browser, "/api/v1/assays", body)
    assert made.status_code == 201, made.text
    lines = {line["element"]: line for line in made.json["items"][0]["lines"]}
    assert (lines["Si"]["before_ppm"], lines["Si"]["ppm"]) == (4_512, 4_000)
    assert lines["unknown"]["ppm"] == 996_000
    party(store, clock, "stranger")
    assert signed_in(app, "stranger").get(address).status_code == 404
