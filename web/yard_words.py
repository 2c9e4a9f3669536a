"""What the pages call the words of the scale, the gate and the till."""

from remelt.platform.yard.inspection import ITEMS, RELEASE
from remelt.platform.yard.weights import DEDUCTIONS, MODES
from remelt.platform.yard.words import INSPECTION_METHODS, KINDS, METHODS, TIERS
from remelt.web.messages.marks import N_

KIND_WORDS = {
    "gate": N_("Gate purchase"),
    "receipt": N_("Incoming"),
    "dispatch": N_("Outgoing"),
}
MODE_WORDS = {
    "platform": N_("Each material by itself"),
    "successive": N_("One after another on the vehicle"),
}
METHOD_WORDS = {
    "cash": N_("Cash"),
    "wechat": N_("WeChat"),
    "alipay": N_("Alipay"),
    "bank": N_("Bank transfer"),
}
DEDUCTION_WORDS = {
    "moisture": N_("Moisture"),
    "oil": N_("Oil"),
    "attachment": N_("Attachments"),
    "fines": N_("Fines"),
    "packaging": N_("Packaging"),
    "dirt": N_("Dirt"),
}
TIER_WORDS = {"key": N_("Key items"), "general": N_("General items")}
ITEM_WORDS = {
    "appearance": N_("Appearance"),
    "fracture": N_("Fracture of ingots"),
    "inclusions": N_("Inclusions"),
    "volatiles": N_("Volatiles"),
    "metal_content": N_("Metal content"),
    "radioactivity": N_("Radioactivity"),
    "forbidden": N_("Forbidden articles"),
    "metal_amount": N_("Amount of metal"),
    "recovery": N_("Recovery"),
    "chemistry": N_("Chemistry"),
    "release": N_("Released"),
}
HOW_WORDS = {
    "visual": N_("by eye"),
    "xrf": "XRF",
    "oes": "OES",
    "assay": N_("assay"),
    "melt_test": N_("melt test"),
    "gamma": N_("dose rate meter"),
    "scale": N_("scale"),
    "declared": N_("declared"),
}
STATE_WORDS = {
    "due": (N_("Unpaid"), "warn"),
    "part": (N_("Paid in part"), "info"),
    "waiting": (N_("Awaits the second person"), "info"),
    "paid": (N_("Paid"), "good"),
    "credit": (N_("Owed back"), "bad"),
    "confirmed": (N_("Confirmed"), "good"),
    "declined": (N_("Declined"), "bad"),
}
REASON_WORDS = {
    "weighbridge-file": N_("as in the weighbridge file"),
    "ticket-voided": N_("the ticket was voided"),
}
WORDS = {
    "kind": KIND_WORDS,
    "mode": MODE_WORDS,
    "method": METHOD_WORDS,
    "paid_by": {
        **METHOD_WORDS,
        "rounding": N_("Rounding differences"),
        "netting": N_("Netted"),
        "stripe": N_("Online through Stripe"),
        "escrow": N_("Transfer to the platform"),
        "deposit": N_("Deposit"),
        "set-off": N_("Given back of what the platform held"),
    },
    "deduction": DEDUCTION_WORDS,
    "tier": TIER_WORDS,
    "item": ITEM_WORDS,
    "how": HOW_WORDS,
    "state": STATE_WORDS,
    "reason": REASON_WORDS,
}
_known = {item for items in ITEMS.values() for item in items} | {RELEASE}
if (
    set(KIND_WORDS) != set(KINDS)
    or set(MODE_WORDS) != set(MODES)
    or set(METHOD_WORDS) != set(METHODS)
    or set(DEDUCTION_WORDS) != set(DEDUCTIONS)
    or set(TIER_WORDS) != set(TIERS)
    or set(ITEM_WORDS) != _known
    or set(HOW_WORDS) != set(INSPECTION_METHODS)
):
    raise LookupError("a choice has no word")
