"""Form bodies and queries as Stripe reads them: `metadata[a]=1`, `expand[]=x`, typed by schema."""

import re
from typing import Any, Final
from urllib.parse import parse_qsl

from tools.stripe_twin.refusals import invalid

Schema = dict[str, Any]
_KEY: Final = re.compile(r"^[^\[\]]+(\[[^\[\]]*\])*$")
_INTEGER: Final = re.compile(r"^-?[0-9]{1,18}$")
_BOOLEANS: Final = {"true": True, "false": False}
DEEPEST: Final = 8


def decode(text: str, *, schema: Schema) -> dict[str, Any]:
    """Return the nested, typed parameters that a form body or a query says.

    Raises `Refused` for a key that is no bracketed path.
    """
    nested: dict[str, Any] = {}
    for key, value in parse_qsl(text, keep_blank_values=True):
        if not _KEY.match(key):
            raise invalid(f"Invalid parameter name: {key[:80]}", param=key[:80])
        path = key.replace("]", "").split("[")
        if len(path) > DEEPEST:
            raise invalid("Parameters are nested too deeply", param=path[0])
        _put(nested, path, value)
    typed = _typed(nested, schema)
    assert isinstance(typed, dict)  # noqa: S101  a dict is typed as a dict
    return typed


def _put(into: dict[str, Any], path: list[str], value: str) -> None:
    here = into
    for step in path[:-1]:
        held = here.setdefault(step or str(len(here)), {})
        if not isinstance(held, dict):
            raise invalid(f"{path[0]} is said both as a value and as an object", param=path[0])
        here = held
    here[path[-1] or str(len(here))] = value


def _typed(value: Any, schema: Schema) -> Any:
    """Return `value` as the first type of `schema` that it can be read as, else as it stands."""
    if "anyOf" in schema:
        readings = (_typed(value, branch) for branch in schema["anyOf"])
        return next((read for read in readings if read is not value), value)
    if isinstance(value, dict):
        return _typed_many(value, schema)
    kind = schema.get("type")
    if kind == "integer" and _INTEGER.match(value):
        return int(value)
    if kind == "number" and _INTEGER.match(value):
        return int(value)
    return _BOOLEANS.get(value, value) if kind == "boolean" else value


def _typed_many(value: dict[str, Any], schema: Schema) -> Any:
    if schema.get("type") == "array":
        return [_typed(each, schema.get("items", {})) for each in value.values()]
    known = schema.get("properties", {})
    rest = schema.get("additionalProperties")
    other = rest if isinstance(rest, dict) else {}
    return {name: _typed(each, known.get(name, other)) for name, each in value.items()}
