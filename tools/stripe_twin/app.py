"""The WSGI application: who asks, what call it is, done once, checked on the way in and out."""

import time
from collections.abc import Callable, Iterable
from typing import Any, Final

import orjson

from tools.stripe_twin import (
    accounts,
    charges,
    checkout,
    customers,
    disputes,
    events,
    intents,
    payouts,
    refunds,
    transfers,
)
from tools.stripe_twin.control import control
from tools.stripe_twin.delivery import Post
from tools.stripe_twin.expanding import expanded
from tools.stripe_twin.faults import HEADER, Dropped, Fault, Faults, broken, refuse_unkept
from tools.stripe_twin.forms import decode
from tools.stripe_twin.idempotency import Keys
from tools.stripe_twin.pages import PREFIXES, page
from tools.stripe_twin.refusals import Refused, invalid
from tools.stripe_twin.schemas import OK, Operation, Tally, first, subset
from tools.stripe_twin.world import PLATFORM, World

Answer = tuple[int, Any]
ROOMS: Final = (
    accounts, charges, checkout, customers, disputes, events, intents, payouts, refunds, transfers,
)  # fmt: skip
CALLS: Final[dict[str, Callable[..., Any]]] = {
    name: call for room in ROOMS for name, call in room.CALLS.items()
}
BODY_MOST: Final = 1 << 20
REASONS: Final = {
    200: "OK", 303: "See Other", 400: "Bad Request", 401: "Unauthorized",
    402: "Request Failed", 404: "Not Found",
    409: "Conflict", 429: "Too Many Requests", 500: "Internal Server Error",
    503: "Service Unavailable",
}  # fmt: skip


class Twin:
    """One twin: its world, its post, what goes wrong, and which calls were made."""

    def __init__(self) -> None:
        self.world = World()
        self.post = Post()
        self.faults = Faults()
        self.keys = Keys()
        self.subset = subset()
        self.tally = Tally()
        self.called: dict[str, int] = {}

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request. Raises `Dropped`: the server ends the connection."""
        path = environ["PATH_INFO"]
        length = min(int(environ.get("CONTENT_LENGTH") or 0), BODY_MOST)
        body = environ["wsgi.input"].read(length) if length else b""
        self.world.address = f"http://{environ.get('HTTP_HOST', '')}"
        if path.startswith(PREFIXES):
            return self._page(environ["REQUEST_METHOD"], path, body, start)
        headers: list[tuple[str, str]] = []
        if path.startswith("/_twin/"):
            status, answer = control(self, path, body)
        else:
            status, answer = self._answer(environ, path, body, headers)
        said = orjson.dumps(answer)
        headers += [("Content-Type", "application/json"), ("Content-Length", str(len(said)))]
        start(f"{status} {REASONS.get(status, 'Unknown')}", headers)
        return [said]

    def _page(
        self, method: str, path: str, body: bytes, start: Callable[..., Any]
    ) -> Iterable[bytes]:
        status, html, goes = page(self, method, path, body)
        said = html.encode()
        headers = [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(said)))]
        headers += [("Location", goes)] if goes else []
        start(f"{status} {REASONS.get(status, 'Unknown')}", headers)
        return [said]

    def _answer(
        self, environ: dict[str, Any], path: str, body: bytes, headers: list[tuple[str, str]]
    ) -> Answer:
        found = self.subset.find(environ["REQUEST_METHOD"], path)
        if found is None:
            named = f"{environ['REQUEST_METHOD']} {path}"
            return 404, {"error": invalid(f"Unrecognized request URL ({named}).").body}
        operation, ids = found
        fault = self.faults.take(operation.name, asked=environ.get(HEADER, ""))
        self.called[operation.name] = self.called.get(operation.name, 0) + 1
        try:
            account = _who(environ)
            refuse_unkept(fault)
            params = self._params(environ, operation, body)
            status, answer = self._once(environ, operation, ids, params, account, fault, headers)
        except Refused as refused:
            status, answer = refused.status, {"error": refused.body}
        if fault is not None and fault.kind == "delay":
            time.sleep(fault.seconds)
        if fault is not None and fault.kind == "drop_after":
            raise Dropped
        unfit = self.subset.check_answer(operation, status, answer)
        if unfit is None:
            return status, answer
        self.tally.unfit("bad_answers", where=f"{operation.name} {status}", what=unfit)
        return 500, {"error": {"type": "api_error", "message": unfit}}

    def _params(self, environ: dict[str, Any], operation: Operation, body: bytes) -> dict[str, Any]:
        text = environ.get("QUERY_STRING", "") if operation.method == "GET" else body.decode()
        params = decode(text, schema=operation.takes)
        self.tally.request()
        unfit = first(operation.asked, params)
        if unfit is not None:
            self.tally.unfit("bad_requests", where=operation.name, what=unfit)
            raise invalid(unfit, code="parameter_unknown")
        if operation.name not in CALLS:
            raise invalid(f"The twin does not know {operation.name}", code="not_in_twin")
        return params

    def _once(
        self, environ: dict[str, Any], operation: Operation, ids: tuple[str, ...],
        params: dict[str, Any], account: str, fault: Fault | None, headers: list[tuple[str, str]],
    ) -> Answer:  # fmt: skip
        key = environ.get("HTTP_IDEMPOTENCY_KEY", "") if operation.method == "POST" else ""
        if not key:
            return self._do(operation, ids, params, account, fault, key)
        asked = orjson.dumps([operation.name, ids, params], option=orjson.OPT_SORT_KEYS).decode()
        kept = self.keys.begin(account, key, asked=asked, now=self.world.now())
        headers.append(("Idempotency-Key", key))
        if kept is not None:
            headers.append(("Idempotent-Replayed", "true"))
            return kept
        try:
            answer = self._do(operation, ids, params, account, fault, key)
        except BaseException:
            self.keys.end(account, key, None)
            raise
        self.keys.end(account, key, answer)
        return answer

    def _do(
        self, operation: Operation, ids: tuple[str, ...], params: dict[str, Any], account: str,
        fault: Fault | None, key: str,
    ) -> Answer:  # fmt: skip
        try:
            if fault is not None and fault.kind == "500_before":
                raise broken()
            with self.world.lock:
                expand = params.get("expand", [])
                said = CALLS[operation.name](self.world, self.world.books(account), params, *ids)
                status, answer = OK, expanded(self.world, account, said, expand)
        except Refused as refused:
            status, answer = refused.status, orjson.loads(orjson.dumps({"error": refused.body}))
        with self.world.lock:
            self.post.put(events.announce(self.world, request=f"req_{id(params)}", key=key or None))
        if fault is not None and fault.kind == "500_after":
            return 500, {"error": broken().body}
        return status, answer


def _who(environ: dict[str, Any]) -> str:
    """Return the account that is meant. Raises `Refused`: no test key, or another edition."""
    scheme, _, key = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme != "Bearer" or not key.startswith("sk_test_"):
        raise Refused(401, type="invalid_request_error", message="Invalid API Key provided")
    edition = environ.get("HTTP_STRIPE_VERSION", subset().version)
    if edition != subset().version:
        raise invalid(f"This twin speaks {subset().version}, not {edition[:40]}")
    account: str = environ.get("HTTP_STRIPE_ACCOUNT", PLATFORM)
    return account
