"""What the pages call the choices of the market."""

from remelt.platform.market.models import EVIDENCE, FORMS, ORIGINS, PRICE_MODES, TRACKS
from remelt.platform.market.search import SORTS
from remelt.platform.market.state import STATES
from remelt.web.messages.marks import N_

FORM_WORDS = {
    "loose": N_("Loose"),
    "bale": N_("Bale"),
    "briquette": N_("Briquette"),
    "shred": N_("Shred"),
    "granule": N_("Granule"),
    "turnings": N_("Turnings"),
    "solids": N_("Solids"),
    "dross": N_("Dross"),
    "ingot": N_("Ingot"),
}
ORIGIN_WORDS = {
    "post_consumer": N_("Post-consumer: used, then thrown away"),
    "pre_consumer": N_("Pre-consumer: left over from making things"),
    "unknown": N_("Not known"),
}
ORIGIN_SHORT = {
    "post_consumer": N_("post-consumer"),
    "pre_consumer": N_("pre-consumer"),
    "unknown": N_("origin not known"),
}
EVIDENCE_WORDS = {
    "declared": N_("The seller's word"),
    "implied": N_("The grade says so"),
    "documented": N_("A paper shows it"),
}
TRACK_WORDS = {
    "in_province": N_("In the province"),
    "out_of_province": N_("From another province"),
    "import": N_("From abroad"),
}
MODE_WORDS = {"auction": N_("Auction"), "fixed": N_("Fixed price")}
KIND_WORDS = {
    "fixed": (N_("Fixed price"), N_("The first to take it at your price buys.")),
    "auction": (N_("Rising bids"), N_("The highest offer buys.")),
    "sealed": (N_("Sealed bids"), N_("Nobody sees a price before the end. Then all are opened.")),
    "descending": (
        N_("Falling price"),
        N_("The first to take it is bound; others may top it under seal."),
    ),
}
SORT_WORDS = {
    "closing": N_("Closing soonest"),
    "newest": N_("Newest"),
    "mass": N_("Largest"),
    "price": N_("Highest price"),
}
STATE_WORDS = {
    "draft": (N_("Draft"), ""),
    "published": (N_("Opens soon"), "info"),
    "open": (N_("On offer"), "good"),
    "extending": (N_("Extended"), "warn"),
    "sealed": (N_("Waits for its opening"), "warn"),
    "closed": (N_("Waits for the award"), "warn"),
    "expired": (N_("Not sold"), ""),
    "awarded": (N_("Sold"), "copper"),
    "withdrawn": (N_("Taken back"), ""),
}
NEXT_STEP = {
    "draft": N_("Publish it"),
    "published": N_("Wait until bidding opens"),
    "open": N_("Watch the bids"),
    "extending": N_("Watch the bids"),
    "sealed": N_("Open the bids with both halves of the key"),
    "closed": N_("Decide on the offers"),
    "expired": N_("Offer it again, or take it to a hub"),
    "awarded": N_("Have it ready for the truck, with its tag"),
    "withdrawn": N_("Nothing to do"),
}
WORDS = {
    "form": FORM_WORDS,
    "origin": ORIGIN_SHORT,
    "evidence": EVIDENCE_WORDS,
    "track": TRACK_WORDS,
    "mode": MODE_WORDS,
    "kind": {"ascending": KIND_WORDS["auction"][0]}
    | {kind: called for kind, (called, _about) in KIND_WORDS.items()},
    "sort": SORT_WORDS,
    "next": NEXT_STEP,
}
for known, words in (
    (FORMS, FORM_WORDS), (ORIGINS, ORIGIN_WORDS), (EVIDENCE, EVIDENCE_WORDS),
    (TRACKS, TRACK_WORDS), (PRICE_MODES, MODE_WORDS), (SORTS, SORT_WORDS), (STATES, STATE_WORDS),
):  # fmt: skip
    if set(known) != set(words):
        raise LookupError("a choice has no word")

PROMISE_WORDS: dict[str, str] = {
    "listing": N_("Offer on a lot"),
    "sale": N_("Offer in a combined sale"),
    "need": N_("Leading offer in a reverse auction"),
    "contract": N_("Contract not yet paid"),
}
END_WORDS: dict[str, str] = {
    "auction": N_("Close of an auction"),
    "turn": N_("Turn in line for an award"),
    "claim": N_("Claim to a deposit"),
    "sale": N_("Close of a combined sale"),
    "award": N_("Award of a combined sale"),
    "tender": N_("Close of a reverse auction"),
}
