"""Refusals of combined sales."""

from remelt.web.messages.marks import N_

MESSAGES = {
    "award-not-yet": N_("There is no award of this sale for you to read."),
    "in-combined-sale": N_("Lot %(lot)s is in a combined sale, and only that decides about it."),
    "no-such-offer": N_("You have no standing offer %(seq)s in this sale."),
    "no-such-sale": N_("There is no combined sale %(sale)s."),
    "not-in-sale": N_("Lot %(lot)s is not in this sale, or is named twice."),
    "not-stuck": N_(
        "The award of this sale did not fail, so there is nothing to try again or end."
    ),
    "only-together": N_(
        "These lots are sold only together: give a price for each of the %(lots)s lots."
    ),
    "nothing-offered": N_("Give a price for at least one lot, and at most %(most)s lots together."),
    "offers-stand": N_("Offers were made in this sale, so it cannot be taken back."),
    "place-unknown": N_(
        "Freight is counted, and the position of a place is not known. Set it on the site first."
    ),
    "sale-over": N_("This sale takes no offers any more."),
    "terms-differ": N_("Lot %(lot)s is offered on other tax terms. One sale has one."),
    "too-few-lots": N_("A combined sale has %(least)s to %(most)s lots."),
    "too-many-offers": N_("You have %(most)s offers in this sale. Take some back first."),
}
