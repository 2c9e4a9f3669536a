"""EPCIS 2.0 over REST: capture, capture jobs and events, in the standard's words and headers."""

from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import orjson
from apiflask import APIBlueprint
from flask import Response, g, request, url_for
from flask_babel import gettext
from werkzeug.exceptions import NotAcceptable, RequestEntityTooLarge, UnsupportedMediaType

from remelt.platform.kernel.errors import Invalid, Refusal
from remelt.platform.parties.actors import Actor
from remelt.traceability.capture import reading
from remelt.traceability.capture.capturing import capture, prepared
from remelt.traceability.capture.checks import (
    MOST_EVENTS,
    DocumentRefused,
    TooManyEvents,
    read,
)
from remelt.traceability.capture.models import BEHAVIOURS, CaptureJob
from remelt.traceability.capture.query import BadQuery, QueryTooLarge, read_query
from remelt.traceability.errors import NoSuchEvent
from remelt.web.api import epcis_asking as asking
from remelt.web.context import clock, needs, require, store
from remelt.web.errors import answer
from remelt.web.messages.epcis import FAULTS

P = ParamSpec("P")
R = TypeVar("R")
MOST_BYTES = 8 * 2**20
TYPES = ("application/json", "application/ld+json")
VERSIONS = ("2.0", "2.0.0", "2.0.1")
BEHAVIOUR = "GS1-EPCIS-Capture-Error-Behaviour"
HEADERS = {
    "GS1-EPCIS-Version": "2.0.0",
    "GS1-EPCIS-Min": "2.0.0",
    "GS1-EPCIS-Max": "2.0.1",
    "GS1-CBV-Version": "2.0.0",
    "GS1-EPC-Format": "No_Preference",
    "GS1-CBV-XML-Format": "No_Preference",
}
_CAPTURE = {
    "GS1-EPCIS-Capture-Limit": str(MOST_EVENTS),
    "GS1-EPCIS-Capture-File-Size-Limit": str(MOST_BYTES),
    BEHAVIOUR: "rollback",
}
_NAMED: dict[type[Refusal], tuple[str, int]] = {
    DocumentRefused: ("ValidationException", 400),
    TooManyEvents: ("CaptureLimitExceededException", 413),
    BadQuery: ("QueryParameterException", 400),
    QueryTooLarge: ("QueryTooLargeException", 413),
}
bp = APIBlueprint("epcis", __name__, url_prefix="/epcis", tag="EPCIS 2.0")


class UnknownBehaviour(Invalid):
    """The header names no known way to treat faulty events."""

    code = "unknown-behaviour"


def spoken(view: Callable[P, R]) -> Callable[P, R]:
    """Refuse who reads neither of our media types, or another version: after the rights."""

    @wraps(view)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        asked = request.headers.get("GS1-EPCIS-Version", VERSIONS[0])
        accepts = request.accept_mimetypes
        if asked not in VERSIONS or (accepts.provided and not accepts.best_match(TYPES)):
            raise NotAcceptable
        return view(*args, **kwargs)

    return checked


@bp.after_request
def say_version(response: Response) -> Response:
    """Send the versions that this repository speaks with every answer."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


@bp.post("/capture", provide_automatic_options=False)
@needs("epcis.capture")
@spoken
@bp.doc(summary="Capture an EPCISDocument, one event, or a list of up to 1,000 events")
def post_capture() -> Response:
    """Store events of others as evidence; answers with the place of the capture job."""
    who = require("epcis.capture")
    if request.mimetype not in TYPES:
        raise UnsupportedMediaType
    behaviour = request.headers.get(BEHAVIOUR, BEHAVIOURS[0])
    if behaviour not in BEHAVIOURS:
        raise UnknownBehaviour(field=BEHAVIOUR)
    document = prepared(read(_body()))
    with store().write() as session:
        job = capture(
            session,
            document,
            clock=clock(),
            organisation=who.organisation_code,
            proceed=behaviour == "proceed",
        )
    place = url_for("epcis.get_capture", capture_id=job.code)
    return _said(_job(job), status=202, headers={"Location": place, **_CAPTURE})


def _body() -> bytes:
    """Return what was sent, up to the limit, whether its length was told before or not."""
    request.max_content_length = MOST_BYTES + (request.content_length is None)
    body = request.get_data(cache=False)
    if len(body) > MOST_BYTES:  # of a body in chunks no more than the limit is read
        raise RequestEntityTooLarge
    return body


@bp.get("/capture", provide_automatic_options=False)
@needs("epcis.read")
@spoken
@bp.doc(summary="Capture jobs, oldest first")
def list_captures() -> Response:
    """Return a page of the capture jobs of this organisation; of all for who supervises."""
    per_page, mark = asking.paging(dict(request.args.lists()))
    with store().read() as session:
        found, following = reading.jobs(session, reader=_reader(), per_page=per_page, mark=mark)
    return _said([_job(job) for job in found], headers=asking.link(following))


@bp.get("/capture/<capture_id>")
@needs("epcis.read")
@spoken
@bp.doc(summary="What became of one capture")
def get_capture(capture_id: str) -> Response:
    """Return one capture job with the faults of the events that were left out."""
    with store().read() as session:
        job = reading.job(session, code=capture_id, reader=_reader())
    return _said(_job(job))


@bp.get("/events", provide_automatic_options=False)
@needs("epcis.read")
@spoken
@bp.doc(summary="Events that answer a query")
def list_events() -> Response:
    """Return a page of events as an EPCISQueryDocument."""
    return _events({})


@bp.get("/eventTypes")
@needs("epcis.read")
@spoken
@bp.doc(summary="The types of events")
def list_types() -> Response:
    """Return the event types of the standard."""
    types = ("Aggregation", "Association", "Object", "Transaction", "Transformation")
    return _said(
        {
            "@context": reading.CONTEXT,
            "type": "Collection",
            "member": [f"{name}Event" for name in types],
        }
    )


@bp.get("/eventTypes/<event_type>/events")
@needs("epcis.read")
@spoken
@bp.doc(summary="Events of one type that answer a query")
def list_of_type(event_type: str) -> Response:
    """Return a page of the events of one type."""
    return _events({"eventType": [event_type]})


@bp.get("/events/<path:event_id>", merge_slashes=False)
@bp.get("/eventTypes/<event_type>/events/<path:event_id>", merge_slashes=False)
@needs("epcis.read")
@spoken
@bp.doc(summary="One event, by its hash or the id its captor gave it")
def get_event(event_id: str, event_type: str | None = None) -> Response:
    """Return one event as it is stored, with its context."""
    query = request.query_string.decode("ascii", "replace")
    whole = f"{event_id}?{query}" if query else event_id
    with store().read() as session:
        body = orjson.loads(reading.event(session, event_id=whole, reader=_reader()))
    if event_type is not None and body["type"] != event_type:
        raise NoSuchEvent(event_id=whole[:100])
    return _said({"@context": reading.CONTEXT, **body})


@bp.route("/capture", methods=["OPTIONS"])
@bp.doc(hide=True)
def capture_options() -> Response:
    """Say how much one capture takes, and how faults are treated."""
    return _options("GET, POST", _CAPTURE)


@bp.route("/events", methods=["OPTIONS"])
@bp.doc(hide=True)
def event_options() -> Response:
    """Say what events are asked with."""
    return _options("GET", {})


@bp.errorhandler(DocumentRefused)
@bp.errorhandler(TooManyEvents)
@bp.errorhandler(BadQuery)
@bp.errorhandler(QueryTooLarge)
def refused(reason: Refusal) -> Response:
    """Answer a refusal with the standard's exception as its type, and every fault by its place."""
    name, status = _NAMED[type(reason)]
    response = answer(status, reason.code, reason.facts)
    body = orjson.loads(response.get_data())
    body["type"] = f"epcisException:{name}"
    if isinstance(reason, DocumentRefused):
        body["errors"] = list(_faults([asdict(each) for each in reason.faults]))
    response.set_data(orjson.dumps(body))
    return response


def _faults(rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for row in rows:
        fault = FAULTS[row["rule"]]
        said = gettext(fault)
        yield {"type": "epcisException:ValidationException", **row, "message": said}


def _job(job: CaptureJob) -> dict[str, Any]:
    moment = job.created_at.isoformat(timespec="milliseconds")
    return {
        "captureID": job.code,
        "capturedBy": job.organisation_code,
        "createdAt": moment,
        "finishedAt": moment,
        "running": False,
        "success": not job.faults,
        "captureErrorBehaviour": job.behaviour,
        "errors": list(_faults(job.faults)),
        "events": job.events,
        "stored": job.fresh,
    }


def _events(more: dict[str, list[str]]) -> Response:
    given = dict(request.args.lists())
    if more.keys() & given.keys():
        raise BadQuery(parameter="eventType", why="excluded")
    per_page, mark = asking.paging(given)
    query = read_query({**given, **more}, names=asking.names(given))
    with store().read() as session:
        page = reading.events(session, query, reader=_reader(), per_page=per_page, mark=mark)
        now = clock().now(session).isoformat(timespec="milliseconds")
    head = orjson.dumps(
        {
            "@context": reading.CONTEXT,
            "type": "EPCISQueryDocument",
            "schemaVersion": "2.0",
            "creationDate": now,
        }
    )
    body = (
        f'{head[:-1].decode()},"epcisBody":{{"queryResults":{{"queryName":"SimpleEventQuery",'
        f'"resultsBody":{{"eventList":[{",".join(page.bodies)}]}}}}}}}}'
    )
    return Response(body, mimetype=_media(), headers=asking.link(page.next))


def _reader() -> reading.Reader:
    who: Actor = require("epcis.read")
    return reading.Reader(who.organisation_code, everything=who.may("epcis.read_all"))


def _media() -> str:
    return request.accept_mimetypes.best_match(TYPES, TYPES[0]) or TYPES[0]


def _said(body: Any, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(body), status=status, mimetype=_media(), headers=headers)


def _options(methods: str, headers: dict[str, str]) -> Response:
    g.options = True
    response = Response(status=204, headers=headers)
    response.headers["Allow"] = f"{methods}, HEAD, OPTIONS"
    return response
