"""What the address of a page asks for beside its path: which page of a list, which day or year."""

import re
from datetime import date, datetime
from typing import Final

from flask import request
from pydantic_core import PydanticCustomError

from remelt.platform.kernel.clock import month_of
from remelt.web.fields import day

LAST_PAGE: Final = 10_000
_YEAR = re.compile(r"20\d\d", re.ASCII)


def asked_page() -> int:
    """Return which page of a list is asked for, `?page=2`; the first by default."""
    return min(max(1, request.args.get("page", 1, type=int) or 1), LAST_PAGE)


def asked_day(name: str) -> date | None:
    """Return the day that is asked for, `?until=2026-03-31`; None where it is none of this trade.

    A form that is shown again says its day itself, and is asked first.
    """
    try:
        return day(request.values.get(name, ""))
    except PydanticCustomError:
        return None


def asked_year(*, now: datetime) -> str:
    """Return the year that is asked for, `?year=2026`; the present one by default."""
    asked = request.args.get("year", "")
    return asked if _YEAR.fullmatch(asked) else month_of(now)[:4]
