"""What the pages call the things of siting, and the sentences of what stands in the way."""

from typing import Any

from flask_babel import gettext

from remelt.platform.logistics.siting.queries import name_of
from remelt.web import fmt
from remelt.web.messages.marks import N_

STATES = {
    "waiting": (N_("waiting"), "info"),
    "running": (N_("being solved"), "info"),
    "solved": (N_("solved"), "good"),
    "impossible": (N_("no answer exists"), "warn"),
    "out-of-time": (N_("no answer in time"), "warn"),
    "failed": (N_("failed"), "bad"),
}
COSTS = (
    ("fixed_fen", N_("Hubs, per year")),
    ("handling_fen", N_("Handling")),
    ("inbound_fen", N_("Collection haul")),
    ("outbound_fen", N_("Haul to smelters")),
    ("co2e_fen", N_("CO₂e at its price")),
    ("left_fen", N_("Left uncollected")),
    ("gain_fen", N_("Smelters' better price")),
)
KINDS = {
    "railway": N_("railway"),
    "mine": N_("mine"),
    "oilfield": N_("oilfield"),
    "port": N_("port"),
    "airport": N_("airport"),
    "construction": N_("construction site"),
    "military": N_("military zone"),
    "smelting-plant": N_("smelting or processing plant"),
}
SOURCES = {
    "population": N_("People of each prefecture, shared equally by its counties (estimate)"),
    "recovered": N_("Scrap recovered in the country in half a year, times two, per head"),
    "factor": N_("Emission of a tonne-kilometre"),
}
WHY = {
    "too-far": N_("%(who)s: no hub within %(given)s; the nearest that may take it is %(needed)s."),
    "hub-takes-none": N_("%(who)s: no candidate may take this, or there is no road."),
    "no-smelter": N_(
        "No smelter takes %(who)s (%(needed)s). Allow those of other provinces, add one, or "
        "price what is left uncollected."
    ),
    "smelters-too-small": N_(
        "Smelters take %(given)s of %(who)s, and %(needed)s is collected. Add a smelter, or price "
        "what is left uncollected."
    ),
    "hubs-too-small": N_(
        "All candidates in their largest size take %(given)s, and %(needed)s is collected."
    ),
    "standing-too-many": N_("%(needed)s hubs stand already: allow at least that many."),
    "hubs-too-few": N_("%(given)s hubs are asked for; with %(needed)s there is an answer."),
    "budget-too-small": N_("The budget is %(given)s; from %(needed)s on there is an answer."),
    "longest": N_("Nobody may be farther than %(given)s; from %(needed)s on there is an answer."),
    "out-of-time": N_(
        "No answer was found in the time given, and none was shown to be impossible. Ask again "
        "with more time, or with wider terms."
    ),
    "terms-unexplained": N_(
        "No answer exists; which of the terms stands in the way was not found in time. Loosen "
        "hubs, budget or distance."
    ),
    "terms-together": N_(
        "The terms contradict each other only together: no single one, loosened, would do. "
        "Loosen two of hubs, budget and distance."
    ),
}
KG_M_PER_T_KM, MANY = 1_000_000, 10_000
MASSES = frozenset({"no-smelter", "smelters-too-small", "hubs-too-small"})


def why(obstacle: dict[str, Any], inputs: dict[str, Any]) -> str:
    """Return the sentence of one obstacle, with what would help."""
    code = obstacle["code"]
    if code == "too-far" and obstacle["subject"] == "longest_m":
        code = "longest"
    facts = {name: _said(obstacle["code"], obstacle[name]) for name in ("given", "needed")}
    place, _, family = str(obstacle["subject"]).partition("/")
    who = name_of(inputs, place, zh=fmt.is_chinese())
    facts["who"] = f"{who} ({family})" if family else who
    return str(gettext(WHY[code]) % facts)


def haul(kg_m: int) -> str:
    """Return a haul in tonne-kilometres, in 万 or millions from ten thousand on."""
    t_km, zh = kg_m // KG_M_PER_T_KM, fmt.is_chinese()
    unit = f"{fmt.NBSP}t·km"
    if t_km < MANY:
        return fmt.number(t_km, zh=zh) + unit
    if zh:
        return f"{fmt.decimal(t_km, scale=MANY, digits=1)}{fmt.NBSP}万{unit.strip()}"
    return f"{fmt.decimal(t_km, scale=100 * MANY, digits=2)}{fmt.NBSP}million{unit}"


def kind_of(name: str) -> str:
    """Return what a kind of neighbour is called; its own word where it is not ours."""
    return str(gettext(KINDS[name])) if name in KINDS else name


def _said(code: str, value: int | None) -> str:
    zh = fmt.is_chinese()
    if value is None:
        return fmt.MISSING
    if code == "too-far":
        return fmt.distance(value, zh=zh)
    if code == "budget-too-small":
        return fmt.total(value, zh=zh)
    return fmt.tonnes(value * 1000, zh=zh) if code in MASSES else fmt.number(value, zh=zh)
