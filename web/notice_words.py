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
