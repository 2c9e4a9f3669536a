"""What each kind of notice says, and the page that it leads to."""

from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from flask_babel import gettext

from remelt.platform.parties.models import Notice
from remelt.web import fmt
from remelt.web.messages.marks import N_

KINDS: dict[str, tuple[str, str, str]] = {
    "search-hit": (N_("New on the market for “%(search)s”: %(name)s"), "market.show", "search"),
    "need-hit": (N_("A lot fits what you look for: %(name)s"), "market.show", "good"),
    "need-stated": (N_("A buyer looks for what you offer: %(name)s"), "needs.show", "market"),
    "question-asked": (N_("A question about your lot: %(name)s"), "market.show", "info"),
    "question-answered": (N_("The seller answered: %(name)s"), "market.show", "info"),
    "small-lot": (
        N_("A small lot near you that your price board buys: %(name)s"),
        "market.show",
        "scale",
    ),
    "price-named": (N_("Somebody named a price for %(name)s"), "market.show", "bid"),
    "bid-void": (
        N_("Terms have changed, your offer is void. Look at the new ones: %(name)s"),
        "market.show",
        "warn",
    ),
    "terms-changed": (
        N_("The terms of a lot that you watch have changed: %(name)s"),
        "market.show",
        "info",
    ),
    "lot-sold": (N_("Your lot is sold: %(name)s"), "market.show", "money"),
    "lot-won": (N_("You have bought: %(name)s"), "market.show", "good"),
    "lot-lost": (N_("Sold to another; your offer has ended: %(name)s"), "market.show", "gap"),
    "decide": (N_("Bidding is over: decide in time. %(name)s"), "market.show", "clock"),
    "decide-soon": (N_("Your time to decide is nearly over: %(name)s"), "market.show", "warn"),
    "decided-late": (
        N_("You did not decide in time: the offer is free again. %(name)s"),
        "market.show",
        "warn",
    ),
    "turn-verify": (
        N_("Your offer is the first in line; the seller decides now: %(name)s"),
        "market.show",
        "clock",
    ),
    "turn-pay": (N_("It is yours once you have paid in time: %(name)s"), "market.show", "money"),
    "pay-soon": (N_("Your time to pay is nearly over: %(name)s"), "market.show", "warn"),
    "passed-over": (N_("The seller passed your offer over: %(name)s"), "market.show", "gap"),
    "free-again": (
        N_("The seller did not decide in time: your offer binds you no more. %(name)s"),
        "market.show",
        "info",
    ),
    "paid-late": (
        N_("The time to pay ran out, and no payment was seen: %(name)s"),
        "market.show",
        "warn",
    ),
    "not-paid": (
        N_("The time to pay ran out. Say whether a payment came: %(name)s"),
        "market.show",
        "warn",
    ),
    "line-ended": (
        N_("Nobody is left in line: the lot is free again. %(name)s"),
        "market.show",
        "gap",
    ),
    "deposit-claimed": (
        N_(
            "The seller says that you did not pay, and claims your deposit. "
            "Answer in time: %(name)s"
        ),
        "market.show",
        "warn",
    ),
    "deposit-contested": (
        N_("The bidder says that it paid. The operator rules on the deposit: %(name)s"),
        "market.show",
        "info",
    ),
    "deposit-forfeited": (
        N_("The deposit of who did not pay is forfeited to the seller: %(name)s"),
        "market.show",
        "money",
    ),
    "deposit-released": (
        N_("The deposit goes back to its bidder: %(name)s"),
        "market.show",
        "money",
    ),
    "sale-decided": (N_("A combined sale is decided: %(name)s"), "sales.show", "good"),
    "sale-ended": (N_("A combined sale ended without an award: %(name)s"), "sales.show", "gap"),
    "sale-stuck": (
        N_("The award of your sale could not be worked out. Decide how it goes on: %(name)s"),
        "sales.show",
        "warn",
    ),
    "watched-sold": (N_("A lot that you watch is sold: %(name)s"), "market.show", "money"),
    "watched-withdrawn": (
        N_("A lot that you watch was taken back: %(name)s"),
        "market.show",
        "gap",
    ),
}


@dataclass(frozen=True, slots=True)
class Told:
    """A notice as the page shows it."""

    sentence: str
    address: str
    icon: str
    at: datetime
    fresh: bool


def told(row: Notice) -> Told:
    """Return a notice in the reader's language."""
    sentence, endpoint, icon = KINDS[row.kind]
    name = row.facts.get("zh" if fmt.is_chinese() else "en", "")
    said = {key: value for key, value in row.facts.items() if key not in {"zh", "en"}}
    return Told(
        sentence=gettext(sentence) % {"name": name, **said},
        address=url_for(endpoint, code=row.subject),
        icon=icon,
        at=row.at,
        fresh=row.read_at is None,
    )
