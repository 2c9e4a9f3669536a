"""A road engine and a geocoder on loopback: real HTTP, requests held to the engines' own rules."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from geopy.distance import great_circle

METRES_PER_S = 15
POINT = re.compile(r"-?\d+\.\d+,-?\d+\.\d+")
Point = tuple[float, float]


def road(start: Point, end: Point) -> tuple[float, float]:
    """The peer's own truth: 1.3 x great circle, dearer to the north, at 15 m/s."""
    metres = great_circle(start, end).meters * (1.3 if end[0] <= start[0] else 1.4)
    return round(metres, 1), round(metres / METRES_PER_S, 1)


class Refused(Exception):
    """What the engine would answer 400 to."""


class Peer:
    """What the peer does and has heard. bend: changes an answer before it is sent."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[str] = []
        self.bend: Callable[[dict[str, Any]], Any] = lambda told: told
        self.status = 200
        self.headers: dict[str, str] = {}
        self.wait: Callable[[], None] = lambda: None

    def answer(self, method: str, address: str, body: bytes) -> tuple[int, bytes]:
        """Return status and body for one request."""
        self.asked.append(f"{method} {address}")
        self.wait()
        if self.status != 200:
            return self.status, b'{"message": "out of order"}'
        try:
            told = self._told(method, urlsplit(address), body)
        except Refused as reason:
            return 400, json.dumps({"code": "InvalidQuery", "message": str(reason)}).encode()
        bent = self.bend(told)
        return 200, bent if isinstance(bent, bytes) else json.dumps(bent).encode()

    def _told(self, method: str, parts: Any, body: bytes) -> Any:
        if parts.path.startswith("/table/v1/driving/"):
            return osrm(method, parts)
        if parts.path == "/sources_to_targets":
            return valhalla(method, body)
        if parts.path == "/search":
            return nominatim(parts)
        raise Refused(f"no service at {parts.path}")


def osrm(method: str, parts: Any) -> dict[str, Any]:
    """Answer as OSRM's table service does (docs/http.md), or refuse as it does."""
    if method != "GET":
        raise Refused("only GET")
    words = unquote(parts.path.rsplit("/", 1)[1]).split(";")
    if not all(POINT.fullmatch(word) for word in words):
        raise Refused("coordinates are {longitude},{latitude}")
    if len(words) > 100:
        raise Refused("TooBig")
    points = [tuple(float(each) for each in word.split(",")[::-1]) for word in words]
    if not all(20 < lat < 35 and 100 < lon < 115 for lat, lon in points):
        raise Refused("NoSegment: longitude comes first")
    query = parse_qs(parts.query)
    if set(query) - {"sources", "destinations", "annotations"}:
        raise Refused("InvalidOptions")
    if sorted(query["annotations"][0].split(",")) != ["distance", "duration"]:
        raise Refused("annotations")
    rows = [[int(at) for at in query[name][0].split(";")] for name in ("sources", "destinations")]
    found = [[road(points[a], points[b]) for b in rows[1]] for a in rows[0]]
    return {
        "code": "Ok",
        "distances": [[metres for metres, _ in row] for row in found],
        "durations": [[seconds for _, seconds in row] for row in found],
    }


def valhalla(method: str, body: bytes) -> dict[str, Any]:
    """Answer as Valhalla's matrix service does, in the long form."""
    asked = json.loads(body) if method == "POST" else {}
    if asked.get("costing") not in {"auto", "truck"} or asked.get("units") != "kilometers":
        raise Refused("costing and units")
    ends = [[(each["lat"], each["lon"]) for each in asked[n]] for n in ("sources", "targets")]
    if not 0 < len(ends[0]) * len(ends[1]) <= 2_500:
        raise Refused("exceeded max locations")
    table = []
    for a, start in enumerate(ends[0]):
        row = []
        for b, end in enumerate(ends[1]):
            metres, seconds = road(start, end)
            told = {"distance": metres / 1000, "time": round(seconds)}
            row.append({"from_index": a, "to_index": b, **told})
        table.append(row)
    return {"sources_to_targets": table, "units": "kilometers"}


def nominatim(parts: Any) -> Any:
    """Answer as Nominatim's search does (format=json)."""
    query = parse_qs(parts.query)
    if query.get("format") != ["json"] or "q" not in query:
        raise Refused("format and q")
    if "金清大道" not in query["q"][0]:
        return []
    return [{"lat": "26.553", "lon": "106.470", "display_name": "金清大道, 清镇市, 贵州省, 中国"}]


@contextmanager
def a_peer() -> Iterator[Peer]:
    """The peer on a port of loopback."""
    peer = Peer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._say("GET", b"")

        def do_POST(self) -> None:
            self._say("POST", self.rfile.read(int(self.headers["Content-Length"])))

        def _say(self, method: str, body: bytes) -> None:
            status, told = peer.answer(method, self.path, body)
            self.send_response(status)
            for name, value in peer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            with suppress(BrokenPipeError, ConnectionResetError):
                self.wfile.write(told)

        def log_message(self, *_told: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    peer.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield peer
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
