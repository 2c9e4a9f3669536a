"""Types of form fields: what a person types, read into the integers that are kept."""

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from remelt.platform.kernel.codes import BadCode, read_code

YEARS = range(1990, 2200)
_WHOLE = re.compile(r"\d{1,18}", re.ASCII)
_DECIMAL = re.compile(r"(\d{1,15})(?:\.(\d+))?", re.ASCII)


def plain(text: Any) -> str:
    """Return typed text in NFKC, so that full-width digits are digits, without outer space."""
    if not isinstance(text, str):
        raise PydanticCustomError("string_type", "a text")
    return unicodedata.normalize("NFKC", text).strip()


def decimal(*, scale: int, limit: int) -> Callable[[Any], int]:
    """Return a reader of decimal text into integers of 10**-scale; thousands may have commas."""

    def read(text: Any) -> int:
        typed = plain(text)
        if not typed:
            raise PydanticCustomError("blank", "nothing typed")
        parts = _DECIMAL.fullmatch(re.sub(r"(?<=\d),(?=\d{3}(\D|$))", "", typed))
        if parts is None or len(parts[2] or "") > scale:
            raise PydanticCustomError("decimal", "not a number", {"places": scale})
        value: int = int(parts[1]) * 10**scale + int((parts[2] or "").ljust(scale, "0") or 0)
        if value > limit:
            raise PydanticCustomError("too_large", "too large", {"limit": limit // 10**scale})
        return value

    return read


def whole(text: Any) -> int:
    """Read a whole number of at most 18 digits."""
    typed = plain(text)
    if not typed:
        raise PydanticCustomError("blank", "nothing typed")
    if not _WHOLE.fullmatch(typed):
        raise PydanticCustomError("whole", "not a whole number")
    return int(typed)


def day(text: Any) -> date:
    """Read a date as browsers and people write it: 2026-03-31."""
    try:
        read = date.fromisoformat(plain(text))
    except ValueError:
        raise PydanticCustomError("date", "not a date") from None
    if read.year not in YEARS:
        raise PydanticCustomError("date", "not a date of this trade")
    return read


def tick(text: Any) -> bool:
    """Read a checkbox: present is true."""
    return plain(text) not in {"", "0", "no"}


def lot_code(text: Any) -> str:
    """Read a typed or scanned tag."""
    try:
        return read_code(plain(text))
    except BadCode:
        raise PydanticCustomError("bad_code", "mistyped") from None


def maybe(kind: Any) -> Any:
    """Return the validator of a field that may stay empty: None then, else as `kind` reads it."""
    reader = next(m for m in kind.__metadata__ if isinstance(m, BeforeValidator))
    read: Any = reader.func
    return BeforeValidator(lambda text: None if plain(text) == "" else read(text))


def _filled(text: str) -> str:
    if not text:
        raise PydanticCustomError("blank", "nothing typed")
    return text


MEGATONNE_G = 10**12

Kg = Annotated[int, BeforeValidator(decimal(scale=3, limit=MEGATONNE_G))]
"""kg with up to three decimals -> g, at most a megatonne."""
PositiveKg = Annotated[Kg, Field(gt=0)]
Yuan = Annotated[int, BeforeValidator(decimal(scale=2, limit=10**13))]
"""CNY with up to two decimals -> fen."""
YuanPerT = Annotated[int, BeforeValidator(decimal(scale=2, limit=10**10))]
"""CNY/t -> fen/t, at most 100 million CNY/t."""
Percent = Annotated[int, BeforeValidator(decimal(scale=2, limit=10_000))]
"""Per cent with up to two decimals -> 1/10,000."""
Count = Annotated[int, BeforeValidator(whole)]
Day = Annotated[date, BeforeValidator(day)]
Tick = Annotated[bool, BeforeValidator(tick)]
LotCode = Annotated[str, BeforeValidator(lot_code)]
Text = Annotated[str, BeforeValidator(plain)]
Words = Annotated[str, BeforeValidator(plain), AfterValidator(_filled)]
"""A text that must not be empty."""
