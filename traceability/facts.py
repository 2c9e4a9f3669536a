"""What an event says, before it is put into the standard's words; private values are marked."""

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

SEALED = "urn:remelt:sealed:"
NONCE = "nonce"
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

    Each subject's values are salted under its own key and the event's nonce alone, so that what
    is left of an event can still be checked, and nothing erased be guessed, once another
    subject's key is gone. The nonce binds every private value: the same event gives the same
    digests, two events share none.
    """
    opened = sorted(_privates(facts, path=""), key=lambda each: each.path)
    said = _by_subject(opened)
    nonce = _nonce(said, keys=keys)
    salted = _salts(said, nonce=nonce, keys=keys)
    digests = {each.path: digest(each.value, salt=salted[each.path]) for each in opened}
    public: Facts = _replaced(facts, digests, path="")
    return public | {NONCE: nonce}, opened


def digest(value: Any, *, salt: bytes) -> str:
    """Return what stands for a private value in the public body: HMAC(salt, canonical value)."""
    return SEALED + hmac.digest(salt, canonical(value), hashlib.sha256).hex()


def salts(
    public: Facts, opened: Iterable[Opened], *, keys: Mapping[str, bytes]
) -> dict[str, bytes]:
    """Return the salt of every opened value of an event, by path, whose subject has a key."""
    return _salts(_by_subject(opened), nonce=str(public.get(NONCE)), keys=keys)


def changed_values(
    public: Facts, opened: Sequence[Opened], *, keys: Mapping[str, bytes]
) -> list[str]:
    """Return the paths of opened values that do not give the digest of the public facts.

    Values of an erased subject are neither here nor asked for; those of the others are checked.
    """
    salted = salts(public, opened, keys=keys)
    sealed = digests_in(public)
    return [
        each.path
        for each in opened
        if each.path not in salted
        or sealed.get(each.path) != digest(each.value, salt=salted[each.path])
    ]


def digests_in(public: Any, path: str = "") -> dict[str, str]:
    """Return every digest that stands in public facts, by path."""
    if isinstance(public, str):
        return {path: public} if public.startswith(SEALED) else {}
    found: dict[str, str] = {}
    for at, each in _members(public, path):
        if type(each) is str:
            if each.startswith(SEALED):
                found[at] = each
        elif type(each) is dict or type(each) is list:
            found |= digests_in(each, at)
    return found


def reopen(public: Facts, values: Mapping[str, Any]) -> Facts:
    """Return `public` with every known private value back in its place (by path)."""
    facts: Facts = _replaced(public, values, path="") if values else public
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


def _salts(
    said: Mapping[str, Mapping[str, Any]], *, nonce: str, keys: Mapping[str, bytes]
) -> dict[str, bytes]:
    """Return the salt of each private value: HMAC(subject key, path | what it said | nonce).

    said: all that each subject's values say in the event, by path.
    """
    found: dict[str, bytes] = {}
    for subject, content in said.items():
        if subject in keys:
            rest = b"|" + canonical(content) + b"|" + nonce.encode()
            for path in content:
                found[path] = hmac.digest(keys[subject], path.encode() + rest, "sha256")
    return found


def _by_subject(opened: Iterable[Opened]) -> dict[str, dict[str, Any]]:
    said: dict[str, dict[str, Any]] = {}
    for each in opened:
        said.setdefault(each.subject, {})[each.path] = each.value
    return said


def _nonce(said: Mapping[str, Mapping[str, Any]], *, keys: Mapping[str, bytes]) -> str:
    """Return 128 bits that all private values of an event decide, and nobody can turn back."""
    parts = sorted(
        hmac.digest(keys[subject], b"nonce|" + canonical(content), hashlib.sha256)
        for subject, content in said.items()
    )
    return hashlib.sha256(b"".join(parts)).hexdigest()[:32]
