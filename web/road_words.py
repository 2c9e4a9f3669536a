"""What the pages call the things of the road, and the sentences of why an order stays behind."""

from typing import Any

from flask_babel import gettext

from remelt.platform.logistics.models import ACTIONS, EMISSION_CLASSES, KINDS
from remelt.web import fmt
from remelt.web.messages.marks import N_

DAY_S = 86_400
TRIPS = {"pickup": N_("Fetch"), "delivery": N_("Bring")}
DOING = {"load": N_("Load"), "unload": N_("Unload")}
DONE = {"load": N_("Loaded on the truck"), "unload": N_("Unloaded and handed over")}
CLASSES = {
    "rigid_3.5_7.5": N_("Rigid truck, 3.5 to 7.5 t gross"),
    "rigid_7.5_17": N_("Rigid truck, 7.5 to 17 t gross"),
    "rigid_17": N_("Rigid truck, over 17 t gross"),
    "artic_33": N_("Articulated truck, over 33 t gross"),
    "electric": N_("Electric truck, metered"),
}
ROUND_STATES = {
    "planned": (N_("planned"), "info"),
    "under_way": (N_("under way"), "warn"),
    "driven": (N_("driven"), "good"),
    "cancelled": (N_("taken back"), "plain"),
}
PLAN_STATES = {
    "waiting": (N_("waiting"), "info"),
    "running": (N_("being planned"), "info"),
    "done": (N_("ready"), "good"),
    "refused": (N_("not kept"), "warn"),
    "failed": (N_("failed"), "bad"),
}
SCOPES = {
    "tank-to-wheel": N_("tank-to-wheel; upstream of diesel missing"),
    "well-to-wheel": N_("well-to-wheel"),
}
ROADS = {"closed": N_("no road"), "default": N_("as the map says")}
ROAD_SOURCES = {
    "by-hand": N_("by hand"),
    "short": N_("short trip"),
    "default-band": N_("ordinary road"),
    "expressway": N_("expressway"),
}
STOP_STATES = {
    "due": (N_("to do"), "info"),
    "done": (N_("done"), "good"),
    "left": (N_("left behind"), "warn"),
}
REASONS = {
    "no-vehicle": N_("No vehicle of this site is free on that day."),
    "vehicle-may-not-enter": N_("None of the vehicles may go there."),
    "unreachable": N_("No road is known that leads there."),
    "no-position": N_("One of its sites has no position on the map."),
    "too-heavy": N_("Its %(need)s are more than the largest truck takes (%(most)s)."),
    "window-unreachable": N_(
        "Even an empty truck arrives at %(arrive)s, after the site has closed."
    ),
    "shift-too-short": N_("There and back lasts until %(back)s, past the end of the shift."),
    "capacity": N_("The trucks are full: there is no room left for %(need)s."),
    "shift": N_("The trucks have no time left within their shifts and the opening hours."),
    "incompatible": N_("Its metal may not ride with what the trucks carry already."),
    "unexamined": N_("Time ended before it was examined; plan again for its reason."),
    "not-worth": N_("The detour costs more than leaving it out."),
}
REMEDIES = {
    "another-vehicle": N_("Another vehicle would take it."),
    "further-vehicle": N_("A further truck from %(since)s to %(until)s would take it."),
    "bigger-vehicle": N_("A truck with a payload of at least %(need)s would take it."),
    "wider-window": N_("If the site were open at %(open_until)s, it would be possible."),
    "let-in": N_("If a truck of the fleet were let in, it would take it."),
    "longer-range": N_("A truck that drives %(range)s on one charge would take it."),
    "open-gates": N_("If the hub were open from %(gate_from)s to %(gate_until)s, it would work."),
    "more-docks": N_("The docks are taken: with more docks, or a later closing, it would work."),
    "higher-prize": N_("It would have to bring at least %(cost)s."),
    "longer-shift": N_("A shift from %(since)s to %(until)s would make it possible."),
    "road": N_("Check the position of the site."),
    "position": N_("Give the site its position on the map."),
}
TOGETHER = {
    "vehicle": N_("a truck of the fleet is let in"),
    "bigger": N_("it takes at least %(need)s"),
    "range_m": N_("it drives %(range)s on one charge"),
    "longer": N_("its shift lasts from %(since)s to %(until)s"),
    "gate_until_s": N_("the hub is open from %(gate_from)s to %(gate_until)s"),
    "open_until_s": N_("the site is open at %(open_until)s"),
}
if set(TRIPS) != set(KINDS) or set(DOING) != set(ACTIONS) or set(CLASSES) != set(EMISSION_CLASSES):
    raise LookupError("a choice has no word")


def clock_text(seconds: int) -> str:
    """Return a time of the planning day; past midnight it says how many days on."""
    days, rest = divmod(seconds, DAY_S)
    text = f"{rest // 3600:02d}:{rest % 3600 // 60:02d}"
    return f"{text} +{days}" if days else text


def shift_text(later_min: int | None) -> str:
    """Return how much later or sooner an order is served."""
    if later_min is None:
        return "–"
    if later_min == 0:
        return str(gettext("same time"))
    form = N_("%(min)s min later") if later_min > 0 else N_("%(min)s min sooner")
    return str(gettext(form, min=abs(later_min)))


def why(reason: str, facts: dict[str, Any]) -> str:
    """Return the sentence of a reason, in the language of the page."""
    reason = _closer(reason, facts)
    return gettext(REASONS[reason], **_filled(facts)) if reason in REASONS else reason


def cure(remedy: str, facts: dict[str, Any]) -> str:
    """Return what would make it possible; empty only for a stop that was not examined."""
    if remedy == "another-vehicle" and "from_s" in facts:
        remedy = "further-vehicle"
    told = _filled(facts)
    if remedy == "several":
        parts = [gettext(part, **told) for fact, part in TOGETHER.items() if fact in facts]
        comma = "，" if fmt.is_chinese() else ", "
        return str(gettext("Possible if %(parts)s.", parts=comma.join(parts)))
    return gettext(REMEDIES[remedy], **told) if remedy in REMEDIES else ""


def _closer(reason: str, facts: dict[str, Any]) -> str:
    """Tell the cases of a rule apart by their figures."""
    if reason == "capacity":
        if not facts.get("most_kg"):
            return "no-vehicle"
        return "too-heavy" if facts["need_kg"] > facts["most_kg"] else reason
    return "shift-too-short" if reason == "shift" and "return_s" in facts else reason


def _filled(facts: dict[str, Any]) -> dict[str, str]:
    zh = fmt.is_chinese()
    return {
        "need": fmt.mass(facts.get("need_kg", 0) * 1000, zh=zh),
        "most": fmt.mass(facts.get("most_kg", 0) * 1000, zh=zh),
        "arrive": clock_text(facts.get("arrive_s", 0)),
        "back": clock_text(facts.get("return_s", 0)),
        "since": clock_text(facts.get("from_s", 0)),
        "until": clock_text(facts.get("until_s", 0)),
        "gate_from": clock_text(facts.get("gate_from_s", 0)),
        "gate_until": clock_text(facts.get("gate_until_s", 0)),
        "range": fmt.distance(facts.get("range_m", 0), zh=zh),
        "open_until": clock_text(facts.get("open_until_s", 0)),
        "cost": fmt.money(facts.get("cost_fen", 0), zh=zh),
    }
