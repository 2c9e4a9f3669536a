"""Sends events to their endpoints, signed; tries again, and misbehaves on wish."""

import hmac
import http.client
import time
from collections.abc import Sequence
from hashlib import sha256
from threading import Event, Lock, Thread
from typing import Final
from urllib.parse import urlsplit

import orjson

from tools.stripe_twin.events import Letter

# seconds before each further try; the real service takes three days over it
AGAIN_S: Final = (0.2, 0.5, 1.0, 2.0, 5.0)
STALE_S: Final = 3_600
TIMEOUT_S: Final = 10.0
FAULTS: Final = ("duplicate", "reorder", "stale", "wrong_secret", "lose")


class Post:
    """The letters that wait, in order. Sent by a thread of its own, or when told to."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: list[Letter] = []
        self._faults: list[str] = []
        self._stopped = Event()
        self._thread: Thread | None = None
        # the event, its type, the fault of this letter ("" for none), the answer's status
        self.sent: list[tuple[str, str, str, int]] = []

    def misbehave(self, faults: Sequence[str]) -> None:
        """Let the next letters meet these faults, one each."""
        with self._lock:
            self._faults.extend(faults)

    def put(self, letters: Sequence[Letter]) -> None:
        """Take letters to be sent."""
        with self._lock:
            for letter in letters:
                self._post(letter, self._faults.pop(0) if self._faults else "")

    def _post(self, letter: Letter, fault: str) -> None:
        if fault == "lose":
            return
        if fault in {"stale", "wrong_secret"}:
            letter.faults.append(fault)
        if fault == "reorder":
            self._waiting.insert(0, letter)
            return
        self._waiting.append(letter)
        if fault == "duplicate":
            self._waiting.append(Letter(letter.event, letter.endpoint, letter.url, letter.secret))

    def pump(self, *, now: float | None = None) -> int:
        """Send, in this thread, every letter that is due; return how many were taken.

        now: seconds of `time.monotonic`; all that waits is due when it is infinite.
        """
        moment = time.monotonic() if now is None else now
        with self._lock:
            due = [each for each in self._waiting if each.due_at <= moment]
            self._waiting = [each for each in self._waiting if each.due_at > moment]
        return sum(self._send(letter) for letter in due)

    @property
    def waiting(self) -> int:
        """How many letters wait."""
        return len(self._waiting)

    def start(self) -> None:
        """Send in the background from now on."""
        self._thread = Thread(target=self._loop, name="twin-post", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the background thread."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()

    def _loop(self) -> None:
        while not self._stopped.wait(0.01):
            self.pump()

    def _send(self, letter: Letter) -> bool:
        fault = letter.faults.pop() if letter.faults else ""
        body = orjson.dumps(letter.event)
        status = _post(letter.url, body, sign(body, letter.secret, fault=fault))
        self.sent.append((letter.event["id"], letter.event["type"], fault, status))
        if 200 <= status < 300:  # noqa: PLR2004  the statuses that take a letter
            return True
        if letter.tries < len(AGAIN_S):
            letter.due_at = time.monotonic() + AGAIN_S[letter.tries]
            letter.tries += 1
            with self._lock:
                self._waiting.append(letter)
        return False


def sign(body: bytes, secret: str, *, fault: str = "", at: int | None = None) -> str:
    """Return the Stripe-Signature header of a body."""
    moment = int(time.time()) if at is None else at
    if fault == "stale":
        moment -= STALE_S
    key = secret + "-of-another" if fault == "wrong_secret" else secret
    mac = hmac.new(key.encode(), f"{moment}.".encode() + body, sha256).hexdigest()
    return f"t={moment},v1={mac}"


def _post(url: str, body: bytes, signature: str) -> int:
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.netloc, timeout=TIMEOUT_S)
    headers = {"Content-Type": "application/json", "Stripe-Signature": signature}
    try:
        connection.request("POST", parts.path or "/", body, headers)
        answer = connection.getresponse()
        answer.read()
    except (OSError, http.client.HTTPException):
        return 0
    else:
        return answer.status
    finally:
        connection.close()
