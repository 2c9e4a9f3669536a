"""GS1 names in one form: EPC URNs, EPC patterns and Digital Links of one thing are one web address.

The form is that of CBV 2.0 for event hashes: `https://id.gs1.org/` with application identifiers,
GTINs of 14 digits, only the finest level of identification, no query string.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

_BASE = "https://id.gs1.org/"
LONGEST = 500
_ENCODED = str.maketrans(
    {"!": "%21", "(": "%28", ")": "%29", "*": "%2A", "+": "%2B", ",": "%2C", ":": "%3A"}
)
_CLEAR = r"[!')(*+,.0-9:;=A-Za-z_-]"
_UNIT = (
    rf"(?:{_CLEAR}|%2[125-9A-Fa-f]|%3[0-9A-Fa-f]|%4[1-9A-Fa-f]|%5[0-9AFaf]"
    r"|%6[1-9A-Fa-f]|%7[0-9Aa])"
)
_PART = r"(?:%2[3DFdf]|%3[0-9]|%4[1-9A-Fa-f]|%5[0-9Aa]|[0-9A-Z-])"
_PREFIX = range(6, 13)  # digits of a GS1 company prefix


@dataclass(frozen=True, slots=True)
class _Scheme:
    """How one EPC scheme becomes a web address.

    digits: of company prefix and reference together. ai: application identifier of the key.
    turned: whether the reference's first digit leads (GTIN, SSCC). tail, pattern: what may
    follow the key in a name and in a pattern. end: how a name's tail is written.
    """

    digits: int
    ai: str
    tail: re.Pattern[str]
    end: Callable[..., str]
    turned: bool = False
    lead: str = ""
    checked: bool = True
    pattern: re.Pattern[str] | None = None
    least: int = 0


def _encoded(text: str) -> str:
    return text if text.isalnum() else text.translate(_ENCODED)


def _serial(ai: str) -> Callable[..., str]:
    return lambda serial: f"/{ai}/{_encoded(serial)}"


def _joined(serial: str) -> str:
    return _encoded(serial)


def _nothing(*_parts: str) -> str:
    return ""


def _extension(text: str) -> str:
    return "" if text == "0" else f"/254/{_encoded(text)}"


def _piece(piece: str, total: str, serial: str = "") -> str:
    return piece + total + (f"/21/{_encoded(serial)}" if serial else "")


def _tail(units: str) -> re.Pattern[str]:
    return re.compile(rf"\.({_CLEAR}{units}|{_UNIT}{units})")


_NONE = re.compile("")
_ANY = re.compile(r"\.\*")
_SCHEMES = {
    "sgtin": _Scheme(13, "01", _tail("{1,20}"), _serial("21"), turned=True, pattern=_ANY),
    "sscc": _Scheme(17, "00", _NONE, _nothing, turned=True),
    "sgln": _Scheme(12, "414", _tail("{1,20}"), _extension),
    "grai": _Scheme(12, "8003", _tail("{1,16}"), _joined, lead="0", pattern=_ANY, least=1),
    "gsrn": _Scheme(17, "8018", _NONE, _nothing),
    "gsrnp": _Scheme(17, "8017", _NONE, _nothing),
    "gdti": _Scheme(12, "253", _tail("{0,19}"), _joined, pattern=_ANY),
    "sgcn": _Scheme(12, "255", re.compile(r"\.([0-9]{1,12})"), _joined, pattern=_ANY),
    "gsin": _Scheme(16, "402", _NONE, _nothing),
    "itip": _Scheme(
        13,
        "8006",
        re.compile(rf"\.([0-9]{{2}})\.([0-9]{{2}})\.({_UNIT}{{1,20}})"),
        _piece,
        turned=True,
        pattern=re.compile(r"\.([0-9]{2})\.([0-9]{2})\.\*"),
    ),
    "upui": _Scheme(13, "01", _tail("{1,28}"), _serial("235"), turned=True, pattern=_ANY),
    "pgln": _Scheme(12, "417", _NONE, _nothing),
}
_LOT = _Scheme(13, "01", _tail("{1,20}"), _serial("10"), turned=True)
_ASSET = re.compile(rf"{_UNIT}+")
_COMPONENT = re.compile(rf"({_PART}+)\.([0-9]{{1,12}})")
_COMPONENTS = re.compile(rf"({_PART}+)\.\*")
_OPEN = {"giai": "8004", "ginc": "401"}
_WHOLE = 30  # characters that prefix and reference of an open key share

_SHORT = {
    "gtin": "01",
    "itip": "8006",
    "cpid": "8010",
    "gln": "414",
    "party": "417",
    "gsrnp": "8017",
    "gsrn": "8018",
    "gcn": "255",
    "sscc": "00",
    "gdti": "253",
    "ginc": "401",
    "gsin": "402",
    "grai": "8003",
    "giai": "8004",
    "cpv": "22",
    "lot": "10",
    "ser": "21",
}
_KEYS = sorted({*_SHORT.values()} - {"10", "21", "22"})
_CH = r"[\"'.0-9;-?A-Z_a-z-]"
_LINK = re.compile(
    rf"https?:[^?#]*/(?:{'|'.join([*_KEYS, *(s for s, ai in _SHORT.items() if ai in _KEYS)])})/"
    r"[0-9]{4}[^/]"
)
_NUMBERED = re.compile("/[0-9]{4}[^/]")  # what every link has: tells most others at once
_SHORTS = re.compile(rf"/({'|'.join(_SHORT)})(?=/)")
_CANONICAL = re.compile(rf"https://id\.gs1\.org/(?:{'|'.join(_KEYS)})/[0-9]{{4}}[^/]")
_GTIN = re.compile(r"https://id\.gs1\.org/01/(?=([0-9]+))")
_PADS = {13: "0", 12: "00", 8: "000000"}
_VARIANT = re.compile(
    rf"(https://id\.gs1\.org/(?:8006/[0-9]{{18}}|01/[0-9]{{14}}))/22/(?:{_CH}{{0,20}}"
    rf"|(?=[\"'./0-9;-?A-Z_a-z-]{{0,20}}$){_CH}*(/.*))$"
)
_LOT_AND_SERIAL = re.compile(
    rf"(https://id\.gs1\.org/(?:8006/[0-9]{{18}}|01/[0-9]{{14}}))/10/{_CH}{{0,20}}"
    rf"(/21/{_CH}{{0,20}})$"
)
_FORMS = (
    r"00/[0-9]{18}",
    rf"01/[0-9]{{14}}(?:/21/{_CH}{{0,20}}|/10/{_CH}{{0,20}}|/235/{_CH}{{0,28}})?",
    rf"253/[0-9]{{13}}{_CH}{{0,17}}",
    r"255/[0-9]{13}[0-9]{0,12}",
    rf"401/{_CH}{{0,30}}",
    r"402/[0-9]{17}",
    rf"414/[0-9]{{13}}(?:/254/{_CH}{{0,20}})?",
    r"417/[0-9]{13}",
    rf"8003/[0-9]{{14}}{_CH}{{0,16}}",
    rf"8004/{_CH}{{0,30}}",
    rf"8006/[0-9]{{18}}(?:/(?:21|10)/{_CH}{{0,20}})?",
    r"8010/[#/0-9A-Z-]{0,30}(?:/8011/[0-9]{0,12})?",
    r"8017/[0-9]{18}",
    r"8018/[0-9]{18}",
)
_FINAL = re.compile(
    rf"https://id\.gs1\.org/(?:{_FORMS[0]}|01/[0-9]{{14}}(?:/(?:21|10)/[0-9A-Za-z]+)?|414/[0-9]{{13}})"
)
_WELL_FORMED = re.compile(rf"https://id\.gs1\.org/(?:{'|'.join(_FORMS)})")


def named(name: str) -> str:
    """Return the GS1 web address of an EPC URN, pattern or Digital Link; other names as they are.

    >>> named("urn:epc:id:sgtin:0614141.107346.2018")
    'https://id.gs1.org/01/10614141073464/21/2018'
    >>> named("https://example.com/some/gtin/10614141073464/lot/7/ser/2018?x=1")
    'https://id.gs1.org/01/10614141073464/21/2018'
    >>> named("urn:remelt:lot:ABC")
    'urn:remelt:lot:ABC'
    """
    if len(name) > LONGEST:
        return name
    if name.startswith("urn:epc:"):
        return _of_urn(name) or name
    if name.startswith("http"):
        return _of_link(name) or name
    return name


web_name = lru_cache(maxsize=4096)(named)


def check_digit(digits: str) -> str:
    """Return the GS1 check digit of a key without it.

    >>> check_digit("1061414107346")
    '4'
    """
    codes = digits.encode()
    ones, threes = codes[-2::-2], codes[::-2]
    total = 3 * sum(threes) + sum(ones) - ord("0") * (3 * len(threes) + len(ones))
    return str(-total % 10)


def _of_urn(name: str) -> str | None:
    parts = name.split(":", 4)
    if len(parts) < 5 or "." not in parts[4]:  # noqa: PLR2004 - urn, epc, kind, scheme, rest
        return None
    kind, scheme, rest = parts[2:]
    known = _LOT if (kind, scheme) == ("class", "lgtin") else _SCHEMES.get(scheme)
    if known is None:
        return _open_key(kind, scheme, rest)
    if kind == "idpat":
        return None if known.pattern is None else _keyed(known, rest, known.pattern, pattern=True)
    if kind == "id" or known is _LOT:
        return _keyed(known, rest, known.tail, pattern=False)
    return None


def _keyed(scheme: _Scheme, rest: str, tail: re.Pattern[str], *, pattern: bool) -> str | None:
    """Return the address of a key of a fixed number of digits."""
    prefix, _, after = rest.partition(".")
    at = scheme.digits - len(prefix)
    reference, end = after[:at], after[at:]
    digits = prefix + reference
    if len(prefix) not in _PREFIX or len(digits) != scheme.digits or not _digits(digits):
        return None
    found = tail.fullmatch(end)
    if found is None or at < (1 if pattern else scheme.least):
        return None
    if scheme.turned:
        digits = reference[0] + prefix + reference[1:]
    digits = scheme.lead + digits
    said = scheme.end(*found.groups()) if not pattern or scheme.end is _piece else ""
    return f"{_BASE}{scheme.ai}/{digits}{check_digit(digits)}{said}"


def _open_key(kind: str, scheme: str, rest: str) -> str | None:
    """Return the address of a key whose reference is free text: GIAI, GINC, CPI."""
    prefix, _, reference = rest.partition(".")
    most = _WHOLE - len(prefix)
    if len(prefix) not in _PREFIX or not _digits(prefix):
        return None
    if kind == "id" and scheme in _OPEN:
        fits = _ASSET.fullmatch(reference) and len(re.findall(_UNIT, reference)) <= most
        return _BASE + _OPEN[scheme] + "/" + prefix + _joined(reference) if fits else None
    if scheme != "cpi" or kind not in {"id", "idpat"}:
        return None
    found = (_COMPONENT if kind == "id" else _COMPONENTS).fullmatch(reference)
    if found is None or len(re.findall(_PART, found[1])) > most:
        return None
    whole = f"{_BASE}8010/{prefix}{_joined(found[1])}"
    return f"{whole}/8011/{found[2]}" if kind == "id" else whole


def _of_link(name: str) -> str | None:
    if _NUMBERED.search(name) is None or _LINK.match(name) is None:
        return None
    if _FINAL.fullmatch(name) is not None:
        return name
    uri = _SHORTS.sub(lambda found: "/" + _SHORT[found[1]], name.partition("?")[0])
    if _CANONICAL.match(uri) is None:
        at = next((uri.find(f"/{key}/") for key in _KEYS if f"/{key}/" in uri), -1)
        if at >= 0:
            uri = _BASE + uri[at + 1 :]
    gtin = _GTIN.match(uri)
    if gtin is not None and len(gtin[1]) in _PADS:
        uri = uri.replace("/01/", "/01/" + _PADS[len(gtin[1])])
    uri = _VARIANT.sub(lambda found: found[1] + (found[2] or ""), uri)
    uri = _LOT_AND_SERIAL.sub(r"\1\2", uri)
    return uri if _WELL_FORMED.fullmatch(uri) else None


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit()
