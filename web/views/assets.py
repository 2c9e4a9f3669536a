"""Styles, scripts and pictures, kept by browsers for ever under an address with their digest."""

from flask import Blueprint, Response, abort, request

from remelt.web import assets

bp = Blueprint("assets", __name__, url_prefix=assets.PREFIX)


@bp.get("/<edition>/<path:name>")
def show(edition: str, name: str) -> Response:
    """Send one file; an address of an earlier edition gets today's file, for a minute only."""
    if name not in assets.names():
        abort(404)
    found = assets.read(name)
    packed = found.packed if "gzip" in request.headers.get("Accept-Encoding", "") else None
    response = Response(packed or found.content, mimetype=found.kind)
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    if found.packed:
        response.headers["Vary"] = "Accept-Encoding"
    current = edition == assets.edition()
    response.cache_control.public = True
    response.cache_control.max_age = 31_536_000 if current else 60
    response.cache_control.immutable = current
    return response


@bp.get("/favicon.ico")
def favicon() -> Response:
    """The mark, for browsers that ask without being told."""
    return show(assets.edition(), "mark.svg")
