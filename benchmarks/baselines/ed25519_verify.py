"""The peer of a passport's check: nothing but Ed25519 verifications by `cryptography`."""

import time

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def seconds_each(count: int, *, size: int = 200) -> float:
    """Return the seconds of one bare verification of `size` bytes, over `count` of them."""
    key = Ed25519PrivateKey.generate()
    message = bytes(size)
    signature, public = key.sign(message), key.public_key()
    start = time.perf_counter()
    for _ in range(count):
        public.verify(signature, message)
    return (time.perf_counter() - start) / count
