"""Evidence of purchases: what is missing, what that costs, papers, and the file to hand over."""

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from remelt.platform.kernel.clock import month_of, month_span
from remelt.platform.parties.actors import Actor
from remelt.platform.settlement.evidence import queries
from remelt.platform.settlement.evidence.filing import add_paper
from remelt.platform.settlement.evidence.rules import ratio
from remelt.platform.settlement.reverse.errors import BadMonth
from remelt.web.context import clock, files, require, store
from remelt.web.evidence_files import months_table, months_told, purchases_table
from remelt.web.evidence_forms import PaperForm
from remelt.web.evidence_pack import evidence_chunks
from remelt.web.evidence_words import WORDS
from remelt.web.forms import FormState, blank, submit
from remelt.web.photos import keep_photos
from remelt.web.sheets import table_answer
from remelt.web.yard_words import WORDS as YARD

bp = Blueprint("evidence", __name__, url_prefix="/evidence")


@bp.get("")
def index() -> ResponseReturnValue:
    """Show a month's purchases with what proves them, and the un-evidenced share of cost."""
    who = require("settlement.evidence")
    with store().read() as session:
        month, found = _month(session, who.organisation_id)
        lacking = request.args.get("lacking", "")
        shown = [each for each in found if not lacking or each.items.get(lacking) == "missing"]
    sums = ratio((each.settlement.amount_fen, each.items) for each in found)
    return render_template(
        "evidence/index.html", month=month, found=shown, sums=sums, lacking=lacking, words=WORDS
    )


@bp.get("/file")
def month_file() -> Response:
    """Give the evidence of a month as one file, as it is read."""
    who = require("settlement.evidence")
    with store().read() as session:
        month, found = _month(session, who.organisation_id)
    codes = [each.settlement.subject_code for each in found]
    return _zip(codes, who=who, name=f"evidence-{month}")


@bp.get("/purchases")
def purchases() -> Response:
    """Give a month's purchases with the state of each item as a file."""
    who = require("settlement.evidence")
    with store().read() as session:
        month, found = _month(session, who.organisation_id)
        table = purchases_table(found)
    shape = request.args.get("shape", "csv")
    return table_answer(table, name=f"evidence-{month}", shape=shape)


@bp.get("/months")
def months() -> Response:
    """Give completeness and the un-evidenced cost ratio of each of some months as a file."""
    who = require("settlement.evidence")
    first, last = (request.args.get(name, "") for name in ("first", "last"))
    with store().read() as session:
        told = months_told(first, last, now=clock().now(session))
        table = months_table(session, organisation_id=who.organisation_id, months=told)
    shape = request.args.get("shape", "csv")
    return table_answer(table, name=f"evidence-{told[0]}-{told[-1]}", shape=shape)


@bp.get("/<purchase>")
def show(purchase: str) -> ResponseReturnValue:
    """Show what proves one purchase."""
    require("settlement.evidence")
    return _purchase(purchase, blank())


@bp.get("/<purchase>/file")
def file(purchase: str) -> Response:
    """Give the evidence of one purchase as a file."""
    who = require("settlement.evidence")
    with store().read() as session:
        found = queries.purchase(
            session, organisation_id=who.organisation_id, subject_code=purchase
        )
    code = found.settlement.subject_code
    return _zip([code], who=who, name=f"evidence-{code}")


@bp.post("/<purchase>/papers")
def paper(purchase: str) -> ResponseReturnValue:
    """Add a photo, a proof of payment or an invoice."""
    who = require("settlement.evidence")
    with store().read() as session:
        queries.purchase(session, organisation_id=who.organisation_id, subject_code=purchase)

    def act(session: Session, form: PaperForm) -> str:
        kept = keep_photos(request.files.getlist("photos"), files=files())
        hashes: list[str | None] = [each.sha256 for each in kept]
        for sha256 in hashes or [None]:
            add_paper(
                session, clock=clock(), organisation_id=who.organisation_id,
                person_id=who.person_id, subject_code=purchase, paper=form.paper,
                number=form.number, sha256=sha256,
            )  # fmt: skip
        return url_for("evidence.show", purchase=purchase)

    return submit(PaperForm, act, who=who, page=lambda state: _purchase(purchase, state))


@bp.get("/<purchase>/papers/<sha256>")
def picture(purchase: str, sha256: str) -> Response:
    """Show one picture of what proves a purchase."""
    who = require("settlement.evidence")
    with store().read() as session:
        known = queries.known_picture(
            session, organisation_id=who.organisation_id, subject_code=purchase, sha256=sha256
        )
    return Response(files().get(known), mimetype="image/jpeg")


def _month(session: Session, organisation_id: int) -> tuple[str, list[queries.Purchase]]:
    month = request.args.get("month", "") or month_of(clock().now(session))
    try:
        since, before = month_span(month)
    except ValueError:
        raise BadMonth(field="month") from None
    return month_of(since), queries.purchases(
        session, organisation_id=organisation_id, since=since, before=before
    )


def _purchase(purchase: str, state: FormState) -> str:
    who = require("settlement.evidence")
    with store().read() as session:
        found = queries.purchase(
            session, organisation_id=who.organisation_id, subject_code=purchase
        )
        return render_template("evidence/show.html", state=state, one=found, words=WORDS, yard=YARD)


def _zip(codes: list[str], *, who: Actor, name: str) -> Response:
    chunks = evidence_chunks(
        codes, store=store(), organisation_id=who.organisation_id, files=files()
    )
    response = Response(chunks, mimetype="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.zip"'
    return response
