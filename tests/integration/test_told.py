"""Who is told of sales and of changed terms, each once."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from remelt.platform.catalogue.loading import load_package_data
from remelt.platform.market import awarding
from remelt.platform.market.amending import amend
from remelt.platform.market.bidding import buy_now
from remelt.platform.market.following.searches import save_search
from remelt.platform.market.following.watching import watch
from remelt.platform.market.proposals.haggling import Named, propose
from remelt.platform.market.search import BoardFilter
from remelt.platform.parties.models import Notice
from tests.market import FIXED, NOON, a_draft, bid, publish_lot
from tests.needs import a_need
from tests.parties import Party, a_party

ROLES = {"seller": "collector", "first": "smelter", "second": "smelter", "looker": "hub"}
HOUR = NOON + timedelta(hours=1)


@pytest.fixture
def people(store, clock) -> dict[str, Party]:
    with store.write() as session:
        load_package_data(session)
        return {name: a_party(session, clock=clock, role=role) for name, role in ROLES.items()}


def told(store, party: Party) -> list[tuple[str, str]]:
    """What a party was told, in order: kind and subject."""
    with store.read() as session:
        rows = session.exec(
            select(Notice)
            .where(Notice.organisation_id == party.organisation.key)
            .order_by(col(Notice.id))
        )
        return [(row.kind, row.subject) for row in rows]


def look(store, clock, listing, who: Party) -> None:
    with store.write() as session:
        watch(
            session, clock=clock, listing=listing, organisation_id=who.organisation.key,
            person_id=who.person.key,
        )  # fmt: skip


def test_the_close_tells_seller_winner_loser_and_watcher_once(store, clock, people):
    with store.write() as session:
        lot = publish_lot(session, clock=clock, seller=people["seller"])
        for name, yuan in (("first", 15_000), ("second", 15_100), ("first", 15_200)):
            bid(session, clock=clock, listing=lot, buyer=people[name], yuan_per_t=yuan)
    for name in ("second", "looker"):
        look(store, clock, lot, people[name])
    clock.advance(hours=2)
    for _again in range(2):
        with store.write() as session:
            awarding.close_due(session, clock=clock)
    assert told(store, people["seller"]) == [("lot-sold", lot.code)]
    assert told(store, people["first"]) == [("lot-won", lot.code)]
    assert told(store, people["second"]) == [("lot-lost", lot.code)]
    assert told(store, people["looker"]) == [("watched-sold", lot.code)]


def test_a_purchase_tells_the_seller_and_whose_price_waits(store, clock, people):
    with store.write() as session:
        lot = publish_lot(session, clock=clock, seller=people["seller"], draft=a_draft(price=FIXED))
        named(session, clock, lot, people["second"])
    with store.write() as session:
        buy_now(
            session, listing_code=lot.code, buyer_id=people["first"].organisation.key,
            person_id=people["first"].person.key,
            deliver_to_site_id=people["first"].site.key,
            price_fen_per_t=FIXED.price_fen_per_t, clock=clock,
        )  # fmt: skip
    assert told(store, people["seller"]) == [("price-named", lot.code), ("lot-sold", lot.code)]
    assert told(store, people["first"]) == []
    assert told(store, people["second"]) == [("lot-lost", lot.code)]


def named(session, clock, lot, buyer: Party) -> None:
    """A counter-offer that waits for an answer."""
    propose(
        session, clock=clock, listing_code=lot.code, buyer_id=buyer.organisation.key,
        person_id=buyer.person.key, deliver_to_site_id=buyer.site.key,
        named=Named(price_fen_per_t=1_300_000, expires_at=HOUR),
    )  # fmt: skip


def test_changed_terms_are_told_to_whom_they_touch_and_are_no_new_lot(store, clock, people):
    fixed = a_draft(price=FIXED, closes_at=HOUR)
    with store.write() as session:
        said = {"clock": clock, "organisation_id": people["looker"].organisation.key}
        for name, mode in (("every", ""), ("auctions", "auction")):
            save_search(
                session, **said, person_id=people["looker"].person.key, name=name,
                wanted=BoardFilter(metal="Al", price_mode=mode),
            )  # fmt: skip
        a_need(session, clock=clock, buyer=people["first"])
        lot = publish_lot(session, clock=clock, seller=people["seller"], draft=fixed)
        named(session, clock, lot, people["second"])
    assert told(store, people["looker"]) == [("search-hit", lot.code)]
    assert told(store, people["first"]) == [("need-hit", lot.code)]
    with store.write() as session:
        new = amend(
            session, clock=clock, listing_code=lot.code,
            seller_id=people["seller"].organisation.key, person_id=people["seller"].person.key,
            draft=a_draft(closes_at=HOUR),
        )  # fmt: skip
    assert told(store, people["second"]) == [("bid-void", new.code)]
    assert told(store, people["first"]) == [("need-hit", lot.code)]
    assert told(store, people["looker"])[1:] == [("search-hit", new.code)], "of auctions alone"
