"""The front door: what Remelt is, the loop in one picture, a tag found by its code."""

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from remelt.platform.kernel.codes import BadCode, read_code
from remelt.web.context import actor
from remelt.web.errors import say
from remelt.web.forms import FormState, blank

bp = Blueprint("home", __name__)


@bp.get("/")
def show() -> ResponseReturnValue:
    """Say what Remelt is; to somebody at work, open their workplace."""
    if actor() is not None:
        return render_template("home/workplace.html", state=blank())
    return render_template("home/show.html", state=blank())


@bp.get("/find")
def find() -> ResponseReturnValue:
    """Lead to the public page of the lot whose code was typed or scanned."""
    typed = request.args.get("code", "")[:500]
    try:
        code = read_code(typed)
    except BadCode as refused:
        state = FormState(values={"code": typed}, errors={"code": say(refused)})
        return render_template("home/show.html", state=state), 422
    return redirect(f"/l/{code}", code=303)
