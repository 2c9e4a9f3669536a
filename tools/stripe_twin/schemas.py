"""The OpenAPI subset as compiled checks: which call this is, and whether it and its answer fit."""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, Final

import jsonschema_rs

Schema = dict[str, Any]
FOLDER: Final = Path(__file__).parent / "openapi"
SUBSET: Final = FOLDER / "stripe_subset_2023-08-16.json"
FIXTURES: Final = FOLDER / "stripe_fixtures_2026-08.json"
BASE: Final = "urn:stripe"
KEPT: Final = 100


@dataclass(frozen=True, slots=True)
class Operation:
    """One call of the subset. takes: schema of its query or body; the rest are compiled checks."""

    method: str
    template: str
    takes: Schema
    asked: jsonschema_rs.Validator
    answered: jsonschema_rs.Validator

    @property
    def name(self) -> str:
        """The call as the documentation writes it: `POST /v1/refunds/{refund}`."""
        return f"{self.method} {self.template}"


class Tally:
    """What one twin was asked, and what of it, or of its answers, did not fit."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.counts = {"requests": 0, "bad_requests": 0, "bad_answers": 0}
        self.violations: list[dict[str, str]] = []

    def request(self) -> None:
        """Count a request."""
        with self._lock:
            self.counts["requests"] += 1

    def unfit(self, kind: str, *, where: str, what: str) -> None:
        """Count and keep what did not fit; kind: of `counts`."""
        with self._lock:
            self.counts[kind] += 1
            self.violations.append({"kind": kind, "where": where, "what": what})
            del self.violations[:-KEPT]


class Subset:
    """Routes and checks of one edition of the API."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.version: str = document["info"]["version"]
        self.schemas: dict[str, Schema] = document["components"]["schemas"]
        components = {"components": _strict_components(self.schemas)}
        self._registry = jsonschema_rs.Registry([(BASE, components)])
        self._routes = [
            (re.compile("^" + re.sub(r"\{[^}]+\}", "([^/]+)", path) + "$"), path, ops)
            for path, ops in document["paths"].items()
        ]
        self._compiled: dict[tuple[str, str], Operation] = {}
        self._objects: dict[str, jsonschema_rs.Validator] = {}
        self._error = self._compile({"$ref": "#/components/schemas/error"})

    def find(self, method: str, path: str) -> tuple[Operation, tuple[str, ...]] | None:
        """Return the call that a method and a path name, and the ids in the path."""
        for pattern, template, operations in self._routes:
            match = pattern.match(path)
            if match and method.lower() in operations:
                return self._operation(method, template, operations), match.groups()
        return None

    def check_answer(self, operation: Operation, status: int, body: Any) -> str | None:
        """Return what does not fit in an answer, None when all does."""
        return first(operation.answered if status == OK else self._error, body)

    def check(self, name: str, value: Any) -> list[str]:
        """Return what does not fit in an object of the schema `name`."""
        if name not in self._objects:
            self._objects[name] = self._compile({"$ref": f"#/components/schemas/{name}"})
        return [_say(error) for error in self._objects[name].iter_errors(value)]

    def _operation(self, method: str, template: str, operations: dict[str, Any]) -> Operation:
        key = (method, template)
        if key not in self._compiled:
            said = operations[method.lower()]
            takes = _query(said) if method == "GET" else _body(said)
            answer = said["responses"]["200"]["content"]["application/json"]["schema"]
            self._compiled[key] = Operation(
                method, template, takes, self._compile(takes), self._compile(answer)
            )
        return self._compiled[key]

    def _compile(self, schema: Schema) -> jsonschema_rs.Validator:
        return jsonschema_rs.Draft202012Validator(_strict(schema), registry=self._registry)


OK: Final = 200


def first(check: jsonschema_rs.Validator, value: Any) -> str | None:
    """Return the first thing that does not fit a compiled check, None when all does."""
    return None if check.is_valid(value) else next(_say(e) for e in check.iter_errors(value))


@cache
def subset() -> Subset:
    """Return the edition that the product is pinned to."""
    return Subset(json.loads(SUBSET.read_text()))


def _body(operation: dict[str, Any]) -> Schema:
    content = operation.get("requestBody", {}).get("content", {})
    schema: Schema = content.get("application/x-www-form-urlencoded", {}).get("schema", {})
    return schema or {"type": "object", "properties": {}, "additionalProperties": False}


def _query(operation: dict[str, Any]) -> Schema:
    asked = [each for each in operation.get("parameters", []) if each["in"] == "query"]
    return {
        "type": "object",
        "properties": {each["name"]: each["schema"] for each in asked},
        "required": [each["name"] for each in asked if each.get("required")],
        "additionalProperties": False,
    }


def _strict(schema: Any) -> Any:
    """Return an OpenAPI 3.0 schema as JSON Schema that refuses every key it does not name."""
    if isinstance(schema, list):
        return [_strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: _inner(name, value) for name, value in schema.items() if name != "nullable"}
    if "properties" in made and schema.get("type") == "object":
        made.setdefault("additionalProperties", False)
    return {"anyOf": [made, {"type": "null"}]} if schema.get("nullable") else made


def _strict_components(schemas: dict[str, Schema]) -> Schema:
    return {"schemas": {name: _strict(schema) for name, schema in schemas.items()}}


def _inner(name: str, value: Any) -> Any:
    if name == "$ref":
        return BASE + value
    if name == "properties":
        return {key: _strict(each) for key, each in value.items()}
    if name in {"items", "anyOf", "additionalProperties"}:
        return _strict(value)
    return value


def _say(error: jsonschema_rs.ValidationError) -> str:
    path = ".".join(str(step) for step in error.instance_path)
    return f"{path or 'body'}: {error.message[:200]}"
