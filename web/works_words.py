"""What the pages call the choices of hub and works."""

from collections.abc import Mapping, Sequence

from flask_babel import gettext

from remelt.platform.parties.models import Site
from remelt.platform.works.models import CARRIERS, FURNACES, HEEL_METHODS, SORTINGS, STANDING
from remelt.platform.works.queries import StockLine
from remelt.platform.works.yields import STATES
from remelt.traceability.models import LINES as LINES_OF_BOOKS
from remelt.web.fmt import code, is_chinese, kilograms, named
from remelt.web.messages.marks import N_

FURNACE_KINDS = {
    "reverberatory": N_("Reverberatory"),
    "rotary": N_("Rotary"),
    "tilting": N_("Tilting"),
    "induction": N_("Induction"),
    "crucible": N_("Crucible"),
    "holding": N_("Holding"),
}
CARRIER_WORDS = {"electricity": N_("Electricity"), "natural_gas": N_("Natural gas")}
CARRIER_UNITS = {"electricity": "kWh", "natural_gas": "Nm³"}
HEELS = {
    "none": N_("No heel: the furnace is empty"),
    "drained": N_("Drained to the bottom"),
    "level": N_("By the level in the furnace"),
    "weighed": N_("Weighed"),
}
SORTING_WORDS = {
    "sort": N_("Sorting"),
    "split": N_("Dividing"),
    "blend": N_("Blend"),
    "shred": N_("Shredding"),
}
STANDINGS = {
    "metered": N_("metered"),
    "provisional": N_("provisional"),
    "missing": N_("missing"),
    "laid": N_("closed month"),
}
STANDING_NOTES = {
    "metered": N_("read for this heat"),
    "provisional": N_("the last closed month stands in"),
    "missing": N_("no reading and no closed month"),
    "laid": N_("the meters of the closed month, shared by mass cast"),
}
FORMS = {
    "ingot": N_("Ingot"),
    "billet": N_("Billet"),
    "liquid": N_("Liquid metal"),
    "remelt_ingot": N_("Remelt ingot"),
    "bale": N_("Bale"),
    "briquette": N_("Briquette"),
    "shred": N_("Shred"),
    "granule": N_("Granule"),
    "turnings": N_("Turnings"),
    "solids": N_("Solids"),
    "dross": N_("Dross"),
    "loose": N_("Loose"),
}
ORIGINS = {
    "post_consumer": N_("post-consumer"),
    "pre_consumer": N_("pre-consumer"),
    "primary": N_("primary"),
    "unknown": N_("origin not known"),
}
STAGES = {
    "collection": N_("Collection"),
    "hub": N_("Hub"),
    "transport": N_("Transport"),
    "melt_energy": N_("Melting energy"),
    "refining": N_("Refining"),
    "additions": N_("Additions"),
    "upstream": N_("Primary metal"),
}
LINES = {
    "electricity": N_("Electricity"),
    "natural_gas": N_("Natural gas, burnt here"),
    "natural_gas_upstream": N_("Natural gas, way to the burner"),
    "flux": N_("Flux"),
    "dross_treatment": N_("Treatment of the dross"),
    "pre_consumer_scrap_burden": N_("Burden of pre-consumer scrap (second convention)"),
    "provisional": N_("not read yet: an intensity stands in"),
}
LOSSES = {
    "moisture": N_("Moisture"),
    "dirt": N_("Dirt"),
    "packaging": N_("Packaging"),
    "dust": N_("Dust drawn off"),
    "burn_off": N_("Burn-off"),
    "dross": N_("Dross"),
}
ROLES = {
    "product": N_("cast"),
    "heel": N_("heel"),
    "dross": N_("dross"),
    "waste": N_("waste"),
}
YIELD_WORDS = {
    "open": N_("open"),
    "trued": N_("brought to the yield"),
    "changed": N_("changed since: bring it again"),
    "running": N_("still running"),
}
BOOK_LINE_WORDS = {
    "weighed_in": N_("Weighed in"),
    "adjustment": N_("Weighed again"),
    "burden": N_("Burden"),
    "addition": N_("Addition"),
    "flux": N_("Flux"),
    "oxygen": N_("Oxygen taken up"),
    "loss": N_("Loss"),
    "unexplained": N_("Unexplained"),
    "restated": N_("Analysis"),
    "melted": N_("Through a furnace"),
    "claimed": N_("Claimed"),
    "out": N_("Left"),
    "returned": N_("Came back"),
}
WORDS = {
    "carrier": CARRIER_WORDS,
    "unit": CARRIER_UNITS,
    "furnace": FURNACE_KINDS,
    "heel": HEELS,
    "kind": SORTING_WORDS,
    "standing": STANDINGS,
    "standing_note": STANDING_NOTES,
    "form": FORMS,
    "origin": ORIGINS,
    "stage": STAGES,
    "line": LINES,
    "loss": LOSSES,
    "role": ROLES,
}


def lot_choices(lines: Sequence[StockLine]) -> list[tuple[str, str]]:
    """Return lots on hand as choices; the text ends in the mass, which the live account reads."""
    return [
        (x.lot.code, f"{x.lot.grade_code} · {code(x.lot.code)} · {kilograms(x.lot.mass_g)}")
        for x in lines
    ]


def site_choices(sites: Sequence[Site]) -> list[tuple[str, str]]:
    """Return sites as choices."""
    return [(site.code, named(site, zh=is_chinese())) for site in sites]


def missing_lines(names: Sequence[str]) -> list[str]:
    """Return what a footprint is missing, by name in the reader's language."""
    return [_missing(name) for name in names]


def _missing(name: str) -> str:
    stage, _between, line = name.partition(":")
    if name in LINES:
        return str(gettext(LINES[name]))
    said = str(gettext(STAGES.get(stage, stage)))
    return f"{said}: {gettext(LINES.get(line, line))}" if line else said


def spoken(words: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return choices as (value, text in the reader's language)."""
    return [(value, gettext(text)) for value, text in words.items()]


for known, words in (
    (FURNACES, FURNACE_KINDS),
    (CARRIERS, CARRIER_WORDS),
    (HEEL_METHODS, HEELS),
    (SORTINGS, SORTING_WORDS),
    ((*STANDING, "laid"), STANDINGS),
    (STATES, YIELD_WORDS),
    (LINES_OF_BOOKS, BOOK_LINE_WORDS),
):
    if set(known) != set(words):
        raise LookupError("a choice has no word")
