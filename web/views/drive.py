"""The driver's phone: today's stops, and one field into which every code goes."""

from typing import Literal

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import Field
from sqlmodel import Session

from remelt.platform.logistics import handover, queries
from remelt.platform.parties.actors import Actor
from remelt.web import road_words
from remelt.web.context import clock, require, store
from remelt.web.fields import LotCode, Words
from remelt.web.forms import Form, FormState, blank, submit
from remelt.web.views.dispatch import today

bp = Blueprint("drive", __name__)


class ScanForm(Form):
    """A code as scanned or typed, and what is done with its lot."""

    code: Words = Field(max_length=500)
    do: Literal["load", "unload"]
    how: Literal["typed", "camera"] = "typed"


class LeaveForm(Form):
    """A lot that cannot be taken along, and why."""

    code: LotCode
    because: Words = Field(max_length=200)


@bp.get("/drive")
def show() -> ResponseReturnValue:
    """Show today's rounds, stop by stop."""
    return _rounds(require("logistics.drive"), blank())


@bp.post("/drive/left")
def post_left() -> ResponseReturnValue:
    """Leave a lot behind; its order is open again."""
    who = require("logistics.drive")

    def act(session: Session, form: LeaveForm) -> str:
        handover.leave(session, clock=clock(), lot_code=form.code, actor=who, because=form.because)
        return url_for("drive.show")

    return submit(LeaveForm, act, who=who, page=lambda state: _rounds(who, state))


@bp.get("/scan")
def scan() -> ResponseReturnValue:
    """Show the field for a code; what was done last stands above it."""
    who = require("logistics.drive")
    return _field(who, blank(code=request.args.get("code", "")[:100]))


@bp.post("/scan")
def post_scan() -> ResponseReturnValue:
    """Load or unload the lot whose code was scanned."""
    who = require("logistics.drive")

    def act(session: Session, form: ScanForm) -> str:
        do = handover.load if form.do == "load" else handover.unload
        made = do(
            session,
            clock=clock(),
            lot_code=form.code,
            actor=who,
            scanned=form.how == "camera",
        )
        return url_for("drive.scan", do=form.do, done=made.code)

    return submit(ScanForm, act, who=who, page=lambda state: _field(who, state))


def _rounds(who: Actor, state: FormState) -> str:
    with store().read() as session:
        day = today(session)
        cards = queries.rounds_of_day(session, organisation_id=who.organisation_id, day=day)
        views = queries.views_of(session, cards)
    return render_template(
        "drive/show.html", views=views, day_shown=day, words=road_words, state=state
    )


def _field(who: Actor, state: FormState) -> str:
    do = request.values.get("do", "")
    with store().read() as session:
        done = handover.handed_over(
            session,
            code=request.args.get("done", "")[:14],
            organisation_id=who.organisation_id,
        )
    return render_template(
        "drive/scan.html",
        do=do if do in road_words.DOING else "load",
        done=done,
        words=road_words,
        state=state,
    )
