"""How an EPCIS query is asked over HTTP: prefixes, pages and the way to the next page."""

from urllib.parse import urlencode

import orjson
from flask import request

from remelt.traceability.capture import reading
from remelt.traceability.capture.query import BadQuery
from remelt.traceability.capture.schema import follows
from remelt.traceability.epcis.eventid import namespaces

PER_PAGE, MOST_PER_PAGE = 30, 1000


def names(given: dict[str, list[str]]) -> dict[str, str]:
    """Return the asker's prefixes: from `GS1-Extensions`, and from an `@context` parameter."""
    found = {"remelt": "urn:remelt:ns:"}
    for part in request.headers.get("GS1-Extensions", "").split(","):
        prefix, equals, name = part.strip().partition("=")
        if equals and follows("uri", name):
            found[prefix] = name
    context = given.pop("@context", None)
    if context is not None:
        try:
            found |= namespaces(orjson.loads(context[0]))
        except orjson.JSONDecodeError:
            raise BadQuery(parameter="@context", why="value") from None
    return found


def paging(given: dict[str, list[str]]) -> tuple[int, reading.Mark | None]:
    """Take the paging parameters out of `given`. Raises `BadQuery`."""
    text = given.pop("perPage", [str(PER_PAGE)])[-1]
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 7 and int(text)):  # noqa: PLR2004
        raise BadQuery(parameter="perPage", why="value")
    token = given.pop("nextPageToken", [None])[-1]
    return min(int(text), MOST_PER_PAGE), reading.read_token(token) if token is not None else None


def link(mark: reading.Mark | None) -> dict[str, str]:
    """Return the header that leads to the next page, where there is one."""
    if mark is None:
        return {}
    kept = [(n, v) for n, v in request.args.items(multi=True) if n != "nextPageToken"]
    query = urlencode([*kept, ("nextPageToken", reading.token(mark))])
    return {"Link": f'<{request.base_url}?{query}>; rel="next"'}
