"""The log in public words: its signed checkpoint and the proof of one event."""

import base64
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from remelt.platform.kernel.settings import Settings
from remelt.traceability.notes import Checkpoint, Signer, sign_note, write_key
from remelt.traceability.tiles import Standing
from remelt.web.home import prepare_home

KEY = Path("keys") / "log.key"
PROOF_HEADER = "c2sp.org/tlog-proof@v1"


def log_signer(settings: Settings) -> Signer:
    """Return the key that signs checkpoints; made on first use, named after the tag address.

    The name is the log's origin and never changes again.
    """
    prepare_home(settings.home)
    return write_key(settings.home / KEY, name=f"{urlsplit(settings.base_url).netloc}/log")


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
