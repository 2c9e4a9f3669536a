"""The log in public words: its key, the proof of one event, the proof that it only grew."""

import base64
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlmodel import Session, select

from remelt.platform.kernel.settings import Settings
from remelt.traceability.facts import canonical
from remelt.traceability.log import tiles
from remelt.traceability.log.notes import Signer
from remelt.traceability.models import LedgerEvent
from remelt.traceability.proofs.cosigning import cosigned
from remelt.traceability.proofs.credentials import did_web, multikey, signed
from remelt.traceability.proofs.keylist import PASSPORT
from remelt.traceability.proofs.models import Certificate
from remelt.web.keys import Keyring, keyring, written
from remelt.web.publishing import note_of

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


def passport_file(
    session: Session, certificate: Certificate, *, ring: Keyring, now: datetime
) -> bytes:
    """Return a certificate as `passport.json`: signed, with its place in the log. Canonical.

    The checkpoint is the newest that a witness signed, if the certificate stands in it, else that
    of the log as it stands.
    """
    event = session.exec(
        select(LedgerEvent).where(LedgerEvent.hash == certificate.event_hash)
    ).one()
    credential = orjson.loads(certificate.body)
    evidence = {
        "type": ["LogInclusion"],
        "event": event.body,
        "proof": event_proof(session, index=event.seq, ring=ring),
    }
    public = ring.passport.verifier.key
    line = ring.keys.current(PASSPORT)
    since = line.since if line and line.since != "-" else ""
    document = signed(
        {**credential, "evidence": [evidence]},
        key=ring.passport.key,
        method=f"{credential['issuer']}#{multikey(public)}",
        created=max(written(now), since, credential["validFrom"]),
    )
    return canonical(document)


def event_proof(session: Session, *, index: int, ring: Keyring) -> str:
    """Return the proof of one event, at the newest cosigned checkpoint that holds it, if any."""
    attested = cosigned(session, witnesses=ring.keys.witnesses, least=index + 1)
    stands = attested or tiles.head(session)
    path = tiles.inclusion(session, index=index, size=stands.size)
    note = note_of(session, ring=ring, size=stands.size, root=stands.root)
    return proof_text(path, index=index, note=note)


def did_document(ring: Keyring, *, base_url: str) -> dict[str, Any]:
    """Return the did:web document of the installation: its passport keys, current and retired."""
    name = did_web(base_url)
    keys = [multikey(verifier.key) for verifier in ring.keys.verifiers(PASSPORT)]
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": name,
        "verificationMethod": [
            {
                "id": f"{name}#{key}",
                "type": "Multikey",
                "controller": name,
                "publicKeyMultibase": key,
            }
            for key in keys
        ],
        "assertionMethod": [f"{name}#{key}" for key in keys],
    }
