"""A lot's tag, ready to print: for whoever owns it or holds it."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup

from remelt.platform.kernel.codes import read_code
from remelt.platform.parties.actors import Actor
from remelt.traceability import queries as ledger
from remelt.traceability.errors import NoSuchLot
from remelt.traceability.labels import Label, label_svg, tag_url
from remelt.traceability.models import Lot
from remelt.web import fmt
from remelt.web.context import require, settings, store
from remelt.web.passports import grade_of

bp = Blueprint("labels", __name__)
ON_A4 = 8


@bp.get("/lots/<code>/label")
def show(code: str) -> ResponseReturnValue:
    """Show the tag of a lot that `who` owns or holds; `sheet=a4` fills a page with it."""
    who = require("traceability.label")
    with store().read() as session:
        lot = own_lot(ledger.lot(session, code=read_code(code)), who=who)
        grade = grade_of(session, system=lot.grade_system, code=lot.grade_code)
    name = fmt.named(grade, zh=fmt.is_chinese()) if grade else lot.grade_code
    sheet = request.args.get("sheet") == "a4"
    return render_template(
        "labels/show.html",
        lot=lot,
        label=Markup(label_svg(_label(lot, name=f"{lot.metal} · {name}"))),  # noqa: S704 - escaped there
        copies=ON_A4 if sheet else 1,
        sheet=sheet,
    )


def own_lot(lot: Lot, *, who: Actor) -> Lot:
    """Return `lot` when it is `who`'s to know. Raises `NoSuchLot` for anybody else's."""
    if who.organisation_code not in {lot.owner, lot.custodian}:
        raise NoSuchLot(lot_code=lot.code)
    return lot


def _label(lot: Lot, *, name: str) -> Label:
    known = settings()
    mass = (
        _("weighed %(mass)s", mass=fmt.mass(lot.mass_g))
        if lot.mass_g
        else _("declared %(mass)s", mass=fmt.mass(lot.declared_mass_g))
    )
    return Label(
        url=tag_url(known.base_url, code=lot.code, gtin=known.gtin),
        code=lot.code,
        lines=(name, f"{mass} · {fmt.beijing(lot.made_at).date().isoformat()}"),
        mark=_("DEMO") if known.demo else "",
    )
