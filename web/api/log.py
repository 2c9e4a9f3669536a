"""Where witnesses hand in what they signed. Nobody signs in: the signature is the right."""

from typing import Any

from flask import request

from remelt.traceability.proofs.cosigning import accept
from remelt.traceability.proofs.errors import BadCosignature
from remelt.web.api.base import api_blueprint
from remelt.web.context import clock, settings, store
from remelt.web.keys import keyring

bp = api_blueprint("log", tag="Traceability")
MOST_BYTES = 20_000


@bp.post("/log/cosignatures")
@bp.doc(summary="Hand in a checkpoint of this log with the cosignature of a listed witness")
def post_cosignatures() -> tuple[dict[str, Any], int]:
    """Keep the cosignatures; the body is the checkpoint as the witness signed it, plain text."""
    raw = request.get_data()
    try:
        note = raw.decode() if len(raw) <= MOST_BYTES else ""
    except UnicodeDecodeError as wrong:
        raise BadCosignature(reason="this is no text") from wrong
    held = keyring(settings())
    with store().write() as session:
        kept = accept(
            session,
            clock=clock(),
            note=note,
            origin=held.log.name,
            witnesses=held.keys.witnesses,
        )
    return {"kept": kept}, 201 if kept else 200
