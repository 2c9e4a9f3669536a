"""Refusals become HTTP here, and only here.

People get a page, programs get problem+json (RFC 9457).
"""

from http import HTTPStatus
from typing import Any

import orjson
import structlog
from apiflask import APIFlask
from apiflask.exceptions import HTTPError
from flask import Response, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.exceptions import HTTPException

from remelt.platform.kernel.errors import Busy, Conflict, Forbidden, Invalid, NotFound, Refusal
from remelt.traceability.proofs.errors import LogWentBack
from remelt.web import fmt
from remelt.web.attempts import TooManyTries
from remelt.web.context import SignInNeeded, wants_json
from remelt.web.inputs import InputRefused
from remelt.web.messages import MESSAGES

log = structlog.get_logger()
STATUS: tuple[tuple[type[Refusal], HTTPStatus], ...] = (
    (LogWentBack, HTTPStatus.SERVICE_UNAVAILABLE),
    (SignInNeeded, HTTPStatus.UNAUTHORIZED),
    (TooManyTries, HTTPStatus.TOO_MANY_REQUESTS),
    (Forbidden, HTTPStatus.FORBIDDEN),
    (NotFound, HTTPStatus.NOT_FOUND),
    (Conflict, HTTPStatus.CONFLICT),
    (Invalid, HTTPStatus.UNPROCESSABLE_ENTITY),
)
_CODES = {
    400: "unreadable-body",
    404: "no-such-page",
    405: "method-not-allowed",
    406: "not-acceptable",
    413: "file-too-big",
    415: "unreadable-body",
}


def status_of(refused: Refusal) -> int:
    """Return the HTTP status of a refusal's family."""
    return next((s.value for family, s in STATUS if isinstance(refused, family)), 400)


def say(refused: Refusal) -> str:
    """Return the refusal as a sentence in the reader's language, with its facts."""
    return _sentence(refused.code, refused.facts)


def register_errors(app: APIFlask) -> None:
    """Answer every refusal and every HTTP error of `app` from this module."""
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(Busy, _busy)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(HTTPError, _api_http)
    app.register_error_handler(RecursionError, _too_deep)
    app.register_error_handler(Exception, _unexpected)


def _refused(refused: Refusal) -> ResponseReturnValue:
    if isinstance(refused, SignInNeeded) and not wants_json():
        return redirect(url_for("auth.sign_in", next=request.full_path.rstrip("?")), code=303)
    errors = refused.errors if isinstance(refused, InputRefused) else {}
    response = answer(
        status_of(refused), refused.code, refused.facts, errors=errors, field=refused.field
    )
    if isinstance(refused, TooManyTries):
        response.headers["Retry-After"] = str(refused.facts["wait_s"])
    return response


def _busy(busy: Busy) -> ResponseReturnValue:
    response = answer(503, "busy", {})
    response.headers["Retry-After"] = str(busy.retry_after_s)
    return response


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:  # noqa: PLR2004 - a redirect is no error
        return error
    limit_mb = (request.max_content_length or 0) // 2**20
    response = answer(error.code, _CODES.get(error.code, "refused"), {"limit_mb": limit_mb})
    for name, value in error.get_headers():
        if name.lower() not in {"content-type", "content-length"}:
            response.headers[name] = value
    return response


def _api_http(error: HTTPError) -> ResponseReturnValue:
    return answer(error.status_code, _CODES.get(error.status_code, "refused"), {})


def _too_deep(_error: RecursionError) -> ResponseReturnValue:
    return answer(400, "unreadable-body", {})


def _unexpected(error: Exception) -> ResponseReturnValue:
    log.error("unexpected", exc_info=error)
    return answer(500, "unexpected", {"request_id": g.get("request_id", "-")})


def answer(
    status: int,
    code: str,
    facts: dict[str, Any],
    *,
    errors: dict[str, tuple[str, str]] | None = None,
    field: str | None = None,
) -> Response:
    """Return the error as a page or as problem+json, as the caller reads it."""
    detail = _sentence(code, facts)
    if not wants_json():
        return Response(
            render_template(
                "error.html", status=status, code=code, detail=detail, errors=errors or {}
            ),
            status=status,
        )
    body: dict[str, Any] = {
        "type": f"urn:remelt:error:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        "instance": g.get("request_id", ""),
    }
    if field is not None:
        body["errors"] = [{"field": field, "rule": code, "message": detail}]
    if errors:
        body["errors"] = [{"field": f, "rule": r, "message": m} for f, (r, m) in errors.items()]
    return Response(orjson.dumps(body), status=status, mimetype="application/problem+json")


def _sentence(code: str, facts: dict[str, Any]) -> str:
    text: str = gettext(MESSAGES.get(code, MESSAGES["refused"]))
    if not facts:
        return text.replace("%%", "%")
    currency = facts.get("currency", "CNY")
    return text % {name: _told(name, value, currency=currency) for name, value in facts.items()}


def _told(name: str, value: Any, *, currency: str) -> str:
    """Return a fact as people read it: its name says the unit."""
    if name.endswith("_minor"):
        return fmt.minor(value, currency=currency, zh=fmt.is_chinese())
    if name.endswith("_fen_per_t"):
        return fmt.price(value, zh=fmt.is_chinese())
    if name.endswith("_mass_g"):
        return fmt.mass(value, zh=fmt.is_chinese())
    return str(value)
