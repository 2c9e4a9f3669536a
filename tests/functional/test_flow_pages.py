"""Flows of metal at their pages and through the API: shredding, set-up of the works."""

import pytest
from sqlmodel import select

from remelt.platform.works.heats import melt
from remelt.platform.works.line_models import ProductionLine
from remelt.platform.works.models import EnergyMonth, Furnace, Sorting
from remelt.traceability.models import Lot
from remelt.web.passwords import hash_password
from tests.browser import signed_in
from tests.functional.test_works_pages import send
from tests.parties import PASSWORD, a_party
from tests.works import CLIPS, a_lot, a_sheet, mass_of

SECRET = hash_password(PASSWORD)


@pytest.fixture
def store(app):
    return app.extensions["remelt"].store


@pytest.fixture
def hub(store, clock):
    with store.write() as session:
        return a_party(session, clock=clock, role="hub", login="hub", password_hash=SECRET)


@pytest.fixture
def smelter(store, clock):
    with store.write() as session:
        return a_party(session, clock=clock, role="smelter", login="smelt", password_hash=SECRET)


def rows(store, table):
    with store.read() as session:
        return session.exec(select(table)).all()


def test_a_shredder_takes_several_lots_at_the_page(app, store, clock, hub):
    with store.write() as session:
        lots = [a_lot(session, clock=clock, at=hub, spec=spec) for spec in (CLIPS, CLIPS)]
    sheet = {
        "site": hub.site.code,
        "lots-0-lot": lots[0].code,
        "lots-1-lot": lots[1].code,
        "lots-1-mass_kg": "500",
        "parts-0-mass_kg": "1400",
        "parts-0-grade": "ReMA|Twitch",
        "parts-1-mass_kg": "60",
        "parts-1-waste": "yes",
        "dust_kg": "40",
    }
    browser = signed_in(app, "hub")
    assert browser.post("/shred", **(sheet | {"dust_kg": "2"})).status_code == 422
    answer = browser.post("/shred", **sheet)
    assert answer.status_code == 303, answer.text
    assert "1,400" in browser.get(answer.headers["Location"]).text
    [paper] = rows(store, Sorting)
    mass = mass_of(store, paper.event_hash)
    assert (paper.kind, mass.in_g, mass.lost_g) == ("shred", 1_500_000, 40_000)
    assert {lot.mass_g for lot in rows(store, Lot)} == {0, 500_000, 1_400_000, 60_000}
    stranger = {"lots-0-lot": "AAAAAAAAAAAA00", "lots-1-lot": ""}
    assert browser.post("/shred", **(sheet | stranger)).status_code in {404, 422}


def test_a_program_shreds(app, store, clock, hub):
    with store.write() as session:
        lots = [a_lot(session, clock=clock, at=hub) for _ in range(2)]
    body = {
        "kind": "shred",
        "site": hub.site.code,
        "inputs": [{"lot": lot.code} for lot in lots],
        "outputs": [{"mass_g": 1_900_000}],
        "losses_g": {"dust": 100_000},
        "energy": [{"carrier": "electricity", "quantity": 9_000}],
    }
    made = send(signed_in(app, "hub"), "/api/v1/transformations", body)
    assert made.status_code == 201, made.text
    assert made.json["lost_g"] == 100_000


def test_a_program_sets_up_a_works_and_closes_a_month(app, store, clock, smelter):
    browser = signed_in(app, "smelt")
    furnace = {
        "site": smelter.site.code,
        "name": "2号炉",
        "kind": "tilting",
        "metal": "Al",
        "capacity_g": 10_000_000,
    }
    made = send(browser, "/api/v1/furnaces", furnace)
    assert made.status_code == 201, made.text
    assert send(browser, "/api/v1/furnaces", furnace).status_code == 409
    bought = {
        "site": smelter.site.code,
        "alloy": "6063",
        "standard": "AA / GB/T 3190",
        "mass_g": 1_000_000,
        "form": "liquid",
    }
    lot = send(browser, "/api/v1/primary", bought)
    assert (lot.status_code, lot.json["origin"]) == (201, "primary"), lot.text
    assert send(browser, "/api/v1/primary", bought | {"mass_g": 0}).status_code == 422
    with store.write() as session:
        [row] = session.exec(select(Furnace)).all()
        sheet = a_sheet(row, session.exec(select(Lot)).one())
        melt(
            session,
            clock=clock,
            site_id=smelter.site.key,
            person_id=smelter.person.key,
            heat=sheet,
        )
    month = {"site": smelter.site.code, "month": "2026-03"}
    assert send(browser, "/api/v1/energy/months", month).status_code == 422
    clock.advance(days=40)
    browser = signed_in(app, "smelt")
    closed = send(browser, "/api/v1/energy/months", month)
    assert closed.status_code == 201, closed.text
    assert len(rows(store, EnergyMonth)) == len(closed.json["items"]) == 2
    assert browser.client.get("/api/v1/energy/months").json == closed.json
    assert send(browser, "/api/v1/energy/months", month).status_code == 409


def test_a_tankhouse_at_its_pages(app, store, clock, smelter):
    browser = signed_in(app, "smelt")
    with store.write() as session:
        lot = a_lot(session, clock=clock, at=smelter)
    form = {"site": smelter.site.code, "name": "1号系列", "kind": "tankhouse", "metal": "Al"}
    assert browser.post("/works/lines", **form).status_code == 303
    assert "1号系列" in browser.get("/works/lines").text
    assert browser.post("/works/lines", **form).status_code == 409
    [line] = rows(store, ProductionLine)
    sheet = {
        "since": "2026-02-01",
        "until": "2026-02-28",
        "charges-0-lot": lot.code,
        "products-0-name": "cathode",
        "products-0-mass_kg": "600",
        "closing_kg": "395",
        "method": "counted",
    }
    address = f"/works/lines/{line.code}"
    bad = browser.post(address, **(sheet | {"closing_kg": "100"}))
    assert (bad.status_code, 'href="#difference_note"' in bad.text) == (422, True)
    assert browser.post(address, **(sheet | {"method": "drained"})).status_code == 422
    done = browser.post(address, **sheet)
    assert done.status_code == 303, done.text
    shown = browser.get(done.headers["Location"]).text
    assert "cathode" in shown
    assert "395" in browser.get(address).text


def test_a_program_accounts_a_line(app, store, clock, smelter):
    browser = signed_in(app, "smelt")
    with store.write() as session:
        lot = a_lot(session, clock=clock, at=smelter)
    form = {"site": smelter.site.code, "name": "1号系列", "kind": "rod_line", "metal": "Al"}
    made = send(browser, "/api/v1/lines", form)
    assert made.status_code == 201, made.text
    period = {
        "line": made.json["code"],
        "since": "2026-02-01",
        "until": "2026-02-28",
        "method": "drained",
        "charges": [{"lot": lot.code}],
        "products": [{"mass_g": 1_000_000, "name": "rod"}],
    }
    address = f"/api/v1/lines/{made.json['code']}"
    done = send(browser, "/api/v1/line-periods", period)
    assert (done.status_code, done.json["difference_g"]) == (201, 0), done.text
    read = browser.client.get(address).json
    assert [each["drained"] for each in read["campaigns"]] == [True]
    assert browser.client.get("/api/v1/lines").json["items"][0]["code"] == made.json["code"]
    assert send(browser, "/api/v1/line-periods", period).status_code == 422
