"""Recipes, materials and charge plans, with the solver in its own process."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from remelt.platform.kernel.files import FileStore
from remelt.platform.kernel.runner import JobRunner
from remelt.platform.kernel.settings import Settings
from remelt.platform.market.drafts import FixedPrice
from remelt.platform.works.charge_models import Recipe
from remelt.platform.works.charge_plans import Wanted, keep_charges
from remelt.platform.works.charge_queries import (
    ADVICE_HOLDS,
    advice,
    newest_advice,
    plan_view,
    sheets,
)
from remelt.platform.works.charge_solving import solve_charges
from remelt.platform.works.errors import (
    AlloyIncomplete,
    ChargePlanRunning,
    ContentsBeyondWhole,
    FurnaceOverfilled,
    LimitsCross,
    NoSuchRecipe,
    NothingToCharge,
)
from remelt.platform.works.recipes import drop_recipe, materials, recipes
from remelt.web.wiring import job_kinds
from tests.charges import CANS_SAID, Foundry, a_foundry, a_material, a_plan, a_recipe
from tests.market import a_draft, bid, publish_lot
from tests.parties import a_party
from tests.works import CANS, a_furnace, a_lot

T = 1_000_000


@pytest.fixture
def smelter(store, clock):
    with store.write() as session:
        return a_party(session, clock=clock, role="smelter", login="smelter")


@pytest.fixture
def foundry(store, clock, smelter):
    with store.write() as session:
        return a_foundry(session, clock=clock, at=smelter)


@pytest.fixture
def seller(store, clock):
    with store.write() as session:
        return a_party(session, clock=clock, role="collector", login="seller")


def solved(store, clock, foundry, **changes):
    """Ask for a plan and keep what the solver says, here and now."""
    with store.write() as session:
        row = a_plan(session, clock=clock, foundry=foundry, **changes)
        code = row.code
    with store.write() as session:
        view = plan_view(session, code=code, organisation_id=foundry.party.organisation.key)
        payload = view.job.payload
        keep_charges(session, payload, solve_charges(payload, lambda *_: None), clock=clock)
    with store.read() as session:
        return plan_view(session, code=code, organisation_id=foundry.party.organisation.key)


def test_a_plan_is_solved_in_a_process_of_its_own(store, clock, foundry, tmp_path: Path):
    with store.write() as session:
        code = a_plan(session, clock=clock, foundry=foundry).code
    kinds = job_kinds(
        store=store, clock=clock, files=FileStore(tmp_path), settings=Settings(home=tmp_path)
    )
    JobRunner(store, clock=clock, kinds=kinds).run_pending()
    with store.read() as session:
        view = plan_view(session, code=code, organisation_id=foundry.party.organisation.key)
    assert view.state == "done", view.job.error
    [sheet] = sheets(view.plan)
    assert 5 * T - 9 <= sheet.judged["metal_g"] <= 5 * T * 1.006
    assert {line.said["kind"] for line in sheet.lines} == {"stock", "bought"}
    assert len(view.plan.result["frontier"]["scrap"]) >= 1


def test_a_plan_keeps_the_narrower_limit_and_the_margin(store, clock, foundry):
    view = solved(store, clock, foundry)
    shares = {each[0]: each for each in sheets(view.plan)[0].judged["shares"]}
    assert shares["Fe"][5] == 3_000
    assert shares["Fe"][3] <= 3_001
    assert shares["Mg"][2] >= 4_499


def test_lots_on_the_market_are_valued_in_the_listings_terms(store, clock, foundry, seller):
    draft = a_draft(price=FixedPrice(price_fen_per_t=1_130_000), tax_included=True,
                    vat_rate_bp=1_300)  # fmt: skip
    with store.write() as session:
        listing = publish_lot(session, clock=clock, seller=seller, draft=draft)
        a_material(
            session, clock=clock, at=foundry.party, kind="grade", name="ReMA|Tutu", element="",
            contents={"Si": (4_500, 400), "Fe": (2_200, 200), "Mg": (5_500, 500)},
            yield_bp=9_300, price_fen_per_t=None, co2e_g_per_t=None,
        )  # fmt: skip
        code = listing.code
    view = solved(store, clock, foundry)
    said = view.plan.asked["sources"][code]
    assert said["price_fen_per_t"] - said["freight_fen_per_t"] == 1_000_000  # net of 13 % VAT
    [found] = advice(view.plan)
    assert found.wanted
    assert found.taken_g == 2_000_000
    assert found.bid_fen_per_t > found.ask_fen_per_t == 1_130_000
    worth = view.plan.result["worths"][code]
    net = worth["fen_per_t"] - said["freight_fen_per_t"]
    assert found.bid_fen_per_t == net * 11_300 // 10_000
    with store.read() as session:
        now = clock.now(session)
        own, other = foundry.party.organisation.key, seller.organisation.key
        assert set(newest_advice(session, organisation_id=own, now=now, codes=[code, "?"])) == {
            code
        }
        assert newest_advice(session, organisation_id=other, now=now, codes=[code]) == {}
        later = now + ADVICE_HOLDS + timedelta(seconds=1)
        assert newest_advice(session, organisation_id=own, now=later, codes=[code]) == {}


def test_an_auction_counts_at_the_next_bid_it_takes(store, clock, foundry, seller):
    with store.write() as session:
        other = a_party(session, clock=clock, role="hub", login="other")
        listing = publish_lot(session, clock=clock, seller=seller)
        bid(session, clock=clock, listing=listing, buyer=other, yuan_per_t=15_000)
        code = listing.code
    view = solved(store, clock, foundry)
    assert view.plan.asked["sources"][code]["ask_fen_per_t"] == 1_505_000
    assert view.plan.asked["sources"][code]["how"] == "assumed"


def test_what_nobody_knows_is_left_out_by_name(store, clock, foundry):
    spec = replace(CANS, grade_code="Tweak")
    with store.write() as session:
        lot = a_lot(session, clock=clock, at=foundry.party, spec=spec)
        code = lot.code
    view = solved(store, clock, foundry)
    assert [code, "Tweak", "contents"] in view.plan.asked["left_out"]


def test_metal_of_others_is_not_charged(store, clock, foundry, seller):
    with store.write() as session:
        own = a_lot(session, clock=clock, at=foundry.party).code
        tolled = a_lot(session, clock=clock, at=foundry.party, owner=seller.organisation.code).code
    sources = solved(store, clock, foundry).plan.asked["sources"]
    assert own in sources
    assert tolled not in sources


def test_what_is_lacking_is_said(store, clock, smelter):
    with store.write() as session:
        a_material(session, clock=clock, at=smelter, **CANS_SAID)
        a_lot(session, clock=clock, at=smelter, mass_g=20 * T)
        foundry_recipe = a_recipe(session, clock=clock, at=smelter)
        furnace = a_furnace(session, clock=clock, at=smelter)
        foundry = Foundry(smelter, furnace, foundry_recipe)
    view = solved(store, clock, foundry)
    assert view.state == "lacking"
    assert {each["side"] for each in view.plan.result["lacking"]} <= {"min", "max", "metal"}


def test_a_second_plan_waits_for_the_first(store, clock, foundry):
    with store.write() as session:
        a_plan(session, clock=clock, foundry=foundry)
    with pytest.raises(ChargePlanRunning), store.write() as session:
        a_plan(session, clock=clock, foundry=foundry)


def test_wrong_asks_are_refused(store, clock, foundry):
    wanted = Wanted(
        recipe_code=foundry.recipe.code, furnace_code=foundry.furnace.code, metal_g=11 * T
    )
    with pytest.raises(FurnaceOverfilled), store.write() as session:
        a_plan(session, clock=clock, foundry=foundry, wanted=[wanted])
    with pytest.raises(NothingToCharge), store.write() as session:
        a_plan(session, clock=clock, foundry=foundry, wanted=[])


def test_recipes_are_said_anew_and_dropped_never_edited(store, clock, smelter):
    with store.write() as session:
        first = a_recipe(session, clock=clock, at=smelter).code
        second = a_recipe(session, clock=clock, at=smelter, margin_centi=200).code
    with store.read() as session:
        [kept] = recipes(session, organisation_id=smelter.organisation.key)
        assert (kept.code, kept.margin_centi) == (second, 200)
    terms = {"organisation_id": smelter.organisation.key, "person_id": smelter.person.key}
    with pytest.raises(NoSuchRecipe), store.write() as session:
        drop_recipe(session, clock=clock, code=first, **terms)
    with store.write() as session:
        drop_recipe(session, clock=clock, code=second, **terms)
    with store.read() as session:
        assert recipes(session, organisation_id=smelter.organisation.key) == []
        assert len(session.exec(select(Recipe)).all()) == 3


def test_wrong_recipes_and_materials_are_refused(store, clock, smelter):
    for changes, refusal in (
        ({"limits": {"Fe": (4_000, None)}}, LimitsCross),
        ({"alloy": "3003", "standard": "AA"}, AlloyIncomplete),
    ):
        with pytest.raises(refusal), store.write() as session:
            a_recipe(session, clock=clock, at=smelter, **changes)
    with pytest.raises(ContentsBeyondWhole), store.write() as session:
        a_material(session, clock=clock, at=smelter, contents={"Si": (900_000, 0),
                                                               "Mg": (200_000, 0)})  # fmt: skip
    with store.read() as session:
        assert materials(session, organisation_id=smelter.organisation.key) == []
