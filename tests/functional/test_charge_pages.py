"""A smelter writes down recipes and materials, has charges planned, and takes them to the heat."""

import re
from decimal import Decimal
from html import unescape

import pytest
from sqlmodel import select

from remelt.platform.kernel.jobs import Job
from remelt.platform.market.drafts import FixedPrice
from remelt.platform.works.charge_models import ChargePlan
from remelt.platform.works.charge_plans import keep_charges
from remelt.platform.works.charge_solving import solve_charges
from remelt.traceability import queries as ledger
from remelt.web.passwords import hash_password
from tests.browser import signed_in
from tests.charges import a_foundry
from tests.market import a_draft, publish_lot
from tests.parties import PASSWORD, a_party

SECRET = hash_password(PASSWORD)
ASK = {
    "carbon_yuan_per_t": "90",
    "fall_yuan_per_t": "200",
    "freight_yuan_per_tkm": "0.5",
    "usual_yield_pct": "90",
    "market": "yes",
    "recover_vat": "yes",
    "charges-0-metal_kg": "5000",
}
RECIPE = {
    "name": "6063", "alloy": "AA / GB/T 3190|6063", "margin_sd": "1.5", "worst_index": "1",
    "limits-0-element": "Fe", "limits-0-max_pct": "0.3", "kept-0-element": "Mg",
    "kept-0-kept_pct": "95",
}  # fmt: skip
MATERIAL = {
    "kind": "bought", "name": "原铝", "element": "Al", "yield_pct": "99",
    "price_yuan_per_t": "20500", "contents-0-element": "Fe", "contents-0-mean_pct": "0.1",
    "contents-0-sd_pct": "0.02",
}  # fmt: skip


@pytest.fixture
def store(app):
    return app.extensions["remelt"].store


@pytest.fixture
def smelter(store, clock):
    with store.write() as session:
        return a_party(session, clock=clock, role="smelter", login="smelt", password_hash=SECRET)


@pytest.fixture
def foundry(store, clock, smelter):
    with store.write() as session:
        return a_foundry(session, clock=clock, at=smelter)


def solve(store, clock) -> None:
    """Do the waiting plan's job here and now."""
    with store.write() as session:
        row = session.exec(select(ChargePlan).order_by(ChargePlan.id.desc())).first()
        job = session.exec(select(Job).where(Job.code == row.job_code)).one()
        keep_charges(session, job.payload, solve_charges(job.payload, lambda *_: None), clock=clock)


def test_a_recipe_and_a_material_are_written_down(app, smelter):
    browser = signed_in(app, "smelt")
    assert browser.post("/works/charges/recipes/new", **RECIPE).status_code == 303
    assert browser.post("/works/charges/materials/new", **MATERIAL).status_code == 303
    shown = browser.get("/works/charges").text
    assert "6063" in shown
    assert "Fe 0.1 ± 0.02 %" in shown
    form = browser.get("/works/charges/recipes/new").text
    assert 'name="limits-0-element"' in form


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"margin_sd": "9"}, "margin_sd"),
        ({"worst_index": "5"}, "worst_index"),
        ({"limits-0-max_pct": "101"}, "limits-0-max_pct"),
        ({"limits-0-element": "<b>"}, "limits-0-element"),
        ({"alloy": "AA|nothing"}, "alloy"),
        ({"alloy": ""}, "alloy"),
        ({"name": ""}, "name"),
    ],
)
def test_a_bad_recipe_says_which_field(app, smelter, change, field):
    answer = signed_in(app, "smelt").post("/works/charges/recipes/new", **(RECIPE | change))
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text


def test_a_plan_leads_to_the_heat(app, store, clock, foundry):
    with store.write() as session:
        seller = a_party(session, clock=clock, role="collector", login="seller")
        listing = publish_lot(
            session,
            clock=clock,
            seller=seller,
            draft=a_draft(price=FixedPrice(price_fen_per_t=1_200_000)),
        )
        code = listing.code
    browser = signed_in(app, "smelt")
    ask = ASK | {
        "site": foundry.party.site.code,
        "charges-0-recipe": foundry.recipe.code,
        "charges-0-furnace": foundry.furnace.code,
    }
    browser.get("/works/charges")
    answer = browser.post("/works/charges", **ask)
    assert answer.status_code == 303, answer.text
    address = answer.headers["Location"]
    assert browser.get(address).status_code == 200
    assert browser.get(f"{address}/progress").status_code == 200
    solve(store, clock)
    shown = browser.get(address).text
    assert "<svg" in shown
    assert f"/listings/{code}" in shown
    assert f"/works/furnaces/{foundry.furnace.code}/heats/new?" in shown
    plan_code = address.rsplit("/", 1)[1]
    heat = browser.get(
        f"/works/furnaces/{foundry.furnace.code}/heats/new?plan={plan_code}&sheet=1"
    ).text
    assert 'name="charges-0-mass_kg" type="text" value="' in heat
    assert "原铝" in heat
    tap_as_planned(browser, heat, store, f"/works/furnaces/{foundry.furnace.code}/heats/new")
    board = browser.get("/market").text
    assert "price=" not in board
    assert board.count('class="badge good"') == 1
    assert "/works/charges/plans/" in browser.get(f"/listings/{code}").text


def tap_as_planned(browser, page: str, store, address: str) -> None:
    """Tap the heat as the sheet filled it in: its lots are taken out of stock to the gram."""
    lines = r'name="((?:charges|additions)-\d+-\w+)" type="text" value="([^"]*)"'
    typed = dict(re.findall(lines, page))
    for name in re.findall(r'<select id="[^"]+" name="((?:charges|additions)-\d+-\w+)"', page):
        select_ = page.split(f'name="{name}"', 1)[1].split("</select>", maxsplit=1)[0]
        found = re.search(r'<option value="([^"]+)" selected', select_)
        if found:
            typed[name] = unescape(found[1])
    charged = {typed[f"charges-{n}-lot"]: Decimal(typed[f"charges-{n}-mass_kg"])
               for n in range(20) if typed.get(f"charges-{n}-lot")}  # fmt: skip
    assert charged
    with store.read() as session:
        before = {code: ledger.lot(session, code=code).mass_g for code in charged}
    total = sum(charged.values()) + sum(
        Decimal(value) for name, value in typed.items()
        if name.startswith("additions") and name.endswith("mass_kg") and value
    )  # fmt: skip
    cast = round(total * 95 / 100, 3)
    alloy = re.search(r'<option value="([^"]+)" selected', page.split('name="alloy"')[1])[1]
    sheet = {k: v for k, v in typed.items() if v} | {
        "alloy": unescape(alloy), "heel_method": "none", "casts-0-mass_kg": str(cast),
        "casts-0-form": "ingot", "dross_kg": str(total - cast), "difference_note": "计划熔炼",
    }  # fmt: skip
    sent = browser.send(address, **sheet)
    said = re.findall(r"<li><a href=\"#([^\"]+)\">([^<]+)|<p>([^<]+)</p>", sent.text)
    assert sent.status_code == 303, (said[:4], sheet)
    with store.read() as session:
        for code, kilograms in charged.items():
            after = ledger.lot(session, code=code)
            left = after.mass_g if after.status in ("on_hand", "received") else 0
            assert before[code] - left == int(kilograms * 1000), code


def test_advice_is_for_its_smelter_alone(app, store, clock, foundry):
    with store.write() as session:
        a_party(session, clock=clock, role="smelter", login="rival", password_hash=SECRET)
    rival = signed_in(app, "rival")
    assert rival.post(
        "/works/charges", **ASK, site=foundry.party.site.code,
        **{"charges-0-recipe": foundry.recipe.code, "charges-0-furnace": foundry.furnace.code},
    ).status_code == 404  # fmt: skip
    with store.read() as session:
        assert session.exec(select(ChargePlan)).all() == []
