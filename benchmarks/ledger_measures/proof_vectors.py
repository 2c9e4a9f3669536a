"""The reference vectors of logs, notes and Data Integrity, each judged by our own functions."""

import base64
import json
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from frame import Row

from remelt.traceability.facts import canonical
from remelt.traceability.log import merkle as log
from remelt.traceability.log.notes import (
    BadNote,
    new_signer,
    open_note,
    read_signer,
    read_verifier,
    sign_note,
)
from remelt.traceability.proofs.credentials import (
    base58,
    from_base58,
    holds,
    multikey,
    signed,
    signed_bytes,
)
from remelt.traceability.proofs.verifier import Bad, key_of, logged


def vectors(_quick: bool) -> Iterable[Row]:  # noqa: FBT001 - the frame's signature
    """Judge every vector of `conformance/log` and `conformance/w3c`; needs REMELT_SHARED."""
    shared = os.environ.get("REMELT_SHARED")
    if not shared:
        yield Row(what="reference vectors", ours=0, unit="judged", note="REMELT_SHARED is not set")
        return
    folder = Path(shared) / "conformance"
    for name, judge in (
        ("inclusion", _inclusion),
        ("consistency", _consistency),
        ("roots", _roots),
        ("Rekor's real proofs", _rekor),
        ("signed notes", _notes),
        ("tile paths and tlog-proofs", _tiles),
        ("eddsa-jcs-2022", _w3c),
    ):
        verdicts = list(judge(folder))
        yield Row(
            what=f"vectors: {name}",
            ours=sum(verdicts),
            unit="right",
            peer=len(verdicts),
            peer_name="of",
            reach="all",
            met=all(verdicts),
        )


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def _bytes(texts: Iterable[str] | None) -> list[bytes]:
    return [base64.b64decode(text) for text in texts or ()]


def _inclusion(folder: Path) -> Iterator[bool]:
    for case in _lines(folder / "log/merkle_inclusion.jsonl"):
        leaf, root = _bytes([case["leafHash"], case["root"]])
        told = log.verify_inclusion(
            _bytes(case["proof"]),
            leaf=leaf,
            index=case["leafIdx"],
            size=case["treeSize"],
            root=root,
        )
        yield told is not case["wantErr"]


def _consistency(folder: Path) -> Iterator[bool]:
    for case in _lines(folder / "log/merkle_consistency.jsonl"):
        old, new = _bytes([case["root1"], case["root2"]])
        told = log.verify_consistency(
            _bytes(case["proof"]),
            old=case["size1"],
            old_root=old,
            new=case["size2"],
            new_root=new,
        )
        yield told is not case["wantErr"]


def _roots(folder: Path) -> Iterator[bool]:
    known = json.loads((folder / "log/merkle_roots.json").read_text())
    leaves = [log.leaf_hash(bytes.fromhex(text)) for text in known["leaves_hex"]]
    for size, root in enumerate(known["roots_hex"], start=1):
        yield log.root(leaves[:size]).hex() == root


def _rekor(folder: Path) -> Iterator[bool]:
    for case in _lines(folder / "log/rekor_inclusion_real.jsonl"):
        leaf, root = _bytes([case["leaf"], case["root"]])
        yield log.verify_inclusion(
            _bytes(case["proof"]),
            leaf=log.leaf_hash(leaf),
            index=case["leafIdx"],
            size=case["treeSize"],
            root=root,
        )


def _notes(folder: Path) -> Iterator[bool]:
    known = json.loads((folder / "log/signed_note.json").read_text("utf-8"))
    for case in known["sign"]:
        yield sign_note(case["text"], signers=[read_signer(case["skey"])]) == case["want"]
    for text in known["bad_vkeys"]:
        yield _refused(lambda text=text: read_verifier(text))
    for case in known["open"]:
        keys = [read_verifier(key) for key in case["vkeys"]]
        if case["ok"] is None:
            yield _refused(lambda case=case, keys=keys: open_note(case["note"], verifiers=keys))
        else:
            yield open_note(case["note"], verifiers=keys)[1] == case["ok"]


def _tiles(folder: Path) -> Iterator[bool]:
    known = json.loads((folder / "log/tlog_tiles_and_proof.json").read_text())
    for index, path in known["tile_path"]:
        yield log.tile_path(log.Tile(level=0, index=index, width=256)) == f"tile/0/{path}"
    laid = [(tile.level, tile.width) for tile in log.tiles(70_000)]
    yield laid.count((0, 256)) == known["tiles_for_70000"]["level0_full"]
    yield {level: width for level, width in laid if width < 256} == {0: 112, 1: 17, 2: 1}
    yield from _proofs(known["tlog_proof_invalid"])


def _proofs(invalid: list[str]) -> Iterator[bool]:
    """Judge tlog-proofs by the verifier; the checkpoint below each is right, and signed."""
    signer, event = new_signer("log.example"), "{}"
    leaf, other = log.leaf_hash(event.encode()), bytes(32)
    root = base64.b64encode(log.node_hash(leaf, other)).decode()
    note = sign_note(f"log.example\n2\n{root}\n", signers=[signer])
    known = [key_of(str(signer.verifier), "log")]
    head = f"c2sp.org/tlog-proof@v1\nindex 0\n{base64.b64encode(other).decode()}\n\n"
    told = logged({"event": event, "proof": head + note}, known, "", "proof")[1]
    yield told["size"] == len([leaf, other])
    for text in invalid:
        said = {"event": event, "proof": text.replace("checkpoint\n", note)}
        yield _refused(lambda said=said: logged(said, known, "", "proof"))


def _w3c(folder: Path) -> Iterator[bool]:
    vectors = folder / "w3c/TestVectors"
    jcs = vectors / "eddsa-jcs-2022"
    plain, pair, options, reference = (
        json.loads((vectors / name).read_text())
        for name in (
            "unsigned.json",
            "keyPair.json",
            "eddsa-jcs-2022/proofConfigJCS.json",
            "eddsa-jcs-2022/signedJCS.json",
        )
    )
    key = Ed25519PrivateKey.from_private_bytes(from_base58(pair["privateKeyMultibase"][1:])[2:])
    both = signed_bytes(plain, options=options)
    method, created = options["verificationMethod"], options["created"]
    for name, made in (
        ("canonDocJCS", canonical(plain).decode()),
        ("proofCanonJCS", canonical(options).decode()),
        ("proofHashJCS", both[:32].hex()),
        ("docHashJCS", both[32:].hex()),
        ("combinedHashJCS", both.hex()),
        ("sigHexJCS", key.sign(both).hex()),
        ("sigBTC58JCS", "z" + base58(key.sign(both))),
    ):
        yield made == (jcs / f"{name}.txt").read_text("utf-8").strip()
    yield signed(plain, key=key, method=method, created=created) == reference
    yield holds(reference, key=key.public_key())
    yield multikey(key.public_key()) == pair["publicKeyMultibase"]


def _refused(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except (BadNote, Bad):
        return True
    return False
