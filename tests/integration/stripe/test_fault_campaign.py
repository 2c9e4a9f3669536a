"""Random fault schedules: whatever the provider does, each amount moves once and the books agree.

The suite plays a few; `make provider-faults SCHEDULES=10000` plays the long form.
"""

import itertools
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from remelt.platform.settlement.rails import stripe_hooks
from tests.fault_schedules import Schedule, a_campaign_desk, check_desk
from tests.provider import Desk

SCHEDULES = 30
ENOUGH = 60
RAILS = "remelt.platform.settlement.rails"


@pytest.fixture
def desk(sqlite_template: Path, tmp_path: Path) -> Iterator[Desk]:
    with a_campaign_desk(sqlite_template, tmp_path) as made:
        yield made


def test_money_moves_once_whatever_the_provider_does(desk):
    for seed in range(SCHEDULES):
        Schedule(desk, seed).run()
    check_desk(desk)


def a_key_of_its_own_each_call(patch):
    """The order's key is not what goes to the provider."""
    module = f"{RAILS}.stripe_rail._options"
    patch.setattr(module, lambda _order: {"idempotency_key": uuid.uuid4().hex})


def each_sight_is_entered_anew(patch):
    """What was seen before is not asked for, and the entry's key does not name the movement."""
    numbers = itertools.count()
    patch.setattr(f"{RAILS}.provider_taking.posted", lambda *_said, **_more: {})
    key = lambda provider, ref: f"{provider}:{ref}:{next(numbers)}"  # noqa: E731
    patch.setattr(f"{RAILS}.provider_posting.entry_key", key)


def nobody_looks_behind_an_error(patch):
    """An error that the provider keeps under the key is sent again once the key is forgotten."""
    patch.setattr(f"{RAILS}.stripe_rail.find", lambda *_said, **_more: None)


def fees_are_forgotten(patch):
    """What the provider keeps of a payment is not entered."""
    module = __import__(f"{RAILS}.stripe_looking", fromlist=["x"])
    look = module.look

    def without_fees(v1, **about):
        sight = look(v1, **about)
        moved = [replace(each, fee_minor=0) for each in sight.movements]
        return replace(sight, movements=tuple(moved))

    patch.setattr(f"{RAILS}.stripe_rail.look", without_fees)


def signatures_are_not_checked(patch):
    """Whatever is handed in as a notice is believed to be the provider's."""
    patch.setattr(
        f"{RAILS}.stripe_hooks._verified", lambda body, *_said, **_more: orjson.loads(body)
    )


def old_notices_are_taken(patch):
    """A signature of an hour ago counts."""
    patch.setattr(f"{RAILS}.stripe_hooks.TOLERANCE_S", 2 * 3_600)


def a_notice_is_kept_before_its_signature_is_checked(patch):
    """The refusal is answered, yet the notice stands in the table."""
    heard = Desk.hear

    def hear(desk, body, signature):
        with patch.context() as bare:
            signatures_are_not_checked(bare)
            fresh = heard(desk, body, "")
        stripe_hooks.read_news(body, signature, secrets=tuple(desk.secrets))
        return fresh

    patch.setattr(Desk, "hear", hear)


@pytest.mark.parametrize(
    ("planted", "first"),
    [
        (a_key_of_its_own_each_call, 0),
        (each_sight_is_entered_anew, 0),
        (nobody_looks_behind_an_error, 5),
        (fees_are_forgotten, 0),
        (signatures_are_not_checked, 0),
        (old_notices_are_taken, 0),
        (a_notice_is_kept_before_its_signature_is_checked, 0),
    ],
    ids=lambda said: getattr(said, "__name__", ""),
)
def test_a_fault_of_ours_is_found(desk, monkeypatch, planted, first):
    """Each is found within a few schedules; `first` only spares the suite those that pass."""
    planted(monkeypatch)
    with pytest.raises(AssertionError):
        for seed in range(first, first + ENOUGH):
            Schedule(desk, seed).run()
