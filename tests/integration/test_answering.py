"""Small lots answered with board prices: told to yards nearby, answered by one press, sold."""

import pytest
from sqlmodel import select

from remelt.platform.market import boards
from remelt.platform.market.answering import answer_with_board, board_offers
from remelt.platform.market.drafts import FixedPrice
from remelt.platform.market.following.errors import NoBoardAnswer
from remelt.platform.market.models import Contract
from remelt.platform.market.offerings import offering
from remelt.platform.market.proposals.haggling import accept
from remelt.platform.parties import notices
from tests.market import NOON, a_draft, publish_lot
from tests.parties import Party, a_party

SMALL = {"declared_mass_g": 300_000, "price": FixedPrice(price_fen_per_t=1_400_000)}


@pytest.fixture
def people(store, clock) -> dict[str, Party]:
    with store.write() as session:
        return {
            "seller": a_party(session, clock=clock),
            "near": a_party(session, clock=clock, role="hub"),
            "better": a_party(session, clock=clock, role="hub"),
            "far": a_party(session, clock=clock, role="hub", lat_e6=23_000_000),
        }


def hang(store, clock, yard: Party, yuan: int | None, **line) -> None:
    said = {"grade_system": "ReMA", "grade_code": "Tutu", "with_invoice": False}
    with store.write() as session:
        boards.set_price(
            session, clock=clock, site_id=yard.site.key, organisation_id=yard.organisation.key,
            person_id=yard.person.key, price_fen_per_t=None if yuan is None else yuan * 100,
            **(said | line),
        )  # fmt: skip


def told(store, party: Party) -> list[str]:
    with store.read() as session:
        return [n.kind for n in notices.inbox(session, organisation_id=party.organisation.key)]


def test_a_small_lot_is_sold_at_the_best_board_price(store, clock, people):
    hang(store, clock, people["near"], 13_000)
    hang(store, clock, people["near"], 13_900, tier_from_g=500_000)
    hang(store, clock, people["better"], 13_100)
    hang(store, clock, people["better"], 13_600, tier_from_g=200_000)
    hang(store, clock, people["far"], 19_000)
    with store.write() as session:
        lot = publish_lot(session, clock=clock, seller=people["seller"], draft=a_draft(**SMALL))
    assert told(store, people["near"]) == told(store, people["better"]) == ["small-lot"]
    assert told(store, people["far"]) == []
    with store.read() as session:
        found = board_offers(session, offering(session, code=lot.code), at=NOON)
        assert [(each.site.id, each.line.price_fen_per_t) for each in found] == [
            (people["better"].site.id, 1_360_000), (people["near"].site.id, 1_300_000),
        ]  # fmt: skip
    made = {}
    for name in ("near", "better"):
        with store.write() as session:
            made[name] = answer_with_board(
                session, clock=clock, listing_code=lot.code,
                buyer_id=people[name].organisation.key, person_id=people[name].person.key,
            ).code  # fmt: skip
    assert told(store, people["seller"]) == ["price-named", "price-named"]
    with store.write() as session:
        accept(
            session, clock=clock, proposal_code=made["better"],
            organisation_id=people["seller"].organisation.key,
            person_id=people["seller"].person.key,
        )  # fmt: skip
        sold = session.exec(select(Contract)).one()
    assert (sold.price_fen_per_t, sold.deliver_to_site_id) == (1_360_000, people["better"].site.id)


@pytest.mark.parametrize(
    ("line", "lot"),
    [
        ({"grade_code": "Talc"}, {}),
        ({"with_invoice": True, "vat_rate_bp": 1300}, {}),
        ({"tier_from_g": 300_001}, {}),
        ({}, {"declared_mass_g": 1_000_000}),
        ({}, {"tax_included": True, "vat_rate_bp": 1300}),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_board_that_does_not_price_the_lot_gives_no_answer(store, clock, people, line, lot):
    yard = people["near"]
    hang(store, clock, yard, 13_000, **line)
    with store.write() as session:
        made = publish_lot(
            session, clock=clock, seller=people["seller"], draft=a_draft(**(SMALL | lot))
        )
    with pytest.raises(NoBoardAnswer), store.write() as session:
        answer_with_board(
            session, clock=clock, listing_code=made.code, buyer_id=yard.organisation.key,
            person_id=yard.person.key,
        )  # fmt: skip
    assert told(store, yard) == []
