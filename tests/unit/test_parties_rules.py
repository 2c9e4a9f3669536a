"""What the parties' room refuses before it asks the database."""

from datetime import UTC, date, datetime

import pytest

from remelt.platform.kernel.errors import Refusal
from remelt.platform.parties import errors, rules
from remelt.platform.parties.models import Filing, Person, Site
from remelt.platform.parties.permissions import PERMISSIONS, ROLES, allows

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
TODAY = date(2026, 3, 2)


def a_site(**changes):
    facts = {
        "name_zh": "清镇分拣中心",
        "name_en": "Qingzhen hub",
        "adcode": "520181",
        "lat_e6": 26_559_000,
        "lon_e6": 106_470_000,
        "opens_min": 480,
        "closes_min": 1080,
    }
    return Site(**(facts | changes))


@pytest.mark.parametrize(
    ("changes", "refusal", "field"),
    [
        ({"adcode": "52018"}, errors.BadAdcode, "adcode"),
        ({"adcode": "５２０１８１"}, errors.BadAdcode, "adcode"),
        ({"lat_e6": 90_000_001}, errors.OffTheMap, "lat_e6"),
        ({"lon_e6": -180_000_001}, errors.OffTheMap, "lon_e6"),
        ({"lat_e6": None}, errors.OffTheMap, "lat_e6"),
        ({"lon_e6": None}, errors.OffTheMap, "lon_e6"),
        ({"opens_min": 1080}, errors.BadHours, "closes_min"),
        ({"opens_min": -1}, errors.BadHours, "closes_min"),
        ({"closes_min": 1441}, errors.BadHours, "closes_min"),
        ({"scale_division_g": 0}, errors.BadDivision, "scale_division_g"),
        ({"scale_division_g": 1_000_001}, errors.BadDivision, "scale_division_g"),
        ({"second_person_above_fen": -1}, errors.BadThreshold, "second_person_above_fen"),
    ],
)
def test_a_site_that_cannot_be_is_refused(changes, refusal, field):
    with pytest.raises(refusal) as refused:
        rules.check_site(a_site(**changes))
    assert refused.value.field == field


def test_a_site_without_position_scale_or_threshold_is_taken():
    rules.check_site(a_site(lat_e6=None, lon_e6=None))


@pytest.mark.parametrize(
    "text", ["", "  ", "ab", "a" * 33, "a b c", "-abc", "名字名字", "a\0bc", "a" * 100_000]
)
def test_a_login_is_refused(text):
    with pytest.raises(errors.BadLogin):
        rules.read_login(text)


def test_a_login_typed_full_width_or_in_capitals_is_the_same_login():
    assert rules.read_login(" Ｗang.Ｌ１ ") == "wang.l1"


@pytest.mark.parametrize("text", ["", " \t ", "废\0铝", "a" * 81, "a\u202eb", "铝" * 500_000])
def test_a_name_is_refused(text):
    with pytest.raises(errors.BadName):
        rules.read_name(text, field="name_zh", most=80)


def test_names_are_tidied():
    assert rules.read_name(" 清镇　分拣  ", field="name_zh", most=80) == "清镇 分拣"


@pytest.mark.parametrize(("text", "phone"), [("138 0013-8000", "13800138000"), ("", None)])
def test_a_telephone_number_is_read(text, phone):
    assert rules.read_phone(text) == phone


@pytest.mark.parametrize("text", ["123", "1" * 21, "13800x38000"])
def test_a_telephone_number_is_refused(text):
    with pytest.raises(errors.BadPhone):
        rules.read_phone(text)


def test_a_telephone_number_is_shown_masked():
    assert Person(phone="13800138000").masked_phone == "138****8000"
    assert Person(phone=None).masked_phone == ""


def test_productive_scrap_takes_an_authorisation():
    assert rules.may_buy({"productive_scrap"}, productive=True)
    assert not rules.may_buy({"mofcom", "public_security"}, productive=True)
    assert rules.may_buy(set(), productive=False)


@pytest.mark.parametrize(
    ("facts", "counts"),
    [
        ({"verified_at": NOON}, True),
        ({"verified_at": NOON, "valid_until": TODAY}, True),
        ({"verified_at": NOON, "valid_until": date(2026, 3, 1)}, False),
        ({"verified_at": NOON, "ended_at": NOON}, False),
        ({}, False),
    ],
)
def test_a_filing_counts_when_verified_and_in_date(facts, counts):
    assert rules.in_force(Filing(kind="mofcom", number="1", **facts), on=TODAY) is counts


def test_a_natural_person_is_a_collector_only():
    rules.check_role("natural_person", "collector")
    with pytest.raises(errors.RoleNotForNaturalPerson):
        rules.check_role("natural_person", "hub")


def test_permissions_name_known_roles():
    known = {*ROLES, "anyone", "member"}
    assert all(roles and roles <= known for roles in PERMISSIONS.values())


def test_a_permission_is_given_by_role():
    assert allows(None, "parties.register")
    assert allows("auditor", "parties.own")
    assert not allows(None, "parties.own")
    assert allows("operator", "parties.operate")
    assert not allows("hub", "parties.operate")
    with pytest.raises(KeyError):
        allows("hub", "parties.fly")


def test_public_codes_are_unique():
    codes = [e.code for e in vars(errors).values() if isinstance(e, type) and e is not Refusal]
    assert len(codes) == len(set(codes))
