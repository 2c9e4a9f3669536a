"""The log in public words: its signed checkpoint and the proof of one event."""

import base64
from collections.abc import Sequence

from remelt.platform.kernel.settings import Settings
from remelt.traceability.notes import Checkpoint, Signer, sign_note
from remelt.traceability.tiles import Standing
from remelt.web.keys import keyring

PROOF_HEADER = "c2sp.org/tlog-proof@v1"


def log_signer(settings: Settings) -> Signer:
    """Return the key that signs checkpoints; its name is the log's origin and never changes."""
    return keyring(settings).log


def checkpoint_note(standing: Standing, *, signer: Signer) -> str:
    """Return the signed checkpoint of a log that stands so."""
    checkpoint = Checkpoint(origin=signer.name, size=standing.size, root=standing.root)
    return sign_note(checkpoint.text, signers=[signer])


def proof_text(path: Sequence[bytes], *, index: int, note: str) -> str:
    """Return a proof that needs no network: the leaf's index, its path, the signed checkpoint.

    Source: C2SP tlog-proof.
    """
    hashes = "".join(f"{base64.b64encode(step).decode()}\n" for step in path)
    return f"{PROOF_HEADER}\nindex {index}\n{hashes}\n{note}"
