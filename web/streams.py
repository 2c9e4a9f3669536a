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
RETRY_AFTER_S = 5


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


Look = Callable[[], tuple[list[Message], str]]
"""Reads the present state in a session of its own: new messages, and the server's time."""


@dataclass(slots=True)
class Streams:
    """The open streams of this process, at most `cap`, and the bell that wakes them."""

    cap: int
    open: int = 0
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
            self._bell.notify_all()

    def wait(self, seconds: float) -> None:
        """Sleep until the bell rings, at most `seconds`."""
        with self._bell:
            self._bell.wait(seconds)


def streams() -> Streams:
    """Return the streams of this app."""
    extensions = current_app.extensions
    if "remelt.streams" not in extensions:
        cap = extensions["remelt"].settings.streams
        extensions["remelt.streams"] = Streams(cap)
    return cast("Streams", extensions["remelt.streams"])


def stream(look: Look) -> Response:
    """Answer with a stream of what `look` finds, for ten minutes; then the reader comes again.

    Beyond the cap: 503 with Retry-After, and the page asks at intervals instead.
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
    ends, beat = time.monotonic() + LONGEST_S, 0.0
    yield b"retry: 3000\n\n"
    while time.monotonic() < ends:
        messages, now = look()
        for message in messages:
            yield message.encoded()
        if messages or time.monotonic() >= beat:
            beat = time.monotonic() + BEAT_S
            yield Message("heartbeat", now).encoded()
        every.wait(LOOK_S)
