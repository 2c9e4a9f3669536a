"""The passport of a lot for programs; public."""

from typing import Any

from remelt.platform.kernel.codes import read_code
from remelt.web.api.base import api_blueprint
from remelt.web.context import store
from remelt.web.passports import as_json, passport_page

bp = api_blueprint("passports", tag="Traceability")


@bp.get("/passports/<code>")
@bp.doc(summary="What anybody may know of a lot, with its place in the public log")
def read_passport(code: str) -> dict[str, Any]:
    """Return the public facts of a lot; only that it is registered before the first hand-over."""
    with store().read() as session:
        return as_json(passport_page(session, code=read_code(code)))
