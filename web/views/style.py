"""The living style page: every token, piece and state, made by the macros that pages use."""

from datetime import UTC, datetime

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from remelt.web.forms import FormState, blank

bp = Blueprint("style", __name__)


@bp.get("/style")
def show() -> ResponseReturnValue:
    """Show the whole design system on one page."""
    wrong = FormState(
        values={"declared_mass_kg": "12o", "metal": "", "note": ""},
        errors={
            "declared_mass_kg": _("Type the mass as a number, for example 1250.5"),
            "metal": _("Choose a metal"),
        },
    )
    return render_template(
        "style/show.html", calm=blank(), wrong=wrong, at=datetime(2026, 11, 22, 8, 5, tzinfo=UTC)
    )
