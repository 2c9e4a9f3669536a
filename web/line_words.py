"""What the pages call continuous lines and how their stock is found."""

from remelt.platform.works.line_models import LINE_KINDS
from remelt.traceability.terms import STOCK_METHODS
from remelt.web.messages.marks import N_

LINE_WORDS = {
    "tankhouse": N_("Tankhouse (electrolytic refining)"),
    "rod_line": N_("Rod line"),
    "casting_line": N_("Casting line"),
}
METHOD_WORDS = {
    "drained": N_("Drained: nothing is left in it"),
    "level": N_("By level"),
    "counted": N_("Counted (anodes, pieces)"),
    "weighed": N_("Weighed"),
    "estimated": N_("Estimated"),
}
PRODUCT_FORMS = {
    "cathode": N_("Cathode"),
    "rod": N_("Rod"),
    "anode": N_("Anode"),
    "anode_scrap": N_("Anode scrap"),
    "slimes": N_("Anode slimes"),
    "billet": N_("Billet"),
    "ingot": N_("Ingot"),
    "solids": N_("Solids"),
    "in_process": N_("In process"),
}

for known, words in ((LINE_KINDS, LINE_WORDS), (STOCK_METHODS, METHOD_WORDS)):
    if set(known) != set(words):
        raise LookupError("a choice has no word")
