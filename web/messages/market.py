"""Refusals of the market: what is wrong with a listing, a bid, an award or a board price."""

from remelt.web.messages.marks import N_

MESSAGES = {
    "contract-suspended": N_(
        "A payment of this contract is disputed: it stands still until the payer's bank decides."
    ),
    "already-sold": N_("This lot is already sold."),
    "backdated-price": N_("A board price starts now or later. The past stays as it hung."),
    "bad-times": N_(
        "Times do not fit: bidding opens now or later and runs 5 minutes to 30 days, and a late "
        "bid adds at most 15 minutes."
    ),
    "bad-track": N_(
        "Track and area of origin contradict each other: give the two digits of another "
        "province, or two letters of another country for imports."
    ),
    "bid-off-tick": N_(
        "Offers here are whole multiples of what the seller set: %(least_fen_per_t)s would do."
    ),
    "bid-too-low": N_("Bid at least %(least_fen_per_t)s now."),
    "bidding-not-open": N_("Bidding has not begun yet."),
    "bidding-over": N_("Bidding has ended: this bid came too late."),
    "bidding-still-open": N_("Bidding is still open. Award the lot after it has closed."),
    "bids-stand": N_("A bid stands on this listing, so it cannot be taken back now."),
    "certificate-missing": N_(
        "Scrap from industry, power, rail or building needs the number of the unit's certificate."
    ),
    "hazardous-lot": N_(
        "This grade is hazardous waste or barred from trade (%(hazard)s). It moves only between "
        "licence holders, with a manifest, and not in this market."
    ),
    "licence-missing": N_(
        "The seller asks for a filing of yours in force: hand it in first, and have it verified."
    ),
    "limit-under-price": N_("The limit is under the offer itself. Leave it empty, or raise it."),
    "linked-bidder": N_("Your organisation is linked to the seller and cannot bid here."),
    "listing-is-withdrawn": N_("The seller has taken this listing back."),
    "heel-lot": N_("Lot %(lot)s is a heel that stays in the furnace, so it cannot be offered."),
    "lot-already-listed": N_("Lot %(lot)s already stands in an open listing or contract."),
    "lot-sold-elsewhere": N_(
        "Lot %(lot)s was sold by another contract in the meantime, so this listing cannot sell it."
    ),
    "mass-out-of-bounds": N_("Give a mass from 1 kg to 10,000 t. Check the unit."),
    "no-such-contract": N_("There is no contract %(contract)s of yours."),
    "no-such-listing": N_("There is no listing %(listing)s. It may have been taken back."),
    "not-an-auction": N_("This listing takes no rising bids. Its page says how it is sold."),
    "not-at-fixed-price": N_("This listing has no fixed price. Its page says how to offer."),
    "not-screened": N_(
        "Confirm this after looking at the lot. A lot that is not checked cannot be listed."
    ),
    "not-your-lot": N_("Lot %(lot)s belongs to another organisation."),
    "nothing-to-award": N_("No offer at or over the reserve stands, so nothing can be awarded."),
    "own-listing": N_("This is your own listing: you cannot buy it."),
    "photo-too-big": N_(
        "This photo is too large: at most %(limit_mb)s MB and %(limit_mp)s million pixels. "
        "Send a smaller one."
    ),
    "pooled-lot": N_(
        "Lot %(lot)s is a heap, which grows and shrinks. "
        "Weigh a lot off the heap first, and offer that."
    ),
    "price-changed": N_("The price is now %(least_fen_per_t)s. Look again before you buy."),
    "price-out-of-bounds": N_(
        "Give a price from 0.01 to 1,000,000 yuan per tonne. Check the unit."
    ),
    "reserve-under-start": N_("The reserve is under the starting price: raise it or leave it out."),
    "term-unfit": N_("This way of selling has no such term. Leave the field empty."),
    "rise-too-great": N_(
        "At least %(least_fen_per_t)s leads; yours is far above. Look at the zeros again."
    ),
    "steps-unfit": N_(
        "Bands start above the price, rise, and all prices are whole multiples of the tick."
    ),
    "too-many-photos": N_("Send at most %(most)s photos."),
    "too-small-for-auction": N_(
        "Auctions start at %(least_mass_g)s. Offer a smaller lot at a fixed price."
    ),
    "unfit-for-productive-scrap": N_(
        "Scrap from industry, power, rail or building may be bought only by an enterprise with "
        "that authorisation in force. Hand in the filing first."
    ),
    "unknown-grade": N_("There is no grade %(grade)s for this metal. Choose one from the list."),
    "unknown-word": N_("This value is not one that the market knows. Choose one from the list."),
    "unreadable-photo": N_("This file is no photo that can be read. Send a JPEG, PNG or WebP."),
    "held-lot": N_("Lot %(lot)s is held by an inspection. It can be offered once it is released."),
}
