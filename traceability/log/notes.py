"""Signed notes, checkpoints and cosignatures (C2SP signed-note, tlog-checkpoint, -cosignature).

A note is text, a blank line, and lines `— name base64(key hash || signature)`. A plain signature
is Ed25519 over the text; a witness's is a time and Ed25519 over `cosignature/v1`, time and text.
"""

import base64
import binascii
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from remelt.traceability.log.merkle import HASH_BYTES

ED25519 = b"\x01"
COSIGNATURE = b"\x04"
_DASH = "— "
_NAME = re.compile(r"[^\s+]+")
_NOT_TEXT = re.compile(r"[\x00-\x09\x0b-\x1f�]")
_MAX_SIGNATURES = 100
_ID_BYTES = 4
_KEY_BYTES = 32
_TIME_BYTES = 8
_SIGNATURE_BYTES = 64


class BadNote(Exception):
    """The note, key or checkpoint is malformed, or no known key signed it. Says what is wrong."""


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key, the name that signs with it, and how: `ED25519` or `COSIGNATURE`."""

    name: str
    key: Ed25519PublicKey
    kind: bytes = ED25519

    @property
    def key_id(self) -> bytes:
        """The four bytes by which a signature names its key."""
        return _key_id(self.name, self.kind + self.key.public_bytes_raw())

    def fits(self, signature: bytes, *, text: str) -> bool:
        """Say whether `signature`, its time included, was made by this key over `text`."""
        time, bare = (signature[:-_SIGNATURE_BYTES], signature[-_SIGNATURE_BYTES:])
        if len(time) != (_TIME_BYTES if self.kind == COSIGNATURE else 0):
            return False
        try:
            self.key.verify(bare, _message(text, time=time))
        except InvalidSignature:
            return False
        return True

    def __str__(self) -> str:
        raw = self.kind + self.key.public_bytes_raw()
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(raw).decode()}"


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key and the name that signs with it."""

    name: str
    key: Ed25519PrivateKey
    kind: bytes = ED25519

    @property
    def verifier(self) -> Verifier:
        """The public half."""
        return Verifier(name=self.name, key=self.key.public_key(), kind=self.kind)

    def __str__(self) -> str:
        raw = self.kind + self.key.private_bytes_raw()
        coded = base64.b64encode(raw).decode()
        return f"PRIVATE+KEY+{self.name}+{self.verifier.key_id.hex()}+{coded}"

    def line(self, text: str, *, at_s: int | None = None) -> str:
        """Return the signature line over a note's text; a witness's tells the time `at_s`."""
        time = b"" if self.kind == ED25519 else (at_s or 0).to_bytes(_TIME_BYTES, "big")
        made = time + self.key.sign(_message(text, time=time))
        coded = base64.b64encode(self.verifier.key_id + made).decode()
        return f"{_DASH}{self.name} {coded}\n"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What the log stood at: its origin, its number of leaves and its root hash."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The three signed lines."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def sign_note(text: str, *, signers: Sequence[Signer]) -> str:
    """Return `text` as a signed note. Raises `BadNote` unless the text ends with a line break."""
    if not text.endswith("\n") or _NOT_TEXT.search(text):
        raise BadNote("a note's text ends with a line break and holds no control characters")
    return f"{text}\n{''.join(signer.line(text) for signer in signers)}"


def open_note(note: str, *, verifiers: Sequence[Verifier]) -> tuple[str, list[str]]:
    """Return the text and the names of the known keys that signed it, in order.

    Signatures of unknown keys are passed over; a wrong one of a known key spoils the note.
    Raises `BadNote` when it is malformed or no known key signed it.
    """
    text, lines = split_note(note)
    known = {(each.name, each.key_id): each for each in verifiers}
    names: list[str] = []
    for line in lines:
        name, key_id, signature = _read_signature(line)
        verifier = known.pop((name, key_id), None)
        if verifier is None:
            continue
        if not verifier.fits(signature, text=text):
            raise BadNote(f"the signature of {name} does not fit the text")
        names.append(name)
    if not names:
        raise BadNote("no known key signed this note")
    return text, names


def read_checkpoint(text: str) -> Checkpoint:
    """Return the checkpoint that three or more lines of `text` state. Raises `BadNote`."""
    parts = text.split("\n")
    if len(parts) < 4 or parts[-1] or not parts[0]:  # noqa: PLR2004 - three lines and the end
        raise BadNote("a checkpoint has three lines: origin, size, root")
    size, root = parts[1], _strict_base64(parts[2])
    if not re.fullmatch(r"0|[1-9][0-9]{0,18}", size):
        raise BadNote(f"{size[:20]!r} is no number of leaves")
    if len(root) != HASH_BYTES:
        raise BadNote("a root hash has 32 bytes")
    return Checkpoint(origin=parts[0], size=int(size), root=root)


def read_verifier(text: str) -> Verifier:
    """Return the public key written as `name+hash+base64`. Raises `BadNote`."""
    name, key_id, kind, key = _read_key(text)
    verifier = Verifier(name=name, key=Ed25519PublicKey.from_public_bytes(key), kind=kind)
    if verifier.key_id != key_id:
        raise BadNote("the key's hash does not fit its name and bytes")
    return verifier


def read_signer(text: str) -> Signer:
    """Return the private key written as `PRIVATE+KEY+name+hash+base64`. Raises `BadNote`."""
    head, _, tail = text.partition("PRIVATE+KEY+")
    if head or not tail:
        raise BadNote("not a private key")
    name, key_id, kind, key = _read_key(tail)
    signer = Signer(name=name, key=Ed25519PrivateKey.from_private_bytes(key), kind=kind)
    if signer.verifier.key_id != key_id:
        raise BadNote("the key's hash does not fit its name and bytes")
    return signer


def new_signer(name: str, *, kind: bytes = ED25519) -> Signer:
    """Return a fresh key. Raises `BadNote` for a name with blanks or plus signs."""
    if not _NAME.fullmatch(name):
        raise BadNote("a key's name has no blanks and no plus signs")
    return Signer(name=name, key=Ed25519PrivateKey.generate(), kind=kind)


def write_key(path: Path, *, name: str, kind: bytes = ED25519) -> Signer:
    """Make a key named `name` at `path`, readable by its owner only, or return the one there.

    An existing file is never overwritten: whoever comes second reads the first one's key.
    Raises `BadNote` for a name with blanks or plus signs, or a file that holds no key.
    """
    made = new_signer(name, kind=kind)
    if path.exists():
        return load_key(path)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{made.verifier.key_id.hex()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(f"{made}\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return load_key(path)


def load_key(path: Path) -> Signer:
    """Return the signer kept at `path`. Raises `BadNote`, or `OSError` when there is no file."""
    return read_signer(path.read_text(encoding="ascii").strip())


def _message(text: str, *, time: bytes) -> bytes:
    head = f"cosignature/v1\ntime {int.from_bytes(time, 'big')}\n" if time else ""
    return (head + text).encode()


def _key_id(name: str, key: bytes) -> bytes:
    return sha256(name.encode() + b"\n" + key).digest()[:_ID_BYTES]


def _read_key(text: str) -> tuple[str, bytes, bytes, bytes]:
    parts = text.split("+", 2)
    if len(parts) != 3 or not _NAME.fullmatch(parts[0]):  # noqa: PLR2004 - name, hash, key
        raise BadNote("a key is written name+hash+base64")
    if not re.fullmatch(r"[0-9a-f]{8}", parts[1]):
        raise BadNote("a key's hash has eight hexadecimal digits")
    raw = _strict_base64(parts[2])
    if raw[:1] not in {ED25519, COSIGNATURE} or len(raw) != 1 + _KEY_BYTES:
        raise BadNote("not an Ed25519 key")
    return parts[0], bytes.fromhex(parts[1]), raw[:1], raw[1:]


def _strict_base64(text: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as reason:
        raise BadNote("not base64") from reason
    if base64.b64encode(raw).decode() != text:
        raise BadNote("not canonical base64")
    return raw


def split_note(note: str) -> tuple[str, list[str]]:
    """Return the text of a note and its signature lines, unchecked. Raises `BadNote`."""
    text, blank, signatures = note.rpartition("\n\n")
    lines = signatures.split("\n")[:-1]
    if not blank or not signatures.endswith("\n") or _NOT_TEXT.search(note):
        raise BadNote("a note is text, a blank line and signature lines")
    if len(lines) > _MAX_SIGNATURES:
        raise BadNote(f"more than {_MAX_SIGNATURES} signatures")
    return f"{text}\n", lines


def _read_signature(line: str) -> tuple[str, bytes, bytes]:
    name, _, coded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not _NAME.fullmatch(name):
        raise BadNote("a signature line is a dash, a name and base64")
    raw = _strict_base64(coded)
    if len(raw) <= _ID_BYTES:
        raise BadNote("a signature is longer than its key's hash")
    return name, raw[:_ID_BYTES], raw[_ID_BYTES:]
