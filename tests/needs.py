"""Needs and what is followed, for tests: something valid to begin with; a test bends one thing."""

from datetime import timedelta
from typing import Any

from sqlmodel import Session

from remelt.platform.kernel.clock import Clock
from remelt.platform.market.following.questions import ask
from remelt.platform.market.following.searches import save_search
from remelt.platform.market.needs.models import Need
from remelt.platform.market.needs.stating import NeedDraft, state_need
from remelt.platform.market.offerings import offering
from remelt.platform.market.preparing.keeping import keep_draft
from remelt.platform.market.search import BoardFilter
from tests.market import NOON, publish_lot
from tests.parties import Party

TUTU = ("ReMA", "Tutu")


def a_need_draft(**changes: Any) -> NeedDraft:
    """Twenty tonnes of old profile at up to 15,000 CNY/t, for two weeks."""
    facts: dict[str, Any] = {
        "metal": "Al",
        "grades": (TUTU,),
        "mass_g": 20_000_000,
        "least_lot_g": 1_000_000,
        "most_fen_per_t": 1_500_000,
        "ends_at": NOON + timedelta(days=14),
    }
    return NeedDraft(**(facts | changes))


def a_need(session: Session, *, clock: Clock, buyer: Party, **changes: Any) -> Need:
    """A need of `buyer`, delivered to its own site."""
    return state_need(
        session,
        clock=clock,
        buyer_id=buyer.organisation.key,
        person_id=buyer.person.key,
        site_id=buyer.site.key,
        draft=a_need_draft(**changes),
    )


def needs_objects(world: Any, session: Session) -> None:
    """A need, a saved search and a question of each walker and of another."""
    for walker in world.own:
        told: dict[str, list[str]] = {"need": [], "search": [], "question": [], "draft": []}
        for party in (world.own[walker], world.other[walker]):
            told["need"].append(a_need(session, clock=world.clock, buyer=party).code)
            draft = keep_draft(
                session,
                clock=world.clock,
                seller_id=party.organisation.key,
                person_id=party.person.key,
                said={"title": "半"},
            )
            told["draft"].append(draft.code)
            search = save_search(
                session,
                clock=world.clock,
                organisation_id=party.organisation.key,
                person_id=party.person.key,
                name="铝",
                wanted=BoardFilter(metal="Al"),
            )
            told["search"].append(search.code)
            lot = publish_lot(session, clock=world.clock, seller=party)
            asker = world.own["hub" if walker == "smelter" else "smelter"]
            question = ask(
                session, clock=world.clock, offered=offering(session, code=lot.code),
                asker_id=asker.organisation.key, person_id=asker.person.key, words="几件？",
            )  # fmt: skip
            told["question"].append(f"{lot.code} {question.code}")
        own, other = told["need"]
        world.give("needs.code", own=own, other=other, walker=walker)
        world.give("api_needs.need", own=own, other=other, walker=walker)
        world.give("tenders.code", own=own, other=other, walker=walker)
        for name in ("api_tenders.need", "scores.need", "api_scores.need"):
            world.give(name, own=own, other=other, walker=walker)
        own, other = told["draft"]
        for name in ("drafts.draft", "api_drafts.draft"):
            world.give(name, own=own, other=other, walker=walker)
        own, other = told["search"]
        for name in ("following.search", "api_following.search"):
            world.give(name, own=own, other=other, walker=walker)
        own, other = (pair.split() for pair in told["question"])
        for name in ("following.code", "api_following.code"):
            world.give(name, own=own[0], other=other[0], walker=walker)
        world.give("question", own=own[1], other=other[1], walker=walker)
