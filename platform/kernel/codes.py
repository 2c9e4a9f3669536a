"""Codes that people see, type and scan: unguessable, with two check characters."""

import secrets
import unicodedata

from remelt.platform.kernel.errors import Invalid

BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
BODY = 12
LENGTH = BODY + 2


class BadCode(Invalid):
    """The code is mistyped: its check characters do not fit."""

    code = "bad-code"


def check_characters(body: str) -> str:
    """Return the two check characters of `body` (letters and digits), ISO 7064 MOD 1271-36.

    >>> check_characters("ISO79")
    '3W'
    """
    product = 0
    for character in body:
        product = (product + ALPHABET.index(character)) * 36 % 1271
    check = (1 - product * 36 % 1271) % 1271
    return ALPHABET[check // 36] + ALPHABET[check % 36]


def new_code() -> str:
    """Return a fresh code: 60 random bits in upper-case base32 and two check characters."""
    body = "".join(secrets.choice(BASE32) for _ in range(BODY))
    return body + check_characters(body)


def read_code(text: str) -> str:
    """Return the code a person typed or scanned, tidied.

    Full-width letters, spaces, hyphens and lower case are forgiven; a whole tag address is cut
    to its last part. Raises `BadCode` when the check characters do not fit.
    """
    tidy = unicodedata.normalize("NFKC", text[:500]).strip().rstrip("/").rsplit("/", 1)[-1]
    code = tidy.replace(" ", "").replace("-", "").upper()
    fits = len(code) == LENGTH and all(c in ALPHABET for c in code)
    if not fits or check_characters(code[:-2]) != code[-2:]:
        raise BadCode(field="code", typed=code[:20])
    return code


def gs1_check_digit(digits: str) -> str:
    """Return the check digit of a GS1 key: weights 3 and 1 from the right, modulo 10.

    >>> gs1_check_digit("0690000000000")
    '7'
    """
    total = sum(int(digit) * (3, 1)[place % 2] for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def fits_gs1(key: str) -> bool:
    """Tell whether the last digit of a GTIN or SSCC fits the others."""
    return gs1_check_digit(key[:-1]) == key[-1]
