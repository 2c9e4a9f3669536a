"""Spectrometer results of a lot: what was measured, what the books held, what the alloy allows."""

from functools import partial

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from remelt.platform.catalogue import queries as catalogue
from remelt.platform.catalogue.queries import Alloy
from remelt.platform.parties.actors import Actor
from remelt.platform.works.assays import against, assays_of, record_assay
from remelt.platform.works.primary import grade_system
from remelt.traceability.models import Lot
from remelt.web.context import clock, require, store
from remelt.web.flow_forms import AssayForm
from remelt.web.flow_words import VERDICT_WORDS
from remelt.web.forms import FormState, blank, submit
from remelt.web.views.stock import own_lot, row_count
from remelt.web.works_forms import BETWEEN

bp = Blueprint("assays", __name__)
ELEMENTS = 8


@bp.get("/stock/<lot>/assay")
def show(lot: str) -> ResponseReturnValue:
    """Show a lot's analyses with their difference lines, and the form that adds one."""
    return _page(require("works.sort"), lot, blank(method="OES", balance="yes"))


@bp.post("/stock/<lot>/assay")
def post(lot: str) -> ResponseReturnValue:
    """Restate the lot as measured."""
    who = require("works.sort")
    with store().read() as session:
        own_lot(session, who, code=lot)

    def act(session: Session, form: AssayForm) -> str:
        row, site = own_lot(session, who, code=lot)
        record_assay(
            session,
            clock=clock(),
            site_id=site.key,
            person_id=who.person_id,
            lot_codes=[row.code],
            result=form.result(metal=row.metal),
        )
        return url_for("assays.show", lot=lot)

    return submit(AssayForm, act, who=who, page=partial(_page, who, lot))


def _page(who: Actor, code: str, state: FormState) -> ResponseReturnValue:
    with store().read() as session:
        lot, site = own_lot(session, who, code=code)
        views = assays_of(session, lot)
        alloys = list(catalogue.alloys(session, base_metal=lot.metal))
    alloy = _alloy(alloys, lot)
    return render_template(
        "works/assay.html",
        state=state,
        lot=lot,
        site=site,
        views=views,
        alloy=alloy,
        checks=against(alloy, views[0]) if alloy and views else [],
        alloys=[(f"{a.standard}{BETWEEN}{a.alloy}", f"{a.alloy} · {a.standard}") for a in alloys],
        asked=request.args.get("alloy", ""),
        rows=max(ELEMENTS, row_count(state, "elements")),
        verdicts=VERDICT_WORDS,
    )


def _alloy(alloys: list[Alloy], lot: Lot) -> Alloy | None:
    """Return the alloy that is asked for, else the one that the lot was cast as."""
    asked = request.args.get("alloy", "")
    for one in alloys:
        said = (grade_system(one.standard), one.alloy) == (lot.grade_system, lot.grade_code)
        if f"{one.standard}{BETWEEN}{one.alloy}" == asked or (said and not asked):
            return one
    return None
