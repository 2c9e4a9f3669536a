"""What the pages say of needs, and of why a lot fits one or does not."""

from dataclasses import dataclass

from flask_babel import gettext

from remelt.platform.market.needs.fitting import POINTS, Fit, Reason
from remelt.web import fmt
from remelt.web.messages.marks import N_

POINT_WORDS = {
    "grade": N_("Grade"),
    "productive": N_("Productive scrap"),
    "form": N_("Form"),
    "mass": N_("Mass"),
    "price": N_("Price"),
    "track": N_("Track"),
    "distance": N_("Distance"),
    "carbon": N_("Carbon of the way"),
}
VERDICT_WORDS = {
    "fits": (N_("fits"), "good"),
    "misses": (N_("does not fit"), "bad"),
    "unknown": (N_("not known"), "gap"),
}
_OVER = {
    "price": N_("%(found)s asked, at most %(limit)s paid"),
    "distance": N_("%(found)s away, at most %(limit)s"),
    "carbon": N_("%(found)s for the way, at most %(limit)s"),
}
if set(POINT_WORDS) != set(POINTS):
    raise LookupError("a point has no word")


@dataclass(frozen=True, slots=True)
class Said:
    """One reason in words: the point, the verdict, its symbol, and the figures if any."""

    point: str
    verdict: str
    icon: str
    detail: str


def said(judged: Fit) -> list[Said]:
    """Return the reasons of a judgement in the reader's language."""
    return [
        Said(
            point=gettext(POINT_WORDS[each.point]),
            verdict=gettext(VERDICT_WORDS[each.verdict][0]),
            icon=VERDICT_WORDS[each.verdict][1],
            detail=_detail(each),
        )
        for each in judged.reasons
    ]


def _detail(reason: Reason) -> str:
    if reason.limit is None:
        return ""
    facts = {"found": _figure(reason, reason.found), "limit": _figure(reason, reason.limit)}
    text: str = gettext(_sentence(reason))
    return text % facts


def _sentence(reason: Reason) -> str:
    """Return the sentence of a point with figures: which side of its limit was found."""
    if reason.found is None:
        return N_("at most %(limit)s")
    if reason.point != "mass":
        return _OVER[reason.point]
    if reason.verdict == "fits":
        return N_("%(found)s of %(limit)s")
    small = reason.found < (reason.limit or 0)
    return N_("%(found)s, at least %(limit)s") if small else N_("%(found)s, at most %(limit)s")


def _figure(reason: Reason, value: int | None) -> str:
    zh = fmt.is_chinese()
    if reason.point == "price":
        return fmt.price(value, zh=zh)
    if reason.point == "distance":
        return fmt.distance(value, zh=zh)
    if reason.point == "carbon":
        return f"{fmt.co2e(value, zh=zh)}/t"
    return fmt.mass(value, zh=zh)
