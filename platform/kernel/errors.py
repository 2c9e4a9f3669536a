"""The four families of refusal.

A refusal carries a public code and facts; the page translates it.
"""

from typing import ClassVar


class Refusal(Exception):
    """The trade says no.

    `code` is public and unique; `facts` fill the sentence and never hold a secret. The fact
    `field`, where given, names the form field or JSON member that has to change.
    """

    code: ClassVar[str] = "refused"

    def __init__(self, **facts: object) -> None:
        super().__init__(self.code)
        self.facts = facts

    @property
    def field(self) -> str | None:
        """The field that has to change, where one does."""
        field = self.facts.get("field")
        return None if field is None else str(field)

    def __str__(self) -> str:
        facts = ", ".join(f"{name}={value!r}" for name, value in self.facts.items())
        return f"{self.code}({facts})"


class Invalid(Refusal):
    """What was given breaks a rule; other input would be taken (422)."""

    code = "invalid"


class Forbidden(Refusal):
    """This person may not do this, whatever the input (403)."""

    code = "forbidden"


class NotFound(Refusal):
    """No such thing, or none that this person may see (404)."""

    code = "not-found"


class Conflict(Refusal):
    """It cannot be done in the present state; what was shown is stale (409)."""

    code = "conflict"


class Busy(Exception):
    """The database did not give a turn in time (503 with Retry-After)."""

    def __init__(self, *, retry_after_s: int = 2) -> None:
        super().__init__(f"busy, retry after {retry_after_s} s")
        self.retry_after_s = retry_after_s
