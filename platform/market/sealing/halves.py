"""The key of a sealed auction in two halves, of which either alone says nothing.

The installation keeps one half as a file beside its database, the second holder keeps the other
as a line of text. The private key exists in memory twice: when it is made and when both are
together again.
"""

import base64
import binascii
import hashlib
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from remelt.platform.market.sealing.errors import (
    HalfMissing,
    HalfNotGiven,
    HalfOfAnother,
    HalfUnreadable,
)

KEY_BYTES: Final = 32
PREFIX: Final = "remelt-half-1"
LONGEST: Final = 200
_CHECK: Final = 8


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just made: `public` may be known to all, the two halves never to one alone."""

    public: bytes
    kept: bytes = field(repr=False)
    given: str = field(repr=False)


def make_key(auction_code: str) -> NewKey:
    """Return a fresh X25519 key whose private half is split by a random mask (XOR).

    Each half alone is uniformly random: it carries no bit of the key.
    """
    private = X25519PrivateKey.generate()
    kept = secrets.token_bytes(KEY_BYTES)
    other = _xor(private.private_bytes_raw(), kept)
    return NewKey(
        public=private.public_key().public_bytes_raw(),
        kept=kept,
        given=written(other, auction_code=auction_code),
    )


def written(half: bytes, *, auction_code: str) -> str:
    """Return the second holder's half as one line that tells a slip of the hand."""
    body = f"{PREFIX}.{auction_code}.{base64.urlsafe_b64encode(half).decode().rstrip('=')}"
    return f"{body}.{_check(body)}"


def read_half(text: str, *, auction_code: str) -> bytes:
    """Return the half that the second holder presents.

    Raises `HalfNotGiven`, `HalfUnreadable` or `HalfOfAnother`.
    """
    line = "".join(text[:LONGEST].split())
    if not line:
        raise HalfNotGiven(field="half")
    body, _, check = line.rpartition(".")
    parts = body.split(".")
    if len(parts) != 3 or parts[0] != PREFIX or check != _check(body):  # noqa: PLR2004
        raise HalfUnreadable(field="half")
    if parts[1] != auction_code:
        raise HalfOfAnother(field="half")
    try:
        half = base64.b64decode(parts[2] + "=", altchars=b"-_", validate=True)
    except binascii.Error:
        raise HalfUnreadable(field="half") from None
    if len(half) != KEY_BYTES:
        raise HalfUnreadable(field="half")
    return half


def join(kept: bytes, given: bytes, *, public: bytes) -> X25519PrivateKey:
    """Return the private key of `public` from its two halves. Raises `HalfOfAnother`."""
    private = X25519PrivateKey.from_private_bytes(_xor(kept, given))
    if private.public_key().public_bytes_raw() != public:
        raise HalfOfAnother(field="half")
    return private


@dataclass(frozen=True, slots=True)
class HalfFolder:
    """Where the installation's halves lie: one file a key, outside database and backup."""

    folder: Path

    def keep(self, half: bytes, *, public: bytes) -> None:
        """Write a half, on the disk before this returns; only the server's user may read it."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(self._path(public), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(handle, half)
            os.fsync(handle)
        finally:
            os.close(handle)
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def read(self, public: bytes) -> bytes:
        """Return the half of the key `public`. Raises `HalfMissing`."""
        try:
            half = self._path(public).read_bytes()
        except FileNotFoundError:
            raise HalfMissing from None
        if len(half) != KEY_BYTES:
            raise HalfMissing
        return half

    def drop(self, public: bytes) -> None:
        """Remove a half that nothing is sealed to any more."""
        self._path(public).unlink(missing_ok=True)

    def _path(self, public: bytes) -> Path:
        return self.folder / f"{fingerprint(public)}.half"


def fingerprint(public: bytes) -> str:
    """Return what a public key is called: the first 32 hex digits of its SHA-256."""
    return hashlib.sha256(public).hexdigest()[:32]


def _check(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()[:_CHECK]


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))
