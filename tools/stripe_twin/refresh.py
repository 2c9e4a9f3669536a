"""Tell what another edition of the subset would change: `python -m tools.stripe_twin.refresh NEW`.

NEW is the provider's whole OpenAPI file as JSON, or a subset. With `--write` the subset of the
paths that the twin is pinned to is cut from it and stored beside the old one.
"""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools.stripe_twin.schemas import FOLDER, SUBSET

Document = dict[str, Any]


def trim(whole: Document, *, paths: list[str]) -> Document:
    """Return the part of a document that these paths need: their schemas, and theirs in turn."""
    kept = {path: whole["paths"][path] for path in paths if path in whole["paths"]}
    schemas = whole["components"]["schemas"]
    wanted, found = list(_named(kept)), dict[str, Any]()
    while wanted:
        name = wanted.pop()
        if name not in found and name in schemas:
            found[name] = schemas[name]
            wanted.extend(_named(schemas[name]))
    ordered = {name: found[name] for name in sorted(found)}
    return {
        "components": {"schemas": ordered},
        "info": {"title": whole["info"]["title"], "version": whole["info"]["version"]},
        "openapi": whole["openapi"],
        "paths": kept,
    }


def differences(old: Document, new: Document) -> list[str]:
    """Return one sentence per path, schema or key that came, went or changed."""
    said = _compare("path", old["paths"], new["paths"])
    was, now = old["components"]["schemas"], new["components"]["schemas"]
    said += _compare("schema", was, now)
    for name in sorted(was.keys() & now.keys()):
        before, after = was[name].get("properties", {}), now[name].get("properties", {})
        said += _compare(f"{name}:", before, after)
    return said


def _compare(what: str, old: Document, new: Document) -> list[str]:
    gone = [f"- {what} {name}" for name in sorted(old.keys() - new.keys())]
    come = [f"+ {what} {name}" for name in sorted(new.keys() - old.keys())]
    if not what.endswith(":"):
        return gone + come
    other = [
        f"~ {what} {name}" for name in sorted(old.keys() & new.keys()) if old[name] != new[name]
    ]
    return gone + come + other


def _named(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"].rpartition("/")[2]
        for each in value.values():
            yield from _named(each)
    elif isinstance(value, list):
        for each in value:
            yield from _named(each)


def main() -> None:
    """Read, compare, tell; write on wish."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("new", type=Path)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    old = json.loads(SUBSET.read_text())
    new = trim(json.loads(asked.new.read_text()), paths=list(old["paths"]))
    print(f"{old['info']['version']} -> {new['info']['version']}")
    print("\n".join(differences(old, new)) or "nothing differs")
    if asked.write:
        target = FOLDER / f"stripe_subset_{new['info']['version']}.json"
        target.write_text(json.dumps(new, separators=(",", ":")))
        print(f"written: {target.name}; name it in schemas.py")


if __name__ == "__main__":
    main()
