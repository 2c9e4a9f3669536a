"""What lies at a hub or works, and what becomes of it there: sort, split, blend."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from remelt.platform.catalogue import queries as catalogue
from remelt.platform.catalogue.models import Grade
from remelt.platform.kernel.codes import read_code
from remelt.platform.parties import queries as parties
from remelt.platform.parties.actors import Actor
from remelt.platform.parties.models import Site
from remelt.platform.works import queries
from remelt.platform.works.errors import NotInCustody
from remelt.platform.works.queries import StockLine
from remelt.platform.works.sheets import Part
from remelt.platform.works.sorting import HUBS, blend_lots, sort_lot, split_lot
from remelt.traceability.models import Lot
from remelt.web.context import clock, require, store
from remelt.web.forms import FormState, blank, submit
from remelt.web.works_forms import BETWEEN, BlendForm, SortForm
from remelt.web.works_words import FORMS, WORDS, lot_choices, site_choices, spoken

bp = Blueprint("stock", __name__)
ROWS = 4
MOST_ROWS = 20


@dataclass(frozen=True, slots=True)
class Group:
    """The lots of one grade."""

    metal: str
    grade: str
    mass_g: int
    lines: tuple[StockLine, ...]


@bp.get("/stock")
def show() -> ResponseReturnValue:
    """Show what is on hand by grade, with bay and age."""
    who = require("works.stock")
    metal, bay = request.args.get("metal", "")[:10], request.args.get("bay", "")[:40]
    with store().read() as session:
        sites = hub_sites(session, who)
        lines = own_stock(session, who, sites=sites)
        recent = queries.sortings(session, organisation_id=who.organisation_id, limit=10)
        now = clock().now(session)
    shown = [line for line in lines if metal in {"", line.lot.metal} and bay in {"", line.bay}]
    return render_template(
        "works/stock.html",
        groups=_groups(shown),
        total_g=sum(line.lot.mass_g for line in shown),
        metal_chips=[
            (one, url_for("stock.show", metal=one, bay=bay or None), one == metal)
            for one in sorted({line.lot.metal for line in lines})
        ],
        bay_chips=[
            (one, url_for("stock.show", bay=one, metal=metal or None), one == bay)
            for one in sorted({line.bay for line in lines if line.bay})
        ],
        metal=metal,
        bay=bay,
        recent=recent,
        now=now,
        age=queries.age_days,
        words=WORDS,
    )


@bp.get("/sort")
def choose() -> ResponseReturnValue:
    """Show the lots that can be sorted here."""
    who = require("works.sort")
    typed = request.args.get("code", "")
    if typed:
        return redirect(url_for("stock.sort", lot=read_code(typed)), code=303)
    with store().read() as session:
        lines = own_stock(session, who, sites=hub_sites(session, who))
    return render_template("works/choose.html", lines=lines, words=WORDS)


@bp.get("/sort/<lot>")
def sort(lot: str) -> ResponseReturnValue:
    """Show the form that sorts or splits a lot."""
    who = require("works.sort")
    return _sort_page(who, lot, blank(kind="sort"))


@bp.post("/sort/<lot>")
def post_sort(lot: str) -> ResponseReturnValue:
    """Sort or split the lot, and show what came out."""
    who = require("works.sort")
    with store().read() as session:
        own_lot(session, who, code=lot)

    def act(session: Session, form: SortForm) -> str:
        row, site = own_lot(session, who, code=lot)
        terms = {
            "clock": clock(),
            "site_id": site.key,
            "person_id": who.person_id,
            "lot_code": row.code,
            "parts": [each.part() for each in form.parts],
            "difference_note": form.difference_note,
        }
        if form.kind == "split":
            done = split_lot(session, whole=not form.rest, **terms)  # type: ignore[arg-type]
        else:
            done = sort_lot(session, losses=form.losses, energy=form.energy, **terms)  # type: ignore[arg-type]
        return url_for("stock.paper", sorting=done.sorting.code)

    return submit(SortForm, act, who=who, page=partial(_sort_page, who, lot))


@bp.get("/blend")
def blend() -> ResponseReturnValue:
    """Show the form that blends lots into one."""
    who = require("works.sort")
    asked = [code[:14] for code in request.args.getlist("lot")[:MOST_ROWS]]
    chosen = {f"lots-{i}-lot": code for i, code in enumerate(asked)}
    return _blend_page(who, blank(**chosen))


@bp.post("/blend")
def post_blend() -> ResponseReturnValue:
    """Blend lots, and show what came out."""
    who = require("works.sort")

    def act(session: Session, form: BlendForm) -> str:
        site = parties.site(session, code=form.site, organisation_id=who.organisation_id)
        done = blend_lots(
            session,
            clock=clock(),
            site_id=site.key,
            person_id=who.person_id,
            taken_g={each.lot: each.mass_kg for each in form.lots},
            part=Part(
                mass_g=form.mass_kg,
                grade=form.grade,
                form=form.form,
                bay=form.bay,
                heap=form.heap,
            ),
            losses={"dirt": form.dirt_kg or 0},
            difference_note=form.difference_note,
        )
        return url_for("stock.paper", sorting=done.sorting.code)

    return submit(BlendForm, act, who=who, page=partial(_blend_page, who))


@bp.get("/sortings/<sorting>")
def paper(sorting: str) -> ResponseReturnValue:
    """Show one sorting line by line, with the new lots and their tags."""
    who = require("works.stock")
    with store().read() as session:
        line = queries.sorting(session, code=sorting, organisation_id=who.organisation_id)
        told = queries.told(session, event_hash=line.sorting.event_hash)
    return render_template("works/sorting.html", line=line, told=told, words=WORDS)


def _sort_page(who: Actor, code: str, state: FormState) -> ResponseReturnValue:
    with store().read() as session:
        lot, site = own_lot(session, who, code=code)
        grades = grade_choices(catalogue.grades(session, metal=None), metal=lot.metal)
    return render_template(
        "works/sort.html",
        state=state,
        lot=lot,
        site=site,
        grades=grades,
        rows=row_count(state, "parts"),
        forms=spoken(FORMS),
        words=WORDS,
    )


def _blend_page(who: Actor, state: FormState) -> ResponseReturnValue:
    with store().read() as session:
        sites = hub_sites(session, who)
        lines = own_stock(session, who, sites=sites)
        grades = grade_choices(catalogue.grades(session, metal=None), metal="")
    return render_template(
        "works/blend.html",
        state=state,
        sites=sites,
        site_choices=site_choices(sites),
        lines=lines,
        lot_choices=lot_choices(lines),
        grades=grades,
        rows=row_count(state, "lots"),
        forms=spoken(FORMS),
        words=WORDS,
    )


def grade_choices(
    grades: Sequence[Grade], *, metal: str
) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return grades to choose from, grouped by catalogue, those of a lot's metal first."""
    ordered = sorted(grades, key=lambda row: (row.metal != metal, row.metal, row.system, row.code))
    return [
        (f"{group[0]} · {group[1]}", [(f"{r.system}{BETWEEN}{r.code}", _named(r)) for r in rows])
        for group, rows in groupby(ordered, key=lambda row: (row.metal, row.system))
    ]


def _named(grade: Grade) -> str:
    return f"{grade.code} {grade.name_zh or grade.name_en}"


def row_count(state: FormState, name: str) -> int:
    """How many rows a form shows: those that were typed in, and some to spare."""
    typed = [int(key.split("-")[1]) for key in state.values if key.startswith(f"{name}-")]
    asked = request.args.get("rows", type=int) or 0
    return min(MOST_ROWS, max(ROWS, asked, *(n + 2 for n in typed), 0))


def hub_sites(session: Session, who: Actor) -> list[Site]:
    """Return the sites of one's organisation where lots can be worked."""
    every = parties.sites_of(session, organisation_id=who.organisation_id)
    return [site for site in every if site.capabilities & set(HUBS)]


def own_stock(session: Session, who: Actor, *, sites: Sequence[Site]) -> list[StockLine]:
    """Return the weighed lots in one's custody at these sites."""
    return queries.stock(
        session,
        organisation_code=who.organisation_code,
        site_codes=[site.code for site in sites],
    )


def own_lot(session: Session, who: Actor, *, code: str) -> tuple[Lot, Site]:
    """Return a lot in one's custody and its site. Raises `NotInCustody`."""
    for line in own_stock(session, who, sites=(sites := hub_sites(session, who))):
        if line.lot.code == code:
            return line.lot, next(site for site in sites if site.code == line.lot.site_code)
    raise NotInCustody(lot_code=code[:20])


def _groups(lines: Sequence[StockLine]) -> list[Group]:
    groups = []
    for (metal, grade), rows in groupby(lines, key=lambda x: (x.lot.metal, x.lot.grade_code)):
        own = tuple(rows)
        groups.append(
            Group(metal=metal, grade=grade, mass_g=sum(x.lot.mass_g for x in own), lines=own)
        )
    return groups
