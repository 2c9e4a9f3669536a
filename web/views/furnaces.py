"""A furnace said anew, or taken out of use."""

from functools import partial

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from remelt.platform.parties.actors import Actor
from remelt.platform.works import queries
from remelt.platform.works.furnaces import change_furnace, end_furnace
from remelt.web.context import clock, require, store
from remelt.web.draft_forms import in_words
from remelt.web.forms import FormState, Press, blank, submit
from remelt.web.works_forms import FurnaceAgainForm
from remelt.web.works_words import WORDS

bp = Blueprint("furnaces", __name__, url_prefix="/works/furnaces")


@bp.get("/<furnace>/edit")
def edit(furnace: str) -> ResponseReturnValue:
    """Show the form of a furnace, filled in as it stands."""
    return _page(require("works.melt"), furnace, None)


@bp.post("/<furnace>/edit")
def change(furnace: str) -> ResponseReturnValue:
    """Say anew what the furnace is called, holds, and how it is metered."""
    who = require("works.melt")
    _own(furnace, who)

    def act(session: Session, form: FurnaceAgainForm) -> str:
        change_furnace(
            session,
            clock=clock(),
            code=furnace,
            organisation_id=who.organisation_id,
            name=form.name,
            capacity_g=form.capacity_kg,
            has_meter=form.has_meter,
        )
        return url_for("works.show")

    return submit(FurnaceAgainForm, act, who=who, page=partial(_page, who, furnace))


@bp.post("/<furnace>/end")
def end(furnace: str) -> ResponseReturnValue:
    """Take the furnace out of use."""
    who = require("works.melt")

    def act(session: Session, _form: Press) -> str:
        end_furnace(session, clock=clock(), code=furnace, organisation_id=who.organisation_id)
        return url_for("works.show")

    return submit(Press, act, who=who, page=partial(_page, who, furnace))


def _own(furnace: str, who: Actor) -> None:
    with store().read() as session:
        queries.furnace(session, code=furnace, organisation_id=who.organisation_id)


def _page(who: Actor, code: str, state: FormState | None) -> str:
    with store().read() as session:
        row = queries.furnace(session, code=code, organisation_id=who.organisation_id)
    stands = {"name": row.name, "capacity_kg": in_words(row.capacity_g, 3)}
    if row.has_meter:
        stands["has_meter"] = "yes"
    return render_template(
        "works/furnace_edit.html", furnace=row, state=state or blank(**stands), press=blank(),
        words=WORDS,
    )  # fmt: skip
