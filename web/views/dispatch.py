"""The dispatcher's desk: what waits, what drives, a plan for the day, and what came of it."""

from datetime import date, timedelta

from flask import Blueprint, Response, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import Field
from sqlmodel import Session

from remelt.platform.kernel.clock import BEIJING
from remelt.platform.logistics import planning, queries
from remelt.platform.logistics.lots import sendable
from remelt.platform.logistics.orders import When, cancel_order, order_delivery
from remelt.platform.logistics.queries import PlanView, RoundView
from remelt.platform.logistics.sums import sums_of
from remelt.platform.parties import queries as parties
from remelt.platform.parties.actors import Actor
from remelt.platform.parties.models import Site
from remelt.web import road_words
from remelt.web.address import asked_day
from remelt.web.context import clock, require, store
from remelt.web.fields import Day, LotCode, Words
from remelt.web.forms import Form, FormState, Press, blank, submit
from remelt.web.road_map import map_of
from remelt.web.views.party_forms import TimeOfDay

bp = Blueprint("dispatch", __name__, url_prefix="/dispatch")
GOING = frozenset({"waiting", "running"})


class PlanForm(Form):
    """Which site's day is planned."""

    site: Words = Field(max_length=14)
    day: Day


class DeliveryForm(Form):
    """A lot on hand is released for a site."""

    site: Words = Field(max_length=14)
    lot_code: LotCode
    to_site: Words = Field(max_length=14)
    ready_on: Day
    window_from: TimeOfDay
    window_to: TimeOfDay


@bp.get("")
def show() -> ResponseReturnValue:
    """Show a site's open orders, vehicles and rounds of a day."""
    return desk(require("logistics.dispatch"), blank())


@bp.post("/plans")
def post_plan() -> ResponseReturnValue:
    """Have the day planned and lead to its progress."""
    who = require("logistics.dispatch")

    def act(session: Session, form: PlanForm) -> str:
        site = parties.site(session, code=form.site, organisation_id=who.organisation_id)
        run = planning.request_plan(
            session,
            clock=clock(),
            organisation_id=who.organisation_id,
            site_id=site.key,
            person_id=who.person_id,
            day=form.day,
        )
        return url_for("dispatch.show_plan", plan=run.code)

    return submit(PlanForm, act, who=who, page=lambda state: desk(who, state))


@bp.get("/plans/<plan>")
def show_plan(plan: str) -> ResponseReturnValue:
    """Show how far the plan is, then its rounds and what it left out."""
    who = require("logistics.dispatch")
    view, rounds = plan_of(who, plan)
    points, lines = map_of(rounds)
    return render_template(
        "dispatch/plan.html",
        plan=view,
        sums=sums_of(card.round for card in view.going),
        rounds=rounds,
        points=points,
        lines=lines,
        going=view.state in GOING,
        words=road_words,
        state=blank(),
    )


@bp.get("/plans/<plan>/progress")
def progress(plan: str) -> Response:
    """Answer with the progress alone; once the plan is over, have the whole page loaded."""
    who = require("logistics.dispatch")
    with store().read() as session:
        view = queries.plan_view(session, code=plan, organisation_id=who.organisation_id)
    response = make_response(render_template("dispatch/progress.html", plan=view, words=road_words))
    if view.state not in GOING:
        response.headers["HX-Refresh"] = "true"
    return response


@bp.post("/orders/<order>/cancel")
def post_cancel(order: str) -> ResponseReturnValue:
    """Take an open order back."""
    who = require("logistics.dispatch")

    def act(session: Session, _form: Press) -> str:
        cancel_order(session, clock=clock(), code=order, organisation_id=who.organisation_id)
        return url_for("dispatch.show")

    return submit(Press, act, who=who, page=lambda state: desk(who, state))


@bp.get("/deliveries")
def deliver() -> ResponseReturnValue:
    """Show what could be sent from a site, and where to."""
    return _deliveries(require("logistics.dispatch"), blank())


@bp.post("/deliveries")
def post_delivery() -> ResponseReturnValue:
    """Release a lot for delivery."""
    who = require("logistics.dispatch")

    def act(session: Session, form: DeliveryForm) -> str:
        start = parties.site(session, code=form.site, organisation_id=who.organisation_id)
        order_delivery(
            session,
            clock=clock(),
            lot_code=form.lot_code,
            organisation_id=who.organisation_id,
            from_site_id=start.key,
            to_site_id=parties.site(session, code=form.to_site).key,
            ordered_by=who.person_id,
            when=When(form.ready_on, form.window_from, form.window_to),
        )
        return url_for("dispatch.show", site=form.site, day=form.ready_on.isoformat())

    return submit(DeliveryForm, act, who=who, page=lambda state: _deliveries(who, state))


def today(session: Session) -> date:
    """Return the Beijing day of now."""
    return clock().now(session).astimezone(BEIJING).date()


def own_sites(session: Session, who: Actor) -> list[Site]:
    """Return the sites that can dispatch, hubs first."""
    found = parties.sites_of(session, organisation_id=who.organisation_id)
    return sorted(found, key=lambda site: (not site.can_hub, not site.can_smelt, site.key))


def _wanted(session: Session, who: Actor) -> tuple[list[Site], Site | None, date]:
    """The organisation's sites, the one asked for (the first by default) and the day (tomorrow)."""
    sites = own_sites(session, who)
    code = request.values.get("site", "")[:14]
    site = next((each for each in sites if each.code == code), sites[0] if sites else None)
    return sites, site, asked_day("day") or today(session) + timedelta(days=1)


def desk(who: Actor, state: FormState) -> str:
    """Return the desk of the site and day asked for, with what was refused."""
    with store().read() as session:
        sites, site, day = _wanted(session, who)
        own = {"organisation_id": who.organisation_id}
        lines = (
            queries.orders_at(session, **own, site_id=site.key, ready_by=day, open_only=True)
            if site
            else []
        )
        vehicles = planning.free_vehicles(session, site=site, day=day) if site else []
        rounds = queries.rounds_of_day(session, **own, day=day)
        plans = queries.plans_of(session, **own)
        now = today(session)
    return render_template(
        "dispatch/show.html",
        sites=sites,
        site=site,
        day_shown=day,
        days=[now, now + timedelta(days=1), now + timedelta(days=2)],
        lines=lines,
        vehicles=vehicles,
        rounds=rounds,
        plans=plans,
        words=road_words,
        state=state,
    )


def plan_of(who: Actor, plan: str) -> tuple[PlanView, list[RoundView]]:
    """Return a plan, and its rounds in full."""
    with store().read() as session:
        view = queries.plan_view(session, code=plan, organisation_id=who.organisation_id)
        return view, queries.views_of(session, list(view.rounds))


def _deliveries(who: Actor, state: FormState) -> str:
    with store().read() as session:
        sites, site, day = _wanted(session, who)
        lots = sendable(session, site_code=site.code) if site else []
        ends = {
            found.key: (found, whose)
            for capability in ("smelt", "process", "hub")
            for found, whose in parties.sites_that(session, capability=capability)
        }
    return render_template(
        "dispatch/deliveries.html",
        sites=sites,
        site=site,
        day_shown=day,
        lots=lots,
        ends=[pair for key, pair in sorted(ends.items()) if site is None or key != site.key],
        words=road_words,
        state=state,
    )
