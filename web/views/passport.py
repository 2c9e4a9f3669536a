"""The public page of a lot: what its tag leads to, for anybody, without a script."""

import gzip
from functools import partial

import orjson
from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from remelt.platform.kernel.codes import BadCode, read_code
from remelt.web import fmt, ledger_words
from remelt.web.context import actor, store, wants_json
from remelt.web.errors import say
from remelt.web.forms import FormState, blank
from remelt.web.passports import COLOURS, PassportPage, as_json, parts_of, passport_page
from remelt.web.svg import stack
from remelt.web.views.resolver import led, wants_more

bp = Blueprint("passport", __name__)


@bp.get("/l")
def find() -> ResponseReturnValue:
    """Find a lot by the code on its tag."""
    typed = request.args.get("code", "")[:500]
    if not typed:
        return render_template("passport/find.html", state=blank())
    return _led(typed)


@bp.get("/l/<code>")
def show(code: str) -> ResponseReturnValue:
    """Show a lot's passport, as a page or, to a program that asks for it, as JSON.

    A `linkType` or a wish for the linkset leads to the other links of the lot.
    """
    try:
        tidy = read_code(code)
    except BadCode:
        return _led(code)
    if tidy != code:
        return redirect(url_for("passport.show", code=tidy), code=301)
    if wants_more():
        return led(code)
    with store().read() as session:
        page = passport_page(session, code=code)
    answer = _json(page) if wants_json() else Response(_page(page))
    answer.headers["Vary"] = "Accept, Accept-Encoding, Accept-Language, Cookie"
    return _packed(answer)


def _json(page: PassportPage) -> Response:
    return Response(orjson.dumps(as_json(page)), mimetype="application/json")


def _packed(answer: Response) -> Response:
    """Send it small to a visitor: their page holds no secret that its size could tell."""
    if actor() is None and "gzip" in request.headers.get("Accept-Encoding", ""):
        answer.set_data(gzip.compress(answer.get_data(), mtime=0))
        answer.headers["Content-Encoding"] = "gzip"
    return answer


def _page(page: PassportPage) -> str:
    facts = page.passport.facts
    bar = ""
    if facts is not None and facts.basis_g and facts.recycled.classes is not None:
        names = {name: gettext(word) for name, word in ledger_words.CLASS_WORDS.items()}
        share = partial(fmt.ratio, denominator=facts.basis_g, digits=0)
        said = fmt.mass if facts.mass_g else share
        parts = parts_of(facts.recycled.classes, names=names, said=said)
        bar = stack(parts, title=", ".join(f"{part.name} {part.said}" for part in parts))
    return render_template(
        "passport/show.html", page=page, facts=facts, bar=bar, words=ledger_words, colours=COLOURS
    )


def _led(typed: str) -> ResponseReturnValue:
    try:
        code = read_code(typed)
    except BadCode as refused:
        state = FormState(values={"code": typed}, errors={"code": say(refused)})
        return render_template("passport/find.html", state=state), 422
    return redirect(url_for("passport.show", code=code), code=303)
