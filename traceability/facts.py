"""What an event says, before it is put into the standard's words; private values are marked."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

SEALED = "urn:remelt:sealed:"
Facts = dict[str, Any]


@dataclass(frozen=True)
class Private:
    """A value of `subject` that the public body shows only as a digest."""

    subject: str
    value: Any


@dataclass(frozen=True)
class Opened:
    """A private value with its place in the event."""

    path: str
    subject: str
    value: Any


def canonical(value: Any) -> bytes:
    """Return the one JSON form of `value`: sorted keys, no blanks; equals RFC 8785 for our bodies.

    >>> canonical({"b": 1, "a": "罐"}).decode()
    '{"a":"罐","b":1}'
    """
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def subjects(facts: Any) -> set[str]:
    """Return whose values stand in `facts`."""
    return {each.subject for each in _privates(facts, path="")}


def close(facts: Facts, *, keys: Mapping[str, bytes]) -> tuple[Facts, list[Opened]]:
    """Return the public facts, digests in place of private values, and the opened values.

    The salt of a field is HMAC(subject key, path | all private content of the event): the same
    event gives the same digests, two events share none. Erasing the key makes them mute.
    """
    opened = sorted(_privates(facts, path=""), key=lambda each: each.path)
    content = canonical({each.path: each.value for each in opened})
    digests = {each.path: digest(each, content=content, key=keys[each.subject]) for each in opened}
    public: Facts = _replaced(facts, digests, path="")
    return public, opened


def digest(private: Opened, *, content: bytes, key: bytes) -> str:
    """Return the salted digest that stands for a private value in the public body."""
    salt = hmac.digest(key, private.path.encode() + b"|" + content, hashlib.sha256)
    return SEALED + hmac.digest(salt, canonical(private.value), hashlib.sha256).hex()


def reopen(public: Facts, values: Mapping[str, Any]) -> Facts:
    """Return `public` with every known private value back in its place (by path)."""
    facts: Facts = _replaced(public, values, path="")
    return facts


def plain(facts: Any) -> Any:
    """Return the facts with every private value in clear."""
    if isinstance(facts, Private):
        return facts.value
    if isinstance(facts, dict):
        return {name: plain(value) for name, value in facts.items()}
    if isinstance(facts, list | tuple):
        return [plain(value) for value in facts]
    return facts


def _privates(facts: Any, *, path: str) -> list[Opened]:
    if isinstance(facts, Private):
        return [Opened(path, facts.subject, facts.value)]
    return [found for at, value in _members(facts, path) for found in _privates(value, path=at)]


def _replaced(facts: Any, values: Mapping[str, Any], *, path: str) -> Any:
    if path in values:
        return values[path]
    if isinstance(facts, dict):
        return {
            name: _replaced(each, values, path=f"{path}/{name}") for name, each in facts.items()
        }
    if isinstance(facts, list | tuple):
        return [_replaced(each, values, path=f"{path}/{i}") for i, each in enumerate(facts)]
    return facts


def _members(facts: Any, path: str) -> list[tuple[str, Any]]:
    if isinstance(facts, dict):
        return [(f"{path}/{name}", value) for name, value in facts.items()]
    if isinstance(facts, list | tuple):
        return [(f"{path}/{i}", value) for i, value in enumerate(facts)]
    return []
