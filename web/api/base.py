"""What every API blueprint shares: its prefix, and answers that are given once per key."""

from collections.abc import Callable
from functools import wraps
from typing import Annotated, ParamSpec, TypeVar

from apiflask import APIBlueprint
from flask import Response, request
from pydantic import BaseModel, Field
from sqlmodel import Session

from remelt.platform.kernel import idempotency
from remelt.platform.parties.actors import Actor
from remelt.web.context import clock, require, store
from remelt.web.inputs import ApiIn, ApiQuery, InputRefused, Month

P = ParamSpec("P")
R = TypeVar("R")
PREFIX = "/api/v1"
Act = Callable[[Session], tuple[int, BaseModel]]
Reason = Annotated[str, Field(min_length=1, max_length=200)]


class ReasonIn(ApiIn):
    """Why something is declined, voided or taken back."""

    reason: Reason


class OfMonth(ApiQuery):
    """Which month; the present one by default."""

    month: Month | None = None


def api_blueprint(name: str, *, tag: str) -> APIBlueprint:
    """Return a blueprint under `/api/v1` whose operations are listed in OpenAPI as `tag`."""
    return APIBlueprint(f"api_{name}", __name__, url_prefix=PREFIX, tag=tag)


def first(
    check: Callable[[Actor, str], None], *, permission: str, of: str, hurry: bool = False
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Ask `check(who, address part)` before the input is read, so that others' objects stay unseen.

    Stands between `needs(permission)` and the route's input; `of` names the part of the address.
    hurry: ask only before an input is refused; the route itself asks about what can be read.
    """

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def checked(*args: P.args, **kwargs: P.kwargs) -> R:
            who = require(permission)
            if not hurry:
                check(who, str(kwargs[of]))
            try:
                return view(*args, **kwargs)
            except InputRefused:
                check(who, str(kwargs[of]))
                raise

        return checked

    return decorate


def once(who: Actor, act: Act) -> Response:
    """Act in one write session and answer as JSON; honour `Idempotency-Key`.

    The same key with the same body gets the stored answer again, with another body 422.
    """
    asked = _asked(who)
    with store().write() as session:
        given = idempotency.answered(session, asked) if asked else None
        if given is not None:
            return json_answer(given.body, status=given.status, replayed=True)
        status, answer = act(session)
        body = answer.model_dump_json()
        if asked:
            idempotency.keep(session, asked, at=clock().now(session), status=status, body=body)
    return json_answer(body, status=status)


def _asked(who: Actor) -> idempotency.Request | None:
    key = request.headers.get("Idempotency-Key", "").strip()
    if not key:
        return None
    scope = f"{who.person_id}:{request.method}:{request.path}"
    return idempotency.request(scope=scope, key=key, body=request.get_data())


def json_answer(body: str, *, status: int, replayed: bool = False) -> Response:
    """Answer with JSON; replayed: as it was answered before."""
    response = Response(body, status=status, mimetype="application/json")
    if replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return response
