"""What the credit ledger refuses, in sentences."""

from remelt.web.messages.marks import N_

MESSAGES = {
    "bad-credit-scheme": N_(
        "This parameter of the scheme is out of its bounds: %(name)s. N is at most 12 months, the "
        "conversion factor at most 1, expiry at most 24 months, and a scheme begins with a period."
    ),
    "claim-beyond-lot": N_(
        "Lot %(lot_code)s can take a claim of at most %(room_g)s g; %(wanted_g)s g were asked."
    ),
    "claimed-already": N_(
        "Lot %(lot_code)s carries a claim already (%(kind)s, %(period)s). What is claimed once is "
        "not claimed again, nor beside another kind."
    ),
    "credit-certificate-used": N_("Certificate %(certificate)s was claimed on a lot already."),
    "credit-scheme-too-early": N_(
        "The period that runs has its edition. This one can begin in %(least)s at the earliest."
    ),
    "credits-overdrawn": N_(
        "Product group %(group)s is overdrawn by %(overdrawn_g)s g: inputs were corrected after "
        "they were claimed. Nothing can be claimed until new input has covered it."
    ),
    "credits-short": N_(
        "Product group %(group)s holds %(left_g)s g of credits; %(wanted_g)s g were asked."
    ),
    "no-credit-scheme": N_(
        "No mass balance scheme holds here for this lot. Declare one for its product group first."
    ),
    "no-such-credit-certificate": N_("No certificate %(certificate)s was given to your firm."),
    "no-such-product-group": N_("This site has no product group %(group)s."),
    "product-group-overlaps": N_(
        "Product group %(group)s of this site holds these grades, or has others under this name. "
        "A gram of metal is balanced in one group only."
    ),
}
