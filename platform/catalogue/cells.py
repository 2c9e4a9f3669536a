"""Readers of one cell: text in, columns of a row out, or a reason why not."""

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from decimal import Decimal

Fields = dict[str, object]
Reader = Callable[[str], Fields]
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,12})?")
_LARGEST = 2**53


class BadCell(Exception):
    """The cell cannot be read; `reason` is one of the words that the pages translate."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def words(field: str, *, longest: int, required: bool = False) -> Reader:
    """Read text of at most `longest` characters, without control characters."""

    def read(text: str) -> Fields:
        tidy = unicodedata.normalize("NFC", text).strip()
        if required and not tidy:
            raise BadCell("empty")
        if len(tidy) > longest:
            raise BadCell("too-long")
        if any(unicodedata.category(character) == "Cc" for character in tidy):
            raise BadCell("control-character")
        return {field: tidy}

    return read


def one(field: str, values: tuple[str, ...]) -> Reader:
    """Read one of `values`, written exactly so."""

    def read(text: str) -> Fields:
        if text.strip() not in values:
            raise BadCell("not-one-of-the-words")
        return {field: text.strip()}

    return read


def scaled(field: str, *, places: int, lowest: int, highest: int, required: bool = False) -> Reader:
    """Read a decimal number as an integer of `10 ** -places`, within bounds in that unit.

    A per cent in 1/10,000 is `places=2`; in parts per million `places=4`; degrees in
    micro-degrees `places=6`. An empty cell is unknown: None.
    """

    def read(text: str) -> Fields:
        number = _number(text)
        if number is None:
            if required:
                raise BadCell("empty")
            return {field: None}
        whole = number.scaleb(places)
        if whole != whole.to_integral_value():
            raise BadCell("too-many-decimals")
        if not lowest <= whole <= highest:
            raise BadCell("out-of-range")
        return {field: int(whole)}

    return read


def decimal(field: str) -> Reader:
    """Read a number >= 0 exactly as printed: `<field>_digits` and `<field>_places`."""

    def read(text: str) -> Fields:
        number = _number(text)
        if number is None:
            return {f"{field}_digits": None, f"{field}_places": None}
        places = len(_plain(text).partition(".")[2])
        digits = int(number.scaleb(places))
        if not 0 <= digits < _LARGEST:
            raise BadCell("out-of-range")
        return {f"{field}_digits": digits, f"{field}_places": places}

    return read


def day(field: str) -> Reader:
    """Read a date as YYYY-MM-DD; empty is None."""

    def read(text: str) -> Fields:
        plain = _plain(text)
        if not plain:
            return {field: None}
        try:
            return {field: date.fromisoformat(plain)}
        except ValueError:
            raise BadCell("not-a-date") from None

    return read


def year(field: str) -> Reader:
    """Read a calendar year from 1900 to 2100; empty is None."""
    return scaled(field, places=0, lowest=1900, highest=2100)


def wgs84(text: str) -> Fields:
    """Refuse points that do not say they are WGS84: GCJ-02 is half a kilometre off."""
    if not text.strip().startswith("WGS84"):
        raise BadCell("not-wgs84")
    return {}


def passed_over(_text: str) -> Fields:
    """Keep nothing of the cell: it tells how the file was made."""
    return {}


def printed(digits: int | None, places: int | None) -> str:
    """Return a kept decimal as it was printed.

    >>> printed(5580, 4), printed(13000, 0), printed(None, None)
    ('0.5580', '13000', '')
    """
    if digits is None or places is None:
        return ""
    whole = str(digits).rjust(places + 1, "0")
    return f"{whole[:-places]}.{whole[-places:]}" if places else whole


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _number(text: str) -> Decimal | None:
    plain = _plain(text)
    if not plain:
        return None
    if not _NUMBER.fullmatch(plain):
        raise BadCell("not-a-number")
    return Decimal(plain)
