"""Where hubs should stand: scenarios asked for, drawn, compared and taken along."""

from typing import Any

import orjson
from flask import Blueprint, Response, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from remelt.platform.logistics.siting import queries
from remelt.platform.logistics.siting.asking import ask_example
from remelt.platform.logistics.siting.errors import NotSolved
from remelt.platform.logistics.siting.exports import FLOW_HEADER, flow_rows, geojson, whole
from remelt.platform.logistics.siting.queries import ScenarioView, hub_lines, name_of
from remelt.web import fmt, siting_words
from remelt.web.context import clock, require, settings, store
from remelt.web.forms import FormState, blank, submit
from remelt.web.sheets import csv_answer
from remelt.web.siting_forms import ScenarioForm
from remelt.web.siting_map import map_of

bp = Blueprint("siting", __name__, url_prefix="/siting")
GOING = frozenset({"waiting", "running"})
MOST_BESIDE = 4
USUAL = {"most_hubs": "8", "left_yuan_per_t": "3000", "buffer_m": "500"}


@bp.get("")
def show() -> ResponseReturnValue:
    """Show the scenarios and the form of a new one."""
    require("siting.plan")
    return _desk(blank(**USUAL))


@bp.post("")
def post_scenario() -> ResponseReturnValue:
    """Keep a scenario of the province's counties, have it solved, and lead to it."""
    who = require("siting.plan")

    def act(session: Session, form: ScenarioForm) -> str:
        row = ask_example(
            session,
            clock=clock(),
            organisation_id=who.organisation_id,
            person_id=who.person_id,
            name=form.name,
            province=f"{settings().province}0000",
            wish=form.wish(),
        )
        return url_for("siting.show_scenario", scenario=row.code)

    return submit(ScenarioForm, act, who=who, page=_desk)


@bp.get("/<scenario>")
def show_scenario(scenario: str) -> ResponseReturnValue:
    """Show how far a scenario is, then its answer or what stands in the way."""
    require("siting.plan")
    with store().read() as session:
        view = queries.scenario(session, code=scenario)
        others = [each for each in queries.scenarios(session) if each.row.code != view.row.code]
    points, lines = map_of(view.row)
    return render_template(
        "siting/scenario.html",
        view=view,
        hubs=hub_lines(view.row),
        others=[each for each in others if each.state == "solved"],
        points=points,
        lines=lines,
        going=view.state in GOING,
        words=siting_words,
        called=_called(view.row.inputs),
    )


@bp.get("/<scenario>/progress")
def progress(scenario: str) -> Response:
    """Answer with the progress alone; once it is over, have the whole page loaded."""
    require("siting.plan")
    with store().read() as session:
        view = queries.scenario(session, code=scenario)
    response = make_response(render_template("siting/progress.html", view=view))
    if view.state not in GOING:
        response.headers["HX-Refresh"] = "true"
    return response


@bp.get("/compare")
def compare() -> ResponseReturnValue:
    """Show up to four solved scenarios side by side."""
    require("siting.plan")
    codes = list(dict.fromkeys(request.args.getlist("with")))[:MOST_BESIDE]
    with store().read() as session:
        views = [queries.scenario(session, code=code[:14]) for code in codes]
    solved = [view for view in views if view.state == "solved"]
    if not solved:
        raise NotSolved(scenario=",".join(codes)[:60])
    return render_template(
        "siting/compare.html",
        views=solved,
        hubs=_hubs_beside(solved),
        words=siting_words,
    )


@bp.get("/<scenario>/answer.json")
def answer_json(scenario: str) -> Response:
    """The scenario with its answer, as it can be read and solved again."""
    row = _solved(scenario).row
    return _file(orjson.dumps(whole(row)), "application/json", f"siting-{row.code}.json")


@bp.get("/<scenario>/answer.geojson")
def answer_geojson(scenario: str) -> Response:
    """Hubs and flows for a map program."""
    row = _solved(scenario).row
    return _file(orjson.dumps(geojson(row)), "application/geo+json", f"siting-{row.code}.geojson")


@bp.get("/<scenario>/answer.csv")
def answer_csv(scenario: str) -> Response:
    """Every flow as a table."""
    row = _solved(scenario).row
    return csv_answer(FLOW_HEADER, flow_rows(row), file_name=f"siting-{row.code}.csv")


def _solved(scenario: str) -> ScenarioView:
    require("siting.plan")
    with store().read() as session:
        view = queries.scenario(session, code=scenario)
    if view.state != "solved":
        raise NotSolved(scenario=view.row.code)
    return view


def _file(body: bytes, kind: str, name: str) -> Response:
    response = Response(body, mimetype=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _desk(state: FormState) -> str:
    with store().read() as session:
        views = queries.scenarios(session)
    return render_template("siting/show.html", views=views, words=siting_words, state=state)


def _called(inputs: dict[str, Any]) -> Any:
    """Return what gives a key of these inputs its name in the reader's language."""
    zh = fmt.is_chinese()
    return lambda key: name_of(inputs, key, zh=zh)


def _hubs_beside(views: list[ScenarioView]) -> list[tuple[str, list[Any]]]:
    """Every place with a hub in one of the scenarios, and its line in each."""
    lines = [{line.key: line for line in hub_lines(view.row)} for view in views]
    keys = sorted({key for each in lines for key in each})
    called = _called(views[0].row.inputs | {"names": _names(views)})
    return [(called(key), [each.get(key) for each in lines]) for key in keys]


def _names(views: list[ScenarioView]) -> dict[str, Any]:
    names: dict[str, Any] = {}
    for view in views:
        names |= view.row.inputs.get("names", {})
    return names
