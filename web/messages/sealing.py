"""Refusals of sealed bids: the key in two halves, and the opening."""

from remelt.web.messages.marks import N_

MESSAGES = {
    "already-opened": N_("The sealed bids of this auction were opened before."),
    "bids-still-sealed": N_("Sealed bids are opened after the end of bidding, not before."),
    "half-missing": N_(
        "The platform's half of this auction's key is gone, so its sealed bids cannot be opened. "
        "Nothing was read. Void the auction and offer the lot again."
    ),
    "half-not-given": N_("Present your half of the key: the bids open only with both halves."),
    "half-of-another": N_(
        "This half belongs to another auction, or to a key that was made before this one. Look "
        "for the file that was saved last."
    ),
    "half-unreadable": N_(
        "This is no half of a key, or a part of it is missing. Paste the whole line from the file."
    ),
    "key-too-short": N_(
        "A sealed bid comes with a random key of at least %(least)s characters. Load the page "
        "again, or send a longer Idempotency-Key."
    ),
    "no-envelopes-now": N_("This auction takes no sealed bid from you now."),
    "not-sealed-yet": N_(
        "The second holder has not made the key of this auction yet, so it takes no sealed bids."
    ),
    "only-envelopes-now": N_("Somebody took the price: now only sealed bids are taken."),
    "seal-in-use": N_("Bids are sealed to the key already: it cannot be made again."),
}
