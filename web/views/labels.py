"""A lot's tag, ready to print: for whoever owns it or holds it."""

from typing import Literal

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup
from sqlmodel import Session

from remelt.platform.kernel.codes import read_code
from remelt.platform.parties.actors import Actor
from remelt.traceability import queries as ledger
from remelt.traceability.errors import NoSuchLot
from remelt.traceability.labels.labels import Label, load_url, tag_url
from remelt.traceability.labels.loads import load_number, number_load
from remelt.traceability.labels.pdf import ON_A4, labels_pdf
from remelt.traceability.labels.svg import label_svg
from remelt.traceability.labels.zpl import label_zpl
from remelt.traceability.models import Lot
from remelt.web import fmt
from remelt.web.context import clock, require, settings, store
from remelt.web.forms import FormState, Press, blank, submit
from remelt.web.inputs import ApiQuery
from remelt.web.papers import FONT, PRINTERS, TAGS_MM
from remelt.web.passports import grade_of

bp = Blueprint("labels", __name__)
SHEET = "a4"
PDF, ZPL = "application/pdf", "application/zpl"


class PdfQuery(ApiQuery):
    """How a tag is put on paper: alone in its size, or eight on A4; `of=load` for its SSCC."""

    paper: Literal["100x70", "70x50", "60x40", "a4"] = "100x70"
    of: Literal["lot", "load"] = "lot"


class ZplQuery(ApiQuery):
    """How a label printer makes it: size, dots to the inch, and how many; 8 make a sheet."""

    paper: Literal["100x70", "70x50", "60x40"] = "100x70"
    dpi: Literal["203", "300", "600"] = "203"
    copies: Literal["1", "2", "4", "8"] = "1"
    of: Literal["lot", "load"] = "lot"


@bp.get("/lots/<code>/label")
def show(code: str) -> ResponseReturnValue:
    """Show the tag of a lot that `who` owns or holds; `sheet=a4` fills a page with it."""
    return _page(code, require("traceability.label"), blank())


@bp.get("/lots/<code>/label.pdf")
def pdf(code: str) -> ResponseReturnValue:
    """The tag as a PDF."""
    who = require("traceability.label")
    lot, label, _sscc = _tag(code, who, of=request.args.get("of", ""))
    asked = PdfQuery.model_validate(request.args.to_dict())
    if asked.paper == SHEET:
        return _file(labels_pdf([label] * ON_A4, font=FONT, sheet=True), PDF, f"{lot.code}-a4.pdf")
    sized = label.on(*TAGS_MM[asked.paper])
    return _file(labels_pdf([sized], font=FONT), PDF, f"{lot.code}.pdf")


@bp.get("/lots/<code>/label.zpl")
def zpl(code: str) -> ResponseReturnValue:
    """The tag in the language of label printers."""
    who = require("traceability.label")
    lot, label, _sscc = _tag(code, who, of=request.args.get("of", ""))
    asked = ZplQuery.model_validate(request.args.to_dict())
    sized = label.on(*TAGS_MM[asked.paper])
    dots, copies = PRINTERS[asked.dpi], int(asked.copies)
    made = label_zpl(sized, font=FONT, dots_per_mm=dots, copies=copies)
    return _file(made.encode(), ZPL, f"{lot.code}.zpl")


@bp.post("/lots/<code>/label")
def number(code: str) -> ResponseReturnValue:
    """Give the lot an SSCC, so that it can travel as one load."""
    who = require("traceability.label")

    def act(session: Session, _form: Press) -> str:
        lot = own_lot(ledger.lot(session, code=read_code(code)), who=who)
        number_load(session, clock=clock(), lot_code=lot.code, prefix=settings().gs1_prefix)
        return url_for("labels.show", code=lot.code, of="load")

    return submit(Press, act, who=who, page=lambda state: _page(code, who, state))


def own_lot(lot: Lot, *, who: Actor) -> Lot:
    """Return `lot` when it is `who`'s to know. Raises `NoSuchLot` for anybody else's."""
    if who.organisation_code not in {lot.owner, lot.custodian}:
        raise NoSuchLot(lot_code=lot.code)
    return lot


def _page(code: str, who: Actor, state: FormState) -> str:
    of = request.args.get("of", "")
    lot, label, sscc = _tag(code, who, of=of)
    sheet = request.args.get("sheet") == SHEET
    return render_template(
        "labels/show.html",
        lot=lot,
        label=Markup(label_svg(label)),  # noqa: S704 - escaped there
        copies=ON_A4 if sheet else 1,
        sheet=sheet,
        sscc=sscc,
        of="load" if of == "load" and sscc else "lot",
        numbers=bool(settings().gs1_prefix),
        papers=list(TAGS_MM),
        printers=list(PRINTERS),
        state=state,
    )


def _tag(code: str, who: Actor, *, of: str) -> tuple[Lot, Label, str | None]:
    """Return a lot of `who`'s, its tag, and its SSCC if it has one."""
    with store().read() as session:
        lot = own_lot(ledger.lot(session, code=read_code(code)), who=who)
        grade = grade_of(session, system=lot.grade_system, code=lot.grade_code)
        sscc = load_number(session, lot_code=lot.code)
    name = fmt.named(grade, zh=fmt.is_chinese()) if grade else lot.grade_code
    label = _label(lot, name=f"{lot.metal} · {name}", sscc=sscc if of == "load" else None)
    return lot, label, sscc


def _label(lot: Lot, *, name: str, sscc: str | None) -> Label:
    known = settings()
    mass = (
        _("weighed %(mass)s", mass=fmt.mass(lot.mass_g))
        if lot.mass_g
        else _("declared %(mass)s", mass=fmt.mass(lot.declared_mass_g))
    )
    below = f"(00) {sscc}" if sscc else f"{mass} · {fmt.beijing(lot.made_at).date().isoformat()}"
    lot_url = tag_url(known.base_url, code=lot.code, gtin=known.gtin)
    return Label(
        url=load_url(known.base_url, sscc=sscc) if sscc else lot_url,
        code=lot.code,
        lines=(name, below),
        mark=_("DEMO") if known.demo else "",
    )


def _file(content: bytes, kind: str, name: str) -> Response:
    disposition = f'attachment; filename="{name}"'
    return Response(content, mimetype=kind, headers={"Content-Disposition": disposition})
