"""The smelter's works: stock, furnaces, heats, primary metal."""

from functools import partial

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from remelt.platform.catalogue import queries as catalogue
from remelt.platform.parties import queries as parties
from remelt.platform.parties.actors import Actor
from remelt.platform.works import charge_queries, queries
from remelt.platform.works.furnaces import add_furnace
from remelt.platform.works.heats import melt
from remelt.platform.works.primary import bring_primary
from remelt.web.charge_page import heat_values
from remelt.web.context import clock, require, store
from remelt.web.fmt import is_chinese, named
from remelt.web.forms import FormState, blank, submit
from remelt.web.heat_page import heat_view, limit_text, thousandths
from remelt.web.works_forms import BETWEEN, FurnaceForm, HeatForm, PrimaryForm
from remelt.web.works_words import (
    FORMS,
    FURNACE_KINDS,
    HEELS,
    WORDS,
    lot_choices,
    missing_lines,
    site_choices,
    spoken,
)

bp = Blueprint("works", __name__, url_prefix="/works")
CHARGES, ADDITIONS, CASTS = 6, 2, 3
MOST_ROWS = 40
METALS = ("Al", "Si", "Mg", "Cu", "Mn", "Zn", "Fe", "Ti", "Ni", "Pb", "Sn", "Cr", "Sr", "Sb")


@bp.get("")
def show() -> ResponseReturnValue:
    """Show furnaces, what they hold, the last heats, and the stock by metal."""
    who = require("works.melt")
    with store().read() as session:
        sites = parties.sites_of(session, organisation_id=who.organisation_id, capability="smelt")
        furnaces = queries.furnaces(session, site_ids=[site.key for site in sites])
        heats = queries.heats(session, organisation_id=who.organisation_id, limit=30)
        stock = queries.stock(
            session,
            organisation_code=who.organisation_code,
            site_codes=[site.code for site in sites],
            heels=True,
        )
    return render_template(
        "works/works.html",
        sites={site.key: site for site in sites},
        furnaces=furnaces,
        heels={line.lot.code: line.lot for line in stock if line.lot.role == "heel"},
        stock=[line for line in stock if line.lot.role != "heel"],
        heats=heats,
        words=WORDS,
    )


@bp.get("/furnaces/new")
def new_furnace() -> ResponseReturnValue:
    """Show the form that sets up a furnace."""
    return _furnace_page(require("works.melt"), blank(metal="Al", kind="reverberatory"))


@bp.post("/furnaces/new")
def post_furnace() -> ResponseReturnValue:
    """Set up a furnace and go back to the works."""
    who = require("works.melt")

    def act(session: Session, form: FurnaceForm) -> str:
        site = parties.site(session, code=form.site, organisation_id=who.organisation_id)
        add_furnace(
            session,
            clock=clock(),
            site_id=site.key,
            person_id=who.person_id,
            name=form.name,
            kind=form.kind,
            metal=form.metal,
            capacity_g=form.capacity_kg,
            has_meter=form.has_meter,
        )
        return url_for("works.show")

    return submit(FurnaceForm, act, who=who, page=partial(_furnace_page, who))


@bp.get("/furnaces/<furnace>/heats/new")
def new_heat(furnace: str) -> ResponseReturnValue:
    """Show the sheet of a new heat of a furnace."""
    who = require("works.melt")
    return _heat_form(who, furnace, blank(heel_method="none", **_planned(who)))


@bp.post("/furnaces/<furnace>/heats/new")
def post_heat(furnace: str) -> ResponseReturnValue:
    """Melt: record the heat and show it line by line."""
    who = require("works.melt")
    with store().read() as session:
        row = queries.furnace(session, code=furnace, organisation_id=who.organisation_id)

    def act(session: Session, form: HeatForm) -> str:
        tapped = melt(
            session,
            clock=clock(),
            site_id=row.site_id,
            person_id=who.person_id,
            heat=form.sheet(furnace_code=furnace),
        )
        return url_for("works.heat", heat=tapped.heat.code)

    return submit(HeatForm, act, who=who, page=partial(_heat_form, who, furnace))


@bp.get("/heats/<heat>")
def heat(heat: str) -> ResponseReturnValue:
    """Show one heat line by line: mass, elements, origins, footprint, recycled content."""
    who = require("works.melt")
    with store().read() as session:
        line = queries.heat(session, code=heat, organisation_id=who.organisation_id)
        view = heat_view(session, line)
    return render_template(
        "works/heat.html",
        view=view,
        line=line,
        heat=line.heat,
        words=WORDS,
        missing_lines=missing_lines,
        limit_text=limit_text,
        thousandths=thousandths,
    )


@bp.get("/primary")
def new_primary() -> ResponseReturnValue:
    """Show the form that brings primary metal in."""
    return _primary_page(require("works.melt"), blank(form="ingot"))


@bp.post("/primary")
def post_primary() -> ResponseReturnValue:
    """Bring primary metal in as a lot and go back to the works."""
    who = require("works.melt")

    def act(session: Session, form: PrimaryForm) -> str:
        site = parties.site(session, code=form.site, organisation_id=who.organisation_id)
        standard, alloy = form.alloy or ("", "")
        bring_primary(
            session,
            clock=clock(),
            site_id=site.key,
            person_id=who.person_id,
            alloy=alloy,
            standard=standard,
            mass_g=form.mass_kg,
            form=form.form,
            purity_bp=form.purity_pct,
            factor_id=form.factor or None,
            track=form.track or "unknown",
            ticket=form.ticket,
            bay=form.bay,
        )
        return url_for("works.show")

    return submit(PrimaryForm, act, who=who, page=partial(_primary_page, who))


def _planned(who: Actor) -> dict[str, str]:
    """Return what a charge sheet hands to the form: `plan` and `sheet` of the address."""
    code, key = request.args.get("plan", ""), request.args.get("sheet", "")
    if not code:
        return {}
    with store().read() as session:
        view = charge_queries.plan_view(session, code=code, organisation_id=who.organisation_id)
        return heat_values(charge_queries.sheet(view.plan, key=key))


def _furnace_page(who: Actor, state: FormState) -> ResponseReturnValue:
    with store().read() as session:
        sites = parties.sites_of(session, organisation_id=who.organisation_id, capability="smelt")
        metals = [m for m in catalogue.metals(session) if m.code != "mixed"]
    return render_template(
        "works/furnace.html",
        state=state,
        sites=sites,
        site_choices=site_choices(sites),
        metal_choices=[(one.code, named(one, zh=is_chinese())) for one in metals],
        kinds=spoken(FURNACE_KINDS),
    )


def _heat_form(who: Actor, code: str, state: FormState) -> ResponseReturnValue:
    with store().read() as session:
        furnace = queries.furnace(session, code=code, organisation_id=who.organisation_id)
        site = parties.site_by_id(session, site_id=furnace.site_id)
        stock = queries.stock(
            session,
            organisation_code=who.organisation_code,
            site_codes=[site.code],
            heels=True,
        )
        alloys = _alloys(session, metal=furnace.metal)
        factors = _factors(session)
    ready = [line for line in stock if line.lot.role != "heel"]
    return render_template(
        "works/heat_form.html",
        state=state,
        furnace=furnace,
        site=site,
        heel=next((x.lot for x in stock if x.lot.code == furnace.heel_lot), None),
        stock=ready,
        lot_choices=lot_choices(ready),
        alloys=alloys,
        factors=factors,
        element_choices=[(one, one) for one in METALS],
        rows={
            "charges": _rows(state, "charges", CHARGES),
            "additions": _rows(state, "additions", ADDITIONS),
            "casts": _rows(state, "casts", CASTS),
        },
        heels=spoken(HEELS),
        forms=spoken(FORMS),
        words=WORDS,
    )


def _primary_page(who: Actor, state: FormState) -> ResponseReturnValue:
    with store().read() as session:
        sites = parties.sites_of(session, organisation_id=who.organisation_id, capability="smelt")
        alloys = _alloys(session, metal=None)
        factors = _factors(session)
    return render_template(
        "works/primary.html",
        state=state,
        sites=sites,
        site_choices=site_choices(sites),
        alloys=alloys,
        factors=factors,
    )


def _alloys(session: Session, *, metal: str | None) -> list[tuple[str, str]]:
    """Alloys to choose from: value and text."""
    return [
        (f"{one.standard}{BETWEEN}{one.alloy}", f"{one.alloy} · {one.standard}")
        for one in catalogue.alloys(session, base_metal=metal)
    ]


def _factors(session: Session) -> list[tuple[str, str]]:
    """Factors of bought metal that have a value: what an addition can be counted with."""
    return [
        (row.factor_id, f"{row.activity} {row.year or ''} · {row.printed} {row.unit}")
        for row in catalogue.factors(session)
        if row.category == "metal" and row.kind == "factor" and row.gas == "CO2e" and row.printed
    ]


def _rows(state: FormState, name: str, least: int) -> int:
    typed = [int(key.split("-")[1]) for key in state.values if key.startswith(f"{name}-")]
    asked = request.args.get("rows", type=int) or 0
    return min(MOST_ROWS, max(least, asked, *(n + 1 for n in typed), 0))
