"""What the dispatcher knows of roads: pairs set by hand, files taken in, and who said what."""

from typing import Annotated, Literal

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import BeforeValidator, Field
from sqlmodel import Session

from remelt.platform.logistics import queries, roads
from remelt.platform.logistics.road_files import read_roads
from remelt.platform.logistics.roads import FACTORS, Fact
from remelt.platform.parties.actors import Actor
from remelt.platform.parties.models import Site
from remelt.web import road_words
from remelt.web.context import clock, require, store
from remelt.web.fields import Count, Text, Tick, Words, decimal, maybe
from remelt.web.forms import Form, FormState, blank, submit
from remelt.web.views.dispatch import own_sites

bp = Blueprint("roads", __name__, url_prefix="/dispatch/roads")
Km = Annotated[int, BeforeValidator(decimal(scale=3, limit=10**7))]
MaybeKm = Annotated[int | None, maybe(Km)]
MaybeCount = Annotated[int | None, maybe(Count)]


class RoadForm(Form):
    """A pair of sites and what the road between them is like."""

    from_site: Words = Field(max_length=14)
    to_site: Words = Field(max_length=14)
    kind: Literal["distance", "short", "default-band", "expressway", "factor", "closed", "default"]
    km: MaybeKm = None
    minutes: MaybeCount = None
    detour_percent: MaybeCount = None
    both_ways: Tick = False


class RoadFileForm(Form):
    """A file of distances, and which edition of what it is."""

    edition: Text = Field(default="", max_length=80)


@bp.get("")
def show() -> ResponseReturnValue:
    """Show the pairs that are known better, and what was said before."""
    return _page(require("logistics.dispatch"), blank())


@bp.post("")
def post_road() -> ResponseReturnValue:
    """Say what one road is like."""
    who = require("logistics.dispatch")

    def act(session: Session, form: RoadForm) -> str:
        roads.set_road(
            session,
            clock=clock(),
            organisation_id=who.organisation_id,
            person_id=who.person_id,
            from_site=form.from_site,
            to_site=form.to_site,
            fact=fact_of(form),
            both_ways=form.both_ways,
        )
        return url_for("roads.show")

    return submit(RoadForm, act, who=who, page=lambda state: _page(who, state))


@bp.post("/file")
def post_file() -> ResponseReturnValue:
    """Take a file of distances in, whole or not at all."""
    who = require("logistics.dispatch")

    def act(session: Session, form: RoadFileForm) -> str:
        sent = request.files.get("file")
        roads.take_in(
            session,
            clock=clock(),
            organisation_id=who.organisation_id,
            person_id=who.person_id,
            lines=read_roads(sent.read() if sent else b""),
            name=(sent.filename or "")[:40] if sent else "",
            edition=form.edition,
        )
        return url_for("roads.show")

    return submit(RoadFileForm, act, who=who, page=lambda state: _page(who, state))


def fact_of(form: RoadForm) -> Fact:
    """Return what the form says; figures that its kind does not take are left out."""
    if form.kind == "distance":
        seconds = None if form.minutes is None else form.minutes * 60
        return Fact("distance", distance_m=form.km or 0, duration_s=seconds)
    if form.kind in FACTORS:
        return Fact("factor", detour_pct=FACTORS[form.kind], source=form.kind)
    if form.kind == "factor":
        return Fact("factor", detour_pct=form.detour_percent or 0)
    return Fact(form.kind)


def _page(who: Actor, state: FormState) -> str:
    own = {"organisation_id": who.organisation_id}
    with store().read() as session:
        sites = _sites(session, who)
        known = roads.in_force(session, **own)
        past = roads.history(session, **own)
    return render_template(
        "dispatch/roads.html",
        sites=sites,
        known=known,
        past=past,
        factors=FACTORS,
        words=road_words,
        state=state,
        blank=blank(),
    )


def _sites(session: Session, who: Actor) -> list[Site]:
    """The organisation's own sites, and those its orders lead to or from."""
    lines = queries.orders_at(session, organisation_id=who.organisation_id)
    found = {site.key: site for site in own_sites(session, who)}
    found |= {site.key: site for line in lines for site in (line.start, line.end)}
    return list(found.values())
