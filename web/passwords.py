"""Passwords: hashed with argon2id, by the same rules with and without a request."""

import secrets
import unicodedata
from typing import Final

from argon2 import PasswordHasher

from remelt.platform.kernel.errors import Invalid

OPTIONS: Final = {
    "argon2__memory_cost": 19_456,
    "argon2__time_cost": 2,
    "argon2__parallelism": 1,
}
"""19 MiB, two passes, one lane (OWASP), as Flask-Security's passlib names them."""
SHORTEST: Final = 10
LONGEST: Final = 200
_hasher = PasswordHasher(memory_cost=19_456, time_cost=2, parallelism=1)


class WeakPassword(Invalid):
    """A password is at least ten characters and is neither the login nor one sign repeated."""

    code = "weak-password"


def hash_password(password: str, *, login: str = "", field: str = "password") -> str:
    """Return the hash that is kept of a new password. Raises `WeakPassword`."""
    typed = unicodedata.normalize("NFKD", password)
    repeated = len(set(typed)) < 4  # noqa: PLR2004 - three signs are a pattern
    if not SHORTEST <= len(typed) <= LONGEST or repeated or typed.lower() == login.lower():
        raise WeakPassword(field=field, least=SHORTEST, most=LONGEST)
    return _hasher.hash(typed)


NOBODY: Final = hash_password("no such login: the same work is done for it")
"""Checked when a login is unknown, so that the answer takes the same time."""


def fresh_password() -> str:
    """A password to tell once: 15 characters, 71 random bits, easy to read out."""
    signs = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(signs) for _ in range(5)) for _ in range(3))
