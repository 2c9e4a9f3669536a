"""What the pages call the choices of the parties' room."""

from remelt.platform.parties.models import CAPABILITIES, FILING_KINDS, LEGAL_FORMS
from remelt.web.messages.marks import N_

LEGAL = {
    "natural_person": N_("Natural person"),
    "household": N_("Household business"),
    "enterprise": N_("Enterprise"),
}
DOES = {
    "collect": N_("Collects"),
    "purchase_point": N_("Buys at the gate"),
    "hub": N_("Weighs, sorts, dispatches"),
    "smelt": N_("Melts"),
    "process": N_("Processes"),
    "carry": N_("Carries"),
    "trade": N_("Trades"),
}
PAPERS = {
    "business_licence": N_("Business licence"),
    "mofcom": N_("Filing with commerce"),
    "public_security": N_("Filing with public security"),
    "productive_scrap": N_("Authorisation for productive scrap"),
    "hazardous_waste": N_("Licence for hazardous waste"),
    "pollutant_permit": N_("Pollutant discharge permit"),
}
if (
    set(LEGAL) != set(LEGAL_FORMS)
    or set(DOES) != set(CAPABILITIES)
    or set(PAPERS) != set(FILING_KINDS)
):
    raise LookupError("a choice has no word")
ROOMS = {
    "catalogue": N_("Reference data"),
    "epcis": N_("Events of others (EPCIS)"),
    "logistics": N_("Transport"),
    "market": N_("Market"),
    "parties": N_("Organisation and account"),
    "regulation": N_("Supervision"),
    "settlement": N_("Settlement"),
    "traceability": N_("Lots and their history"),
    "works": N_("Works"),
    "yard": N_("Yard"),
}
