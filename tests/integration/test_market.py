"""The market on a real database: publishing, bidding, the close, the award, boards, search."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import Session, col, func, select, text

from remelt.platform.catalogue import loading
from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.errors import Busy, Conflict
from remelt.platform.kernel.files import FileStore
from remelt.platform.kernel.jobs import Schedule
from remelt.platform.kernel.runner import JobRunner
from remelt.platform.kernel.settings import Settings
from remelt.platform.kernel.store import Store
from remelt.platform.market import awarding, boards, queries, rooms
from remelt.platform.market.auction_models import Auction, Bid
from remelt.platform.market.bidding import buy_now
from remelt.platform.market.bids.offers import Answer, refusal_of
from remelt.platform.market.drafts import Ascending, PhotoRef
from remelt.platform.market.errors import (
    BackdatedPrice,
    BiddingStillOpen,
    LotAlreadyListed,
    NoSuchContract,
    NoSuchListing,
    NothingToAward,
    NotYourLot,
    UnknownGrade,
)
from remelt.platform.market.listings import StockLot, publish, publish_stock, withdraw
from remelt.platform.market.models import Contract, Listing
from remelt.platform.market.offerings import offering
from remelt.platform.market.search import BoardFilter, open_listings
from remelt.platform.market.state import state_column, state_of, taking_bids
from remelt.platform.parties.errors import NoSuchSite
from remelt.platform.parties.filings import add_filing, verify_filing
from remelt.platform.parties.people import join
from remelt.web.wiring import job_kinds, keep_schedules
from tests.counting import Counting
from tests.market import AUCTION, FIXED, NOON, a_draft, auction_of, bid, publish_lot
from tests.oracle import Oracle
from tests.parties import Party, a_party


@pytest.fixture
def market(store: Store) -> Store:
    with store.write() as session:
        loading.load_package_data(session)
    return store


@pytest.fixture
def collector(market: Store, clock: SimulatedClock) -> Party:
    with market.write() as session:
        return a_party(session, clock=clock, role="collector")


@pytest.fixture
def hub(market: Store, clock: SimulatedClock) -> Party:
    with market.write() as session:
        return a_party(session, clock=clock, role="hub")


@pytest.fixture
def smelters(market: Store, clock: SimulatedClock) -> list[Party]:
    with market.write() as session:
        return [a_party(session, clock=clock, role="smelter") for _ in range(3)]


@pytest.fixture
def listing(market: Store, clock: SimulatedClock, collector: Party) -> Listing:
    with market.write() as session:
        return publish_lot(session, clock=clock, seller=collector)


@pytest.fixture
def auction(market: Store, listing: Listing) -> Auction:
    """The auction as it was when its lot was published."""
    return standing(market, listing)


def standing(market: Store, listing: Listing) -> Auction:
    with market.read() as session:
        return auction_of(session, listing)


def place(market, clock, listing, buyer, yuan) -> Answer:
    with market.write() as session:
        return bid(session, clock=clock, listing=listing, buyer=buyer, yuan_per_t=yuan)


def events(market: Store, *names: str) -> list[str]:
    with market.read() as session:
        return [row.name for row in outbox.after(session, limit=1000, names=names)]


def test_a_published_lot_has_a_code_of_its_own_and_is_announced(market, clock, collector):
    with market.write() as session:
        made = publish(
            session,
            clock=clock,
            seller_id=collector.organisation.key,
            person_id=collector.person.key,
            site_id=collector.site.key,
            draft=a_draft(),
            photos=[PhotoRef("a" * 64, 800, 600), PhotoRef("b" * 64, 600, 800)],
        )
    assert made.code != made.lot_code
    with market.read() as session:
        rows = outbox.after(session, names=["listing-published"])
        assert rows[0].body["lot_code"] == made.lot_code
        assert rows[0].body["new_lot"] is True
        assert collector.organisation.code not in str(rows[0].body)
        assert rows[0].body["origin_area"] == "52"
        kept = offering(session, code=made.code).listing
        assert (kept.grade_zh, kept.place_zh) == ("旧型材", "贵阳市观山湖区")
        assert [p.sha256[0] for p in queries.photos(session, listing_id=kept.key)] == ["a", "b"]


def test_a_lot_is_published_only_from_an_own_site(market, clock, collector, hub):
    with pytest.raises(NoSuchSite), market.write() as session:
        publish(
            session,
            clock=clock,
            seller_id=collector.organisation.key,
            person_id=collector.person.key,
            site_id=hub.site.key,
            draft=a_draft(),
        )


def test_a_grade_that_is_not_in_the_catalogue_is_refused_and_nothing_is_kept(
    market, clock, collector
):
    with pytest.raises(UnknownGrade), market.write() as session:
        publish_lot(session, clock=clock, seller=collector, draft=a_draft(grade_code="Nothing"))
    with market.read() as session:
        assert session.exec(select(func.count(col(Listing.id)))).one() == 0
    assert events(market, "listing-published") == []


def test_stock_is_sold_by_its_owner_and_only_once_at_a_time(market, clock, hub, collector):
    lot = StockLot(
        lot_code="AAAAAAAAAAAA00", owner_code=hub.organisation.code, metal="Al",
        grade_system="ReMA", grade_code="Tutu", form="bale", mass_g=5_000_000,
        origin="unknown", evidence="implied",
    )  # fmt: skip

    def offer(seller: Party, known: StockLot = lot) -> Listing:
        with market.write() as session:
            return publish_stock(
                session,
                clock=clock,
                seller_id=seller.organisation.key,
                person_id=seller.person.key,
                site_id=seller.site.key,
                draft=a_draft(),
                lot=known,
            )

    with pytest.raises(NotYourLot):
        offer(collector)
    made = offer(hub)
    assert (made.form, made.declared_mass_g, made.origin) == ("bale", 5_000_000, "unknown")
    with pytest.raises(LotAlreadyListed):
        offer(hub)
    with market.write() as session:
        withdraw(
            session,
            clock=clock,
            listing_code=made.code,
            seller_id=hub.organisation.key,
            person_id=hub.person.key,
        )
    offer(hub)


def test_every_offer_is_answered_and_kept_in_order(market, clock, listing, collector, smelters):
    one, two, _ = smelters
    said = [
        place(market, clock, listing, one, 13_999).reason,
        place(market, clock, listing, one, 14_000).reason,
        place(market, clock, listing, two, 14_049).reason,
        place(market, clock, listing, two, 14_050).reason,
        place(market, clock, listing, collector, 20_000).reason,
    ]
    assert said == ["bid-too-low", "", "bid-too-low", "", "own-listing"]
    with market.read() as session:
        kept = session.exec(select(Bid).order_by(col(Bid.seq))).all()
        assert [row.seq for row in kept] == [1, 2, 3, 4, 5]
        assert [row.reason for row in kept] == said
        assert kept[2].least_fen_per_t == 1_405_000
        assert refusal_of(kept[2]).facts["least_fen_per_t"] == 1_405_000
        seen = rooms.room(
            session,
            auction=auction_of(session, listing),
            viewer_id=one.organisation.key,
            now=clock.now(),
        )
    assert [(rung.number, rung.mine) for rung in seen.ladder] == [(2, False), (1, True)]
    assert (seen.leads, seen.least_fen_per_t, seen.reserve_met) == (False, 1_410_000, False)
    assert events(market, "bid-placed") == ["bid-placed"] * 2


def test_a_bid_row_is_never_changed(market, clock, listing, smelters):
    place(market, clock, listing, smelters[0], 14_000)
    for change in ("UPDATE bid SET price_fen_per_t = 1", "DELETE FROM bid"):
        with pytest.raises(DBAPIError, match="insert-only"), market.write() as session:
            session.connection().execute(text(change))


def test_a_delivery_goes_to_an_own_site_or_a_hub(market, clock, listing, smelters, hub, collector):
    one, two, _ = smelters
    for site, fits in ((hub.site, True), (two.site, False), (collector.site, False)):
        strange = Party(one.organisation, site, one.person, one.membership, one.actor)
        if fits:
            assert place(market, clock, listing, strange, 14_000).reason == ""
            continue
        with pytest.raises(NoSuchSite):
            place(market, clock, listing, strange, 15_000)


def test_linked_and_unfit_bidders_are_refused(market, clock, collector, smelters):
    one, two, three = smelters
    with market.write() as session:
        made = publish_lot(
            session,
            clock=clock,
            seller=collector,
            draft=a_draft(productive=True, certificate="黔工 2026-17"),
        )
        join(
            session,
            clock=clock,
            person_id=one.person.key,
            organisation_id=collector.organisation.key,
            role="collector",
        )
        filing = add_filing(
            session,
            clock=clock,
            organisation_id=three.organisation.key,
            kind="productive_scrap",
            number="黔公 1",
        )
    assert place(market, clock, made, one, 14_000).reason == "linked-bidder"
    assert place(market, clock, made, two, 14_000).reason == "unfit-for-productive-scrap"
    assert place(market, clock, made, three, 14_000).reason == "unfit-for-productive-scrap"
    with market.write() as session:
        verify_filing(session, clock=clock, filing_code=filing.code, by_person_id=two.person.key)
    assert place(market, clock, made, three, 14_000).reason == ""


def test_only_an_accepted_late_bid_moves_the_close(market, clock, listing, auction, smelters):
    one, two, _ = smelters
    clock.set(auction.closes_at - timedelta(seconds=60))
    assert place(market, clock, listing, one, 1).closes_at == auction.closes_at
    late = place(market, clock, listing, one, 14_000)
    assert late.closes_at == clock.now() + timedelta(seconds=120)
    price = 14_000
    while late.reason == "":
        clock.advance(seconds=100)
        price += 50
        late = place(market, clock, listing, two, price)
    assert late.reason == "bidding-over"
    with market.read() as session:
        kept = auction_of(session, listing)
        assert kept.closes_at == kept.hard_close_at
        assert state_of(kept, now=clock.now()) == "expired"


def test_a_bid_that_waits_on_the_lock_past_the_close_is_refused(
    market, clock, listing, auction, smelters
):
    """The holder only locks the row, as an official reading it would; no column changes."""
    clock.set(auction.closes_at - timedelta(seconds=1))
    waits, answers = threading.Event(), []

    def late() -> None:
        waits.set()
        answers.append(place(market, clock, listing, smelters[0], 20_000))

    thread = threading.Thread(target=late)
    with market.write() as holder:
        holder.exec(
            select(Auction).where(Auction.listing_id == listing.key).with_for_update()
        ).one()
        thread.start()
        waits.wait(5)
        thread.join(0.3)
        assert thread.is_alive()
        clock.advance(seconds=1)
    thread.join(10)
    assert [answer.reason for answer in answers] == ["bidding-over"]
    with market.read() as session:
        assert auction_of(session, listing).leading_fen_per_t is None


def test_320_concurrent_bids_replay_to_the_same_verdicts(
    market, clock, listing, auction, collector, smelters
):
    bidders = [*smelters, collector]
    chance = random.Random(320)
    asked = [
        [(chance.choice(bidders), 14_000 + 10 * chance.randrange(400)) for _ in range(40)]
        for _ in range(8)
    ]
    start = threading.Barrier(8)

    def bid_all(mine: list[tuple[Party, int]]) -> list[str]:
        start.wait()
        return [place(market, clock, listing, who, yuan).reason for who, yuan in mine]

    with ThreadPoolExecutor(8) as pool:
        answers = [each for said in pool.map(bid_all, asked) for each in said]
    assert len(answers) == 320
    oracle = Oracle(
        seller=collector.organisation.key,
        start=AUCTION.start_fen_per_t,
        step=AUCTION.step_fen_per_t,
        closes=auction.closes_at,
        hard_close=auction.hard_close_at,
        extension=timedelta(seconds=AUCTION.extension_s),
    )
    with market.read() as session:
        kept = session.exec(select(Bid).order_by(col(Bid.seq))).all()
        final = auction_of(session, listing)
    assert [row.seq for row in kept] == list(range(1, 321))
    replayed = [
        oracle.hear(bidder=row.bidder_id, price=row.offered_fen_per_t, at=row.placed_at)
        for row in kept
    ]
    assert replayed == [row.reason for row in kept]
    assert sorted(replayed) == sorted(answers)
    assert final.leading_fen_per_t == oracle.best == max(oracle.accepted)
    assert final.bid_count == len(oracle.accepted)
    highest = max(yuan * 100 for mine in asked for who, yuan in mine if who is not collector)
    assert final.leading_fen_per_t > highest - AUCTION.step_fen_per_t


def test_one_of_many_buys_at_the_fixed_price(market, clock, collector, smelters):
    with market.write() as session:
        made = publish_lot(session, clock=clock, seller=collector, draft=a_draft(price=FIXED))

    def take(buyer: Party) -> str:
        with market.write() as session:
            return buy_now(
                session,
                listing_code=made.code,
                buyer_id=buyer.organisation.key,
                person_id=buyer.person.key,
                deliver_to_site_id=buyer.site.key,
                price_fen_per_t=FIXED.price_fen_per_t,
                clock=clock,
            ).reason

    with ThreadPoolExecutor(6) as pool:
        said = list(pool.map(take, smelters * 2))
    assert sorted(said) == ["", *["already-sold"] * 5]
    with market.read() as session:
        sold = session.exec(select(Contract)).one()
        assert sold.price_fen_per_t == FIXED.price_fen_per_t
        assert state_of(auction_of(session, made), now=clock.now()) == "awarded"
    assert events(market, "lot-awarded") == ["lot-awarded"]


def test_the_close_sells_once_to_the_highest_offer(market, clock, listing, auction, smelters):
    one, two, _ = smelters
    place(market, clock, listing, one, 15_000)
    place(market, clock, listing, two, 15_100)
    with pytest.raises(BiddingStillOpen), market.write() as session:
        awarding.award(session, clock=clock, listing_code=listing.code)
    clock.set(auction.closes_at)

    def close(_: int) -> int:
        with market.write() as session:
            return awarding.close_due(session, clock=clock)

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(close, range(4))) == 1
    with market.write() as session:
        again = awarding.award(session, clock=clock, listing_code=listing.code)
    assert again.buyer_id == two.organisation.key
    assert again.price_fen_per_t == 1_510_000
    assert events(market, "bidding-closed", "lot-awarded") == ["bidding-closed", "lot-awarded"]
    with market.read() as session:
        parties = (listing.seller_id, two.organisation.key, one.organisation.key)
        assert [len(queries.contracts(session, organisation_id=party)) for party in parties] == [
            1,
            1,
            0,
        ]
        with pytest.raises(NoSuchContract):
            queries.contract(session, code=again.code, organisation_id=one.organisation.key)


def test_an_offer_under_the_reserve_sells_nothing(market, clock, listing, auction, smelters):
    place(market, clock, listing, smelters[0], 14_999)
    clock.set(auction.closes_at)
    with market.write() as session:
        assert awarding.close_due(session, clock=clock) == 1
    with pytest.raises(NothingToAward), market.write() as session:
        awarding.award(session, clock=clock, listing_code=listing.code)
    assert events(market, "lot-awarded") == []


def test_a_seller_who_decides_awards_or_declines_after_the_close(
    market, clock, collector, smelters, hub
):
    by_hand = Ascending(start_fen_per_t=1_400_000, step_fen_per_t=5_000, auto_award=False)
    with market.write() as session:
        made = [
            publish_lot(session, clock=clock, seller=collector, draft=a_draft(price=by_hand))
            for _ in range(2)
        ]
    for each in made:
        place(market, clock, each, smelters[0], 14_000)
    clock.set(standing(market, made[0]).closes_at)
    with market.write() as session:
        assert awarding.close_due(session, clock=clock) == 2
        assert state_of(auction_of(session, made[0]), now=clock.now()) == "closed"
    with pytest.raises(NoSuchListing), market.write() as session:
        awarding.award(
            session, clock=clock, listing_code=made[0].code, seller_id=hub.organisation.key
        )
    mine = {"seller_id": collector.organisation.key, "person_id": collector.person.key}
    with market.write() as session:
        awarding.award(session, clock=clock, listing_code=made[0].code, **mine)
        withdraw(session, clock=clock, listing_code=made[1].code, **mine)
    assert events(market, "lot-awarded", "listing-withdrawn") == [
        "lot-awarded",
        "listing-withdrawn",
    ]


def test_title_passes_at_the_first_weighing_away_from_the_seller(
    market, clock, listing, auction, smelters, hub, collector
):
    one = smelters[0]
    place(market, clock, listing, one, 15_000)
    clock.set(auction.closes_at)
    with market.write() as session:
        awarding.close_due(session, clock=clock)
    passed = []
    for site in (collector.site.code, hub.site.code, one.site.code):
        with market.write() as session:
            passed.append(
                awarding.pass_title(session, clock=clock, lot_code=listing.lot_code, site_code=site)
            )
    assert [each is not None for each in passed] == [False, True, False]
    assert events(market, "title-passed") == ["title-passed"]


def test_an_open_lot_stands_in_one_listing_also_for_the_database(market, clock, listing):
    copy = listing.model_dump(exclude={"id"}) | {"code": "ANOTHERCODE000"}
    with pytest.raises((IntegrityError, Busy)), market.write() as session:
        session.add(Listing(**copy))


def test_python_and_sql_read_the_same_state_off_every_combination_of_facts(
    market, listing, auction
):
    moments = (None, NOON)
    hour = timedelta(hours=1)
    combos = product(
        moments,  # withdrawn
        moments,  # closed and awarded
        (False, True),
        (NOON - 2 * hour, NOON, NOON + timedelta(minutes=1)),  # opens
        (NOON, NOON + timedelta(seconds=1), NOON + hour),  # first close
        (timedelta(0), timedelta(minutes=2)),  # moved by
        (None, 10),  # leading
        (None, 10, 11),  # reserve
    )
    facts = listing.model_dump(exclude={"id"})
    rules = auction.model_dump(exclude={"id"})
    with market.write() as session:
        for number, (gone, shut, sold, opens, first, moved, lead, reserve) in enumerate(combos):
            if opens >= first or (sold and (shut is None or gone is not None)):
                continue
            if shut is not None and shut < opens:
                continue
            another = Listing(**facts | {"code": f"C{number}", "lot_code": f"L{number}"})
            session.add(another)
            session.flush()
            changes = {
                "listing_id": another.key, "withdrawn_at": gone, "closed_at": shut,
                "awarded_at": NOON if sold else None, "opens_at": opens, "first_closes_at": first,
                "closes_at": first + moved, "hard_close_at": first + hour,
                "leading_fen_per_t": lead, "limit_fen_per_t": lead, "reserve_fen_per_t": reserve,
                "leader_id": lead and listing.seller_id, "leading_seq": lead and 1,
            }  # fmt: skip
            session.add(Auction(**rules | changes))
    with market.read() as session:
        for now in (NOON - timedelta(seconds=1), NOON, NOON + timedelta(minutes=1)):
            rows = session.exec(select(Auction, state_column(now), taking_bids(now))).all()
            assert len(rows) > 150
            for row, said, live in rows:
                mine = state_of(row, now=now)
                assert said == mine
                assert bool(live) == (mine in {"open", "extending"})


SEARCHED = (
    ("铝", 2), ("铜", 1), ("型材", 1), ("光亮", 1), ("光亮铜", 1), ("白云", 1), ("贵阳", 2),
    ("观山湖 型材", 1), ("aluminium", 2), ("alumin", 2), ("Tutu", 1), ("6063", 1), ("60", 1),
    ("锌", 0), ("铝铜", 0), ("', ' OR 1=1", 0), ("!!", 3), ("*", 3),
)  # fmt: skip


def test_words_of_one_and_two_characters_are_found(market, clock, collector):
    with market.write() as session:
        other = a_party(session, clock=clock, role="collector", adcode="520113")
        for seller, changes in (
            (collector, {"title": "6063 门窗"}),
            (other, {"grade_code": "Talc"}),
            (
                a_party(session, clock=clock, role="collector", adcode="522301"),
                {"metal": "Cu", "grade_system": "CN-trade", "grade_code": "CN-guangliang"},
            ),
        ):
            publish_lot(session, clock=clock, seller=seller, draft=a_draft(**changes))
    with market.read() as session:
        found = {
            words: open_listings(session, now=NOON, wanted=BoardFilter(words=words)).total
            for words, _ in SEARCHED
        }
    assert found == dict(SEARCHED)


@pytest.mark.parametrize(
    ("wanted", "total"),
    [
        ({}, 30),
        ({"metal": "Cu"}, 10),
        ({"grade_system": "ReMA", "grade_code": "Talc"}, 10),
        ({"form": "bale"}, 10),
        ({"track": "in_province"}, 20),
        ({"prefecture": "520100"}, 30),
        ({"prefecture": "520300"}, 0),
        ({"origin": "post_consumer"}, 30),
        ({"price_mode": "fixed"}, 10),
        ({"mass_from_g": 2_000_001}, 10),
        ({"mass_to_g": 2_000_000, "metal": "Al"}, 10),
        ({"words": "铝", "sort": "mass", "page": 99}, 20),
    ],
)
def test_the_board_narrows_sorts_and_pages_in_two_statements(
    market, clock, collector, wanted, total
):
    with market.write() as session:
        for number in range(10):
            for changes in (
                {"declared_mass_g": 2_000_001 + number, "form": "bale", "price": FIXED},
                {"grade_code": "Talc", "track": "out_of_province", "origin_area": "51"},
                {"metal": "Cu", "grade_system": "CN-trade", "grade_code": "CN-guangliang"},
            ):
                publish_lot(session, clock=clock, seller=collector, draft=a_draft(**changes))
    with market.read() as session:
        session.connection()
        with Counting(market) as count:
            page = open_listings(session, now=NOON, wanted=BoardFilter(**wanted))
    assert page.total == total
    assert count.statements == 2
    assert len(page.cards) == min(24, total) or page.page == page.pages
    if wanted.get("sort") == "mass":
        masses = [card.declared_mass_g for card in page.cards]
        assert masses == sorted(masses, reverse=True)


def test_a_closed_or_withdrawn_listing_is_not_on_the_board(
    market, clock, listing, auction, collector
):
    def total(now) -> int:
        with market.read() as session:
            return open_listings(session, now=now, wanted=BoardFilter()).total

    assert (total(NOON), total(auction.closes_at)) == (1, 0)
    with market.write() as session:
        withdraw(
            session,
            clock=clock,
            listing_code=listing.code,
            seller_id=collector.organisation.key,
            person_id=collector.person.key,
        )
    assert total(NOON) == 0


def hang_out(session: Session, clock: SimulatedClock, hub: Party, **changes: object) -> None:
    facts = {
        "site_id": hub.site.key, "organisation_id": hub.organisation.key,
        "person_id": hub.person.key, "grade_system": "CN-trade", "grade_code": "CN-6063-bai",
        "price_fen_per_t": 1_600_000, "with_invoice": False,
    }  # fmt: skip
    boards.set_price(session, clock=clock, **(facts | changes))


def test_a_board_price_holds_from_its_hour_and_mass_on(market, clock, hub):
    with market.write() as session:
        hang_out(session, clock, hub)
        hang_out(session, clock, hub, tier_from_g=1_000_000, price_fen_per_t=1_620_000)
        hang_out(
            session, clock, hub, with_invoice=True, vat_rate_bp=1_300, price_fen_per_t=1_800_000
        )
        hang_out(
            session, clock, hub, price_fen_per_t=1_590_000, valid_from=NOON + timedelta(days=1)
        )

    def price(mass_g: int, *, days: int = 0, invoice: bool = False) -> int | None:
        with market.read() as session:
            line = boards.board_price(
                session,
                site_id=hub.site.key,
                grade_system="CN-trade",
                grade_code="CN-6063-bai",
                mass_g=mass_g,
                with_invoice=invoice,
                at=NOON + timedelta(days=days),
            )
            read_at_once = boards.hangings(session, site_id=hub.site.key).price_fen_per_t(
                grade_system="CN-trade", grade_code="CN-6063-bai", mass_g=mass_g,
                with_invoice=invoice, at=NOON + timedelta(days=days),
            )  # fmt: skip
        found = line and line.price_fen_per_t
        assert read_at_once == found
        return found

    assert price(500_000) == 1_600_000
    assert price(1_000_000) == 1_620_000
    assert price(500_000, invoice=True) == 1_800_000
    assert price(500_000, days=1) == 1_590_000
    with market.write() as session:
        hang_out(session, clock, hub, tier_from_g=1_000_000, price_fen_per_t=None)
    assert price(1_000_000) == 1_600_000
    assert price(500_000, days=-1) is None


def test_a_board_is_set_by_its_own_site_for_now_or_later(market, clock, hub, collector):
    with pytest.raises(NoSuchSite), market.write() as session:
        hang_out(session, clock, hub, organisation_id=collector.organisation.key)
    with pytest.raises(NoSuchSite), market.write() as session:
        hang_out(session, clock, collector)
    with pytest.raises(UnknownGrade), market.write() as session:
        hang_out(session, clock, hub, grade_code="x")
    with pytest.raises(BackdatedPrice), market.write() as session:
        hang_out(session, clock, hub, valid_from=NOON - timedelta(seconds=1))


def test_the_nearest_board_comes_first(market, clock, collector, hub):
    with market.write() as session:
        far = a_party(session, clock=clock, role="hub", lat_e6=27_700_000, lon_e6=106_900_000)
        nowhere = a_party(session, clock=clock, role="hub", lat_e6=None, lon_e6=None)
        for each in (nowhere, far, hub):
            hang_out(session, clock, each)
    with market.read() as session:
        near = boards.boards_near(session, site=collector.site, at=NOON)
    assert [each.site.id for each in near] == [hub.site.id, far.site.id, nowhere.site.id]
    assert near[1].distance_m == pytest.approx(120_000, rel=0.05)
    assert [len(each.lines) for each in near] == [1, 1, 1]


def test_a_conflict_is_told_as_one():
    assert issubclass(LotAlreadyListed, Conflict)


def test_the_server_closes_due_auctions_by_itself(
    market, clock, listing, auction, smelters, tmp_path
):
    place(market, clock, listing, smelters[0], 15_000)
    clock.set(auction.closes_at)
    kinds = job_kinds(
        store=market,
        clock=clock,
        files=FileStore(tmp_path),
        settings=Settings(home=tmp_path),
    )
    runner = JobRunner(market, clock=clock, kinds=kinds)
    with market.write() as session:
        keep_schedules(session, clock=clock)
    with market.read() as session:
        kept = session.exec(select(func.count()).select_from(Schedule)).one()
    assert runner.run_pending() == kept > 0
    assert events(market, "lot-awarded") == ["lot-awarded"]
