"""Identity numbers of sellers: checked, sealed, and shown with their middle hidden."""

import base64
import hashlib
import hmac
import re
import secrets
import unicodedata
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from remelt.platform.yard.errors import BadIdNumber, BusinessNumber

KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_SHAPE = re.compile(r"[1-9]\d{16}[\dX]")
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS: Final = "10X98765432"
_CREDIT_SHAPE = re.compile(r"[1-9A-HJ-NPQRTUWXY][1-9]\d{6}[0-9A-HJ-NPQRTUWXY]{10}")
_CREDIT_SIGNS: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"


class Vault:
    """Seals identity numbers with the installation's key, which lives outside the database."""

    def __init__(self, key: bytes) -> None:
        if len(key) < KEY_BYTES:
            raise ValueError("the identity key has at least 32 bytes")
        self._cipher = AESGCM(_derived(key, b"seal"))
        self._lookup = _derived(key, b"digest")

    def seal(self, number: str) -> str:
        """Return the number encrypted (AES-256-GCM, a fresh nonce), as text."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return base64.b64encode(nonce + self._cipher.encrypt(nonce, number.encode(), None)).decode()

    def open(self, sealed: str) -> str:
        """Return the number that `seal` sealed; whoever opens it has a purpose on record."""
        raw = base64.b64decode(sealed)
        return self._cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], None).decode()

    def digest(self, number: str) -> str:
        """Return the keyed digest that finds the same person again without opening anything."""
        return hmac.digest(self._lookup, number.encode(), hashlib.sha256).hex()


def read_id_number(text: str) -> str:
    """Return a resident identity number, tidied. Raises `BadIdNumber` or `BusinessNumber`.

    Eighteen characters, the last one the check character of GB 11643 (ISO 7064 MOD 11-2). A
    unified social credit code is no person's: its holder issues invoices of its own.

    >>> read_id_number(" 11010519491231002x ")
    '11010519491231002X'
    """
    number = unicodedata.normalize("NFKC", text[:60]).replace(" ", "").upper()
    if _is_resident(number):
        return number
    if is_credit_code(number):
        raise BusinessNumber(field="id_number")
    raise BadIdNumber(field="id_number")


def is_credit_code(number: str) -> bool:
    """Tell whether this is a unified social credit code by its check character (GB 32100).

    >>> is_credit_code("91520000000000000A"), is_credit_code("11010519491231002X")
    (False, False)
    """
    if not _CREDIT_SHAPE.fullmatch(number):
        return False
    signs = [_CREDIT_SIGNS.index(each) for each in number]
    total = sum(sign * pow(3, place, 31) for place, sign in enumerate(signs[:-1]))
    return (31 - total % 31) % 31 == signs[-1]


def _is_resident(number: str) -> bool:
    if not _SHAPE.fullmatch(number):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
    return _CHECKS[total % 11] == number[-1]


def masked(number: str) -> str:
    """Return the number with all but the province and the last two characters hidden.

    >>> masked("11010519491231002X")
    '11**************2X'
    """
    return number[:2] + "*" * (len(number) - 4) + number[-2:]


def _derived(key: bytes, purpose: bytes) -> bytes:
    return HKDF(
        algorithm=SHA256(), length=32, salt=None, info=b"remelt identity " + purpose
    ).derive(key)
