"""The public log: its checkpoint, its tiles, the path of one event. Nobody signs in for it."""

import base64

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from remelt.platform.kernel.errors import NotFound
from remelt.traceability import tiles
from remelt.web.context import settings, store
from remelt.web.transparency import checkpoint_note, log_signer, proof_text

bp = Blueprint("log", __name__)


class NoSuchLogEntry(NotFound):
    """The log has no such tile or event yet."""

    code = "no-such-log-entry"


@bp.get("/log")
def show() -> ResponseReturnValue:
    """Say what the log is, how it stands and how to check it."""
    with store().read() as session:
        standing = tiles.head(session)
    signer = log_signer(settings())
    return render_template(
        "log/show.html",
        standing=standing,
        verifier=str(signer.verifier),
        root=base64.b64encode(standing.root).decode(),
        note_text=checkpoint_note(standing, signer=signer),
    )


@bp.get("/log/checkpoint")
def checkpoint() -> ResponseReturnValue:
    """The signed checkpoint (C2SP tlog-checkpoint)."""
    with store().read() as session:
        standing = tiles.head(session)
    return _text(checkpoint_note(standing, signer=log_signer(settings())))


@bp.get("/log/key")
def key() -> ResponseReturnValue:
    """The public key of the log, as verifiers read it."""
    return _text(f"{log_signer(settings()).verifier}\n")


@bp.get("/log/tile/<path:rest>")
def tile(rest: str) -> ResponseReturnValue:
    """One tile of hashes (C2SP tlog-tiles). A full tile never changes."""
    with store().read() as session:
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
        standing = tiles.head(session)
        if index >= standing.size:
            raise NoSuchLogEntry
        path = tiles.inclusion(session, index=index, size=standing.size)
    note = checkpoint_note(standing, signer=log_signer(settings()))
    return _text(proof_text(path, index=index, note=note))


def _text(text: str) -> Response:
    answer = Response(text, content_type="text/plain; charset=utf-8")
    answer.cache_control.no_cache = True
    return answer
