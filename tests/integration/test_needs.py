"""Needs and lots brought together, searches that alert, questions, and what inboxes are told."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from remelt.platform.catalogue import queries as catalogue
from remelt.platform.kernel import outbox
from remelt.platform.market import search
from remelt.platform.market.auction_models import Auction
from remelt.platform.market.bidding import buy_now
from remelt.platform.market.drafts import FixedPrice
from remelt.platform.market.errors import (
    BadTimes,
    HazardousLot,
    MassOutOfBounds,
    NoSuchListing,
    UnknownGrade,
    UnknownWord,
)
from remelt.platform.market.following import questions, searches, watching
from remelt.platform.market.following.errors import (
    AlreadyAnswered,
    NoSuchSearch,
    OwnQuestion,
    SearchUnnamed,
    TooManyQuestions,
)
from remelt.platform.market.listings import withdraw
from remelt.platform.market.models import Listing
from remelt.platform.market.needs.errors import LotsTooLarge, NeedIsOver, NoSuchNeed
from remelt.platform.market.needs.matching import lots_for, needs_for
from remelt.platform.market.needs.models import Need
from remelt.platform.market.needs.stating import end_need
from remelt.platform.market.offerings import offering
from remelt.platform.market.search import BoardFilter, open_listings
from remelt.platform.parties import notices
from remelt.platform.parties.errors import NoSuchSite
from tests.counting import Counting
from tests.market import FIXED, NOON, a_draft, publish_lot
from tests.needs import a_need
from tests.parties import Party, a_party


@pytest.fixture
def people(store, clock) -> dict[str, Party]:
    with store.write() as session:
        return {
            name: a_party(session, clock=clock, role=role)
            for name, role in (
                ("seller", "collector"),
                ("hub", "hub"),
                ("smelter", "smelter"),
                ("rival", "smelter"),
            )
        }


def told(session: Session, party: Party) -> list[tuple[str, str]]:
    """What stands in a party's inbox, the oldest first: kind and subject."""
    rows = notices.inbox(session, organisation_id=party.organisation.key)
    return [(row.kind, row.subject) for row in reversed(rows)]


def test_a_need_meets_the_lots_on_offer_and_they_meet_it(store, clock, people):
    with store.write() as session:
        fits = publish_lot(session, clock=clock, seller=people["seller"])
        dear = publish_lot(
            session, clock=clock, seller=people["seller"],
            draft=a_draft(price=FixedPrice(price_fen_per_t=1_600_000)),
        )  # fmt: skip
        publish_lot(
            session, clock=clock, seller=people["seller"],
            draft=a_draft(grade_code="Talc", declared_mass_g=3_000_000),
        )  # fmt: skip
        publish_lot(session, clock=clock, seller=people["smelter"])
        need = a_need(session, clock=clock, buyer=people["smelter"])
    with store.read() as session:
        need = session.exec(select(Need)).one()
        found = lots_for(session, need, now=NOON)
        assert [(each.listing.code, each.fit.fits) for each in found] == [
            (fits.code, True), (dear.code, False),
        ]  # fmt: skip
        assert [each.point for each in found[1].fit.misses] == ["price"]
        row = offering(session, code=fits.code)
        back = needs_for(session, row, now=NOON)
        assert [(each.need.code, each.fit.fits) for each in back] == [(need.code, True)]
        assert not needs_for(session, row, now=need.ends_at)


def test_what_trade_calls_by_one_word_is_one_grade(store, clock, people):
    with store.read() as session:
        kin = catalogue.kin(session)
    assert ("ReMA", "Taint/Tabor") in kin["CN-trade", "CN-shulv"]
    assert kin["ReMA", "Tutu"] == {("ReMA", "Tutu")}
    with store.write() as session:
        lot = publish_lot(
            session, clock=clock, seller=people["seller"], draft=a_draft(grade_code="Taint/Tabor")
        )
        need = a_need(
            session, clock=clock, buyer=people["smelter"], grades=(("CN-trade", "CN-shulv"),)
        )
        assert [each.listing.code for each in lots_for(session, need, now=NOON)] == [lot.code]


def test_matching_asks_a_fixed_number_of_statements(store, clock, people):
    with store.write() as session:
        need = a_need(session, clock=clock, buyer=people["smelter"])
    asked = []
    for _round in range(2):
        with store.write() as session:
            for _each in range(3):
                publish_lot(session, clock=clock, seller=people["seller"])
        with store.read() as session, Counting(store) as counted:
            assert lots_for(session, need, now=NOON)
        asked.append(counted.statements)
    assert asked[0] == asked[1] <= 6


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"mass_g": 0}, MassOutOfBounds),
        ({"least_lot_g": 20_000_001}, LotsTooLarge),
        ({"ends_at": NOON + timedelta(minutes=59)}, BadTimes),
        ({"ends_at": NOON + timedelta(days=367)}, BadTimes),
        ({"forms": ("cake",)}, UnknownWord),
        ({"metal": "Au"}, UnknownWord),
        ({"grades": (("ReMA", "Barley"),)}, UnknownGrade),
        ({"most_distance_m": 0}, UnknownWord),
        ({"vat_rate_bp": 10_001}, UnknownWord),
        ({"note": "长" * 1001}, UnknownWord),
    ],
)
def test_a_need_that_cannot_be_met_is_refused(store, clock, people, changes, refusal):
    with pytest.raises(refusal), store.write() as session:
        a_need(session, clock=clock, buyer=people["smelter"], **changes)


def test_hazardous_waste_cannot_be_looked_for(store, clock, people):
    with store.read() as session:
        barred = [row for row in catalogue.grades(session) if "HW" in row.hazard]
    assert barred
    with pytest.raises(HazardousLot), store.write() as session:
        a_need(
            session, clock=clock, buyer=people["smelter"], metal=barred[0].metal,
            grades=((barred[0].system, barred[0].code),),
        )  # fmt: skip


def test_a_need_is_ended_by_its_buyer_alone_and_once(store, clock, people):
    with store.write() as session:
        code = a_need(session, clock=clock, buyer=people["smelter"]).code
        late = a_need(session, clock=clock, buyer=people["smelter"]).code
    with pytest.raises(NoSuchNeed), store.write() as session:
        end_need(session, clock=clock, need_code=code, buyer_id=people["rival"].organisation.key)
    buyer = people["smelter"].organisation.key
    for _twice in range(2):
        with store.write() as session:
            assert end_need(session, clock=clock, need_code=code, buyer_id=buyer).ended_at == NOON
    clock.advance(days=15)
    with pytest.raises(NeedIsOver), store.write() as session:
        end_need(session, clock=clock, need_code=late, buyer_id=buyer)
    with pytest.raises(NoSuchSite), store.write() as session:
        from_afar = people["rival"].site
        a_need(
            session, clock=clock, buyer=Party(**(vars_of(people["smelter"]) | {"site": from_afar}))
        )


def vars_of(party: Party) -> dict[str, object]:
    """The fields of a party."""
    return {name: getattr(party, name) for name in party.__dataclass_fields__}


def test_who_looks_and_who_offers_are_told_once(store, clock, people):
    with store.write() as session:
        early = publish_lot(session, clock=clock, seller=people["seller"])
    with store.write() as session:
        need = a_need(session, clock=clock, buyer=people["smelter"])
        a_need(session, clock=clock, buyer=people["rival"], most_fen_per_t=1)
    with store.write() as session:
        late = publish_lot(session, clock=clock, seller=people["hub"])
        publish_lot(
            session, clock=clock, seller=people["hub"],
            draft=a_draft(price=FixedPrice(price_fen_per_t=1_600_000)),
        )  # fmt: skip
    with store.read() as session:
        assert told(session, people["seller"]) == [("need-stated", need.code)]
        assert told(session, people["smelter"]) == [("need-hit", late.code)]
        assert told(session, people["rival"]) == []
        kept = outbox.after(session, names=["notice-given"])
        assert [row.body["subject"] for row in kept] == [need.code, late.code]
        assert early.code not in str([row.body for row in kept])


def test_a_saved_search_tells_of_each_new_lot_that_fits(store, clock, people):
    smelter = people["smelter"]
    with store.write() as session:
        for name, wanted, alert in (
            ("型材", BoardFilter(words="旧型材"), True),
            ("铜", BoardFilter(metal="Cu"), True),
            ("静", BoardFilter(metal="Al"), False),
        ):
            searches.save_search(
                session, clock=clock, organisation_id=smelter.organisation.key,
                person_id=smelter.person.key, name=name, wanted=wanted, alert=alert,
            )  # fmt: skip
    with store.write() as session:
        lot = publish_lot(session, clock=clock, seller=people["seller"])
        publish_lot(session, clock=clock, seller=smelter)
    with store.read() as session:
        rows = notices.inbox(session, organisation_id=smelter.organisation.key)
        assert [(row.kind, row.subject, row.facts["search"]) for row in rows] == [
            ("search-hit", lot.code, "型材")
        ]


WANTED = [
    BoardFilter(),
    BoardFilter(metal="Al"),
    BoardFilter(metal="Cu"),
    BoardFilter(grade_system="ReMA", grade_code="Tutu"),
    BoardFilter(form="bale"),
    BoardFilter(track="in_province", origin="post_consumer"),
    BoardFilter(price_mode="auction"),
    BoardFilter(prefecture="520100"),
    BoardFilter(prefecture="520300"),
    BoardFilter(mass_from_g=2_000_000, mass_to_g=2_000_000),
    BoardFilter(mass_from_g=2_000_001),
    BoardFilter(words="旧型材"),
    BoardFilter(words="tut 铝"),
    BoardFilter(words="utu"),
    BoardFilter(words="600"),
    BoardFilter(words="铜线"),
    BoardFilter(words="观山湖 型材", mass_to_g=3_000_000),
]


def test_the_board_and_an_alert_say_the_same(store, clock, people):
    """`search.fits` decides in Python what the board decides in SQL, over every filter and lot."""
    drafts = [
        a_draft(),
        a_draft(grade_code="Talc", form="bale", declared_mass_g=2_500_000, title="600 箱"),
        a_draft(price=FIXED, declared_mass_g=80_000),
        a_draft(metal="Cu", grade_code="Barley", origin="unknown"),
    ]
    with store.write() as session:
        for draft in drafts:
            publish_lot(session, clock=clock, seller=people["seller"], draft=draft)
    with store.read() as session:
        rows = session.exec(select(Listing, Auction).join_from(Listing, Auction)).all()
        for wanted in WANTED:
            board = {card.code for card in open_listings(session, now=NOON, wanted=wanted).cards}
            alert = {
                row.code
                for row, auction in rows
                if search.fits(wanted, row, auction, terms=search.terms_of(session, row))
            }
            assert board == alert, wanted


def test_a_search_is_kept_under_a_name_and_ended_by_its_own(store, clock, people):
    one, other = people["smelter"].organisation.key, people["rival"].organisation.key
    given = {"organisation_id": one, "person_id": people["smelter"].person.key, "clock": clock}
    with pytest.raises(SearchUnnamed), store.write() as session:
        searches.save_search(session, name="  ", wanted=BoardFilter(), **given)
    with store.write() as session:
        kept = searches.save_search(
            session, name="大", wanted=BoardFilter(mass_from_g=5, page=3, sort="price"), **given
        )
        assert kept.wanted == {"mass_from_g": 5}
    with pytest.raises(NoSuchSearch), store.write() as session:
        searches.end_search(session, clock=clock, code=kept.code, organisation_id=other)
    with store.write() as session:
        searches.end_search(session, clock=clock, code=kept.code, organisation_id=one)
        assert not searches.saved_searches(session, organisation_id=one)


def test_questions_are_public_and_answered_once_by_the_seller(store, clock, people):
    seller, asker, other = people["seller"], people["smelter"], people["rival"]
    with store.write() as session:
        lot = publish_lot(session, clock=clock, seller=seller)
        watching.watch(
            session, clock=clock, listing=lot, organisation_id=other.organisation.key,
            person_id=other.person.key,
        )  # fmt: skip
        question = questions.ask(
            session, clock=clock, offered=offering(session, code=lot.code), words="有漆吗？",
            asker_id=asker.organisation.key, person_id=asker.person.key,
        )  # fmt: skip
    said = {"clock": clock, "listing": lot, "question_code": question.code}
    with pytest.raises(NoSuchListing), store.write() as session:
        questions.answer(
            session,
            **said,
            seller_id=other.organisation.key,
            person_id=other.person.key,
            words="无",
        )
    answer = {"seller_id": seller.organisation.key, "person_id": seller.person.key, "words": "无漆"}
    with store.write() as session:
        questions.answer(session, **said, **answer)
    with pytest.raises(AlreadyAnswered), store.write() as session:
        questions.answer(session, **said, **answer)
    with store.read() as session:
        assert told(session, seller) == [("question-asked", lot.code)]
        assert told(session, asker) == [("question-answered", lot.code)]
        assert told(session, other) == [("question-answered", lot.code)]


def test_a_seller_asks_nothing_and_a_buyer_not_too_much(store, clock, people):
    with store.write() as session:
        lot = publish_lot(session, clock=clock, seller=people["seller"])

    def asked(party: Party) -> None:
        with store.write() as session:
            questions.ask(
                session, clock=clock, offered=offering(session, code=lot.code), words="？",
                asker_id=party.organisation.key, person_id=party.person.key,
            )  # fmt: skip

    with pytest.raises(OwnQuestion):
        asked(people["seller"])
    for _each in range(questions.MOST_UNANSWERED):
        asked(people["smelter"])
    with pytest.raises(TooManyQuestions):
        asked(people["smelter"])


def test_watchers_are_told_how_it_ends_and_the_buyer_is_not(store, clock, people):
    watcher, buyer = people["rival"], people["smelter"]
    with store.write() as session:
        taken = publish_lot(session, clock=clock, seller=people["seller"])
        for listing, party in ((taken, watcher), (taken, watcher)):
            watching.watch(
                session, clock=clock, listing=listing, organisation_id=party.organisation.key,
                person_id=party.person.key,
            )  # fmt: skip
    with store.write() as session:
        withdraw(
            session, clock=clock, listing_code=taken.code, person_id=people["seller"].person.key,
            seller_id=people["seller"].organisation.key,
        )  # fmt: skip
    with store.write() as session:
        sold = publish_lot(
            session, clock=clock, seller=people["seller"], draft=a_draft(price=FIXED)
        )
        for party in (watcher, buyer):
            watching.watch(
                session, clock=clock, listing=sold, organisation_id=party.organisation.key,
                person_id=party.person.key,
            )  # fmt: skip
    with store.write() as session:
        buy_now(
            session, clock=clock, listing_code=sold.code, buyer_id=buyer.organisation.key,
            person_id=buyer.person.key, deliver_to_site_id=buyer.site.key,
            price_fen_per_t=FIXED.price_fen_per_t,
        )  # fmt: skip
    with store.read() as session:
        listed = watching.watched(session, organisation_id=watcher.organisation.key)
        assert [row.listing.code for row in listed] == [sold.code, taken.code]
        assert told(session, watcher) == [
            ("watched-withdrawn", taken.code), ("watched-sold", sold.code),
        ]  # fmt: skip
        assert told(session, buyer) == []


def test_the_inbox_is_read_up_to_what_was_seen(store, clock, people):
    mine = people["smelter"].organisation.key

    def tell(subject: str) -> None:
        with store.write() as session:
            news = notices.News(
                organisation_id=mine, kind="need-hit", subject=subject, told_as=subject
            )
            assert len(notices.tell(session, [news, news], clock=clock)) == 1
            assert notices.tell(session, [news], clock=clock) == []

    tell("A")
    clock.advance(minutes=1)
    tell("B")
    with store.write() as session:
        assert notices.unread(session, organisation_id=mine) == 2
        notices.read(session, clock=clock, organisation_id=mine, until=NOON)
    with store.read() as session:
        rows = notices.inbox(session, organisation_id=mine)
        assert [(row.subject, row.read_at is None) for row in rows] == [("B", True), ("A", False)]
