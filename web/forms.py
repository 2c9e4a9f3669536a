"""Forms: read once, done once per key, shown again with what is wrong beside each field."""

import re
import secrets
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import orjson
from flask import Response, redirect, request
from flask.typing import ResponseReturnValue
from pydantic import ValidationError
from sqlmodel import Session

from remelt.platform.kernel import idempotency
from remelt.platform.kernel.errors import Refusal
from remelt.platform.parties.actors import Actor
from remelt.web.context import clock, store
from remelt.web.errors import say, status_of
from remelt.web.inputs import InputRefused, Strict, explained

_OURS = frozenset({"csrf_token", "idempotency_key"})
_SECRET = re.compile(r"password|one_time_code")
_ROW = re.compile(r"([a-z_]+)-(\d{1,3})-([a-z_]+)")
ROWS = 100


class Form(Strict):
    """The fields of one form. Field names end in the unit that the person types."""


class Press(Form):
    """A form that is a single button."""


F = TypeVar("F", bound=Form)


@dataclass(frozen=True, slots=True)
class FormState:
    """A form as shown: what was typed, what is wrong, and the key that makes it count once.

    at: the address that refused it. mark: what sets the ids of its fields apart on a page that
    has several forms.
    """

    values: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    refusal: str | None = None
    key: str = field(default_factory=lambda: secrets.token_urlsafe(18))
    at: str = ""
    mark: str = ""

    @property
    def bad(self) -> bool:
        """Whether the form came back."""
        return bool(self.errors or self.refusal)

    def of(self, address: str) -> "FormState":
        """Return the state of one form of several on a page: of the one sent to `address`.

        What came back is shown by the form that it was typed into, and by no other.
        """
        if self.bad and self.at == address:
            return self
        mark = f"-{zlib.crc32(address.encode()):x}"
        return FormState(key=self.key, mark=mark) if self.bad else replace(self, mark=mark)


def blank(**values: str) -> FormState:
    """Return a form not yet sent, with `values` filled in."""
    return FormState(values=values)


def submit(
    model: type[F],
    act: Callable[[Session, F], str],
    *,
    who: Actor | None,
    page: Callable[[FormState], ResponseReturnValue],
) -> ResponseReturnValue:
    """Read the sent form, act in one write session, lead on to the address that `act` returns.

    The same key with the same fields leads to the first address again and acts once. What breaks
    a rule is shown on `page` with the typed values kept; nothing is half-saved.
    """
    try:
        form = read_form(model)
        return _once(lambda session: act(session, form), who=who)
    except Refusal as refused:
        return refused_again(page, model, refused)


def refused_again(
    page: Callable[[FormState], ResponseReturnValue], model: type[Form], refused: Refusal
) -> ResponseReturnValue:
    """Show the form again with what was refused: for views that act outside `submit`."""
    if isinstance(refused, InputRefused):
        errors = {name: text for name, (_rule, text) in refused.errors.items()}
        return _again(page, errors=errors, refusal=None, status=422)
    return _shown(page, model, refused)


def lead(location: str) -> Response:
    """Lead the browser on to where the answer stands."""
    response = redirect(location, code=303)
    if request.headers.get("HX-Request"):
        response.status_code = 204
        response.headers["HX-Redirect"] = location
    return response  # type: ignore[return-value]


def read_form(model: type[F]) -> F:
    """Return the sent form as `model`. Raises `InputRefused` naming each field and rule."""
    try:
        return model.model_validate(_nested())
    except ValidationError as refused:
        raise InputRefused(explained(refused.errors())) from None


def _once(act: Callable[[Session], str], *, who: Actor | None) -> Response:
    asked = _asked(who)
    with store().write() as session:
        given = idempotency.answered(session, asked) if asked else None
        if given is not None and given.location is not None:
            return lead(given.location)
        location = act(session)
        if asked:
            idempotency.keep(session, asked, at=clock().now(session), status=303, location=location)
    return lead(location)


def _asked(who: Actor | None) -> idempotency.Request | None:
    key = request.form.get("idempotency_key", "")
    if not key:
        return None
    person = who.person_id if who else "visitor"
    fields = sorted(
        (k, v)
        for k, v in request.form.items(multi=True)
        if k not in _OURS and not _SECRET.search(k)  # a kept hash of a password could be guessed
    )
    sizes = sorted((k, f.filename or "") for k, f in request.files.items(multi=True))
    scope = f"{person}:{request.method}:{request.path}"
    return idempotency.request(scope=scope, key=key, body=orjson.dumps([fields, sizes]))


def _shown(
    page: Callable[[FormState], ResponseReturnValue], model: type[Form], refused: Refusal
) -> ResponseReturnValue:
    sentence, status = say(refused), status_of(refused)
    if status == 404:  # noqa: PLR2004 - what does not exist has no page to come back to
        raise refused
    name = refused.field
    if name is not None and name.split("-")[0] in _names(model):
        return _again(page, errors={name: sentence}, refusal=None, status=status)
    return _again(page, errors={}, refusal=sentence, status=status)


def _again(
    page: Callable[[FormState], ResponseReturnValue],
    *,
    errors: dict[str, str],
    refusal: str | None,
    status: int,
) -> ResponseReturnValue:
    values = {k: v for k, v in request.form.items() if k not in _OURS and not _SECRET.search(k)}
    at = request.script_root + request.path
    state = FormState(values=values, errors=errors, refusal=refusal, at=at)
    return page(state), status  # type: ignore[return-value]


def _names(model: type[Form]) -> Iterator[str]:
    yield from model.model_fields


def _nested() -> dict[str, Any]:
    """Gather `lines-0-mass_kg` into rows; a row whose every field is blank is dropped."""
    flat: dict[str, Any] = {}
    rows: dict[str, dict[int, dict[str, str]]] = {}
    for name in request.form:
        if name in _OURS:
            continue
        parts = _ROW.fullmatch(name)
        if parts is None:
            flat[name] = request.form[name]
        elif int(parts[2]) < ROWS:
            rows.setdefault(parts[1], {}).setdefault(int(parts[2]), {})[parts[3]] = request.form[
                name
            ]
    for name, numbered in rows.items():
        flat[name] = [
            row for _n, row in sorted(numbered.items()) if any(v.strip() for v in row.values())
        ]
    return flat
