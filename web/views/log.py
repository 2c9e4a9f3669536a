"""The public log: its checkpoint, its tiles, the path of one event. Nobody signs in for it."""

import base64
import re

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from remelt.traceability.log import merkle as log
from remelt.traceability.log import tiles
from remelt.traceability.log.notes import read_verifier
from remelt.traceability.proofs.cosigning import cosigned, root_at
from remelt.traceability.proofs.errors import NoConsistency, NoSuchLogEntry
from remelt.traceability.proofs.keylist import LOG, PASSPORT, WITNESS, fingerprint
from remelt.web import offline_page
from remelt.web.context import settings, store
from remelt.web.continuity import signing_ring
from remelt.web.forms import blank
from remelt.web.keys import Keyring, keyring
from remelt.web.messages.marks import N_
from remelt.web.publishing import note_of
from remelt.web.transparency import consistency_text, log_signer, proof_text

bp = Blueprint("log", __name__)
USE_WORDS = {LOG: N_("checkpoints"), PASSPORT: N_("passports"), WITNESS: N_("as a witness")}
_SIZE = re.compile("0|[1-9][0-9]{0,15}")


@bp.get("/log")
def show() -> ResponseReturnValue:
    """Say what the log is, how it stands and how to check it."""
    with store().read() as session:
        held = signing_ring(session, settings=settings())
        standing = tiles.head(session)
        note = note_of(session, ring=held, size=standing.size, root=standing.root)
        attested = cosigned(session, witnesses=held.keys.witnesses)
    return render_template(
        "log/show.html",
        standing=standing,
        verifier=str(held.log.verifier),
        root=base64.b64encode(standing.root).decode(),
        note_text=note,
        keys=held.keys,
        fingerprint=fingerprint(read_verifier(held.root)),
        attested=attested,
        witnesses=[line.split(" ", 2)[1] for line in attested.lines] if attested else [],
        state=blank(),
        words=USE_WORDS,
    )


@bp.get("/log/checkpoint")
def checkpoint() -> ResponseReturnValue:
    """The signed checkpoint (C2SP tlog-checkpoint), with the cosignatures it has so far."""
    with store().read() as session:
        ring = signing_ring(session, settings=settings())
        stands = tiles.head(session)
        return _text(note_of(session, ring=ring, size=stands.size, root=stands.root))


@bp.get("/log/checkpoint.cosigned")
def checkpoint_cosigned() -> ResponseReturnValue:
    """The newest checkpoint that a witness signed too."""
    with store().read() as session:
        ring = signing_ring(session, settings=settings())
        known = cosigned(session, witnesses=ring.keys.witnesses)
        if known is None:
            raise NoSuchLogEntry
        return _text(note_of(session, ring=ring, size=known.size, root=known.root))


@bp.get("/log/key")
def key() -> ResponseReturnValue:
    """The public key of the log, as verifiers read it."""
    return _text(f"{log_signer(settings()).verifier}\n")


@bp.get("/log/keys.json")
def keys() -> ResponseReturnValue:
    """Every key that speaks for this installation, signed by its root key."""
    answer = Response(keyring(settings()).file, mimetype="application/json")
    answer.cache_control.no_cache = True
    return answer


@bp.get("/log/consistency")
def consistency() -> ResponseReturnValue:
    """The proof that the log of `from` events is how that of `to` begins, with its checkpoint."""
    old, new = request.args.get("from", ""), request.args.get("to", "")
    with store().read() as session:
        ring = signing_ring(session, settings=settings())
        held = tiles.head(session).size
        first, last = _size(old), held if not new else _size(new)
        if not 1 <= first <= last <= held:
            raise NoConsistency(field="from", old=old[:20], new=new[:20], size=held)
        return _text(_consistency(session, ring, old=first, new=last))


@bp.get("/log/tile/<path:rest>")
def tile(rest: str) -> ResponseReturnValue:
    """One tile of hashes (C2SP tlog-tiles). A full tile never changes."""
    with store().read() as session:
        signing_ring(session, settings=settings())
        held = tiles.tile(session, path=f"tile/{rest}", size=tiles.head(session).size)
    if held is None:
        raise NoSuchLogEntry
    answer = Response(held, mimetype="application/octet-stream")
    answer.cache_control.public = True
    answer.cache_control.max_age = 31_536_000
    answer.cache_control.immutable = True
    return answer


@bp.get("/log/proof/<int:index>")
def proof(index: int) -> ResponseReturnValue:
    """The proof that event `index` (from 0) stands in the log, good without a network."""
    with store().read() as session:
        ring = signing_ring(session, settings=settings())
        standing = tiles.head(session)
        if index >= standing.size:
            raise NoSuchLogEntry
        path = tiles.inclusion(session, index=index, size=standing.size)
        note = note_of(session, ring=ring, size=standing.size, root=standing.root)
    return _text(proof_text(path, index=index, note=note))


@bp.get("/verify")
def verify_page() -> ResponseReturnValue:
    """The page that checks a passport without a network; good from a disk as well."""
    answer = Response(offline_page.page(), content_type="text/html; charset=utf-8")
    answer.headers["Content-Security-Policy"] = f"{offline_page.policy()}; frame-ancestors 'none'"
    return answer


@bp.get("/verify/verifier.py")
def verify_program() -> ResponseReturnValue:
    """The program that does the same, to be read before it is trusted."""
    answer = Response(offline_page.program(), content_type="text/x-python; charset=utf-8")
    answer.headers["Content-Disposition"] = "attachment; filename=verifier.py"
    return answer


def _consistency(session: Session, ring: Keyring, *, old: int, new: int) -> str:
    steps = log.consistency_proof(tiles.node_of(session), old=old, new=new)
    note = note_of(session, ring=ring, size=new, root=root_at(session, size=new))
    return consistency_text(steps, old=old, note=note)


def _size(text: str) -> int:
    return int(text) if _SIZE.fullmatch(text) else -1


def _text(text: str) -> Response:
    answer = Response(text, content_type="text/plain; charset=utf-8")
    answer.cache_control.no_cache = True
    return answer
