"""Rules of the parties' room that need no database."""

import re
import unicodedata
from collections.abc import Collection, Sequence
from datetime import date

from remelt.platform.parties.errors import (
    BadAdcode,
    BadDivision,
    BadHours,
    BadLogin,
    BadName,
    BadNumber,
    BadPhone,
    BadThreshold,
    OffTheMap,
    RoleNotForNaturalPerson,
    ThresholdByOperator,
    UnknownChoice,
)
from remelt.platform.parties.models import PRODUCTIVE_SCRAP, Filing, Site
from remelt.platform.parties.permissions import COLLECTOR

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{2,31}")
_PHONE = re.compile(r"\+?[0-9]{5,20}")
_ADCODE = re.compile(r"[1-9][0-9]{5}")
_DEGREES_90 = 90_000_000
_DAY_MIN = 24 * 60
_TONNE_G = 1_000_000


def may_buy(filing_kinds: Collection[str], *, productive: bool) -> bool:
    """Tell whether an organisation with these filings in force may buy the scrap.

    Productive scrap (生产性废旧金属: rails, cable, municipal fittings and the like) takes an
    authorisation; everything else is free to buy.
    Source: 再生资源回收管理办法; 废旧金属收购业治安管理办法.

    >>> may_buy({"mofcom"}, productive=True)
    False
    """
    return not productive or PRODUCTIVE_SCRAP in filing_kinds


def in_force(filing: Filing, *, on: date) -> bool:
    """Tell whether a filing counts on a Beijing day: verified, not withdrawn, not out of date."""
    current = filing.valid_until is None or on <= filing.valid_until
    return filing.verified_at is not None and filing.ended_at is None and current


def read_name(text: str, *, field: str, most: int) -> str:
    """Return a name, tidied (NFKC, white space folded). Raises `BadName`."""
    name = " ".join(unicodedata.normalize("NFKC", text[: most * 8]).split())
    if not 1 <= len(name) <= most or any(unicodedata.category(c).startswith("C") for c in name):
        raise BadName(field=field, most=most)
    return name


def read_login(text: str) -> str:
    """Return a login in the one form it is kept in: NFKC, lower case. Raises `BadLogin`."""
    login = unicodedata.normalize("NFKC", text[:100]).strip().lower()
    if not _LOGIN.fullmatch(login):
        raise BadLogin(field="login")
    return login


def read_phone(text: str) -> str | None:
    """Return a telephone number without spaces and hyphens, None for none. Raises `BadPhone`."""
    phone = re.sub(r"[\s()-]", "", unicodedata.normalize("NFKC", text[:100]))
    if not phone:
        return None
    if not _PHONE.fullmatch(phone):
        raise BadPhone(field="phone")
    return phone


def read_number(text: str) -> str:
    """Return the number of a filing, tidied, 1 to 60 characters. Raises `BadNumber`."""
    try:
        return read_name(text, field="number", most=60)
    except BadName as reason:
        raise BadNumber(field="number") from reason


def check_choice(value: str, *, among: Collection[str], field: str) -> None:
    """Refuse a value that is none of `among`. Raises `UnknownChoice`."""
    if value not in among:
        raise UnknownChoice(field=field, among=", ".join(among))


def check_adcode(adcode: str) -> None:
    """Refuse what is no six-digit area code. Raises `BadAdcode`."""
    if not _ADCODE.fullmatch(adcode):
        raise BadAdcode(field="adcode")


def check_role(legal_form: str, role: str) -> None:
    """Refuse a role other than collector for a natural person. Raises `RoleNotForNaturalPerson`."""
    if legal_form == "natural_person" and role != COLLECTOR:
        raise RoleNotForNaturalPerson(field="role")


def check_site(site: Site) -> None:
    """Refuse a site whose facts cannot be.

    Raises `BadAdcode`, `OffTheMap`, `BadHours`, `BadDivision` or `BadThreshold`.
    """
    check_adcode(site.adcode)
    _check_position(site.lat_e6, site.lon_e6)
    if not 0 <= site.opens_min < site.closes_min <= _DAY_MIN:
        raise BadHours(field="closes_min")
    if site.scale_division_g is not None and not 1 <= site.scale_division_g <= _TONNE_G:
        raise BadDivision(field="scale_division_g")
    if site.second_person_above_fen is not None and site.second_person_above_fen < 0:
        raise BadThreshold(field="second_person_above_fen")


def check_change(changed: Collection[str], *, by_operator: bool) -> None:
    """Refuse a change of the second-person threshold by those who pay.

    Raises `ThresholdByOperator`.
    """
    if "second_person_above_fen" in changed and not by_operator:
        raise ThresholdByOperator(field="second_person_above_fen")


def check_new_threshold(asked_fen: int | None, *, others: Sequence[int | None]) -> None:
    """Refuse a new site with a laxer second-person threshold than the organisation's others.

    None is no threshold at all. Raises `ThresholdByOperator`.
    """
    strictest = min((fen for fen in others if fen is not None), default=None)
    if strictest is not None and (asked_fen is None or asked_fen > strictest):
        raise ThresholdByOperator(field="second_person_above_fen")


def _check_position(lat_e6: int | None, lon_e6: int | None) -> None:
    if lat_e6 is None and lon_e6 is None:
        return
    if lat_e6 is None or lon_e6 is None:
        raise OffTheMap(field="lat_e6" if lat_e6 is None else "lon_e6")
    if abs(lat_e6) > _DEGREES_90:
        raise OffTheMap(field="lat_e6")
    if abs(lon_e6) > 2 * _DEGREES_90:
        raise OffTheMap(field="lon_e6")
