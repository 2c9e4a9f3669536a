"""Signed credentials: W3C Data Integrity with `eddsa-jcs-2022`, and did:web names (pure).

The document is canonical JSON (RFC 8785); what is signed is SHA-256 of the proof's options
followed by SHA-256 of the document without its proof.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import quote, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from remelt.traceability.facts import canonical

CONTEXT = (
    "https://www.w3.org/ns/credentials/v2",
    "https://www.w3.org/ns/credentials/undefined-terms/v2",
)
SUITE = "eddsa-jcs-2022"
_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_ED25519_PUBLIC = b"\xed\x01"


def signed(
    document: Mapping[str, Any], *, key: Ed25519PrivateKey, method: str, created: str
) -> dict[str, Any]:
    """Return `document` with a Data Integrity proof by `key`.

    method: the verification method that names the key; created: XML date-time with `Z`.
    """
    options = {
        "type": "DataIntegrityProof",
        "cryptosuite": SUITE,
        "created": created,
        "verificationMethod": method,
        "proofPurpose": "assertionMethod",
    }
    if "@context" in document:
        options["@context"] = document["@context"]
    value = "z" + base58(key.sign(signed_bytes(document, options=options)))
    return {**document, "proof": {**options, "proofValue": value}}


def holds(document: Mapping[str, Any], *, key: Ed25519PublicKey) -> bool:
    """Say whether the proof of `document` was made by `key` over all of the rest."""
    proof = dict(document["proof"])
    value = str(proof.pop("proofValue"))
    rest = {name: each for name, each in document.items() if name != "proof"}
    try:
        key.verify(from_base58(value[1:]), signed_bytes(rest, options=proof))
    except (InvalidSignature, ValueError):
        return False
    return value.startswith("z")


def signed_bytes(document: Mapping[str, Any], *, options: Mapping[str, Any]) -> bytes:
    """Return the 64 bytes that a proof with these options signs."""
    return sha256(canonical(options)).digest() + sha256(canonical(document)).digest()


def multikey(key: Ed25519PublicKey) -> str:
    """Return a public key as `publicKeyMultibase`: `z6Mk...`."""
    return "z" + base58(_ED25519_PUBLIC + key.public_bytes_raw())


def did_web(base_url: str) -> str:
    """Return the name of the installation at this address, which needs no registry.

    >>> did_web("http://127.0.0.1:8000")
    'did:web:127.0.0.1%3A8000'
    >>> did_web("https://id.example/remelt")
    'did:web:id.example:remelt'
    """
    parts = urlsplit(base_url)
    path = [quote(part, safe="") for part in parts.path.split("/") if part]
    return ":".join(["did:web", quote(parts.netloc, safe=""), *path])


def base58(raw: bytes) -> str:
    """Return bytes in the Bitcoin alphabet; leading zero bytes as `1`."""
    number, text = int.from_bytes(raw, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = _ALPHABET[digit] + text
    return "1" * (len(raw) - len(raw.lstrip(b"\0"))) + text


def from_base58(text: str) -> bytes:
    """Return the bytes that `base58` wrote. Raises `ValueError` for another character."""
    number = 0
    for character in text:
        number = number * 58 + _ALPHABET.index(character)
    zeros = len(text) - len(text.lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")
