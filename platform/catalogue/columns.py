"""Columns that several kinds of reference file share, and what cells must say together."""

from collections.abc import Callable, Mapping
from typing import Any

from remelt.platform.catalogue.carbon import gas_of
from remelt.platform.catalogue.cells import (
    BadCell,
    Fields,
    Reader,
    day,
    one,
    scaled,
    wgs84,
    words,
    year,
)
from remelt.platform.catalogue.models import CONFIDENCE
from remelt.platform.kernel.text import tidy

Check = Callable[[Mapping[str, Any]], list[tuple[str, str]]]


def bp(name: str) -> Reader:
    """Read per cent from 0 to 100 as 1/10,000."""
    return scaled(name, places=2, lowest=0, highest=10_000)


def ppm(name: str) -> Reader:
    """Read per cent from 0 to 100 as parts per million."""
    return scaled(name, places=4, lowest=0, highest=1_000_000)


def text(longest: int, *names: str) -> dict[str, Reader]:
    """Columns of free text, empty where unknown."""
    return {name: words(name, longest=longest) for name in names}


def must(longest: int, *names: str) -> dict[str, Reader]:
    """Columns of text that every row has."""
    return {name: words(name, longest=longest, required=True) for name in names}


VALIDITY: dict[str, Reader] = {"valid_from": day("valid_from"), "valid_to": day("valid_to")}
PROVENANCE: dict[str, Reader] = {
    **must(400, "source"),
    "year": year("year"),
    "confidence": one("confidence", CONFIDENCE),
}
POINT: dict[str, Reader] = {
    "lat": scaled("lat_e6", places=6, lowest=-90_000_000, highest=90_000_000, required=True),
    "lon": scaled("lon_e6", places=6, lowest=-180_000_000, highest=180_000_000, required=True),
    "datum": wgs84,
}


def alias(cell: str) -> Fields:
    """Read a trade word, kept as written and as looked up."""
    read = words("alias", longest=200, required=True)(cell)
    return {**read, "folded": fold(str(read["alias"]))}


def fold(word: str) -> str:
    """Return a trade word as it is looked up: NFKC, one space, lower case."""
    return tidy(word).casefold()


def unit(cell: str) -> Fields:
    """Read a factor's unit and the gas it counts."""
    read = words("unit", longest=40, required=True)(cell)
    return {**read, "gas": gas_of(str(read["unit"]))}


def adcode(name: str, *, required: bool) -> Reader:
    """Read the six digits of an administrative division."""

    def read(cell: str) -> Fields:
        code = cell.strip()
        if not code and not required:
            return {name: ""}
        if not (len(code) == 6 and code.isascii() and code.isdigit()):  # noqa: PLR2004
            raise BadCell("not-an-adcode")
        return {name: code}

    return read


def check_factor(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Let only a missing factor be empty: an empty value is never zero."""
    empty = row["value_digits"] is None
    if empty and row["confidence"] != "missing":
        return [("value", "empty-but-not-missing")]
    if not empty and row["confidence"] == "missing":
        return [("confidence", "missing-but-not-empty")]
    return []


def check_limits(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Let no minimum stand above its maximum."""
    low, high = row["min_ppm"], row["max_ppm"]
    out_of_order = low is not None and high is not None and low > high
    return [("min_pct", "above-the-maximum")] if out_of_order else []


def check_target(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Let a row without a value say in words what it is."""
    says = row["value_digits"] is not None or row["value_text"] or row["note"]
    return [] if says or row["confidence"] == "missing" else [("value", "empty-but-not-missing")]
