"""Answers by idempotency key: kept for 24 hours, given again, refused for another request."""

from dataclasses import dataclass
from threading import Lock
from typing import Any, Final

from tools.stripe_twin.refusals import Refused
from tools.stripe_twin.world import DAY_S

KEY_MOST: Final = 255


@dataclass
class Kept:
    """What was asked under a key, and what was answered; None while it is being worked on."""

    asked: str
    at: int
    answer: tuple[int, Any] | None = None


class Keys:
    """The keys in use."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: dict[tuple[str, str], Kept] = {}

    def begin(self, account: str, key: str, *, asked: str, now: int) -> tuple[int, Any] | None:
        """Return the answer that was given under this key, or None: then do it, and `end`.

        Raises `Refused`: the key is too long, was used for another request, or is in use.
        """
        if len(key) > KEY_MOST:
            raise _error(400, "Keys for idempotent requests can be up to 255 characters long.")
        with self._lock:
            kept = self._kept.get((account, key))
            if kept is None or kept.at + DAY_S <= now:
                self._kept[account, key] = Kept(asked, now)
                return None
            if kept.asked != asked:
                raise _error(
                    400,
                    "Keys for idempotent requests can only be used with the same parameters "
                    "they were first used with.",
                )
            if kept.answer is None:
                raise _error(
                    409,
                    "There is currently another in-progress request using this Idempotent Key.",
                    code="idempotency_key_in_use",
                )
            return kept.answer

    def end(self, account: str, key: str, answer: tuple[int, Any] | None) -> None:
        """Keep the answer; None forgets the key, as after a request that was not begun."""
        with self._lock:
            if answer is None:
                self._kept.pop((account, key), None)
            else:
                self._kept[account, key].answer = answer


def _error(status: int, message: str, *, code: str | None = None) -> Refused:
    return Refused(status, type="idempotency_error", message=message, code=code)
