"""直接合金化 at the regulator's desk: liquid primary metal that becomes alloy, as defined."""

from functools import partial

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from remelt.platform.catalogue.definitions import DIRECT_ALLOYING, amend, definition
from remelt.platform.kernel.clock import month_of
from remelt.platform.parties.actors import Actor
from remelt.platform.parties.permissions import allows
from remelt.platform.works.liquid import direct_alloying
from remelt.web.context import clock, require, store
from remelt.web.flow_forms import AmendForm
from remelt.web.fmt import is_chinese
from remelt.web.forms import FormState, blank, submit
from remelt.web.regulation import site_names

bp = Blueprint("alloying", __name__, url_prefix="/regulator/direct-alloying")
MONTH = 7


@bp.get("")
def show() -> ResponseReturnValue:
    """Show the figure of a month with numerator, denominator, definition and heats."""
    return _page(require("regulation.read"), blank())


@bp.post("")
def post_definition() -> ResponseReturnValue:
    """Write the next edition of the definition."""
    who = require("regulation.define")

    def act(session: Session, form: AmendForm) -> str:
        amend(
            session,
            clock=clock(),
            person_id=who.person_id,
            name=DIRECT_ALLOYING,
            from_month=form.from_month,
            text_zh=form.text_zh,
            text_en=form.text_en,
            parameters=form.parameters(),
            reason=form.reason,
        )
        return url_for("alloying.show", month=form.from_month)

    return submit(AmendForm, act, who=who, page=partial(_page, who))


def _page(who: Actor, state: FormState) -> ResponseReturnValue:
    asked = request.args.get("month", "")
    with store().read() as session:
        now = month_of(clock().now(session))
        month = asked if len(asked) == MONTH and asked[:4].isdigit() else now
        said = definition(session, name=DIRECT_ALLOYING, month=month)
        figure = direct_alloying(session, metal="Al", month=month, definition=said)
        sites = site_names(session, {each.site_code for each in figure.entered})
    shown = {
        "from_month": month,
        "text_zh": said.text_zh,
        "text_en": said.text_en,
        "remelt_forms": ", ".join(said.parameters.get("remelt_forms", [])),
        "area": str(said.parameters.get("area", "")),
    }
    return render_template(
        "regulator/alloying.html",
        figure=figure,
        said=said,
        text=said.text_zh if is_chinese() else said.text_en,
        month=month,
        sites=sites,
        may=allows(who.role, "regulation.define"),
        state=state if state.values else FormState(values=shown, key=state.key),
    )
