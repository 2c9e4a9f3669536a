"""Taking in a weighbridge program's file: upload, dry run with errors by cell, confirm."""

from collections.abc import Mapping

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from remelt.platform.kernel.errors import Refusal
from remelt.platform.kernel.files import NoSuchFile
from remelt.platform.kernel.sheets.tables import Table
from remelt.platform.yard.filerows import FileRow
from remelt.platform.yard.importing import Preview, dry_run, import_tickets, parse
from remelt.web.context import clock, files, require, store
from remelt.web.errors import say
from remelt.web.forms import FormState, blank, submit
from remelt.web.uploads import SHOWN, in_words, sent_table
from remelt.web.yard_forms import CheckedForm, ImportForm
from remelt.web.yard_sites import grade_names, own_yard, yards
from remelt.web.yard_words import WORDS

bp = Blueprint("tickets_import", __name__, url_prefix="/tickets/import")


@bp.get("")
def show() -> ResponseReturnValue:
    """Ask for the file."""
    require("yard.import")
    return _ask(blank())


@bp.post("")
def upload() -> ResponseReturnValue:
    """Keep the file and show what it would become."""
    who = require("yard.import")

    def act(session: Session, form: ImportForm) -> str:
        sent = sent_table()
        site = own_yard(session, who, form.site)
        _parsed(sent.content, sent.name, form.model_dump())
        return url_for(
            "tickets_import.check",
            file=files().put(sent.content),
            name=sent.name,
            site=site.code,
            mass_unit=form.mass_unit,
            price_unit=form.price_unit,
            paid_by=form.paid_by,
        )

    return submit(ImportForm, act, who=who, page=_ask)


@bp.get("/check")
def check() -> ResponseReturnValue:
    """Show the dry run: tickets, rows known already, rows left out, cells to mend."""
    require("yard.import")
    return _check(blank())


@bp.post("/check")
def take_in() -> ResponseReturnValue:
    """Write every ticket of the checked file, or none."""
    who = require("yard.import")

    def act(session: Session, form: CheckedForm) -> str:
        site = own_yard(session, who, form.site)
        done = import_tickets(
            session,
            clock=clock(),
            site_id=site.key,
            person_id=who.person_id,
            parsed=_parsed(files().get(form.file), form.name, form.model_dump()),
            paid_by=form.paid_by or None,
        )
        return url_for("tickets.index", kind="gate", taken=len(done.tickets), known=done.known)

    return submit(CheckedForm, act, who=who, page=_check)


def _parsed(content: bytes, name: str, asked: Mapping[str, str]) -> Table[FileRow]:
    return parse(
        content,
        filename=name,
        mass_unit=asked["mass_unit"] or None,
        price_unit=asked["price_unit"] or None,
    )


def _ask(state: FormState) -> str:
    who = require("yard.import")
    with store().read() as session:
        site = own_yard(session, who, request.values.get("site", ""))
        return render_template(
            "yard/import.html", state=state, site=site, sites=yards(session, who), words=WORDS
        )


def _check(state: FormState) -> ResponseReturnValue:
    who = require("yard.import")
    asked = {
        name: request.values.get(name, "")[:200]
        for name in ("file", "name", "site", "mass_unit", "price_unit", "paid_by")
    }
    try:
        with store().read() as session:
            site = own_yard(session, who, asked["site"])
            preview = _preview(session, asked, site_id=site.key)
            return render_template(
                "yard/import_check.html",
                state=state,
                preview=preview,
                problems=in_words(preview.problems),
                asked=asked,
                site=site,
                names=grade_names(session),
                words=WORDS,
                shown=SHOWN,
            )
    except NoSuchFile:
        raise
    except Refusal as refused:
        return _ask(FormState(values=asked, errors={}, refusal=say(refused))), 422


def _preview(session: Session, asked: dict[str, str], *, site_id: int) -> Preview:
    parsed = _parsed(files().get(asked["file"]), asked["name"], asked)
    return dry_run(
        session, clock=clock(), site_id=site_id, parsed=parsed, paid_by=asked["paid_by"] or None
    )
