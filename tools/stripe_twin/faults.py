"""What goes wrong on wish: dropped connections, errors before and after the effect, delays."""

from dataclasses import dataclass
from threading import Lock
from typing import Final

from tools.stripe_twin.refusals import Refused

HEADER: Final = "HTTP_X_TWIN_FAULT"
# name -> what the caller sees
KINDS: Final = {
    "drop_before": "the connection ends before anything is done",
    "drop_after": "it is done, then the connection ends without an answer",
    "delay": "it is done, and the answer comes late",
    "429": "too many requests; nothing is done or kept",
    "409": "another request holds the object; nothing is done or kept",
    "503": "the gateway answers; nothing is done or kept",
    "500_before": "an error is answered and kept under the key; nothing is done",
    "500_after": "it is done, yet an error is answered and kept under the key",
}


@dataclass
class Fault:
    """One fault of `KINDS`. on: the start of a call's name (`POST /v1/refunds`), or empty."""

    kind: str
    on: str = ""
    seconds: float = 0.0


class Dropped(Exception):
    """The server must end the connection without an answer."""


class Faults:
    """Faults in the order in which the next requests meet them."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._queue: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Let the next request that the fault is for meet it. Raises `ValueError`: unknown kind."""
        if fault.kind not in KINDS:
            raise ValueError(f"{fault.kind} is none of {', '.join(KINDS)}")
        with self._lock:
            self._queue.append(fault)

    def clear(self) -> None:
        """Let nothing go wrong."""
        with self._lock:
            self._queue.clear()

    def take(self, name: str, *, asked: str = "") -> Fault | None:
        """Return the fault that this call meets: of its header, else the first that is for it."""
        if asked:
            kind, _, seconds = asked.partition(":")
            return Fault(kind, seconds=float(seconds or 0))
        with self._lock:
            for at, fault in enumerate(self._queue):
                if name.startswith(fault.on):
                    return self._queue.pop(at)
        return None


def refuse_unkept(fault: Fault | None) -> None:
    """Raise what a request meets before anything is kept under its key."""
    if fault is None:
        return
    if fault.kind == "drop_before":
        raise Dropped
    if fault.kind == "429":
        raise Refused(
            429, type="invalid_request_error", code="rate_limit", message="Too many requests."
        )
    if fault.kind == "409":
        raise Refused(409, type="invalid_request_error", code="lock_timeout", message="Try again.")
    if fault.kind == "503":
        raise Refused(503, type="api_error", message="Service unavailable.")


def broken() -> Refused:
    """An error of the service itself."""
    return Refused(500, type="api_error", message="An error occurred on our side.")
