"""GS1 Digital Link: the address of a lot or a load, read strictly, and the links behind it (pure).

Two primary keys are resolved here: (01) a class of goods with its lot, and (00) a load. What may
stand in them is said by GS1's Barcode Syntax Dictionary; a test compares this page with it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from remelt.platform.kernel.codes import fits_gs1
from remelt.platform.kernel.errors import Invalid, NotFound

LOT = "10"
KEYS = {"00": re.compile(r"[0-9]{18}"), "01": re.compile(r"[0-9]{14}")}
ORDERS = {"00": (), "01": (("22", "10", "21"), ("235",))}
_FREE = r"[!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z]"
QUALIFIERS = {
    "22": re.compile(_FREE + "{1,20}"),
    "10": re.compile(_FREE + "{1,20}"),
    "21": re.compile(_FREE + "{1,20}"),
    "235": re.compile(_FREE + "{1,28}"),
}
VOCABULARY = "https://gs1.org/voc/"
PREFIXES = ("gs1:", VOCABULARY, "http://gs1.org/voc/", "https://ref.gs1.org/voc/")
DEFAULT = "defaultLink"
WHOLE_SET = ("linkset", "all")
MEDIA_TYPE = "application/linkset+json"


class BadDigitalLink(Invalid):
    """An address that is not what GS1 Digital Link allows."""

    code = "bad-digital-link"


class NoSuchLink(NotFound):
    """The lot has no link of the type that was asked for."""

    code = "no-such-link"


@dataclass(frozen=True, slots=True, kw_only=True)
class DigitalLink:
    """A primary key with its value, and its qualifiers in their order."""

    key: str
    value: str
    qualifiers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One link behind an address, `path` on this host. relation: GS1's name, such as `pip`."""

    relation: str
    path: str
    title: str
    media: str
    languages: tuple[str, ...] = ()


def read_link(segments: Sequence[str]) -> DigitalLink:
    """Return what a path of AIs and values says, its check digit verified.

    Raises `BadDigitalLink` with the rule that is broken.

    >>> read_link(["01", "06900000000007", "10", "ABC"]).qualifiers
    (('10', 'ABC'),)
    """
    if len(segments) < 2 or len(segments) % 2:  # noqa: PLR2004 - an AI and its value
        raise BadDigitalLink(field="path", rule="every AI has one value")
    key, value = segments[:2]
    if key not in KEYS:
        raise BadDigitalLink(field="path", rule=f"({key[:4]}) is no key that is resolved here")
    if not KEYS[key].fullmatch(value):
        raise BadDigitalLink(field="path", rule=f"({key}) has {18 if key == '00' else 14} digits")
    if not fits_gs1(value):
        raise BadDigitalLink(field="path", rule=f"({key}) has a wrong check digit")
    pairs = tuple(zip(segments[2::2], segments[3::2], strict=True))
    check_qualifiers(key, pairs)
    return DigitalLink(key=key, value=value, qualifiers=pairs)


def check_qualifiers(key: str, pairs: Sequence[tuple[str, str]]) -> None:
    """Refuse a qualifier that the key does not take, out of its order, or of a wrong form."""
    named = [ai for ai, _ in pairs]
    fits = [order for order in ORDERS[key] if set(named) <= set(order)]
    if named and not fits:
        raise BadDigitalLink(field="path", rule=f"({key}) does not take these qualifiers together")
    if named and sorted(set(named), key=fits[0].index) != named:
        raise BadDigitalLink(field="path", rule="the qualifiers stand in another order")
    for ai, value in pairs:
        if not QUALIFIERS[ai].fullmatch(value):
            raise BadDigitalLink(field="path", rule=f"({ai}) is too long or holds a wrong letter")


def relation_of(asked: str) -> str:
    """Return the vocabulary's name of a link type, however its prefix is written.

    >>> relation_of("gs1:pip"), relation_of("https://ref.gs1.org/voc/pip"), relation_of("pip")
    ('pip', 'pip', 'pip')
    """
    for prefix in PREFIXES:
        if asked.startswith(prefix):
            return asked.removeprefix(prefix)
    return asked


def linkset(anchor: str, links: Sequence[Link], *, root: str) -> dict[str, Any]:
    """Return the links as RFC 9264 says them in JSON; the first one is the default link too.

    root: scheme and host, before every path.
    """
    said: dict[str, Any] = {"anchor": anchor}
    for relation, link in ((DEFAULT, links[0]), *((each.relation, each) for each in links)):
        target: dict[str, Any] = {"href": root + link.path, "title": link.title, "type": link.media}
        if link.languages:
            target["hreflang"] = list(link.languages)
        said.setdefault(VOCABULARY + relation, []).append(target)
    return {"linkset": [said]}
