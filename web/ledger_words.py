"""What the pages call the ledger's kinds, models and gaps."""

from collections.abc import Iterable

from flask_babel import gettext

from remelt.traceability.epcis.words import WORDS
from remelt.traceability.models import STATUSES
from remelt.traceability.passports.disclosure import Band
from remelt.traceability.rules.footprint import BY_CONTRACT, BY_MASS, CUT_OFF
from remelt.traceability.rules.states import CUSTODY
from remelt.traceability.terms import CLASSES, EVIDENCE, LOSSES, STAGES
from remelt.web.fmt import NBSP, TONNE
from remelt.web.messages.marks import N_
from remelt.web.works_words import LINES

EVENT_WORDS = {
    "commission": N_("Registered, declared mass only"),
    "bring_in": N_("Taken in and weighed"),
    "weigh": N_("Weighed"),
    "assay": N_("Analysed"),
    "claim": N_("Recycled content claimed"),
    "correct": N_("Corrected"),
    "declare": N_("An earlier entry was declared wrong"),
    "bear": N_("CO2e of the way back stated"),
    "true_up": N_("Brought to the period's readings"),
    "restate": N_("Derived anew after corrections"),
    "certify": N_("Passport issued"),
    "declare_burden": N_("Seller's figure for its scrap entered"),
    "pickup": N_("Handed over to the driver"),
    "ship": N_("Sent off"),
    "receive": N_("Received"),
    "move": N_("Handed over"),
    "carry": N_("Carried by road"),
    "ship_out": N_("Left the platform"),
    "transfer": N_("Sold on"),
    "sort": N_("Sorted"),
    "split": N_("Split"),
    "blend": N_("Blended"),
    "melt": N_("Melted"),
    "shred": N_("Shredded"),
    "refine": N_("Refined"),
    "return": N_("Sent back"),
    "take_back": N_("Taken back from a customer"),
    "hold": N_("Held by an inspection"),
    "release": N_("Released again"),
}
CLASS_WORDS = {
    "post_consumer": N_("Post-consumer scrap"),
    "pre_consumer": N_("Pre-consumer scrap"),
    "unknown": N_("Origin not known"),
    "primary": N_("Primary metal and additions"),
}
STAGE_WORDS = {
    "collection": N_("Collection"),
    "hub": N_("Sorting at the hub"),
    "transport": N_("Transport"),
    "melt_energy": N_("Melting energy"),
    "refining": N_("Refining"),
    "additions": N_("Additions and auxiliary materials"),
    "upstream": N_("Bought metal before it came here"),
}
GAP_WORDS = {
    **LINES,
    **STAGE_WORDS,
    "fuel_upstream": N_("Way of the fuel to the tank"),
    "provisional": N_("estimated until the month is closed"),
    "pre_consumer_scrap_burden": N_("What pre-consumer scrap carries from its first making"),
}
CUSTODY_WORDS = {
    "identity_preserved": N_("Identity preserved"),
    "segregated": N_("Segregated"),
    "controlled_blending": N_("Controlled blending"),
    "mass_balance": N_("Mass balance"),
    "book_and_claim": N_("Book and claim"),
}
WORDING_WORDS = {
    "iso-14021": N_("Recycled content (ISO 14021)"),
    "attributed": N_("Attributed recycled content (mass balance)"),
    "certificate": N_("Certificate of recycled content (book and claim)"),
}
METHOD_WORDS = {
    CUT_OFF: N_("Cut-off: scrap enters without burden"),
    BY_MASS: N_("Pre-consumer scrap carries its share by mass"),
    BY_CONTRACT: N_("Cut-off, electricity by contract (market-based)"),
}
STATUS_WORDS = {
    "registered": (N_("Registered"), ""),
    "received": (N_("Received, not yet weighed"), "info"),
    "on_hand": (N_("On hand"), "good"),
    "in_transit": (N_("On the way"), "info"),
    "held": (N_("Held by an inspection"), "bad"),
    "consumed": (N_("Used up"), ""),
    "out": (N_("Left the platform"), ""),
}
EVIDENCE_WORDS = {
    "declared": N_("declared by the seller"),
    "implied": N_("implied by the grade"),
    "documented": N_("shown by a document"),
}
LOSS_WORDS = {
    "moisture": N_("Moisture"),
    "dirt": N_("Dirt"),
    "packaging": N_("Packaging"),
    "dust": N_("Dust drawn off"),
    "dross": N_("Dross"),
    "burn_off": N_("Burn-off"),
}
ROLE_WORDS = {
    "product": N_("Cast lot"),
    "heel": N_("Heel left in the furnace"),
    "scrap": N_("Scrap for sale"),
    "dross": N_("Dross"),
    "waste": N_("Waste"),
    "charge": N_("Charge"),
}
CERTIFICATE_WORDS = {
    "in-force": (N_("In force"), "good"),
    "superseded": (N_("Superseded"), "warn"),
    "revoked": (N_("Revoked"), "bad"),
}
REASON_WORDS = {
    "newer": N_("a newer passport of the same lot"),
    "claim": N_("a later claim on the same lot"),
    "correction": N_("a correction of an event behind it"),
    "metered-energy": N_("the metered energy of the closed month"),
    "measured-yield": N_("the yield that was measured over the month"),
    "way-back": N_("the CO2e of its way back, stated by who bears it"),
}
REVISED_WORDS = {
    "weighing": N_("a weighing was corrected"),
    "analysis": N_("an analysis was corrected"),
    "energy": REASON_WORDS["metered-energy"],
    "yield": REASON_WORDS["measured-yield"],
    "way_back": REASON_WORDS["way-back"],
}
for known, words in (
    (CLASSES, CLASS_WORDS), (STAGES, STAGE_WORDS), (CUSTODY, CUSTODY_WORDS),
    (STATUSES, STATUS_WORDS), (EVIDENCE, EVIDENCE_WORDS), (LOSSES, LOSS_WORDS),
    (set(WORDS) | {"move", "declare"}, EVENT_WORDS),
):  # fmt: skip
    if set(known) != set(words):
        raise LookupError("a word of the ledger has no name on the pages")


def gap(name: str) -> str:
    """Return a missing footprint line in words: `melt_energy:natural gas` names both parts."""
    stage, _, what = name.partition(":")
    said = [str(gettext(GAP_WORDS.get(each, each))) for each in (stage, what) if each]
    return " · ".join(said)


def line_name(name: str) -> str:
    """Return an energy or material line in words; a name that somebody typed stays as it is."""
    return str(gettext(LINES[name])) if name in LINES else name


def event_name(kind: str, step: str = "") -> str:
    """Return what happened, in words."""
    return str(gettext(EVENT_WORDS.get(step or kind, kind)))


def band(known: Band) -> str:
    """Return a class of mass in words, in whole kg or t."""
    if known.below_g is None:
        return str(gettext("%(least)s and more", least=_round(known.from_g)))
    if not known.from_g:
        return str(gettext("under %(most)s", most=_round(known.below_g)))
    return f"{_round(known.from_g)} – {_round(known.below_g)}"


def _round(mass_g: int) -> str:
    if mass_g < TONNE:
        return f"{mass_g // 1_000:,}{NBSP}kg"
    return f"{mass_g // TONNE:,}{NBSP}t"


def reason(name: str) -> str:
    """Return why a certificate ended, in words; a reason somebody typed stays as it is."""
    return str(gettext(REASON_WORDS[name])) if name in REASON_WORDS else name


def revised(reasons: Iterable[str]) -> str:
    """Return why figures were said anew, in words."""
    return " · ".join(str(gettext(REVISED_WORDS[each])) for each in reasons)
