"""One round: its map, its stops and legs, and the driver's sheet for printing."""

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlmodel import Session

from remelt.platform.kernel.installation import installed
from remelt.platform.logistics import planning, queries
from remelt.platform.logistics.errors import NoSuchRound
from remelt.platform.logistics.queries import RoundView
from remelt.platform.logistics.shares import shares_of
from remelt.platform.logistics.tracks import SHAPES, written
from remelt.platform.parties.actors import Actor
from remelt.traceability.labels.labels import qr_svg, tag_url
from remelt.web import road_words
from remelt.web.context import clock, require, store
from remelt.web.forms import FormState, Press, blank, submit
from remelt.web.road_map import map_of

bp = Blueprint("rounds", __name__, url_prefix="/rounds")


@bp.get("/<round_code>")
def show(round_code: str) -> ResponseReturnValue:
    """Show a round of the organisation."""
    return page(require("logistics.drive"), round_code, blank())


@bp.get("/<round_code>/sheet")
def sheet(round_code: str) -> ResponseReturnValue:
    """Show the driver's sheet: stops, loads, codes to scan, and the sum of the day."""
    who = require("logistics.drive")
    view = _view(who, round_code)
    return render_template("rounds/sheet.html", view=view, codes=_codes(view), words=road_words)


@bp.get("/<round_code>/track.<shape>")
def track(round_code: str, shape: str) -> ResponseReturnValue:
    """Send a round as GeoJSON, GPX or CSV."""
    who = require("logistics.drive")
    if shape not in SHAPES:
        raise NoSuchRound(round=round_code[:20])
    return sent([_view(who, round_code)], shape=shape, name=f"round-{round_code}")


def sent(views: list[RoundView], *, shape: str, name: str) -> Response:
    """Answer with rounds as a file."""
    text, media = written(views, shape=shape)
    response = Response(text, content_type=media)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{shape}"'
    return response


@bp.post("/<round_code>/cancel")
def post_cancel(round_code: str) -> ResponseReturnValue:
    """Take a planned round back; its orders are open again."""
    who = require("logistics.dispatch")

    def act(session: Session, _form: Press) -> str:
        row = planning.cancel_round(
            session, clock=clock(), code=round_code, organisation_id=who.organisation_id
        )
        return url_for("dispatch.show", day=row.day.isoformat())

    return submit(Press, act, who=who, page=lambda state: page(who, round_code, state))


def _view(who: Actor, round_code: str) -> RoundView:
    with store().read() as session:
        return queries.round_view(session, code=round_code, organisation_id=who.organisation_id)


def page(who: Actor, round_code: str, state: FormState) -> str:
    """Return the page of a round, with what was refused."""
    view = _view(who, round_code)
    points, lines = map_of([view])
    return render_template(
        "rounds/show.html",
        view=view,
        shares=shares_of(view),
        points=points,
        lines=lines,
        words=road_words,
        may_plan=who.may("logistics.dispatch"),
        state=state,
    )


def _codes(view: RoundView) -> dict[str, Markup]:
    """The code of each lot that is loaded, as a picture of its tag's address."""
    with store().read() as session:
        home = installed(session)
    base = home.base_url if home else request.host_url.rstrip("/")
    return {
        line.order.lot_code: Markup(  # noqa: S704 - made by us from a checked code
            qr_svg(tag_url(base, code=line.order.lot_code), title=line.order.lot_code, size_mm=22)
        )
        for line in view.stops
        if line.stop.action == "load"
    }
