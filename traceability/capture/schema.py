"""The schema of EPCIS 2.0 in our own words, and what judges a document or a part of one by it."""

from importlib import resources
from typing import Any

import jsonschema_rs
import orjson


def _schema() -> dict[str, Any]:
    file = resources.files("remelt.traceability.capture") / "epcis-2.0.schema.json"
    found: dict[str, Any] = orjson.loads(file.read_bytes())
    return found


def validator(definition: str | None = None) -> jsonschema_rs.Draft202012Validator:
    """Return what judges documents, or the part that the schema defines under this name."""
    schema = SCHEMA
    if definition:
        base = {name: SCHEMA[name] for name in ("$schema", "$defs")}
        schema = {**base, "$ref": f"#/$defs/{definition}"}
    return jsonschema_rs.Draft202012Validator(
        schema, validate_formats=True, pattern_options=jsonschema_rs.RegexOptions()
    )


SCHEMA = _schema()


def follows(definition: str, value: Any) -> bool:
    """Tell whether a value is as the schema defines an address (`uri`), a time (`time`) ..."""
    return _DEFINED[definition].is_valid(value)


_DEFINED = {name: validator(name) for name in ("uri", "time")}
