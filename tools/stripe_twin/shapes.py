"""Objects in the shape of the pinned edition: every key it names, no key of a later edition."""

from typing import Any

from tools.stripe_twin.schemas import Schema, subset


def shape(name: str, values: dict[str, Any]) -> dict[str, Any]:
    """Return `values` as an object of the schema `name`.

    A key the edition may leave null is null when unsaid; a key it does not know is left out.
    """
    made = _shape(values, subset().schemas[name])
    assert isinstance(made, dict)  # noqa: S101  every named schema is an object
    return made


def _shape(value: Any, schema: Schema) -> Any:
    schema = _named(schema)
    if "anyOf" in schema:
        return _shape(value, _branch(value, schema["anyOf"]))
    if isinstance(value, list):
        return [_shape(each, schema.get("items", {})) for each in value]
    if not isinstance(value, dict) or "properties" not in schema:
        return value
    known: dict[str, Schema] = schema["properties"]
    return {
        key: _shape(value.get(key), each)
        for key, each in known.items()
        if key in value or _may_be_null(each)
    }


def _named(schema: Schema) -> Schema:
    while "$ref" in schema:
        schema = subset().schemas[schema["$ref"].rpartition("/")[2]]
    return schema


def _may_be_null(schema: Schema) -> bool:
    return bool(schema.get("nullable"))


def _branch(value: Any, branches: list[Schema]) -> Schema:
    """Choose of several schemas the one meant: by `object`, else the one that knows most."""
    named = [_named(branch) for branch in branches]
    if not isinstance(value, dict):
        return next((each for each in named if each.get("type") != "object"), named[0])
    objects = [each for each in named if "properties" in each] or named
    return max(objects, key=lambda each: _fits(value, each))


def _fits(value: dict[str, Any], schema: Schema) -> tuple[bool, int]:
    known = schema.get("properties", {})
    kinds = known.get("object", {}).get("enum", [])
    return value.get("object") in kinds, len(value.keys() & known.keys())
