"""Refusals of the lot ledger."""

from remelt.web.messages.marks import N_

MESSAGES = {
    "bad-assay": N_(
        "The shares of the analysis are negative or add up to more than the whole. Check the unit."
    ),
    "before-its-lots": N_(
        "This is said to have happened before lot %(lot_code)s was made. Correct the time."
    ),
    "bad-digital-link": N_(
        "This address is not what GS1 Digital Link allows: %(rule)s. Scan the tag again."
    ),
    "nothing-to-true-up": N_(
        "No heat of %(month)s waits for what meters or scales say. Choose another month."
    ),
    "cannot-correct": N_(
        "Only a weighing or an analysis can be corrected, and each once. To change a correction, "
        "correct the correction."
    ),
    "claim-above-custody": N_(
        "This lot's chain of custody is lower than the claim: %(custody)s, not %(claimed)s. Claim "
        "what it has, or a lower model."
    ),
    "factor-not-life-cycle": N_(
        "The factor %(factor)s counts %(gas)s only. A product footprint needs a life-cycle "
        "factor in CO2e."
    ),
    "loss-not-positive": N_("The loss “%(loss)s” is negative or not a kind that is known here."),
    "lot-code-taken": N_("A lot with the code %(lot_code)s exists already."),
    "heap-of-another": N_(
        "Heap %(lot_code)s belongs to another owner. Put this on a heap of its own owner."
    ),
    "lot-elsewhere": N_("Lot %(lot_code)s is not at this site. Receive it first."),
    "lot-not-weighed": N_("Lot %(lot_code)s was never weighed. Weigh it first."),
    "lot-twice": N_("The same lot stands twice in this list."),
    "lot-used-up": N_("Lot %(lot_code)s is used up or has left. Nothing more can happen to it."),
    "mass-not-positive": N_("The mass must be above zero and at most 10,000 t."),
    "no-passport-yet": N_(
        "A passport can be issued once the lot has been weighed and handed over."
    ),
    "claims-blocked": N_(
        "Masses behind this lot do not add up, or are being corrected. Until that is cleared, "
        "nothing is claimed of it and no passport is issued."
    ),
    "no-such-certificate": N_("No passport was issued under this code."),
    "no-company-prefix": N_(
        "Loads are numbered with a GS1 company prefix, and none is set here. Use the lot code."
    ),
    "no-burden-missing": N_(
        "Lot %(lot_code)s is no pre-consumer scrap that still lacks its seller's figure."
    ),
    "more-power-than-used": N_(
        "%(contracted_wh)s Wh are under contract, but only %(used_wh)s Wh were used. Take less."
    ),
    "power-not-free": N_(
        "Contracted power has the life-cycle factor of its technology; it is never nought."
    ),
    "no-such-event": N_("There is no such event in the ledger."),
    "no-such-link": N_("This lot has no link of the type %(asked)s. There are: %(there)s."),
    "no-such-lot": N_("There is no such lot."),
    "not-enough-mass": N_("Lot %(lot_code)s holds %(held_g)s g; %(wanted_g)s g were asked of it."),
    "nothing-in": N_("Name at least one lot that goes in."),
    "nothing-out": N_("Name at least one lot that comes out."),
    "own-ancestor": N_(
        "Lot %(lot_code)s cannot take this in: it is no pool, or what would go in came out of it."
    ),
    "owner-unclear": N_("The lots that go in have several owners. Say whose the output is."),
    "words-above-custody": N_(
        "These words need another chain of custody (%(words)s). This lot may say: %(allowed)s."
    ),
    "lot-on-hold": N_(
        "Lot %(lot_code)s is held by an inspection. It stays as it is until an authorised "
        "person releases it."
    ),
    "cannot-hold": N_(
        "Lot %(lot_code)s cannot be held or released now: it does not stand at a site, or "
        "nothing holds it."
    ),
    "unknown-cause": N_("Choose the cause of the return from the list."),
    "lot-not-gone": N_(
        "So much of lot %(lot_code)s has not left under its owner. At most %(gone_g)s g can come "
        "back."
    ),
    "bad-period": N_(
        "The period must end on or after its first day, and say how the closing stock was found."
    ),
}
