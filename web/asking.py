"""What the forms of a seller offer: ways to sell, times, and who may keep the half of a key."""

from typing import Any

from flask_babel import gettext as _
from sqlmodel import Session

from remelt.platform.market.setting import holders
from remelt.platform.parties.actors import Actor
from remelt.web import fmt
from remelt.web.context import house
from remelt.web.market_forms import HOURS
from remelt.web.market_words import KIND_WORDS
from remelt.web.words import PAPERS


def asking(session: Session, who: Actor) -> dict[str, Any]:
    """Return what `market/ask.html` needs."""
    zh = fmt.is_chinese()
    others = [
        (row.code, fmt.named(row, zh=zh))
        for row in holders(session, seller_id=who.organisation_id)
        if row.id != who.organisation_id
    ]
    return {
        "kinds": [(key, _(word), _(hint)) for key, (word, hint) in KIND_WORDS.items()],
        "holders": others,
        "papers": [(key, _(word)) for key, word in PAPERS.items()],
        "hours": HOURS,
        "house": house(),
    }
