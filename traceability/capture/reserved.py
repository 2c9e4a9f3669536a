"""Names that this ledger alone says: under any prefix or term, at any depth. Pure.

Contexts are texts and are never fetched, so only what a document binds itself is resolved.
"""

from collections.abc import Iterator, Mapping
from typing import Any

OWN = "urn:remelt:ns:"
PREFIX = "remelt"
RULE = "reserved-name"
_VOCABULARY = "@vocab"
Keys = tuple[str | int, ...]


def rebound(context: list[Any]) -> bool:
    """Tell whether a context takes our prefix for something else, or all bare names for ours.

    >>> rebound([{"remelt": "urn:x:"}]), rebound([{"remelt": "urn:remelt:ns:"}])
    (True, False)
    """
    if any(part.get(PREFIX, OWN) != OWN for part in context if isinstance(part, dict)):
        return True
    return bindings(context).get(_VOCABULARY, "").startswith(OWN)


def bindings(context: list[Any]) -> dict[str, str]:
    """Return what each name of a context stands for, one leading to the next followed to its end.

    >>> bindings([{"a": "urn:remelt:", "b": "a:ns:"}])["b"]
    'urn:remelt:ns:'
    """
    said: dict[str, str] = {}
    for part in context:
        for name, value in part.items() if isinstance(part, dict) else ():
            stands = value.get("@id") if isinstance(value, dict) else value
            if isinstance(stands, str):
                said[name] = stands
    return {name: _followed(name, said) for name in said}


def reserved(event: Mapping[str, Any], names: dict[str, str], *, text: bytes) -> Iterator[Keys]:
    """Give the place of each field of `event` whose full name is ours. text: of the event."""
    suspect = any(v.startswith(OWN) or OWN.startswith(v) for v in names.values())
    if suspect or b"remelt" in text or text.count(b'"@context"') > 1:
        yield from _found(event, names, ())


def _found(value: Any, names: dict[str, str], path: Keys) -> Iterator[Keys]:
    if isinstance(value, list):
        for at, each in enumerate(value):
            yield from _found(each, names, (*path, at))
    if not isinstance(value, dict):
        return
    if path and "@context" in value:
        inner = value["@context"]
        parts = inner if isinstance(inner, list) else [inner]
        names = names | bindings([names, *parts])
        if rebound(parts):
            yield (*path, "@context")
    for name in sorted(value.keys() - {"@context"}):
        if _is_ours(name, names):
            yield (*path, name)
        yield from _found(value[name], names, (*path, name))


def _is_ours(name: str, names: Mapping[str, str]) -> bool:
    prefix, colon, local = name.partition(":")
    full = names[prefix] + local if colon and prefix in names else name
    return names.get(name, full).startswith(OWN) or name.startswith(PREFIX + ":")


def _followed(name: str, said: Mapping[str, str]) -> str:
    """Follow a name through the names that it is made of; each is gone through once."""
    full, seen = said[name], {name}
    while True:
        prefix, colon, local = full.partition(":")
        at = full if full in said else prefix
        if at in seen or at not in said or (at == prefix and not colon):
            return full
        seen.add(at)
        full = said[at] if at == full else said[at] + local
