"""Addresses of static files."""

from flask import url_for


def asset(path: str) -> str:
    """Return the address of a file below `static/`."""
    return url_for("static", filename=path)
