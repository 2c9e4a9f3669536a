"""How the API refuses: a status, a type, a code and a sentence."""

from typing import Any


class Refused(Exception):
    """One error answer. status: of HTTP; body: the error object without its envelope."""

    def __init__(self, status: int, **body: Any) -> None:
        super().__init__(body.get("message", ""))
        self.status = status
        self.body = {name: value for name, value in body.items() if value is not None}


def invalid(message: str, *, param: str | None = None, code: str | None = None) -> Refused:
    """A request that cannot be done as it stands: 400."""
    return Refused(400, type="invalid_request_error", message=message, param=param, code=code)


def missing(what: str, name: str) -> Refused:
    """No such object in this account: 404."""
    return Refused(
        404,
        type="invalid_request_error",
        code="resource_missing",
        message=f"No such {what}: '{name[:80]}'",
        param="id",
    )


def declined(message: str, *, code: str, **facts: Any) -> Refused:
    """The payer's bank said no: 402."""
    return Refused(402, type="card_error", code=code, message=message, **facts)
