"""What the pages call causes, bearers, terms of tolling, and verdicts of an analysis."""

from remelt.platform.works.flow_models import MATERIALS, TERMS
from remelt.platform.yard.return_models import BEARERS, KINDS
from remelt.traceability.terms import CAUSES
from remelt.web.messages.marks import N_

CAUSE_WORDS = {
    "radiation": N_("Radiation"),
    "forbidden": N_("Forbidden item"),
    "grade": N_("Not the grade that was sold"),
    "chemistry": N_("Chemistry outside the limits"),
    "moisture": N_("Moisture, oil"),
    "weight": N_("Weight in dispute"),
    "surface": N_("Surface or shape"),
    "order": N_("Not what was ordered"),
    "other": N_("Another cause"),
}
BEARER_WORDS = {
    "here": N_("we, who send it back or take it back"),
    "there": N_("the other party"),
    "carrier": N_("the carrier"),
}
RETURN_WORDS = {
    "refused": N_("Refused at the gate"),
    "unloaded": N_("Returned after unloading"),
    "customer": N_("Returned by a customer"),
}
TERM_WORDS = {
    "own_metal": N_("Tolling: the owner's own metal comes back"),
    "equivalent": N_("Tolling: equivalent metal comes back"),
    "swap": N_("Swap of scrap for ingot"),
}
MATERIAL_WORDS = {"scrap": N_("Scrap"), "dross": N_("Dross")}
STATE_WORDS = {
    "offered": (N_("waits for the owner"), "warn"),
    "open": (N_("open"), "good"),
    "ended": (N_("ended"), ""),
}
ENTRY_WORDS = {"received": N_("received"), "returned": N_("given back")}
VERDICT_WORDS = {
    "fits": (N_("fits"), "good"),
    "outside": (N_("outside"), "bad"),
    "undecided": (N_("within the uncertainty of a limit"), "warn"),
    "not_measured": (N_("not measured"), ""),
}

for known, words in (
    (CAUSES, CAUSE_WORDS),
    (BEARERS, BEARER_WORDS),
    (KINDS, RETURN_WORDS),
    (TERMS, TERM_WORDS),
    (MATERIALS, MATERIAL_WORDS),
):
    if set(known) != set(words):
        raise LookupError("a choice has no word")
