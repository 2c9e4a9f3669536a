"""Live streams: a bounded number of them, woken by what happens, holding no database session."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from threading import Condition, Lock
from typing import cast

import orjson
from flask import Response, current_app

LONGEST_S = 600.0
BEAT_S = 10.0
LOOK_S = 1.0
BREATH_S = 0.5
RETRY_AFTER_S = 5
AGAIN_MS = 1000
QUIET = b":\n\n"


@dataclass(frozen=True, slots=True)
class Message:
    """One server-sent event: its name, its data, and the id that a reader resumes after."""

    name: str
    data: str
    id: str = ""

    def encoded(self) -> bytes:
        """Return the event as it travels."""
        head = f"id: {self.id}\n" if self.id else ""
        return f"{head}event: {self.name}\ndata: {self.data}\n\n".encode()


def json_message(name: str, data: dict[str, object], *, id: str = "") -> Message:  # noqa: A002 - SSE's word
    """Return an event whose data is a JSON object."""
    return Message(name, orjson.dumps(data).decode(), id)


@dataclass(frozen=True, slots=True)
class News:
    """What one look found: what is new, the server's time, and whether nothing more will come."""

    messages: list[Message]
    now: str
    over: bool = False


Look = Callable[[], News]
"""Reads the present state in a session of its own."""


@dataclass(slots=True)
class Streams:
    """The open streams of this process, at most `cap`, and the bell that wakes them."""

    cap: int
    open: int = 0
    rings: int = 0
    _lock: Lock = field(default_factory=Lock)
    _bell: Condition = field(default_factory=Condition)

    def enter(self) -> bool:
        """Take a place; False when none is left."""
        with self._lock:
            if self.open >= self.cap:
                return False
            self.open += 1
            return True

    def leave(self) -> None:
        """Give the place back."""
        with self._lock:
            self.open -= 1

    def ring(self) -> None:
        """Wake every stream: something was committed in this process."""
        with self._bell:
            self.rings += 1
            self._bell.notify_all()

    def wait(self, heard: int, *, seconds: float) -> None:
        """Sleep until the bell has rung more than `heard` times, at most `seconds`."""
        with self._bell:
            self._bell.wait_for(lambda: self.rings != heard, seconds)


def streams() -> Streams:
    """Return the streams of this app."""
    extensions = current_app.extensions
    if "remelt.streams" not in extensions:
        cap = extensions["remelt"].settings.streams
        extensions["remelt.streams"] = Streams(cap)
    return cast("Streams", extensions["remelt.streams"])


def stream(look: Look) -> Response:
    """Answer with a stream of what `look` finds, for ten minutes; then the reader comes again.

    Beyond the cap: 503 with Retry-After, and the page asks at intervals instead. Where nothing
    more will come the last event is `over`.
    """
    every = streams()
    if not every.enter():
        busy = Response("", status=503)
        busy.headers["Retry-After"] = str(RETRY_AFTER_S)
        return busy
    response = Response(_told(every, look), mimetype="text/event-stream")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    response.call_on_close(every.leave)
    return response


def _told(every: Streams, look: Look) -> Iterator[bytes]:
    """Look when the bell rings, each second at least, twice a second at most."""
    ends, beat = time.monotonic() + LONGEST_S, 0.0
    yield b"retry: %d\n\n" % (AGAIN_MS + time.monotonic_ns() % AGAIN_MS)  # not all at once
    while time.monotonic() < ends:
        heard, looked = every.rings, time.monotonic()
        news = look()
        for message in news.messages:
            yield message.encoded()
        if news.messages or looked >= beat:
            beat = looked + BEAT_S
            yield Message("heartbeat", news.now).encoded()
        else:
            yield QUIET  # whoever has gone is found out by it, and gives the place back
        if news.over:
            yield Message("over", news.now).encoded()
            return
        every.wait(heard, seconds=LOOK_S)
        time.sleep(max(0.0, looked + BREATH_S - time.monotonic()))
