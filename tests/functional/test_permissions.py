"""Every route, asked by every role, about its own and another organisation's objects.

What is expected stands in permissions.csv, apart from the table that decides. A route that is not
there fails: `python -m tools.permissions` prints its present answers for review.
"""

from datetime import UTC, datetime

import pytest

from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.codes import new_code
from remelt.platform.parties.permissions import OPERATOR
from tests.walk import FILE, HEAD, REFUSED, WALKERS, NoValue, Walk, doors, leaks, reviewed
from tests.world import World, build_world

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return build_world(tmp_path_factory.mktemp("world"), clock=SimulatedClock(NOON))


def test_every_route_answers_as_reviewed(world: World):
    walk = Walk(world, home=world.app.extensions["remelt"].settings.home)
    expected = reviewed()
    wrong: list[str] = []
    for door, rule in doors(world):
        row = expected.pop(door, None)
        if row is None:
            wrong.append(f"{door}: not in permissions.csv")
            continue
        for walker in WALKERS:
            try:
                told = walk.tell(door, rule, walker=walker)
            except NoValue as reason:
                wrong.append(f"{door}: {reason}")
                break
            at = f"{door.method} {door.route} [{door.relation}] as {walker}"
            if told.word != row[walker]:
                wrong.append(f"{at}: {told.word} ({told.status}), reviewed as {row[walker]}")
            if told.word in REFUSED and told.changed:
                wrong.append(f"{at}: refused, yet a row changed")
            if told.word in REFUSED:
                wrong += [f"{at}: the refusal shows {t}" for t in leaks(world, told, walker=walker)]
    wrong += [f"{door}: in permissions.csv, but no such route" for door in expected]
    assert not wrong, "\n".join(wrong)


def test_a_door_is_reviewed_once():
    lines = FILE.read_text().splitlines()[1:]
    assert len(lines) == len(reviewed())


def test_no_reviewed_answer_is_a_fault():
    for door, row in reviewed().items():
        assert set(row) == set(HEAD)
        assert {row[w] for w in WALKERS} <= REFUSED | {"ok"}, door


def test_who_left_has_no_more_than_an_account():
    for door, row in reviewed().items():
        if row["leaver"] == "ok" and row["nobody"] != "ok":
            assert door.route.startswith(("/account", "/workplace")), door


def test_whoever_sends_what_cannot_be_read_hears_first_that_there_is_no_such_thing(world: World):
    let_in = {
        door.route: walker
        for door, row in reviewed().items()
        for walker in WALKERS
        if door.method == "POST" and row[walker] in {"ok", "none"}
    }
    asked, wrong = 0, []
    for rule in world.app.url_map.iter_rules():
        if not rule.rule.startswith("/api/v1/") or "POST" not in (rule.methods or ()):
            continue
        if not rule.arguments:
            continue
        words = {
            name: 99 if name == "seq" else "verified" if name == "step" else new_code()
            for name in rule.arguments
        }
        with world.app.test_request_context():
            address = world.app.url_map.bind("localhost").build(rule.endpoint, words)
        # the operator made the payout itself: its own it may not confirm, of another there is none
        browser, _csrf = world.browser(let_in.get(rule.rule, OPERATOR))
        answer = browser.post(
            address, json={"no such field": 1}, headers={"Sec-Fetch-Site": "same-origin"}
        )
        asked += 1
        if answer.status_code != 404:
            wrong.append(f"{rule.rule}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    assert asked > 70
