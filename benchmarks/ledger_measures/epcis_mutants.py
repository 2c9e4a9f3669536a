"""GS1's example documents, bent in one place each; and GS1's own schema as the other judge."""

import copy
import json
import os
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs

from remelt.traceability.capture.capturing import prepared
from remelt.traceability.capture.checks import DocumentRefused, read, valid

OPERATIONS = ("drop", "retype", "rename", "enum", "extra", "address", "time", "number", "empty")
_OTHERS: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    2.5,
    "",
    "text",
    "ex:text",
    [],
    ["text"],
    {},
    {"a": 1},
)
_WORDS = ("no_such_word", "shipping", "ADD", "urn:epcglobal:cbv:bizstep:shipping", "po", "Mass")
_WORDS += ("https://ns.gs1.org/cbv/x", "https://gs1.org/voc/Mass", "https://example.org/step", "x")
_NAMES = ("extra", "ex:extra", "http://example.org/extra", "ex extra", "", "1:x", "_:x", "epcList")
_NAMES += ("ilmd", "quantityList", "persistentDisposition", "bizStep", "type", "action", "my_p:x")
_ADDRESSES = (
    "",
    "no",
    "a b:c",
    "urn:x:%zz",
    "http://[::1]/x",
    "http://a:b/",
    "ex:铝",
    "://x",
    "a:",
)
_ADDRESSES += (
    "_:b1",
    "http://x/{y}",
    "mailto:a@b",
    "urn:epc:id:sgln:1.2.3 ",
    "x:y#z#w",
    "a//b",
    "ä:b",
)
_TIMES = ("2020-02-30T00:00:00Z", "2020-01-01", "2020-01-01T00:00:00", "2020-01-01T00:00:00+08:00")
_TIMES += ("2020-01-01t00:00:00z", "2020-12-31T23:59:60Z", "20200101T000000Z", "+08:00", "+14:30")
_NUMBERS = (0, -3, 1e300, 2**53, 2**53 - 1, 0.1, -0.0, 10**30)


def shared() -> Path | None:
    """Return the folder of GS1's material, None where REMELT_SHARED does not name it."""
    folder = Path(os.environ.get("REMELT_SHARED", "")) / "conformance" / "gs1-epcis"
    return folder if "REMELT_SHARED" in os.environ and folder.is_dir() else None


def documents(folder: Path) -> dict[str, Any]:
    """Return the 47 example documents by name."""
    paths = sorted((folder / "JSON").rglob("*.jsonld"))
    return {path.name: json.loads(path.read_bytes()) for path in paths}


def judge(folder: Path) -> Callable[[Any], bool]:
    """Return GS1's schema as a judge, with the lenient check of addresses in place of `uri`."""
    schema = json.loads((folder / "EPCIS-JSON-Schema.json").read_bytes())
    valid = jsonschema_rs.Draft7Validator(schema, formats={"uri": address()}, validate_formats=True)
    return valid.is_valid


def address() -> Callable[[str], bool]:
    """Return the lenient check: RFC 3986, a CURIE (a prefix and a relative reference) or `_:x`."""
    uri = jsonschema_rs.Draft7Validator({"format": "uri"}, validate_formats=True)
    relative = jsonschema_rs.Draft7Validator({"format": "iri-reference"}, validate_formats=True)
    prefix_form = re.compile(r"[A-Za-z_][A-Za-z0-9._-]*")

    def check(text: str) -> bool:
        prefix, colon, rest = text.partition(":")
        curie = colon and prefix_form.fullmatch(prefix) and relative.is_valid(rest)
        return bool(curie) or uri.is_valid(text)

    return check


def mutants(seed: int, *, count: int, among: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """Give `count` bent documents: name, what was done where, document. The seed decides all."""
    chance = random.Random(seed)
    names = sorted(among)
    made = 0
    while made < count:
        name = chance.choice(names)
        document = copy.deepcopy(among[name])
        holder, key, path = chance.choice(list(_places(document, "$")))
        operation = chance.choice(OPERATIONS)
        if _bend(chance, operation, holder, key):
            made += 1
            yield name, f"{operation} {path}", document


def _places(value: Any, path: str) -> Iterator[tuple[Any, Any, str]]:
    members = value.items() if isinstance(value, dict) else enumerate(value)
    for key, each in list(members):
        at = f"{path}.{key}" if isinstance(value, dict) else f"{path}[{key}]"
        yield value, key, at
        if isinstance(each, dict | list):
            yield from _places(each, at)


def _bend(chance: random.Random, operation: str, holder: Any, key: Any) -> bool:
    """Change one place; False when the operation does not fit it."""
    value = holder[key]
    choices: dict[str, tuple[Any, ...]] = {
        "retype": _OTHERS,
        "enum": _WORDS if isinstance(value, str) and ":" not in value else (),
        "address": _ADDRESSES if isinstance(value, str) and ":" in value else (),
        "time": _TIMES if isinstance(value, str) and value[:1] in set("0123456789+-") else (),
        "number": _NUMBERS if isinstance(value, int | float) else (),
        "empty": (type(value)(),) if isinstance(value, dict | list | str) else (),
    }
    if operation == "drop":
        del holder[key]
    elif operation == "rename":
        return _rename(chance, holder, key)
    elif operation == "extra":
        return _add(chance, value if isinstance(value, dict | list) else holder)
    elif choices[operation]:
        holder[key] = copy.deepcopy(chance.choice(choices[operation]))
    else:
        return False
    return True


def _rename(chance: random.Random, holder: Any, key: Any) -> bool:
    if not isinstance(holder, dict):
        return False
    holder[chance.choice((*_NAMES, f"{key}x", f"ex:{key}"))] = holder.pop(key)
    return True


def _add(chance: random.Random, holder: Any) -> bool:
    if isinstance(holder, dict):
        holder[chance.choice(_NAMES)] = copy.deepcopy(chance.choice(_OTHERS))
    else:
        copied = [copy.deepcopy(chance.choice(holder))] if holder else []
        holder.extend(chance.choice((copied, [copy.deepcopy(chance.choice(_OTHERS))])))
    return True


def stricter(document: Any) -> set[str]:
    """Return our own rules that a document breaks which GS1's schema takes; none for others."""
    if not valid(document) or document["type"] == "EPCISQueryDocument":
        return set()
    try:
        return {fault.rule for fault in prepared(read(json.dumps(document).encode())).faults}
    except DocumentRefused as refused:
        return {fault.rule for fault in refused.faults}
