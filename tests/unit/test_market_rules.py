"""What the market refuses, rule by rule; no database."""

from datetime import date, timedelta
from itertools import product

import pytest

from remelt.platform.kernel.errors import Refusal
from remelt.platform.market.bidding import (
    Offer,
    check_bid,
    check_purchase,
    extended_close,
    least_bid,
)
from remelt.platform.market.drafts import (
    MOST_PHOTOS,
    Ascending,
    FixedPrice,
    GradeFacts,
    check_draft,
    is_barred,
)
from remelt.platform.market.eligibility import Buyer
from remelt.platform.market.errors import (
    AlreadySold,
    BadTimes,
    BadTrack,
    BiddingNotOpen,
    BiddingOver,
    BidsStand,
    BidTooLow,
    CertificateMissing,
    HazardousLot,
    LinkedBidder,
    ListingIsWithdrawn,
    MassOutOfBounds,
    NotAnAuction,
    NotAtFixedPrice,
    NotScreened,
    OwnListing,
    PriceChanged,
    PriceOutOfBounds,
    ReserveUnderStart,
    TooManyPhotos,
    TooSmallForAuction,
    UnfitForProductive,
    UnknownGrade,
    UnknownWord,
)
from remelt.platform.market.listings import check_withdrawal
from remelt.platform.market.state import state_of
from tests.market import NOON, a_draft, an_auction
from tests.oracle import Oracle

MINUTE = timedelta(minutes=1)
PROFILE = GradeFacts(metal="Al", hazard="")


def an_offer(price: int = 1_400_000, **buyer: object) -> Offer:
    return Offer(buyer=Buyer(**{"id": 2, "code": "B", **buyer}), price_fen_per_t=price)


@pytest.mark.parametrize(
    ("changes", "offer", "refusal"),
    [
        ({"owner_id": 2}, an_offer(), OwnListing),
        ({}, an_offer(linked=frozenset({1})), LinkedBidder),
        ({"authorised_only": True}, an_offer(), UnfitForProductive),
        ({"authorised_only": True}, an_offer(authorised_to=date(2026, 3, 1)), UnfitForProductive),
        ({"closes_at": NOON}, an_offer(), BiddingOver),
        ({"closed_at": NOON - MINUTE}, an_offer(), BiddingOver),
        ({"opens_at": NOON + MINUTE}, an_offer(), BiddingNotOpen),
        ({"withdrawn_at": NOON - MINUTE}, an_offer(), ListingIsWithdrawn),
        ({"awarded_at": NOON - MINUTE}, an_offer(), AlreadySold),
        ({"kind": "fixed"}, an_offer(), NotAnAuction),
        ({}, an_offer(1_399_999), BidTooLow),
        ({"leading_fen_per_t": 1_400_000}, an_offer(1_404_999), BidTooLow),
    ],
)
def test_a_bid_is_refused(changes, offer, refusal):
    with pytest.raises(refusal):
        check_bid(an_auction(**changes), offer=offer, now=NOON)


@pytest.mark.parametrize(
    ("changes", "offer"),
    [
        ({}, an_offer()),
        ({"leading_fen_per_t": 1_400_000}, an_offer(1_405_000)),
        ({"authorised_only": True}, an_offer(authorised_to=date(2026, 3, 2))),
        ({"reserve_fen_per_t": 9_000_000}, an_offer()),
    ],
)
def test_a_bid_is_taken(changes, offer):
    check_bid(an_auction(**changes), offer=offer, now=NOON)


@pytest.mark.parametrize(
    ("changes", "offer", "refusal"),
    [
        ({}, an_offer(1_450_001), PriceChanged),
        ({}, an_offer(1_449_999), PriceChanged),
        ({"kind": "ascending"}, an_offer(1_450_000), NotAtFixedPrice),
        ({"awarded_at": NOON}, an_offer(1_450_000), AlreadySold),
        ({"owner_id": 2}, an_offer(1_450_000), OwnListing),
    ],
)
def test_a_purchase_is_refused(changes, offer, refusal):
    facts = {"kind": "fixed", "start_fen_per_t": 1_450_000, "step_fen_per_t": None}
    with pytest.raises(refusal):
        check_purchase(an_auction(**(facts | changes)), offer=offer, now=NOON)


def test_a_refusal_never_holds_the_reserve():
    auction = an_auction(reserve_fen_per_t=1_777_777)
    with pytest.raises(BidTooLow) as refused:
        check_bid(auction, offer=an_offer(1), now=NOON)
    assert "1777777" not in str(refused.value)
    assert refused.value.facts["least_fen_per_t"] == least_bid(auction) == 1_400_000


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"form": "heap"}, UnknownWord),
        ({"origin": "internal"}, UnknownWord),
        ({"track": "abroad"}, UnknownWord),
        ({"title": "x" * 121}, UnknownWord),
        ({"description": "a\0b"}, UnknownWord),
        ({"metal": "Cu"}, UnknownGrade),
        ({"hazard_free": False}, NotScreened),
        ({"radiation_checked": False}, NotScreened),
        ({"no_sealed_vessels": False}, NotScreened),
        ({"productive": True}, CertificateMissing),
        ({"productive": True, "certificate": "  "}, CertificateMissing),
        ({"declared_mass_g": 999}, MassOutOfBounds),
        ({"declared_mass_g": -1}, MassOutOfBounds),
        ({"declared_mass_g": 10**11}, MassOutOfBounds),
        ({"declared_mass_g": 999_999}, TooSmallForAuction),
        ({"price": FixedPrice(price_fen_per_t=0)}, PriceOutOfBounds),
        ({"price": FixedPrice(price_fen_per_t=100_000_001)}, PriceOutOfBounds),
        ({"price": Ascending(start_fen_per_t=0, step_fen_per_t=1)}, PriceOutOfBounds),
        ({"price": Ascending(start_fen_per_t=1, step_fen_per_t=0)}, PriceOutOfBounds),
        (
            {"price": Ascending(start_fen_per_t=2, step_fen_per_t=1, reserve_fen_per_t=1)},
            ReserveUnderStart,
        ),
        ({"vat_rate_bp": 10_001}, UnknownWord),
        ({"closes_at": NOON}, BadTimes),
        ({"closes_at": NOON + timedelta(days=31)}, BadTimes),
        ({"opens_at": NOON - MINUTE}, BadTimes),
        ({"origin_area": "51"}, BadTrack),
        ({"track": "out_of_province"}, BadTrack),
        ({"track": "out_of_province", "origin_area": "MY"}, BadTrack),
        ({"track": "import", "origin_area": "51"}, BadTrack),
        ({"track": "import", "origin_area": "CN"}, BadTrack),
    ],
)
def test_a_draft_is_refused(changes, refusal):
    with pytest.raises(refusal) as refused:
        check_draft(a_draft(**changes), grade=PROFILE, site_adcode="520115", photos=0, now=NOON)
    assert refused.value.field is not None


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"declared_mass_g": 999_999, "price": FixedPrice(price_fen_per_t=1)},
        {"track": "out_of_province", "origin_area": "51"},
        {"track": "import", "origin_area": "MY"},
        {"productive": True, "certificate": "黔工 2026-17"},
    ],
)
def test_a_draft_is_taken(changes):
    check_draft(a_draft(**changes), grade=PROFILE, site_adcode="520115", photos=12, now=NOON)


def test_more_photos_than_an_auction_takes_are_refused():
    with pytest.raises(TooManyPhotos):
        check_draft(
            a_draft(), grade=PROFILE, site_adcode="520115", photos=MOST_PHOTOS + 1, now=NOON
        )


@pytest.mark.parametrize(
    ("hazard", "barred"),
    [
        ("HW31 900-052-31 in China", True),
        ("HW48 321-026-48 in China dross", True),
        ("check HW22/HW48", True),
        ("explosive/weapon rules: prohibited for collectors in China", True),
        ("fire: Mg/oil", False),
        ("", False),
    ],
)
def test_hazardous_waste_stays_out_of_the_normal_market(hazard, barred):
    assert is_barred(hazard) == barred
    if barred:
        with pytest.raises(HazardousLot):
            check_draft(
                a_draft(),
                grade=GradeFacts(metal="Al", hazard=hazard),
                site_adcode="520115",
                photos=0,
                now=NOON,
            )


@pytest.mark.parametrize(
    ("left", "hard", "close"),
    [
        (timedelta(minutes=10), 40, timedelta(minutes=10)),
        (timedelta(seconds=120), 40, timedelta(seconds=120)),
        (timedelta(seconds=119), 40, timedelta(seconds=120)),
        (timedelta(seconds=30), 1, timedelta(minutes=1)),
        (timedelta(seconds=30), 0.5, timedelta(seconds=30)),
    ],
)
def test_a_late_bid_moves_the_close_but_never_past_the_hard_one(left, hard, close):
    auction = an_auction(closes_at=NOON + left, hard_close_at=NOON + timedelta(minutes=hard))
    assert extended_close(auction, now=NOON) == NOON + close


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"awarded_at": NOON}, AlreadySold),
        ({"bid_count": 1}, BidsStand),
        ({"bid_count": 1, "closes_at": NOON}, BidsStand),
        ({"bid_count": 0}, None),
        ({"bid_count": 1, "closes_at": NOON, "closed_at": NOON, "auto_award": False}, None),
    ],
)
def test_a_bid_that_stands_binds_the_seller(changes, refusal):
    if refusal is None:
        check_withdrawal(an_auction(**changes), now=NOON)
        return
    with pytest.raises(refusal):
        check_withdrawal(an_auction(**changes), now=NOON)


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"opens_at": NOON + MINUTE}, "published"),
        ({}, "open"),
        ({"closes_at": NOON + 11 * MINUTE}, "extending"),
        ({"closes_at": NOON}, "expired"),
        ({"closes_at": NOON, "leading_fen_per_t": 1}, "closed"),
        ({"closes_at": NOON, "leading_fen_per_t": 1, "reserve_fen_per_t": 2}, "expired"),
        ({"closes_at": NOON, "awarded_at": NOON}, "awarded"),
        ({"closes_at": NOON, "withdrawn_at": NOON}, "withdrawn"),
    ],
)
def test_the_state_is_read_off_the_facts(changes, state):
    assert state_of(an_auction(**changes), now=NOON) == state


def test_what_has_no_auction_yet_is_a_draft():
    assert state_of(None, now=NOON) == "draft"


def verdict(auction, offer, *, now) -> str:
    try:
        check_bid(auction, offer=offer, now=now)
    except Refusal as refused:
        return refused.code
    return ""


def test_rule_and_oracle_agree_on_every_bid_of_a_grid():
    prices = (1_399_999, 1_400_000, 1_404_999, 1_405_000, 1_500_000)
    moments = (NOON, NOON + 9 * MINUTE, NOON + 10 * MINUTE - timedelta(microseconds=1))
    for first, second, bidder, at in product(
        prices, prices, (1, 2, 3), (*moments, NOON + 10 * MINUTE)
    ):
        auction = an_auction()
        oracle = Oracle(
            seller=1,
            start=1_400_000,
            step=5_000,
            closes=auction.closes_at,
            hard_close=auction.hard_close_at,
            extension=timedelta(seconds=120),
        )
        for who, price, when in ((2, first, NOON), (bidder, second, at)):
            said = oracle.hear(bidder=who, price=price, at=when)
            assert said == verdict(auction, an_offer(price, id=who), now=when)
            if not said:
                auction.closes_at = extended_close(auction, now=when)
                auction.leading_fen_per_t = price
            assert auction.closes_at == oracle.closes
