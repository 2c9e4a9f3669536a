"""Road engines that an operator runs: OSRM's table and Valhalla's sources_to_targets.

Only the operator's own address is ever asked: nothing that a user types leads there, and no
answer may lead elsewhere.
"""

import http.client
import json
from collections.abc import Sequence
from contextlib import closing
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from remelt.platform.kernel.settings import BadSetting, Settings
from remelt.platform.logistics.road_cache import Cached
from remelt.routing.book import Degrees, Found, NoAnswer

KINDS: Final = ("osrm", "valhalla")
TIMEOUT_S: Final = 5.0
MOST_BYTES: Final = 16 * 2**20
MOST_PLACES: Final = 100  # the engines' own default bound of a table
MOST_M, MOST_S = 20_000_000, 2_000_000
OK: Final = 200


class Address:
    """One base address, and requests below it. Redirects are not followed."""

    def __init__(self, url: str, *, timeout_s: float = TIMEOUT_S) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query:
            raise BadSetting(f"{url!r} is no address of a road engine: http://host:port")
        self._parts = parts
        self._timeout_s = timeout_s

    def ask(self, path: str, *, body: bytes | None = None) -> dict[str, Any]:
        """Return the JSON object below the base address. Raises `NoAnswer`."""
        parts = self._parts
        kind = http.client.HTTPSConnection if parts.scheme == "https" else None
        made = kind or http.client.HTTPConnection
        try:
            with closing(made(str(parts.hostname), parts.port, timeout=self._timeout_s)) as peer:
                headers = {"Accept": "application/json", "User-Agent": "remelt"}
                if body is not None:
                    headers["Content-Type"] = "application/json"
                address = f"{parts.path.rstrip('/')}/{path}"
                peer.request("GET" if body is None else "POST", address, body, headers)
                answer = peer.getresponse()
                told = answer.read(MOST_BYTES + 1)
        except (OSError, http.client.HTTPException) as reason:
            raise NoAnswer(f"{type(reason).__name__}: {reason}") from reason
        return _object(answer.status, told)


def _object(status: int, told: bytes) -> dict[str, Any]:
    if status != OK:
        raise NoAnswer(f"HTTP {status}")
    if len(told) > MOST_BYTES:
        raise NoAnswer("the answer is too large")
    try:
        found = json.loads(told)
    except (ValueError, RecursionError) as reason:
        raise NoAnswer("the answer is no JSON") from reason
    if not isinstance(found, dict):
        raise NoAnswer("the answer is no object")
    return found


class Osrm:
    """`GET /table/v1/{profile}/{lon},{lat};...?sources=&destinations=&annotations=`."""

    name: str = "osrm"
    most: int = MOST_PLACES

    def __init__(self, address: Address, *, profile: str = "driving") -> None:
        self._address, self._profile = address, profile

    def table(self, starts: Sequence[Degrees], ends: Sequence[Degrees]) -> Found:
        """Return (metres, seconds) of each start to each end. Raises `NoAnswer`."""
        points = ";".join(f"{lon:.6f},{lat:.6f}" for lat, lon in (*starts, *ends))
        asked = {
            "annotations": "duration,distance",
            "sources": ";".join(str(at) for at in range(len(starts))),
            "destinations": ";".join(str(len(starts) + at) for at in range(len(ends))),
        }
        query = urlencode(asked, safe=",;")
        told = self._address.ask(f"table/v1/{self._profile}/{points}?{query}")
        if told.get("code") != "Ok":
            raise NoAnswer(f"code {str(told.get('code'))[:40]}")
        return _table(told.get("distances"), told.get("durations"), starts, ends, metres=1)


class Valhalla:
    """`POST /sources_to_targets` with costing `truck`, in the long or the concise answer."""

    name: str = "valhalla"
    most: int = MOST_PLACES

    def __init__(self, address: Address, *, profile: str = "truck") -> None:
        self._address, self._profile = address, profile

    def table(self, starts: Sequence[Degrees], ends: Sequence[Degrees]) -> Found:
        """Return (metres, seconds) of each start to each end. Raises `NoAnswer`."""
        asked = {
            "sources": [{"lat": lat, "lon": lon} for lat, lon in starts],
            "targets": [{"lat": lat, "lon": lon} for lat, lon in ends],
            "costing": self._profile,
            "units": "kilometers",
        }
        told = self._address.ask("sources_to_targets", body=json.dumps(asked).encode())
        found = told.get("sources_to_targets")
        if isinstance(found, dict):  # the concise answer
            return _table(found.get("distances"), found.get("durations"), starts, ends, metres=1000)
        try:
            metres, seconds = (
                [[cell[name] for cell in row] for row in found or []]
                for name in ("distance", "time")
            )
        except (TypeError, KeyError) as reason:
            raise NoAnswer("the table has no distance and time") from reason
        return _table(metres, seconds, starts, ends, metres=1000)


def engine_of(settings: Settings) -> Cached | None:
    """Return the road engine of an installation, behind its cache; None where it has none."""
    if not settings.roads_url:
        return None
    if settings.roads_engine not in KINDS:
        raise BadSetting("REMELT_ROADS_ENGINE is osrm or valhalla")
    address = Address(settings.roads_url)
    made: Osrm | Valhalla = Osrm(address) if settings.roads_engine == "osrm" else Valhalla(address)
    if settings.roads_edition:
        made.name = f"{made.name} {settings.roads_edition}"[:30]
    return Cached(made, settings.home / "run" / "roads.db")


def _table(
    metres_told: Any,
    seconds_told: Any,
    starts: Sequence[Degrees],
    ends: Sequence[Degrees],
    *,
    metres: int,
) -> Found:
    """Read two tables of numbers and nulls as whole metres and seconds."""
    size = (len(starts), len(ends))
    for told in (metres_told, seconds_told):
        if not isinstance(told, list) or len(told) != size[0]:
            raise NoAnswer("the table has another size")
        if any(not isinstance(row, list) or len(row) != size[1] for row in told):
            raise NoAnswer("the table has another size")
    return [
        [
            _pair(far, long, metres=metres)
            for far, long in zip(metres_told[a], seconds_told[a], strict=True)
        ]
        for a in range(size[0])
    ]


def _pair(far: Any, long: Any, *, metres: int) -> tuple[int, int] | None:
    if far is None or long is None:
        return None
    for told in (far, long):
        if isinstance(told, bool) or not isinstance(told, int | float):
            raise NoAnswer("a figure of the table is no number")
    if not (0 <= far * metres <= MOST_M and 0 <= long <= MOST_S):
        raise NoAnswer("a figure of the table is beyond measure")
    return round(far * metres), round(long)
