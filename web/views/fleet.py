"""The trucks of an organisation."""

from typing import Annotated

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from pydantic import BeforeValidator, Field
from sqlmodel import Session

from remelt.platform.logistics import fleet
from remelt.platform.parties import queries as parties
from remelt.platform.parties.actors import Actor
from remelt.web import road_words
from remelt.web.context import clock, require, store
from remelt.web.fields import PositiveKg, Words, Yuan, decimal, maybe
from remelt.web.forms import Form, FormState, Press, blank, submit
from remelt.web.views.dispatch import own_sites
from remelt.web.views.party_forms import TimeOfDay

bp = Blueprint("fleet", __name__, url_prefix="/dispatch/vehicles")
KwhPer100Km = Annotated[int, BeforeValidator(decimal(scale=1, limit=20_000))]
MaybeKwh = Annotated[int | None, maybe(KwhPer100Km)]
"""kWh per 100 km with one decimal -> Wh per km."""


class VehicleForm(Form):
    """A truck as its papers and its owner describe it."""

    plate: Words = Field(max_length=12)
    site: Words = Field(max_length=14)
    capacity_kg: PositiveKg
    emission_class: Words = Field(max_length=20)
    shift_from: TimeOfDay
    shift_to: TimeOfDay
    fixed_yuan: Yuan
    yuan_per_km: Yuan
    yuan_per_hour: Yuan
    empty_kwh_per_100km: MaybeKwh = None
    full_kwh_per_100km: MaybeKwh = None


@bp.get("")
def show() -> ResponseReturnValue:
    """Show the vehicles and a form for another one."""
    return _page(require("logistics.dispatch"), blank())


@bp.post("")
def post_vehicle() -> ResponseReturnValue:
    """Add a vehicle."""
    who = require("logistics.dispatch")

    def act(session: Session, form: VehicleForm) -> str:
        site = parties.site(session, code=form.site, organisation_id=who.organisation_id)
        fleet.add_vehicle(
            session,
            clock=clock(),
            organisation_id=who.organisation_id,
            site_id=site.key,
            plate=form.plate,
            capacity_g=form.capacity_kg,
            emission_class=form.emission_class,
            shift_from_min=form.shift_from,
            shift_to_min=form.shift_to,
            fixed_fen=form.fixed_yuan,
            fen_per_km=form.yuan_per_km,
            fen_per_hour=form.yuan_per_hour,
            empty_wh_per_km=form.empty_kwh_per_100km,
            full_wh_per_km=form.full_kwh_per_100km,
        )
        return url_for("fleet.show")

    return submit(VehicleForm, act, who=who, page=lambda state: _page(who, state))


@bp.post("/<vehicle>/end")
def post_end(vehicle: str) -> ResponseReturnValue:
    """Take a vehicle out of use."""
    who = require("logistics.dispatch")

    def act(session: Session, _form: Press) -> str:
        fleet.end_vehicle(session, clock=clock(), code=vehicle, organisation_id=who.organisation_id)
        return url_for("fleet.show")

    return submit(Press, act, who=who, page=lambda state: _page(who, state))


def _page(who: Actor, state: FormState) -> str:
    with store().read() as session:
        vehicles = fleet.vehicles_of(session, organisation_id=who.organisation_id)
        sites = own_sites(session, who)
    return render_template(
        "dispatch/vehicles.html", vehicles=vehicles, sites=sites, words=road_words, state=state
    )
