"""What the clock ends: an end that fails is put off and told, and holds up no other."""

import pytest
from sqlmodel import Session

from remelt.platform.kernel import outbox
from remelt.platform.market import awarding
from remelt.platform.market.award_errors import NoSuchHoldup
from remelt.platform.market.ending import end_due, holdups, try_again
from remelt.platform.market.events import BiddingClosed
from remelt.platform.market.offerings import offering
from remelt.web.wiring import handlers
from tests.auctions import AuctionWorld
from tests.market import AUCTION

MANY = 60


@pytest.fixture
def world(store, clock, tmp_path):
    return AuctionWorld(store, clock, tmp_path / "keys")


@pytest.fixture
def broken(request, world, clock, monkeypatch):
    """Auctions whose close fails in another room, then a sound one; all of them are over."""
    codes = {world.publish(AUCTION) for _ in range(request.param)}
    world.publish(AUCTION)

    def fail(_session: Session, event: BiddingClosed) -> None:
        if event.listing_code in codes:
            raise KeyError(event.listing_code)

    answers = dict(handlers(clock)) | {BiddingClosed: [fail]}
    monkeypatch.setattr(world.store, "_handlers", answers)
    clock.advance(hours=2)
    return codes


def closed(world) -> int:
    with world.store.read() as session:
        return len(outbox.after(session, limit=1_000, names=["bidding-closed"]))


@pytest.mark.parametrize("broken", [MANY], indirect=True)
def test_sixty_closes_that_fail_hold_up_no_other(world, clock, broken):
    assert end_due(world.store, clock=clock) == 0, "the first round is full of those that fail"
    assert end_due(world.store, clock=clock) == 1, "the second takes the next"
    assert world.state() == "expired"
    with world.store.read() as session:
        found = holdups(session)
        assert {(row.kind, row.subject) for row in found} == {("auction", code) for code in broken}
        assert all(row.tries == 1 and "KeyError" in row.reason for row in found)
    assert end_due(world.store, clock=clock) == 0
    assert closed(world) == 1, "what failed left nothing behind"


@pytest.mark.parametrize("broken", [2], indirect=True)
def test_an_end_is_put_off_longer_each_time_and_leaves_the_desk_once_made(
    world, clock, broken, monkeypatch
):
    waits = []
    for _ in range(3):
        end_due(world.store, clock=clock)
        end_due(world.store, clock=clock)
        with world.store.read() as session:
            row = holdups(session)[0]
            waits.append((row.again_at - row.last_at).seconds)
        clock.set(row.again_at)
    assert waits == [20, 40, 80]
    monkeypatch.setattr(world.store, "_handlers", handlers(clock))
    with world.store.write() as session:
        again = try_again(session, clock=clock, kind="auction", subject=row.subject)
        assert again.again_at == clock.now()
    clock.advance(hours=1)
    assert end_due(world.store, clock=clock) == len(broken)
    with world.store.write() as session:
        assert holdups(session) == []
        with pytest.raises(NoSuchHoldup):
            try_again(session, clock=clock, kind="auction", subject=row.subject)


@pytest.mark.parametrize("broken", [1], indirect=True)
def test_what_is_put_off_may_be_ended_by_hand(world, clock, broken):
    end_due(world.store, clock=clock)
    with world.store.read() as session:
        code = holdups(session)[0].subject
        assert offering(session, code=code).auction.closed_at is None
    with world.store.read() as session:
        assert code not in awarding.due(session, now=clock.now(), but=[code])
