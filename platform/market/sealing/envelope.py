"""A sealed offer: shut on receipt to the auction's public key, by HPKE (RFC 9180).

X25519, HKDF-SHA256 and ChaCha20-Poly1305 in base mode: whoever holds the private key can open an
envelope with any implementation of the standard. Auction and bidder are bound in as `info`, so an
envelope cannot be moved to another name.
"""

import base64
import hashlib
import secrets
from dataclasses import dataclass
from typing import Final, Self

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
CONTENT_BYTES: Final = 128
BLIND_BYTES: Final = 32


class Unopenable(Exception):
    """The envelope was not shut to this key, or for this auction and bidder."""


@dataclass(frozen=True, slots=True)
class SealedOffer:
    """What is inside: the price, and a blind that keeps its digest from being guessed."""

    price_fen_per_t: int
    blind: str

    @classmethod
    def of(cls, price_fen_per_t: int) -> Self:
        """Return an offer with a fresh blind."""
        return cls(price_fen_per_t, secrets.token_urlsafe(BLIND_BYTES))

    def content(self) -> bytes:
        """Return the bytes that are shut in: always the same length, so that none tells.

        >>> len(SealedOffer(1, "x").content()) == len(SealedOffer(99_999_999, "x").content())
        True
        """
        said = {"blind": self.blind, "price_fen_per_t": self.price_fen_per_t}
        return orjson.dumps(said).ljust(CONTENT_BYTES)

    def digest(self) -> str:
        """Return the digest of the content, published at the opening."""
        return hashlib.sha256(self.content()).hexdigest()


def seal(offer: SealedOffer, *, public: bytes, auction_code: str, bidder_code: str) -> bytes:
    """Return `offer` shut to the key `public` for this auction and bidder."""
    key = X25519PublicKey.from_public_bytes(public)
    return SUITE.encrypt(offer.content(), key, info=_info(auction_code, bidder_code))


def unseal(
    envelope: bytes, *, private: X25519PrivateKey, auction_code: str, bidder_code: str
) -> SealedOffer:
    """Return what was shut in. Raises `Unopenable`."""
    try:
        content = SUITE.decrypt(envelope, private, info=_info(auction_code, bidder_code))
        said = orjson.loads(content)
        return SealedOffer(said["price_fen_per_t"], said["blind"])
    except (InvalidTag, ValueError, KeyError, TypeError):
        raise Unopenable from None


def receipt(envelope: bytes) -> str:
    """Return what a bidder keeps of its shut offer: the SHA-256 of the envelope.

    At the opening the same receipt stands beside the digest of what was read.
    """
    return hashlib.sha256(envelope).hexdigest()


def blind_key(client_key: str) -> str:
    """Return what is stored of the key a client sent: it finds the retry, and opens nothing."""
    return hashlib.sha256(b"remelt sealed bid key\0" + client_key.encode()).hexdigest()


def blind_body(body: bytes, *, client_key: str) -> str:
    """Return a digest of a sent body under the client's own key, which is not stored.

    A plain digest of a price is found by trying all prices.
    """
    keyed = hashlib.blake2b(body, key=hashlib.sha256(client_key.encode()).digest(), digest_size=32)
    return keyed.hexdigest()


def as_text(raw: bytes) -> str:
    """Return bytes as the text that a column or an answer holds."""
    return base64.urlsafe_b64encode(raw).decode()


def as_bytes(text: str) -> bytes:
    """Return the bytes of `as_text`."""
    return base64.urlsafe_b64decode(text)


def _info(auction_code: str, bidder_code: str) -> bytes:
    return f"remelt sealed bid 1\n{auction_code}\n{bidder_code}".encode()
