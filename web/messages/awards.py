"""Refusals between the end of an auction and a contract, of deposits, limits and counter-offers."""

from remelt.web.messages.marks import N_

MESSAGES = {
    "answer-missing": N_("Say how and when you paid: it is kept."),
    "award-pending": N_(
        "Bidders stand in line for this award: verify the first, or pass on to the next."
    ),
    "bad-expiry": N_("An offer stands from 5 minutes to 30 days, and no longer than the listing."),
    "bid-too-dear": N_(
        "Freight, carbon and papers counted, this offer is not better by the step than the one "
        "that leads."
    ),
    "bound-by-tender": N_(
        "This lot is offered to a buyer who lets sellers bid down: the offer binds until the end, "
        "%(closes_at)s."
    ),
    "cause-missing": N_("Say why the winner fails: it is kept."),
    "decided-too-late": N_("The time to decide ran out: the best offer is free again."),
    "deposit-held": N_("This deposit is held already."),
    "deposit-missing": N_(
        "This auction asks a deposit. Tell us that it is on its way, and bid once it has arrived."
    ),
    "does-not-fit": N_("This lot does not fit what is looked for."),
    "floor-over-price": N_(
        "The lowest price is over the offer itself. Leave it empty, or lower it."
    ),
    "no-deposit-asked": N_("This auction asks no deposit."),
    "no-such-deposit": N_("There is no such deposit."),
    "no-such-holdup": N_("Nothing of this kind is put off any more."),
    "no-such-holder": N_("The other half of the key goes to the seller or to a regulator."),
    "limit-needs-reason": N_("Say why the limit is set or lifted."),
    "no-such-proposal": N_("There is no exchange of offers %(proposal)s of yours."),
    "no-such-tender": N_("Sellers are not invited to bid down on this need."),
    "not-in-line": N_("The turn has moved on, or its time ran out. Load the page again."),
    "not-on-offer": N_(
        "Offer a lot that stands on the market at a fixed price until the last end of bidding."
    ),
    "not-the-taker": N_("Only who took the price has the last word now."),
    "not-your-turn": N_("The last price is yours: the other side answers it."),
    "not-to-claim": N_(
        "This deposit cannot be claimed: no payment is overdue, or three days have passed."
    ),
    "not-to-contest": N_(
        "There is no claim to contest, or the three days to contest it have passed."
    ),
    "not-to-rule": N_("Nothing is contested about this deposit any more."),
    "over-ceiling": N_("This is over the most that the buyer pays."),
    "over-credit-limit": N_(
        "This offer goes beyond what your organisation, and those linked to it, may stand in for. "
        "Offer less, or settle what is open."
    ),
    "proposal-over": N_("This exchange is over, or its last offer has expired."),
    "proposal-stands": N_("Your exchange on this listing is still open."),
    "same-price": N_("This is the price that was named: agree to it instead."),
    "tender-stands": N_("Sellers are invited to bid down on this need already."),
}
