"""Values in the one form that CBV 2.0 hashes: addresses, times, numbers, bare words. Pure."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from remelt.traceability.epcis.names import named

CBV = "https://ref.gs1.org/cbv/"
_OLD = re.compile("urn:epcglobal:cbv:(bizstep|disp|btt|sdt|er):")
_NEW = {"bizstep": "BizStep", "disp": "Disp", "btt": "BTT", "sdt": "SDT", "er": "ER"}
_WRITTEN = len("2026-03-02T00:00:00.000Z")
_EXACT = 2**53
_KEPT = 200  # characters of a text that is kept to be said again
_MOST = 4_096


class Way(dict[str, str]):
    """How the text of a field is said: text -> what stands for it, filled as it is asked.

    Many texts are said again and again. beginning: what stands before a bare word.
    """

    def __init__(self, say: Callable[[str], str], *, beginning: str = "") -> None:
        super().__init__()
        self._say = say
        self.beginning = beginning

    def __missing__(self, text: str) -> str:
        said = self._say(text)
        if len(text) <= _KEPT:
            if len(self) >= _MOST:
                self.clear()
            self[text] = said
        return said


def words(beginning: str) -> Way:
    """Return the way of a field of bare words, each a full address that begins so."""
    return Way(lambda text: address(text) if ":" in text else beginning + text, beginning=beginning)


def plain(text: str) -> str:
    """Return a text as it is said where its field has no words of its own."""
    return address(text) if ":" in text else number(text.strip())


def scalar(value: object) -> str:
    """Return a value that is no text: a number without needless zeros, `True`, `None`."""
    if type(value) is float:
        return str(int(value)) if value.is_integer() else str(value)
    exact = type(value) is int and -_EXACT < value < _EXACT
    return str(value) if exact else number(str(value))


def address(text: str) -> str:
    """Return an address as the standard says it: today's words, GS1 names as web addresses."""
    text = text.strip()
    if text.startswith("urn:epcglobal"):
        text = _OLD.sub(lambda found: f"{CBV}{_NEW[found[1]]}-", text)
    return named(text) if "." in text and text.startswith(("urn:epc:", "http")) else text


def number(text: str) -> str:
    """Return a number without needless zeros; a text that is none as it is."""
    if not text or (text[0] not in "+-." and not text[0].isdecimal()):
        return text
    try:
        found = float(text)
        return str(int(found) if int(found) == found else found)
    except (ValueError, OverflowError):
        return text


def moment(text: str) -> datetime | None:
    """Return a time as aware UTC, None when it is none that a calendar knows."""
    try:
        return datetime.fromisoformat(text.replace("z", "Z")).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def instant(text: str) -> str:
    """Return a time in UTC with milliseconds; a text that is no time as it is."""
    if len(text) == _WRITTEN and text[10] == "T" and text[19] == "." and text[23] == "Z":
        return text
    at = moment(text)
    if at is None:
        return text
    if at.microsecond:
        more = timedelta(microseconds=round(at.microsecond, -3) - at.microsecond)
        at = at + more if at < _LAST else _LAST  # the calendar has no next second
    return at.isoformat(timespec="milliseconds")[:-6] + "Z"


_LAST = datetime.max.replace(microsecond=999_000, tzinfo=UTC)
TIME = Way(lambda text: instant(text.strip()))
PLAIN = Way(plain)
