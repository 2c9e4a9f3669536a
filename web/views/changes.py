"""Changes in the day: an urgent lot, a lot less, a truck lost, and two plans side by side."""

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from remelt.platform.logistics import changing, queries
from remelt.platform.logistics.beside import beside
from remelt.platform.logistics.errors import NoSuchPlan
from remelt.platform.logistics.tracks import SHAPES
from remelt.web import road_words
from remelt.web.context import clock, require, store
from remelt.web.fields import Day
from remelt.web.forms import Form, Press, submit
from remelt.web.own_transport import check_order
from remelt.web.road_asking import known_roads
from remelt.web.views.dispatch import desk, plan_of
from remelt.web.views.rounds import page as round_page
from remelt.web.views.rounds import sent

bp = Blueprint("changes", __name__, url_prefix="/dispatch")


class InsertForm(Form):
    """The day whose rounds take an urgent lot."""

    day: Day


@bp.post("/orders/<order>/insert")
def post_insert(order: str) -> ResponseReturnValue:
    """Put an open order on the day's rounds as they stand, and show the round."""
    who = require("logistics.dispatch")
    check_order(who, order)
    known = known_roads(order=order, organisation_id=who.organisation_id)

    def act(session: Session, form: InsertForm) -> str:
        row = changing.add_order(
            session,
            clock=clock(),
            code=order,
            organisation_id=who.organisation_id,
            day=form.day,
            roads=known,
        )
        return url_for("rounds.show", round_code=row.code)

    return submit(InsertForm, act, who=who, page=lambda state: desk(who, state))


@bp.post("/orders/<order>/take-off")
def post_take_off(order: str) -> ResponseReturnValue:
    """Take an order off its round, and show what is left of it."""
    who = require("logistics.dispatch")

    def act(session: Session, _form: Press) -> str:
        row = changing.take_off(
            session,
            clock=clock(),
            code=order,
            organisation_id=who.organisation_id,
            roads=known_roads(),
        )
        return url_for("rounds.show", round_code=row.code)

    return submit(Press, act, who=who, page=lambda state: desk(who, state))


@bp.post("/rounds/<round_code>/lose")
def post_lose(round_code: str) -> ResponseReturnValue:
    """Relieve a round whose truck is lost, and show the plan with what found no place."""
    who = require("logistics.dispatch")

    def act(session: Session, _form: Press) -> str:
        own = who.organisation_id
        relief = changing.lose_vehicle(
            session, clock=clock(), code=round_code, organisation_id=own, roads=known_roads()
        )
        return url_for("dispatch.show_plan", plan=relief.plan_code)

    return submit(Press, act, who=who, page=lambda state: round_page(who, round_code, state))


@bp.get("/plans/<plan>/rounds.<shape>")
def plan_track(plan: str, shape: str) -> ResponseReturnValue:
    """Send the rounds of a plan as GeoJSON, GPX or CSV."""
    who = require("logistics.dispatch")
    if shape not in SHAPES:
        raise NoSuchPlan(plan=plan[:20])
    _, rounds = plan_of(who, plan)
    return sent(rounds, shape=shape, name=f"plan-{plan}")


@bp.get("/plans/<plan>/beside")
def show_beside(plan: str) -> ResponseReturnValue:
    """Show a plan beside another one; by default the newest other plan of the same site."""
    who = require("logistics.dispatch")
    own = who.organisation_id
    with store().read() as session:
        view = queries.plan_view(session, code=plan, organisation_id=own)
        runs = [
            run
            for run in queries.plans_of(session, organisation_id=own, limit=30)
            if run.site_id == view.run.site_id and run.code != plan and run.result
        ]
        other = request.args.get("other", "")[:14] or (runs[0].code if runs else plan)
        told = beside(session, code=other, other=plan, organisation_id=own)
    return render_template("dispatch/beside.html", told=told, runs=runs, words=road_words)
