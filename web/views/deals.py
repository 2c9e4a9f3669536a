"""A contract's terms and its settlement: drafted, signed, fed by both sides, explained."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Blueprint, Response, abort, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from remelt.platform.catalogue import queries as catalogue
from remelt.platform.kernel.clock import BEIJING
from remelt.platform.kernel.errors import Refusal
from remelt.platform.market import queries as market
from remelt.platform.parties.actors import Actor
from remelt.platform.settlement.finals import queries
from remelt.platform.settlement.finals.claiming import say
from remelt.platform.settlement.finals.drafting import draft_terms, sign_terms
from remelt.platform.settlement.finals.entering import call_price, enter_load, enter_result
from remelt.platform.settlement.finals.exposing import exposure
from remelt.platform.settlement.pricing.checking import read_formula
from remelt.platform.settlement.pricing.indices import units
from remelt.platform.settlement.pricing.printing import canonical
from remelt.platform.settlement.pricing.words import sentence
from remelt.web import errors
from remelt.web.context import clock, files, require, store
from remelt.web.deal_forms import CallForm, LoadForm, ResultForm, TermsForm, WordForm
from remelt.web.deal_page import clauses, shown_lines, typed_terms
from remelt.web.deal_words import WORDS
from remelt.web.deeds import sent
from remelt.web.forms import FormState, Press, blank, submit
from remelt.web.money_words import WORDS as MONEY_WORDS
from remelt.web.photos import keep_photos
from remelt.web.purchase_deed import purchase_deed
from remelt.web.views.books import entries_of

bp = Blueprint("deals", __name__)
ROWS = 4


@bp.get("/contracts/<code>/terms")
def terms(code: str) -> ResponseReturnValue:
    """Show the terms of a contract, and draft others; a formula in the address is checked."""
    who = require("settlement.deal")
    typed = {k: v for k, v in request.args.items() if k in TermsForm.model_fields or "-" in k}
    return _terms(code, who, FormState(values=typed) if typed else blank())


@bp.post("/contracts/<code>/terms")
def draft(code: str) -> ResponseReturnValue:
    """Draft terms and sign them; the other side signs next."""
    who = require("settlement.deal")
    _mine(code, who)

    def act(session: Session, form: TermsForm) -> str:
        draft_terms(session, **_by(code, who), said=form.said())
        return url_for("deals.terms", code=code)

    return submit(TermsForm, act, who=who, page=partial(_terms, code, who))


@bp.post("/contracts/<code>/terms/<version>/sign")
def sign(code: str, version: str) -> ResponseReturnValue:
    """Sign the newest terms as the other side."""
    who = require("settlement.deal")
    _mine(code, who)

    def act(session: Session, _form: Press) -> str:
        sign_terms(
            session, clock=clock(), terms_code=version, organisation_id=who.organisation_id,
            person_id=who.person_id,
        )  # fmt: skip
        return url_for("deals.terms", code=code)

    return submit(Press, act, who=who, page=partial(_terms, code, who))


@bp.get("/formulas/said")
def said() -> ResponseReturnValue:
    """Say a formula in both languages, or what is wrong with it, as a piece of a page."""
    require("settlement.deal")
    return render_template("deals/said.html", said=_say(request.args.get("formula", "")))


@bp.get("/contracts/<code>/settlement")
def settlement(code: str) -> ResponseReturnValue:
    """Explain the settlement of a contract: each figure with its rule and its origin."""
    return _settlement(code, require("settlement.deal"), blank())


@bp.post("/contracts/<code>/loads")
def load(code: str) -> ResponseReturnValue:
    """Enter a load of one's own side, with a photo of its slip."""
    who = require("settlement.deal")

    def act(session: Session, form: LoadForm) -> None:
        enter_load(session, **_by(code, who), load=form.given(photo_sha256=_photo()))

    return _entered(LoadForm, act, code=code, who=who)


@bp.post("/contracts/<code>/results")
def result(code: str) -> ResponseReturnValue:
    """Enter a laboratory's result, with a photo of its report."""
    who = require("settlement.deal")

    def act(session: Session, form: ResultForm) -> None:
        enter_result(session, **_by(code, who), result=form.given(report_sha256=_photo()))

    return _entered(ResultForm, act, code=code, who=who)


@bp.post("/contracts/<code>/calls")
def call(code: str) -> ResponseReturnValue:
    """Call today's price for a part of the tonnage."""
    who = require("settlement.deal")

    def act(session: Session, form: CallForm) -> None:
        call_price(session, **_by(code, who), mass_g=form.mass_kg)

    return _entered(CallForm, act, code=code, who=who)


@bp.post("/contracts/<code>/words")
def word(code: str) -> ResponseReturnValue:
    """Agree to the final settlement, object to it, or withdraw the claim."""
    who = require("settlement.deal")

    def act(session: Session, form: WordForm) -> None:
        about = form.about or "other"
        say(session, **_by(code, who), word=form.word, about=about, text=form.text)

    return _entered(WordForm, act, code=code, who=who)


@bp.get("/contracts/<code>/papers/<sha256>")
def paper(code: str, sha256: str) -> Response:
    """Send the photo of a slip or a report that this settlement shows."""
    who = require("settlement.deal")
    with store().read() as session:
        view = _view(session, code, who)
        known = {} if view is None else _papers(view)
    if sha256 not in known:
        abort(404)
    response = make_response(files().get(sha256))
    response.mimetype = "image/jpeg"
    return response


@bp.get("/contracts/<code>/contract.json")
def as_json(code: str) -> Response:
    """Send the contract as canonical JSON; its hash stands in the header and on the PDF."""
    return _deed(code, kind="json")


@bp.get("/contracts/<code>/contract.pdf")
def as_pdf(code: str) -> Response:
    """Send the contract as a PDF in Chinese and English."""
    return _deed(code, kind="pdf")


@bp.get("/exposure")
def exposed() -> ResponseReturnValue:
    """Show the tonnes whose price is open, by metal."""
    who = require("settlement.deal")
    with store().read() as session:
        today = clock().now(session).astimezone(BEIJING).date()
        rows = exposure(session, organisation_id=who.organisation_id, today=today)
        metals = {row.code: row for row in catalogue.metals(session)}
    sums: dict[tuple[str, bool], int] = {}
    for row in rows:
        sums[row.metal, row.buys] = sums.get((row.metal, row.buys), 0) + row.open_g
    return render_template("deals/exposure.html", rows=rows, sums=sums, metals=metals)


def _entered(
    model: type[Any], act: Callable[[Session, Any], None], *, code: str, who: Actor
) -> ResponseReturnValue:
    """Do what a form of the settlement page says and lead back to it."""
    _mine(code, who)

    def done(session: Session, form: Any) -> str:
        act(session, form)
        return url_for("deals.settlement", code=code)

    return submit(model, done, who=who, page=partial(_settlement, code, who))


def _by(code: str, who: Actor) -> dict[str, Any]:
    return {
        "clock": clock(),
        "contract_code": code,
        "organisation_id": who.organisation_id,
        "person_id": who.person_id,
    }


def _mine(code: str, who: Actor) -> None:
    """Refuse a contract of others before any input is read."""
    with store().read() as session:
        market.contract(session, code=code, organisation_id=who.organisation_id)


def _photo() -> str | None:
    kept = keep_photos(request.files.getlist("photos"), files=files())
    return kept[0].sha256 if kept else None


def _view(session: Session, code: str, who: Actor) -> queries.DealView | None:
    return queries.deal_view(
        session,
        contract_code=code,
        organisation_id=who.organisation_id,
        now=clock().now(session),
    )


def _papers(view: queries.DealView) -> set[str]:
    weights = {row.photo_sha256 for row in view.weights}
    return {sha for sha in weights | {row.report_sha256 for row in view.assays} if sha}


def _settlement(code: str, who: Actor, state: FormState) -> str:
    with store().read() as session:
        view = _view(session, code, who)
        now = clock().now(session)
        if view is None:
            sold = market.contract(session, code=code, organisation_id=who.organisation_id)
            return render_template("deals/unsigned.html", sold=sold)
        return render_template(
            "deals/settlement.html",
            view=view,
            lines=shown_lines(view),
            entries=entries_of(session, who, subject=code),
            money_words=MONEY_WORDS,
            state=state,
            words=WORDS,
            today=now.astimezone(BEIJING).date(),
        )


def _terms(code: str, who: Actor, state: FormState) -> str:
    with store().read() as session:
        view = queries.terms_view(session, contract_code=code, organisation_id=who.organisation_id)
        known = sorted(units(session))
        if not state.values:
            state = FormState(values=typed_terms(view.draft_terms or view.terms), key=state.key)
        return render_template(
            "deals/terms.html",
            view=view,
            state=state,
            words=WORDS,
            rows=ROWS,
            known=known,
            clauses=clauses(view.terms),
            drafted=[] if view.draft_terms is None else clauses(view.draft_terms),
            said=_say(state.values.get("formula", "")),
        )


def _say(formula: str) -> dict[str, str]:
    """Return a formula's canonical form and sentences, or its refusal; nothing for no text."""
    if not formula.strip():
        return {}
    with store().read() as session:
        known = units(session)
    try:
        found = read_formula(formula, indices=known)
    except Refusal as refused:
        return {"wrong": errors.say(refused)}
    return {
        "kept": canonical(found),
        "zh": sentence(found, zh=True),
        "en": sentence(found, zh=False),
    }


def _deed(code: str, *, kind: str) -> Response:
    who = require("settlement.deal")
    with store().read() as session:
        view = queries.terms_view(session, contract_code=code, organisation_id=who.organisation_id)
    return sent(purchase_deed(view), kind=kind)
