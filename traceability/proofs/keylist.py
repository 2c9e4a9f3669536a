"""Which keys speak for an installation, and when: a note signed by its root key (pure).

One line a key: what it signs, the key, since when, until when (`-` for no limit). Whoever knows
the root key's fingerprint can check everything else from this one file.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from hashlib import sha256

import orjson

from remelt.traceability.facts import canonical
from remelt.traceability.log.notes import (
    COSIGNATURE,
    ED25519,
    BadNote,
    Signer,
    Verifier,
    open_note,
    read_verifier,
    sign_note,
)

HEADER = "remelt/keys@v1"
LOG, PASSPORT, WITNESS = "log", "passport", "witness"
USES = {LOG: ED25519, PASSPORT: ED25519, WITNESS: COSIGNATURE}
_NO_LIMIT = "-"
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ|-", re.ASCII)
_HEAD, _WORDS = 3, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyLine:
    """One key: what it signs, and the moments (`2026-03-02T04:00:00Z`, or `-`) it signs between."""

    use: str
    verifier: Verifier
    since: str = _NO_LIMIT
    until: str = _NO_LIMIT

    @property
    def current(self) -> bool:
        """Whether the key signs today: it has no end."""
        return self.until == _NO_LIMIT

    def __str__(self) -> str:
        return f"{self.use} {self.verifier} {self.since} {self.until}"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyList:
    """The keys of one installation; `edition` grows by one with every change."""

    origin: str
    edition: int
    lines: tuple[KeyLine, ...]

    @property
    def text(self) -> str:
        """The signed text."""
        return "\n".join([HEADER, self.origin, str(self.edition), *map(str, self.lines), ""])

    def verifiers(self, *uses: str) -> list[Verifier]:
        """Return the keys of these uses, retired ones too."""
        return [line.verifier for line in self.lines if line.use in uses]

    @property
    def witnesses(self) -> list[Verifier]:
        """Return the keys whose cosignatures are taken and shown today."""
        return [line.verifier for line in self.lines if line.use == WITNESS and line.current]

    def current(self, use: str) -> KeyLine | None:
        """Return the key that signs for `use` today, or None."""
        return next((line for line in self.lines if line.use == use and line.current), None)


def fingerprint(root: Verifier) -> str:
    """Return what a root key is known by: SHA-256 of its written form, in hexadecimal."""
    return sha256(str(root).encode()).hexdigest()


def sign_list(keys: KeyList, *, root: Signer) -> bytes:
    """Return `keys.json`: the signed list and the root key, as canonical JSON."""
    note = sign_note(keys.text, signers=[root])
    return canonical({"list": note, "root": str(root.verifier)})


def read_list(file: bytes, *, root: str | None = None) -> KeyList:
    """Return the list of a `keys.json`. Raises `BadNote` when anything about it is wrong.

    root: the fingerprint that the reader trusts; None only to read what is one's own.
    """
    try:
        told = orjson.loads(file)
        verifier = read_verifier(told["root"])
        text, _ = open_note(told["list"], verifiers=[verifier])
    except (ValueError, KeyError, TypeError, AttributeError) as reason:
        raise BadNote("this is no key list") from reason
    if canonical(told) != file:
        raise BadNote("the key list is not in its one canonical form")
    if root is not None and fingerprint(verifier) != root:
        raise BadNote(f"the key list is signed by another root: {fingerprint(verifier)}")
    return _read_text(text)


def first_list(origin: str, *, log: Verifier, passport: Verifier) -> KeyList:
    """Return the list an installation starts with; its first keys speak from the beginning."""
    lines = (KeyLine(use=LOG, verifier=log), KeyLine(use=PASSPORT, verifier=passport))
    return KeyList(origin=origin, edition=1, lines=lines)


def rotated(keys: KeyList, *, use: str, fresh: Verifier, at: str, revoke: bool = False) -> KeyList:
    """Return the list after `fresh` took over from the key that signed for `use`.

    The old key ends `at`: what it signed before still holds. revoke: it is taken off the list,
    and nothing that it ever signed holds any more.
    """
    kept = [
        replace(line, until=at) if line.use == use and line.current else line
        for line in keys.lines
        if not (revoke and line.use == use and line.current)
    ]
    lines = (*kept, KeyLine(use=use, verifier=fresh, since=at))
    return replace(keys, edition=keys.edition + 1, lines=lines)


def with_witness(keys: KeyList, *, witness: Verifier, at: str) -> KeyList:
    """Return the list with one more witness; the same again changes nothing."""
    if witness.kind != COSIGNATURE:
        raise BadNote("a witness signs with a cosignature key (type 0x04)")
    if witness.name in {keys.origin, *(each.name for each in keys.verifiers(LOG, PASSPORT))}:
        raise BadNote(f"{witness.name} is a name of the log itself: no witness may bear it")
    if str(witness) in map(str, keys.witnesses):
        return keys
    lines = (*keys.lines, KeyLine(use=WITNESS, verifier=witness, since=at))
    return replace(keys, edition=keys.edition + 1, lines=lines)


def without_witness(keys: KeyList, *, name: str, at: str) -> KeyList:
    """Return the list after the witness `name` ended `at`: what it cosigned before still holds."""
    ended = [
        line.use == WITNESS and line.current and line.verifier.name == name for line in keys.lines
    ]
    if not any(ended):
        raise BadNote("no witness of this name is listed")
    lines = tuple(
        replace(line, until=at) if end else line
        for line, end in zip(keys.lines, ended, strict=True)
    )
    return replace(keys, edition=keys.edition + 1, lines=lines)


def _read_text(text: str) -> KeyList:
    head, rest = text.split("\n")[:_HEAD], text.split("\n")[_HEAD:-1]
    if len(head) < _HEAD or head[0] != HEADER or not re.fullmatch("[1-9][0-9]{0,8}", head[2]):
        raise BadNote(f"a key list begins with {HEADER}, its origin and its edition")
    return KeyList(origin=head[1], edition=int(head[2]), lines=tuple(_read_lines(rest)))


def _read_lines(lines: Iterable[str]) -> Iterable[KeyLine]:
    for line in lines:
        words = line.split(" ")
        if len(words) != _WORDS or not all(map(_MOMENT.fullmatch, words[2:])):
            raise BadNote(f"no line of a key list: {line[:80]!r}")
        use, verifier = words[0], read_verifier(words[1])
        if USES.get(use) != verifier.kind:
            raise BadNote(f"no key of this kind signs for {use[:20]!r}")
        yield KeyLine(use=use, verifier=verifier, since=words[2], until=words[3])
