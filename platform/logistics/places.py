"""Where names and points lead: the catalogue's places first, then the operator's own Nominatim."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import structlog
from geopy.exc import GeopyError
from geopy.geocoders import Nominatim
from sqlmodel import Session

from remelt.platform.catalogue import queries as catalogue
from remelt.platform.catalogue.columns import fold
from remelt.platform.catalogue.loading import package_rows
from remelt.platform.catalogue.models import Place
from remelt.platform.kernel.settings import Settings
from remelt.platform.logistics.errors import PointElsewhere
from remelt.routing.datum import County, misplaced

CATALOGUE: Final = "catalogue"
NOMINATIM: Final = "nominatim"
MOST: Final = 10
LONGEST: Final = 100
TIMEOUT_S: Final = 5
PEOPLES: Final = "布依族|土家族|仡佬族|苗族|侗族|彝族|回族|水族|壮族|瑶族|各族"
ENDING: Final = re.compile(f"(?:(?:{PEOPLES})*自治[州县旗]|特区|[省市州县区])$")
SPOKEN: Final = re.compile(r"(?:sheng|shi|zhou|xian|qu)$")
SYLLABLE: Final = re.compile(
    r"(?:[zcs]h|[bpmfdtnlgkhjqxrzcsyw])?[aeiouv]+(?:ng(?![aeiouv])|[nr](?![aeiouv]))?"
)
FOUND: Final = 4  # ranks of a match: the name, its beginning, its initials, within it
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """A place that a text may mean: WGS84 in micro-degrees, and who says so."""

    name_zh: str
    name_en: str
    adcode: str
    level: str
    lat_e6: int
    lon_e6: int
    source: str


def find_places(session: Session, text: str, *, limit: int = MOST) -> list[FoundPlace]:
    """Return the catalogue's places that a text may mean, the likeliest first.

    Chinese or English, with or without the ending (县, District), pinyin with or without spaces, an
    area code, the beginning of any of these, or the initials of the syllables (gy: Guiyang).
    """
    word = fold(text[:LONGEST])
    close = word.replace(" ", "").replace("'", "")
    words = {close, SPOKEN.sub("", close)} - {""}
    ranked = [
        (rank, place.level != "county", place.adcode, place)
        for place in catalogue.places(session)
        if (rank := min((_rank(each, place) for each in words), default=FOUND)) < FOUND
    ]
    return [_found(place) for _, _, _, place in sorted(ranked, key=lambda row: row[:3])[:limit]]


def names_of(place: Place) -> set[str]:
    """Return every way to write a place's name, as it is looked up.

    >>> sorted(names_of(Place(name_zh="威宁彝族回族苗族自治县", adcode="520526",
    ...     name_en="Weining Yi, Hui and Miao Autonomous County")))
    ['520526', 'weining', 'weiningyi,huiandmiaoautonomouscounty', '威宁', '威宁彝族回族苗族自治县']
    """
    chinese, english = fold(place.name_zh), fold(place.name_en)
    return {
        chinese,
        ENDING.sub("", chinese) or chinese,
        english.replace(" ", "").replace("'", ""),
        english.split(" ")[0].rstrip(",").replace("'", ""),
        place.adcode,
    }


def geocode(settings: Settings, text: str, *, limit: int = MOST) -> list[FoundPlace]:
    """Ask the operator's Nominatim for an address; nothing where there is none, or no answer."""
    if not settings.nominatim_url:
        return []
    parts = urlsplit(settings.nominatim_url)
    peer = Nominatim(
        user_agent="remelt",
        scheme=parts.scheme,
        domain=f"{parts.netloc}{parts.path}".rstrip("/"),
        timeout=TIMEOUT_S,
        proxies={},
    )
    try:
        told = peer.geocode(text[:LONGEST], exactly_one=False, limit=limit, country_codes="cn")
    except (GeopyError, ValueError) as reason:
        log.warning("nominatim did not answer", reason=repr(reason)[:200])
        return []
    return [
        FoundPlace(
            name_zh=str(each.address)[:200],
            name_en=str(each.address)[:200],
            adcode="",
            level="address",
            lat_e6=round(each.latitude * 1e6),
            lon_e6=round(each.longitude * 1e6),
            source=NOMINATIM,
        )
        for each in told or []
    ]


def counties_of(session: Session) -> list[County]:
    """Return the counties of the catalogue."""
    found = catalogue.places(session, level="county")
    return [County(place.adcode, place.lat_e6, place.lon_e6) for place in found]


def package_counties() -> list[County]:
    """Return the counties that come with the package, for who has no database."""
    return [
        County(row["adcode"], row["lat_e6"], row["lon_e6"])
        for row in package_rows("places")
        if row["level"] == "county"
    ]


def check_point(session: Session, *, adcode: str, lat_e6: int, lon_e6: int) -> None:
    """Refuse a typed point that contradicts its county. Raises `PointElsewhere`."""
    wrong = misplaced(lat_e6, lon_e6, adcode=adcode, counties=counties_of(session))
    if wrong is not None:
        raise PointElsewhere(wrong)


def initials_of(name_en: str) -> str:
    """Return the first letter of each syllable of a place's pinyin.

    >>> [initials_of(each) for each in ("Guiyang City", "Zheng'an County", "Qianxinan Buyei")]
    ['gy', 'za', 'qxn']
    """
    return "".join(each[0] for each in SYLLABLE.findall(fold(name_en).split(" ")[0]))


def _rank(word: str, place: Place) -> int:
    names = names_of(place)
    if word in names:
        return 0
    if any(name.startswith(word) for name in names):
        return 1
    if word == initials_of(place.name_en):
        return 2
    return 3 if any(word in name for name in names) else FOUND


def _found(place: Place) -> FoundPlace:
    return FoundPlace(
        name_zh=place.name_zh,
        name_en=place.name_en,
        adcode=place.adcode,
        level=place.level,
        lat_e6=place.lat_e6,
        lon_e6=place.lon_e6,
        source=CATALOGUE,
    )
