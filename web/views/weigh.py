"""The scale: gross, tare, net of a lot that was handed over, with deductions and inspection."""

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from remelt.platform.kernel.codes import BadCode, read_code
from remelt.platform.yard import queries
from remelt.platform.yard.arriving import lot_at, site_of_lot
from remelt.platform.yard.inspection import GENERAL_ITEMS, KEY_ITEMS, held, release
from remelt.platform.yard.weighing import weigh_lot
from remelt.web.context import clock, require, store
from remelt.web.forms import FormState, blank, submit
from remelt.web.yard_forms import ReasonForm, WeighForm
from remelt.web.yard_sites import grade_names, own_yard, yards
from remelt.web.yard_words import WORDS

bp = Blueprint("weigh", __name__, url_prefix="/weigh")
DEDUCTIONS = 3


@bp.get("")
def show() -> ResponseReturnValue:
    """Ask for the lot, or show it with what it was declared at."""
    require("yard.weigh")
    return _page(blank(lot_code=request.args.get("lot", "")[:60]))


@bp.post("")
def weighed() -> ResponseReturnValue:
    """Write the ticket and show it."""
    who = require("yard.weigh")

    def act(session: Session, form: WeighForm) -> str:
        ticket = weigh_lot(
            session,
            clock=clock(),
            site_id=own_yard(session, who, form.site).key,
            person_id=who.person_id,
            lot_code=form.lot_code,
            gross_g=form.gross_kg,
            tare_g=form.tare_kg,
            deductions=form.given(),
            plate=form.plate,
            findings=form.found(),
            kind=form.kind,
            tare_stored=form.tare_stored,
            further=form.further,
            note=form.note,
        )
        return url_for("tickets.show", ticket=ticket.code, new=1)

    return submit(WeighForm, act, who=who, page=_page)


@bp.post("/<lot>/release")
def released(lot: str) -> ResponseReturnValue:
    """Let a held lot at one of the organisation's sites go."""
    who = require("yard.weigh")

    def act(session: Session, form: ReasonForm) -> str:
        site = site_of_lot(session, code=lot, organisation_id=who.organisation_id)
        release(
            session,
            clock=clock(),
            site_id=site.key,
            person_id=who.person_id,
            lot_code=lot,
            reason=form.reason,
        )
        return url_for("weigh.show", lot=lot)

    with store().read() as session:
        site_of_lot(session, code=lot, organisation_id=who.organisation_id)
    return submit(ReasonForm, act, who=who, page=lambda state: _page(state, lot=lot))


def _page(state: FormState, *, lot: str | None = None) -> str:
    who = require("yard.weigh")
    typed = lot or state.values.get("lot_code", "")
    with store().read() as session:
        site = own_yard(session, who, request.form.get("site", "") or request.args.get("site", ""))
        try:
            code = read_code(typed) if typed else ""
        except BadCode:
            code = ""
        found = lot_at(session, code=code, site=site) if code else None
        return render_template(
            "yard/weigh.html",
            state=state,
            site=site,
            sites=yards(session, who),
            typed=typed,
            lot=found,
            held=found is not None and held(session, lot_code=code),
            findings=queries.inspections_of(session, lot_code=code) if found else [],
            before=queries.weighings_of(session, lot_code=code, site_id=site.key) if found else [],
            names=grade_names(session),
            words=WORDS,
            deduction_rows=range(DEDUCTIONS),
            items=[
                ("key", item) for item in KEY_ITEMS if item not in {"radioactivity", "forbidden"}
            ]
            + [("general", item) for item in GENERAL_ITEMS],
        )
