"""Charge planning at the smelter: recipes, materials, plans, and sheets for the furnace."""

from functools import partial

from flask import Blueprint, Response, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from remelt.platform.catalogue import queries as catalogue
from remelt.platform.parties import queries as parties
from remelt.platform.parties.actors import Actor
from remelt.platform.works import charge_queries, queries
from remelt.platform.works.charge_plans import GOING, request_charges
from remelt.platform.works.recipes import (
    drop_material,
    drop_recipe,
    materials,
    recipes,
    set_material,
    set_recipe,
)
from remelt.web.address import asked_page
from remelt.web.charge_forms import ChargesForm, MaterialForm, RecipeForm
from remelt.web.charge_page import (
    advised,
    contents_text,
    frontiers,
    lot_name,
    material_values,
    recipe_values,
)
from remelt.web.charge_words import FALLS, HOW, KINDS, LEFT_OUT, STATES, lacking_words
from remelt.web.context import clock, require, store
from remelt.web.fmt import is_chinese, named
from remelt.web.forms import FormState, Press, blank, submit
from remelt.web.views.stock import row_count
from remelt.web.works_forms import BETWEEN
from remelt.web.works_words import site_choices, spoken

PAGE = 50
bp = Blueprint("charges", __name__, url_prefix="/works/charges")
ELEMENTS = ("Si", "Fe", "Cu", "Mn", "Mg", "Zn", "Ti", "Cr", "Ni", "Pb", "Sn", "Sr", "Al", "Zr")
DEFAULTS = {
    "carbon_yuan_per_t": "90",
    "fall_yuan_per_t": "200",
    "freight_yuan_per_tkm": "0.5",
    "usual_yield_pct": "90",
    "market": "yes",
    "recover_vat": "yes",
}
WORDS = {"how": HOW, "left_out": LEFT_OUT, "state": STATES, "fall": FALLS, "kind": KINDS}


@bp.get("")
def show() -> ResponseReturnValue:
    """Show recipes, materials, past plans and the form that asks for a plan."""
    return _desk(require("works.melt"), blank(**DEFAULTS))


@bp.post("")
def post_plan() -> ResponseReturnValue:
    """Have charges planned and lead to the plan."""
    who = require("works.melt")

    def act(session: Session, form: ChargesForm) -> str:
        site = parties.site(session, code=form.site, organisation_id=who.organisation_id)
        plan = request_charges(
            session,
            clock=clock(),
            organisation_id=who.organisation_id,
            site_id=site.key,
            person_id=who.person_id,
            ask=form.ask(),
        )
        return url_for("charges.plan", plan=plan.code)

    return submit(ChargesForm, act, who=who, page=partial(_desk, who))


@bp.get("/plans/<plan>")
def plan(plan: str) -> ResponseReturnValue:
    """Show a plan: its charge sheets, what lots are worth, and the ways to more scrap."""
    who = require("works.melt")
    with store().read() as session:
        view = charge_queries.plan_view(session, code=plan, organisation_id=who.organisation_id)
    done = view.state == "done"
    advice = charge_queries.advice(view.plan) if done else []
    page = asked_page()
    shown = advice[(page - 1) * PAGE : page * PAGE]
    return render_template(
        "works/charge_plan.html",
        view=view,
        going=view.state in GOING,
        sheets=charge_queries.sheets(view.plan) if done else [],
        advice=advised(shown),
        page=page,
        more=len(advice) > page * PAGE,
        charts=frontiers(view.plan) if done else [],
        lacking=[
            lacking_words(each, view.plan.asked["charges"])
            for each in view.plan.result.get("lacking", [])
        ],
        words=WORDS,
        lot_name=lot_name,
        uncounted=sorted(
            x["grade"]
            for x in view.plan.asked["sources"].values()
            if not x.get("carbon_known", True)
        ),
    )


@bp.get("/plans/<plan>/progress")
def progress(plan: str) -> Response:
    """Answer with the progress alone; once the plan is over, have the whole page loaded."""
    who = require("works.melt")
    with store().read() as session:
        view = charge_queries.plan_view(session, code=plan, organisation_id=who.organisation_id)
    response = make_response(render_template("works/charge_progress.html", view=view))
    if view.state not in GOING:
        response.headers["HX-Refresh"] = "true"
    return response


@bp.get("/recipes/new")
def new_recipe() -> ResponseReturnValue:
    """Show the form of a recipe, filled in when one is said anew."""
    who = require("works.melt")
    with store().read() as session:
        known = recipes(session, organisation_id=who.organisation_id)
    again = next((row for row in known if row.code == request.args.get("again")), None)
    return _recipe_page(who, blank(**recipe_values(again)))


@bp.post("/recipes/new")
def post_recipe() -> ResponseReturnValue:
    """Write a recipe down."""
    who = require("works.melt")

    def act(session: Session, form: RecipeForm) -> str:
        set_recipe(
            session,
            clock=clock(),
            organisation_id=who.organisation_id,
            person_id=who.person_id,
            sheet=form.sheet(),
        )
        return url_for("charges.show")

    return submit(RecipeForm, act, who=who, page=partial(_recipe_page, who))


@bp.post("/recipes/<recipe>/drop")
def post_drop_recipe(recipe: str) -> ResponseReturnValue:
    """Stop offering a recipe."""
    who = require("works.melt")

    def act(session: Session, _form: Press) -> str:
        drop_recipe(
            session,
            clock=clock(),
            code=recipe,
            organisation_id=who.organisation_id,
            person_id=who.person_id,
        )
        return url_for("charges.show")

    return submit(Press, act, who=who, page=partial(_desk, who))


@bp.get("/materials/new")
def new_material() -> ResponseReturnValue:
    """Show the form of a material, filled in when one is said anew."""
    who = require("works.melt")
    with store().read() as session:
        known = materials(session, organisation_id=who.organisation_id)
    again = next((row for row in known if row.code == request.args.get("again")), None)
    return _material_page(who, blank(**material_values(again)))


@bp.post("/materials/new")
def post_material() -> ResponseReturnValue:
    """Write down what a material brings."""
    who = require("works.melt")

    def act(session: Session, form: MaterialForm) -> str:
        set_material(
            session,
            clock=clock(),
            organisation_id=who.organisation_id,
            person_id=who.person_id,
            sheet=form.sheet(),
        )
        return url_for("charges.show")

    return submit(MaterialForm, act, who=who, page=partial(_material_page, who))


@bp.post("/materials/<material>/drop")
def post_drop_material(material: str) -> ResponseReturnValue:
    """Stop reckoning with a material."""
    who = require("works.melt")

    def act(session: Session, _form: Press) -> str:
        drop_material(
            session,
            clock=clock(),
            code=material,
            organisation_id=who.organisation_id,
            person_id=who.person_id,
        )
        return url_for("charges.show")

    return submit(Press, act, who=who, page=partial(_desk, who))


def _desk(who: Actor, state: FormState) -> ResponseReturnValue:
    with store().read() as session:
        sites = parties.sites_of(session, organisation_id=who.organisation_id, capability="smelt")
        furnaces = queries.furnaces(session, site_ids=[site.key for site in sites])
        known = recipes(session, organisation_id=who.organisation_id)
        stuff = materials(session, organisation_id=who.organisation_id)
        plans = charge_queries.plans(session, organisation_id=who.organisation_id)
        trucks = _trucks(session)
    return render_template(
        "works/charges.html",
        state=state,
        press=blank(),
        site_choices=site_choices(sites),
        furnaces=[(one.code, f"{one.name} · {one.metal}") for one in furnaces],
        recipes=known,
        recipe_choices=[(one.code, one.name) for one in known],
        contents_text=contents_text,
        materials=stuff,
        plans=plans,
        trucks=trucks,
        rows=row_count(state, "charges"),
        words=WORDS,
    )


def _recipe_page(who: Actor, state: FormState) -> ResponseReturnValue:  # noqa: ARG001
    with store().read() as session:
        alloys = [
            (f"{one.standard}{BETWEEN}{one.alloy}", f"{one.alloy} · {one.standard}")
            for one in catalogue.alloys(session)
            if one.complete
        ]
    return render_template(
        "works/recipe.html",
        state=state,
        alloys=alloys,
        falls=spoken(FALLS),
        elements=[(one, one) for one in ELEMENTS],
        rows={"limits": row_count(state, "limits"), "kept": row_count(state, "kept")},
    )


def _material_page(who: Actor, state: FormState) -> ResponseReturnValue:  # noqa: ARG001
    chinese = is_chinese()
    with store().read() as session:
        grades = [
            (
                f"{row.system}{BETWEEN}{row.code}",
                f"{row.metal} · {row.code} · {named(row, zh=chinese)}",
            )
            for row in catalogue.grades(session)
        ]
    return render_template(
        "works/material.html",
        state=state,
        grades=grades,
        kinds=spoken(KINDS),
        elements=[(one, one) for one in ELEMENTS],
        rows=row_count(state, "contents"),
    )


def _trucks(session: Session) -> list[tuple[str, str]]:
    """Factors of haulage by the tonne-kilometre."""
    return [
        (row.factor_id, f"{row.activity} {row.year or ''} · {row.printed} {row.unit}")
        for row in catalogue.factors(session)
        if row.category == "transport" and row.unit == "kgCO2e/tkm" and row.printed
    ]
