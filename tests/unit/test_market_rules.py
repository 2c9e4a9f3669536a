"""What the market refuses, rule by rule; no database."""

from dataclasses import replace
from datetime import timedelta

import pytest

from remelt.platform.market.drafts import (
    MOST_PHOTOS,
    Ascending,
    FixedPrice,
    GradeFacts,
    check_draft,
    is_barred,
)
from remelt.platform.market.errors import (
    AlreadySold,
    BadTimes,
    BadTrack,
    BidsStand,
    CertificateMissing,
    HazardousLot,
    MassOutOfBounds,
    NotScreened,
    PriceOutOfBounds,
    ReserveUnderStart,
    StepsUnfit,
    TermUnfit,
    TooManyPhotos,
    TooSmallForAuction,
    UnknownGrade,
    UnknownWord,
)
from remelt.platform.market.kinds import Conditions, Descending
from remelt.platform.market.listings import check_withdrawal
from remelt.platform.market.state import state_of
from tests.market import AUCTION, FIXED, NOON, a_draft, an_auction

MINUTE = timedelta(minutes=1)
FALLING = Descending(
    start_fen_per_t=200, floor_fen_per_t=100, lower_by_fen_per_t=10, lower_every_s=60,
    step_fen_per_t=1,
)  # fmt: skip
PROFILE = GradeFacts(metal="Al", hazard="")


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
        ({"price": replace(AUCTION, tick_fen_per_t=3_000)}, StepsUnfit),
        ({"price": replace(AUCTION, bands=((1_400_000, 10_000),))}, StepsUnfit),
        ({"price": replace(AUCTION, bands=((1_600_000, 1), (1_500_000, 1)))}, StepsUnfit),
        ({"price": replace(AUCTION, bands=((1_600_000, 500),), tick_fen_per_t=1_000)}, StepsUnfit),
        ({"price": replace(AUCTION, bands=((1_600_000, 0),))}, PriceOutOfBounds),
        ({"price": replace(AUCTION, bands=((1_600_000, 4_000),))}, StepsUnfit),
        ({"price": replace(AUCTION, most_rise_fen_per_t=0)}, PriceOutOfBounds),
        ({"price": FIXED, "conditions": Conditions(pay_s=3_600)}, TermUnfit),
        ({"price": FIXED, "conditions": Conditions(verify_s=3_600)}, TermUnfit),
        ({"price": FIXED, "conditions": Conditions(reserve_open=True)}, TermUnfit),
        ({"conditions": Conditions(freight_fen_per_tkm=1)}, TermUnfit),
        ({"price": FALLING, "conditions": Conditions(carbon_fen_per_t=1)}, TermUnfit),
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
