"""The page and the program that check a passport without a network, as they are handed out."""

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

from remelt.traceability.proofs import verifier

PAGE = Path(__file__).parent / "offline" / "verify.html"
PROGRAM = Path(verifier.__file__)
_POLICY = re.compile(r'http-equiv="Content-Security-Policy" content="([^"]*)"')


@cache
def page() -> bytes:
    """Return the page: one file, that asks no network for anything."""
    return PAGE.read_bytes()


@cache
def program() -> bytes:
    """Return the verifier's source: one file, that imports nothing of ours."""
    return PROGRAM.read_bytes()


@cache
def policy() -> str:
    """Return what the page may do: run its own style and script, and nothing else."""
    found = _POLICY.search(page().decode())
    return "" if found is None else found[1]


def hashes(text: str) -> dict[str, str]:
    """Return the CSP hash of the page's one style and one script."""
    found = {}
    for name in ("style", "script"):
        inner = text.partition(f"<{name}>")[2].partition(f"</{name}>")[0]
        digest = base64.b64encode(hashlib.sha256(inner.encode()).digest()).decode()
        found[name] = f"sha256-{digest}"
    return found
