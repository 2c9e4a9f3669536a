"""The log in public words: its key, the proof of one event, the proof that it only grew."""

import base64
from collections.abc import Sequence

from remelt.platform.kernel.settings import Settings
from remelt.traceability.notes import Signer
from remelt.web.keys import keyring

PROOF_HEADER = "c2sp.org/tlog-proof@v1"


def log_signer(settings: Settings) -> Signer:
    """Return the key that signs checkpoints; its name is the log's origin and never changes."""
    return keyring(settings).log


def proof_text(path: Sequence[bytes], *, index: int, note: str) -> str:
    """Return a proof that needs no network: the leaf's index, its path, the signed checkpoint.

    Source: C2SP tlog-proof.
    """
    hashes = "".join(f"{base64.b64encode(step).decode()}\n" for step in path)
    return f"{PROOF_HEADER}\nindex {index}\n{hashes}\n{note}"


def consistency_text(path: Sequence[bytes], *, old: int, note: str) -> str:
    """Return a consistency proof as a witness reads it: the old size, the path, the checkpoint.

    Source: C2SP tlog-witness, `add-checkpoint`.
    """
    hashes = "".join(f"{base64.b64encode(step).decode()}\n" for step in path)
    return f"old {old}\n{hashes}\n{note}"
