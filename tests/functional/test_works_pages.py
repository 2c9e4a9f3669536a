"""Hub and smelter at their pages and through the API, in and out of rule."""

import pytest
from sqlmodel import col, select

from remelt.platform.works.heats import melt
from remelt.platform.works.models import EnergyEntry, Furnace, Heat, Sorting
from remelt.traceability.models import Lot
from remelt.web.passwords import hash_password
from tests.browser import signed_in
from tests.counting import Counting
from tests.parties import PASSWORD, a_party
from tests.works import CLIPS, a_furnace, a_lot, a_sheet, correct_weighing, mass_of

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


@pytest.fixture
def lot(store, clock, hub):
    with store.write() as session:
        return a_lot(session, clock=clock, at=hub)


@pytest.fixture
def furnace(store, clock, smelter):
    with store.write() as session:
        return a_furnace(session, clock=clock, at=smelter)


@pytest.fixture
def charge(store, clock, smelter):
    with store.write() as session:
        return a_lot(session, clock=clock, at=smelter)


def rows(store, table):
    with store.read() as session:
        return session.exec(select(table)).all()


SORT = {"kind": "sort", "parts-0-mass_kg": "700", "parts-0-grade": "ReMA|Taldon"}
REST = {"parts-1-mass_kg": "２５０", "parts-1-bay": "A1", "dirt_kg": "50", "electricity_kwh": "12"}


def test_a_hub_sorts_a_lot_at_the_page(app, store, hub, lot):
    browser = signed_in(app, "hub")
    assert lot.code[:4] in browser.get("/stock").text
    assert lot.code[:4] in browser.get("/sort").text
    answer = browser.post(f"/sort/{lot.code}", **SORT, **REST)
    assert answer.status_code == 303, answer.text
    shown = browser.get(answer.headers["Location"]).text
    assert "700" in shown
    [paper] = rows(store, Sorting)
    mass = mass_of(store, paper.event_hash)
    assert (mass.in_g, mass.out_g, mass.lost_g) == (1_000_000, 950_000, 50_000)
    assert "A1" in browser.get("/stock?bay=A1").text


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"parts-0-mass_kg": "lots"}, "parts-0-mass_kg"),
        ({"parts-0-mass_kg": "-5"}, "parts-0-mass_kg"),
        ({"parts-0-mass_kg": "0"}, "parts-0-mass_kg"),
        ({"parts-0-mass_kg": "9" * 30}, "parts-0-mass_kg"),
        ({"dirt_kg": "1e5"}, "dirt_kg"),
        ({"dirt_kg": "1.2345"}, "dirt_kg"),
        ({"kind": "steal"}, "kind"),
        ({"difference_note": "x" * 301}, "difference_note"),
        ({"difference_note": "a\0b", "parts-0-mass_kg": "1"}, "difference_note"),
        ({"parts-0-mass_kg": "600"}, "difference_note"),
        ({"colour": "red"}, "colour"),
        ({"parts-0-grade": "ReMA|Gold"}, None),
    ],
)
def test_a_bad_sorting_says_which_field(app, store, hub, lot, change, field):
    browser = signed_in(app, "hub")
    answer = browser.post(f"/sort/{lot.code}", **(SORT | REST | change))
    assert answer.status_code == 422
    assert field is None or f'href="#{field}"' in answer.text
    assert rows(store, Sorting) == []


def test_a_sorting_without_parts_is_refused(app, store, hub, lot):
    answer = signed_in(app, "hub").post(f"/sort/{lot.code}", kind="sort")
    assert answer.status_code == 422
    assert rows(store, Sorting) == []


def test_a_double_submit_sorts_once(app, store, hub, lot):
    browser = signed_in(app, "hub")
    browser.get(f"/sort/{lot.code}")
    first = browser.send(f"/sort/{lot.code}", **SORT, **REST)
    again = browser.send(f"/sort/{lot.code}", **SORT, **REST)
    assert first.status_code == 303
    assert again.status_code in {303, 404}  # the lot is used up: stale page, same place or gone
    assert len(rows(store, Sorting)) == 1


def test_another_hubs_lot_is_not_found(app, store, clock, hub, smelter, charge):
    browser = signed_in(app, "hub")
    for address in (f"/sort/{charge.code}", "/sort/AAAAAAAAAAAA00", "/sortings/AAAAAAAAAAAA00"):
        assert browser.get(address).status_code == 404
    assert browser.get("/works").status_code == 403
    assert browser.get("/works/energy").status_code == 403


def test_a_split_leaves_the_rest(app, store, hub, lot):
    form = {"kind": "split", "parts-0-mass_kg": "300", "rest": "yes"}
    answer = signed_in(app, "hub").post(f"/sort/{lot.code}", **form)
    assert answer.status_code == 303, answer.text
    with store.read() as session:
        assert session.exec(select(Lot.mass_g).where(Lot.code == lot.code)).one() == 700_000


def test_lots_are_blended(app, store, clock, hub, lot):
    with store.write() as session:
        other = a_lot(session, clock=clock, at=hub, spec=CLIPS)
    form = {
        "site": hub.site.code,
        "lots-0-lot": lot.code,
        "lots-1-lot": other.code,
        "lots-1-mass_kg": "500",
        "mass_kg": "1500",
        "grade": "ReMA|Taldon",
    }
    browser = signed_in(app, "hub")
    assert browser.post("/blend", **(form | {"lots-1-lot": "WRONG"})).status_code == 422
    assert browser.post("/blend", **(form | {"site": "AAAAAAAAAAAA00"})).status_code == 404
    answer = browser.post("/blend", **form)
    assert answer.status_code == 303, answer.text
    assert "Taldon" in browser.get(answer.headers["Location"]).text


HEAT = {
    "alloy": "AA / GB/T 3190|6063",
    "casts-0-mass_kg": "930",
    "casts-0-form": "billet",
    "dross_kg": "30",
    "burn_off_kg": "40",
    "heel_method": "none",
    "electricity_kwh": "50",
    "natural_gas_nm3": "60",
}


def test_a_smelter_melts_a_heat_at_the_page(app, store, smelter, furnace, charge):
    browser = signed_in(app, "smelt")
    assert furnace.name in browser.get("/works").text
    address = f"/works/furnaces/{furnace.code}/heats/new"
    answer = browser.post(address, **HEAT, **{"charges-0-lot": charge.code})
    assert answer.status_code == 303, answer.text
    shown = browser.get(answer.headers["Location"] + "?lang=en").text
    for text in (
        "Natural gas, way to the burner",
        "Treatment of the dross",
        "6063",
        "130\xa0kgCO₂e",
        "28.89\xa0kgCO₂e",
    ):
        assert text in shown, text
    assert "Heat 1 of" in shown
    assert "930" in browser.get("/works").text


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"alloy": "gold|gold"}, "alloy"),
        ({"alloy": ""}, "alloy"),
        ({"charges-0-lot": "WRONG"}, "charges-0-lot"),
        ({"charges-0-recovery_pct": "101"}, "charges-0-recovery_pct"),
        ({"casts-0-mass_kg": "many"}, "casts-0-mass_kg"),
        ({"casts-0-mass_kg": "500"}, "difference_note"),
        ({"heel_kg": "5"}, "heel_method"),
        ({"heel_method": "guessed"}, "heel_method"),
        ({"electricity_kwh": "-1"}, "electricity_kwh"),
        ({"mass_kg": "1"}, "mass_kg"),
        ({"additions-0-name": "Si", "additions-0-mass_kg": "1"}, "additions-0-metal"),
    ],
)
def test_a_bad_heat_says_which_field(app, store, smelter, furnace, charge, change, field):
    browser = signed_in(app, "smelt")
    address = f"/works/furnaces/{furnace.code}/heats/new"
    answer = browser.post(address, **(HEAT | {"charges-0-lot": charge.code} | change))
    assert answer.status_code == 422, answer.status_code
    assert f'href="#{field}"' in answer.text
    assert rows(store, Heat) == []


def test_furnaces_primary_metal_and_energy(app, store, clock, smelter):
    browser = signed_in(app, "smelt")
    form = {
        "site": smelter.site.code,
        "name": "2号炉",
        "kind": "tilting",
        "metal": "Al",
        "capacity_kg": "20000",
    }
    assert browser.post("/works/furnaces/new", **form).status_code == 303
    again = browser.post("/works/furnaces/new", **form)
    assert again.status_code == 409
    assert 'href="#name"' in again.text
    [furnace] = rows(store, Furnace)
    assert furnace.capacity_g == 20_000_000
    metal = {
        "site": smelter.site.code,
        "alloy": "GB/T 1196|Al99.70",
        "form": "ingot",
        "mass_kg": "5000",
        "factor": "al_primary_global_2022",
    }
    assert browser.post("/works/primary", **metal).status_code == 303
    bad = browser.post("/works/primary", **(metal | {"track": "mars"}))
    assert 'href="#track"' in bad.text
    assert len(rows(store, Lot)) == 1
    reading = {
        "site": smelter.site.code,
        "carrier": "electricity",
        "quantity": "1200.5",
        "since": "2026-03-01",
        "until": "2026-03-02",
    }
    assert browser.post("/works/energy", **reading).status_code == 303
    wrong = browser.post("/works/energy", **(reading | {"until": "2026-02-01"}))
    assert wrong.status_code == 422
    assert 'href="#until"' in wrong.text
    assert [entry.quantity for entry in rows(store, EnergyEntry)] == [1_200_500]
    early = browser.post(
        "/works/energy/months", on="/works/energy", site=smelter.site.code, month="2026-03"
    )
    assert early.status_code == 422
    assert 'href="#month"' in early.text


@pytest.mark.parametrize("lang", ["zh_CN", "en"])
def test_every_page_is_there_in_both_languages(app, smelter, furnace, charge, lang):
    browser = signed_in(app, "smelt")
    for address in (
        "/stock",
        "/sort",
        f"/sort/{charge.code}",
        "/blend",
        "/works",
        "/works/furnaces/new",
        f"/works/furnaces/{furnace.code}/heats/new",
        "/works/primary",
        "/works/energy",
    ):
        answer = browser.get(address, query_string={"lang": lang})
        assert answer.status_code == 200, address


def test_the_stock_page_asks_a_fixed_number_of_queries(app, store, clock, hub, lot):
    browser = signed_in(app, "hub")
    counted: list[int] = []
    for _ in range(2):
        with Counting(store) as count:
            browser.get("/stock")
        counted.append(count.statements)
        with store.write() as session:
            for _ in range(5):
                a_lot(session, clock=clock, at=hub)
    assert counted[0] == counted[1]


def api(app, login):
    return signed_in(app, login)


def send(browser, address, body, **headers):
    return browser.client.post(
        address, json=body, headers={"Sec-Fetch-Site": "same-origin", **headers}
    )


def test_a_program_sorts_melts_and_reads(app, store, smelter, furnace, charge):
    browser = api(app, "smelt")
    body = {
        "kind": "split",
        "site": smelter.site.code,
        "inputs": [{"lot": charge.code}],
        "outputs": [{"mass_g": 600_000}, {"mass_g": 400_000, "bay": "B"}],
    }
    made = send(browser, "/api/v1/transformations", body, **{"Idempotency-Key": "k1"})
    assert made.status_code == 201, made.text
    again = send(browser, "/api/v1/transformations", body, **{"Idempotency-Key": "k1"})
    assert again.text == made.text
    other = send(
        browser, "/api/v1/transformations", body | {"rest": True}, **{"Idempotency-Key": "k1"}
    )
    assert other.status_code == 422
    lots = [line["code"] for line in made.json["outputs"]]
    got = browser.client.get(f"/api/v1/transformations/{made.json['code']}").json
    assert [line["mass_g"] for line in got["outputs"]] == [600_000, 400_000]
    stock = browser.client.get("/api/v1/stock").json["items"]
    assert {line["code"] for line in stock} == set(lots)
    heat = {
        "furnace": furnace.code,
        "alloy": "6063",
        "standard": "AA / GB/T 3190",
        "charges": [{"lot": code} for code in lots],
        "casts": [{"mass_g": 940_000}],
        "dross_g": 30_000,
        "losses_g": {"burn_off": 30_000},
        "energy": [{"carrier": "electricity", "quantity": 50_000}],
    }
    tapped = send(browser, "/api/v1/heats", heat)
    assert tapped.status_code == 201, tapped.text
    assert tapped.json["figures"]["product"] == [940_000, 940_000]
    assert {line["role"] for line in tapped.json["outputs"]} == {"product", "dross"}
    read = browser.client.get(f"/api/v1/heats/{tapped.json['code']}").json
    assert read["account"] == tapped.json["account"]
    assert browser.client.get("/api/v1/furnaces").json["items"][0]["heats"] == 1
    reading = {
        "site": smelter.site.code,
        "carrier": "natural_gas",
        "quantity": 1,
        "since": "2026-03-01",
        "until": "2026-03-01",
    }
    assert send(browser, "/api/v1/energy", reading).status_code == 201
    assert len(browser.client.get("/api/v1/energy").json["items"]) == 2


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"inputs": []}, "inputs"),
        ({"outputs": [{"mass_g": "600"}]}, "outputs-0-mass_g"),
        ({"outputs": [{"mass_g": 10**30}]}, "outputs-0-mass_g"),
        ({"outputs": [{"mass_g": -1}]}, "outputs-0-mass_g"),
        ({"kind": "melt"}, "kind"),
        ({"extra": 1}, "extra"),
        ({"losses_g": {"magic": 1}}, "losses_g-magic-[key]"),
        ({"outputs": [{"mass_g": 5}]}, "difference_note"),
    ],
)
def test_a_bad_call_names_field_and_rule(app, store, hub, lot, change, field):
    browser = api(app, "hub")
    body = {
        "kind": "sort",
        "site": hub.site.code,
        "inputs": [{"lot": lot.code}],
        "outputs": [{"mass_g": 1_000_000}],
    }
    answer = send(browser, "/api/v1/transformations", body | change)
    assert answer.status_code == 422, answer.text
    assert answer.mimetype == "application/problem+json"
    assert field in [each["field"] for each in answer.json["errors"]]
    with store.read() as session:
        assert session.exec(select(Lot.mass_g).where(col(Lot.code) == lot.code)).one() == 1_000_000


def test_a_heat_page_shows_the_corrected_charge(app, store, clock, smelter, charge):
    """The weigh ticket of the charge is corrected: list, page and API say so at once."""
    with store.write() as session:
        furnace = a_furnace(session, clock=clock, at=smelter)
    clock.advance(hours=1)
    with store.write() as session:
        tapped = melt(
            session,
            clock=clock,
            site_id=smelter.site.key,
            person_id=smelter.person.key,
            heat=a_sheet(furnace, charge),
        )
    browser = signed_in(app, "smelt")
    page = f"/works/heats/{tapped.heat.code}"
    assert "beyond what scales show" not in browser.get(f"{page}?lang=en").text
    correct_weighing(store, clock=clock, at=smelter, lot=charge, mass_g=charge.mass_g + 100_000)
    charged_g = charge.mass_g + 100_000
    shown = browser.get(f"{page}?lang=en").text
    assert "beyond what scales show" in shown
    assert "it came of a later correction" in shown
    assert f"{charged_g // 1000:,}" in shown
    assert f"{charged_g / 1_000_000:g}" in browser.get("/works").text
    one = browser.get(f"/api/v1/heats/{tapped.heat.code}").json
    assert (one["charged_g"], one["difference_g"], one["beyond_tolerance"]) == (
        charged_g,
        100_000,
        True,
    )
    assert one["inputs"][0]["mass_g"] == charged_g
    for came, put, *went in one["account"]["elements"].values():
        assert came + put == sum(went)
    assert sum(row[0] for row in one["account"]["classes"].values()) == charged_g
    [listed] = browser.get("/api/v1/heats").json["items"]
    assert (listed["charged_g"], listed["difference_g"]) == (charged_g, 100_000)


def test_a_month_is_brought_to_its_yield_at_the_page(app, store, clock, smelter, charge):
    with store.write() as session:
        furnace = a_furnace(session, clock=clock, at=smelter)
        sheet = a_sheet(furnace, charge)
        melt(
            session, clock=clock, site_id=smelter.site.key, person_id=smelter.person.key, heat=sheet
        )
    clock.advance(days=31)
    browser = signed_in(app, "smelt")
    assert browser.get("/works/yields/nowhere/2026-03").status_code == 404
    page = f"/works/yields/{smelter.site.code}/2026-03"
    assert browser.get(f"/works/yields/{smelter.site.code}/2020-01").status_code == 404
    assert page in browser.get("/works/yields").text
    assert "Bring to the measured yield" in browser.get(f"{page}?lang=en").text
    told = browser.get(f"/api/v1{page.removeprefix('/works')}").json
    assert (told["state"], told["differences"]) == ("open", [])
    preview = told["heats"][0]["brought"]
    assert browser.post(page).headers["Location"].endswith(page)
    assert "brought to the yield" in browser.get(f"{page}?lang=en").text
    done = browser.get(f"/api/v1{page.removeprefix('/works')}").json
    assert (done["state"], done["heats"][0]["brought"]) == ("trued", preview)
    assert browser.get("/api/v1/yields").json["items"][0]["state"] == "trued"
    assert browser.send(page).status_code == 409  # nothing changed since
