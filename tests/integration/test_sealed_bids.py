"""Sealed bids: shut until both halves are together after the end; nothing kept tells a price."""

import os
import re
import subprocess
from datetime import timedelta

import pytest
from sqlmodel import select

from remelt.platform.kernel import outbox
from remelt.platform.kernel.idempotency import KeyReused
from remelt.platform.market import awarding, queries
from remelt.platform.market.award_errors import NoSuchHolder
from remelt.platform.market.errors import (
    BiddingOver,
    BiddingStillOpen,
    BidsStand,
    BidTooLow,
    LinkedBidder,
    NoSuchListing,
    OwnListing,
)
from remelt.platform.market.kinds import Conditions
from remelt.platform.market.listings import withdraw
from remelt.platform.market.models import Contract
from remelt.platform.market.offerings import offering
from remelt.platform.market.sealing.envelope import SealedOffer
from remelt.platform.market.sealing.errors import (
    AlreadyOpened,
    BidsStillSealed,
    HalfMissing,
    HalfNotGiven,
    HalfOfAnother,
    NotSealedYet,
    SealInUse,
)
from remelt.platform.market.sealing.models import AuctionSeal, Opening, SealedBid
from remelt.platform.parties.people import join
from tests.auctions import AuctionWorld
from tests.market import NOON
from tests.parties import a_party


@pytest.fixture
def world(store, clock, tmp_path):
    return AuctionWorld(store, clock, tmp_path / "keys" / "auctions")


def test_the_best_sealed_bid_wins_and_each_bidder_finds_its_receipt(world):
    world.sealed()
    world.seal()
    sent = [world.send(b, y) for b, y in zip(world.buyers, (15_000, 15_237, 14_800), strict=True)]
    assert world.state() == "open"
    world.clock.advance(hours=2)
    assert world.state() == "sealed"
    told = world.open()
    assert [each.split(":")[0] for each in told.read] == [each.receipt for each in sent]
    assert world.state() == "awarded"
    with world.store.read() as session:
        sold = session.exec(select(Contract)).one()
        assert sold.buyer_id == world.buyers[1].organisation.key
        assert sold.price_fen_per_t == 1_523_700
        read = session.exec(select(Opening).order_by(Opening.id)).all()
        assert sorted(each.place for each in read) == [1, 2, 3]
        for each, line in zip(read, told.read, strict=True):
            price = session.get_one(SealedBid, each.sealed_bid_id)
            assert line == f"{price.receipt}:{each.digest}"
        best = next(each for each in read if each.place == 1)
        assert SealedOffer(1_523_700, best.blind).digest() == best.digest


def test_the_last_envelope_of_a_bidder_counts_and_the_earlier_stay_shut(world):
    world.sealed()
    world.seal()
    first = world.send(world.buyers[0], 16_000)
    world.send(world.buyers[1], 15_000)
    world.send(world.buyers[0], 14_500)
    world.clock.advance(hours=2)
    told = world.open()
    assert told.replaced == (first.receipt,)
    assert len(told.read) == 2
    with world.store.read() as session:
        assert session.exec(select(Contract)).one().price_fen_per_t == 1_500_000


def test_nobody_opens_before_the_end(world):
    world.sealed()
    world.seal()
    world.send(world.buyers[0], 15_000)
    world.clock.advance(minutes=59, seconds=59)
    with pytest.raises(BidsStillSealed):
        world.open()
    with world.store.write() as session, pytest.raises(BiddingStillOpen):
        awarding.award(session, clock=world.clock, listing_code=world.code)
    world.clock.advance(seconds=1)
    with world.store.write() as session, pytest.raises(BidsStillSealed):
        awarding.award(session, clock=world.clock, listing_code=world.code)
    world.open()


def test_an_envelope_after_the_end_is_refused(world):
    world.sealed()
    world.seal()
    world.clock.advance(hours=1)
    with pytest.raises(BiddingOver):
        world.send(world.buyers[0], 15_000)


def test_a_missing_or_wrong_half_is_a_named_refusal_and_changes_nothing(world):
    world.sealed()
    world.seal()
    earlier = world.half
    world.seal()
    world.send(world.buyers[0], 15_000)
    world.clock.advance(hours=2)
    for half, refusal in (("", HalfNotGiven), (earlier, HalfOfAnother)):
        with pytest.raises(refusal):
            world.open(half=half)
    kept = {path: path.read_bytes() for path in world.folder.folder.iterdir()}
    for path in kept:
        path.unlink()
    with pytest.raises(HalfMissing):
        world.open()
    assert world.state() == "sealed"
    for path, content in kept.items():
        path.write_bytes(content)
    world.open()
    with pytest.raises(AlreadyOpened):
        world.open()


def test_only_the_named_holder_makes_and_presents_the_half(world, clock):
    with world.store.write() as session:
        office = a_party(session, clock=clock, role="regulator")
    world.sealed(holder=office)
    with pytest.raises(NoSuchListing):
        world.seal()
    world.seal(holder=office)
    world.send(world.buyers[0], 15_000)
    world.clock.advance(hours=2)
    with pytest.raises(NoSuchListing):
        world.open()
    world.open(holder=office)
    assert world.state() == "awarded"


def test_a_bidder_cannot_be_the_holder(world):
    with pytest.raises(NoSuchHolder):
        world.sealed(holder=world.buyers[0])


def test_without_a_key_no_envelope_is_taken_and_with_one_no_new_key_is_made(world):
    world.sealed()
    with pytest.raises(NotSealedYet):
        world.send(world.buyers[0], 15_000)
    world.seal()
    world.send(world.buyers[0], 15_000)
    with pytest.raises(SealInUse):
        world.seal()


def test_who_may_not_buy_may_not_seal(world, clock):
    world.sealed()
    world.seal()
    with pytest.raises(OwnListing):
        world.send(world.seller, 15_000)
    with world.store.write() as session:
        join(
            session, clock=clock, person_id=world.seller.person.key,
            organisation_id=world.buyers[0].organisation.key, role="smelter",
        )  # fmt: skip
    with pytest.raises(LinkedBidder):
        world.send(world.buyers[0], 15_000)
    with pytest.raises(BidTooLow):
        world.send(world.buyers[1], 13_999)


def test_the_same_key_gets_the_same_answer_and_another_offer_is_refused(world):
    world.sealed()
    world.seal()
    one = world.send(world.buyers[0], 15_000, key="the-very-same-random-key")
    again = world.send(world.buyers[0], 15_000, key="the-very-same-random-key")
    assert (one.id, one.receipt) == (again.id, again.receipt)
    with pytest.raises(KeyReused):
        world.send(world.buyers[0], 15_001, key="the-very-same-random-key")
    with pytest.raises(KeyReused):
        world.send(world.buyers[1], 15_000, key="the-very-same-random-key")


def test_a_seller_cannot_take_back_what_is_sealed(world):
    world.sealed()
    world.seal()
    world.send(world.buyers[0], 15_000)
    for hours in (0, 2):
        world.clock.advance(hours=hours)
        with world.store.write() as session, pytest.raises(BidsStand):
            withdraw(
                session, clock=world.clock, listing_code=world.code,
                seller_id=world.seller.organisation.key, person_id=world.seller.person.key,
            )  # fmt: skip


def test_bids_that_nobody_opens_in_time_sell_nothing_and_free_the_lot(world):
    world.sealed(open_within_s=3_600)
    world.seal()
    world.send(world.buyers[0], 15_000)
    for hours, closed, state in ((1, 0, "sealed"), (1, 1, "expired")):
        world.clock.advance(hours=hours)
        with world.store.write() as session:
            assert awarding.close_due(session, clock=world.clock) == closed
        assert world.state() == state
    with world.store.read() as session:
        assert not queries.stands_over(session, lot_code=world.lot)
    with pytest.raises(AlreadyOpened):
        world.open()


def test_an_opening_after_its_time_is_late_whether_or_not_the_close_was_recorded(world):
    world.sealed(open_within_s=3_600)
    world.seal()
    world.send(world.buyers[0], 15_000)
    world.clock.advance(hours=2)
    with pytest.raises(BiddingOver):
        world.open()
    assert world.state() == "expired"


def test_the_reserve_holds_against_what_was_sealed(world):
    world.sealed(reserve_fen_per_t=1_600_000)
    world.seal()
    world.send(world.buyers[0], 15_000)
    world.clock.advance(hours=2)
    world.open()
    assert world.state() == "expired"


def test_freight_and_carbon_decide_between_sealed_bids(world):
    world.sealed(conditions=Conditions(freight_fen_per_tkm=100, carbon_fen_per_t=6_000))
    with world.store.write() as session:
        for party, lat in ((world.seller, 26_600_000), (world.buyers[0], 27_600_000),
                           (world.buyers[1], 26_700_000)):  # fmt: skip
            site = session.merge(party.site)
            site.lat_e6, site.lon_e6 = lat, 106_700_000
            session.add(site)
    world.seal()
    world.send(world.buyers[0], 15_100)
    world.send(world.buyers[1], 15_050)
    world.clock.advance(hours=2)
    world.open()
    with world.store.read() as session:
        assert session.exec(select(Contract)).one().buyer_id == world.buyers[1].organisation.key


CANARIES = (14_872, 15_319)


def canary_forms(yuan: int) -> list[bytes]:
    """How the price could stand somewhere: in yuan, in fen, as eight bytes."""
    fen = yuan * 100
    return [str(yuan).encode(), str(fen).encode(), f"{yuan:,}".encode(),
            fen.to_bytes(8, "big"), fen.to_bytes(8, "little")]  # fmt: skip


def stands(form: bytes, kept: bytes) -> bool:
    """Tell whether a price stands somewhere by itself, not inside a code, a hash or a key."""
    return re.search(rb"(?<![0-9A-Za-z])%s(?![0-9A-Za-z])" % re.escape(form), kept) is not None


def everything_kept(database_url: str, tmp_path) -> bytes:
    """The dump of a database, and its files where it has some: what a backup would hold."""
    if database_url.startswith("sqlite"):
        files = sorted(tmp_path.glob("remelt.db*"))
        return b"\n".join(path.read_bytes() for path in files)
    name, _, host = database_url.removeprefix("postgresql+psycopg://remelt@/").partition("?host=")
    binaries = max(os.scandir("/usr/lib/postgresql"), key=lambda each: int(each.name)).path
    return subprocess.run(
        [f"{binaries}/bin/pg_dump", "-U", "remelt", "-h", host, name], check=True,
        capture_output=True,
    ).stdout  # fmt: skip


def test_canary_bids_stand_in_no_dump_and_no_log_until_they_are_opened(
    world, database_url, tmp_path, capfd
):
    world.sealed()
    world.seal()
    for buyer, yuan in zip(world.buyers, CANARIES, strict=False):
        world.send(buyer, yuan, key=f"random-key-of-{buyer.organisation.code}")
    with pytest.raises(KeyReused):
        world.send(
            world.buyers[0], CANARIES[1], key=f"random-key-of-{world.buyers[0].organisation.code}"
        )
    kept = everything_kept(database_url, tmp_path) + "".join(capfd.readouterr()).encode()
    assert world.code.encode() in kept
    for yuan in CANARIES:
        assert [form for form in canary_forms(yuan)[:3] if stands(form, kept)] == []
    assert b"random-key-of" not in kept
    world.clock.advance(hours=2)
    world.open()
    kept = everything_kept(database_url, tmp_path)
    assert stands(str(CANARIES[0] * 100).encode(), kept) or database_url.startswith("sqlite")


def test_with_all_that_is_kept_and_one_half_nothing_opens(world):
    world.sealed()
    key = world.seal()
    world.send(world.buyers[0], 15_000)
    with world.store.read() as session:
        kept = session.exec(select(AuctionSeal)).one()
        envelope = session.exec(select(SealedBid)).one()
        stored = repr(kept.model_dump()) + repr(envelope.model_dump())
        stored += repr([row.body for row in outbox.after(session, limit=1_000)])
    half = key.given.split(".")[2]
    assert half not in stored
    assert key.kept.hex() not in stored
    assert [path.read_bytes() for path in world.folder.folder.iterdir()] == [key.kept]


def test_every_time_is_of_the_clock_under_the_lock(world):
    world.sealed()
    world.seal()
    world.send(world.buyers[0], 15_000)
    with world.store.read() as session:
        assert session.exec(select(SealedBid)).one().placed_at == NOON
        assert offering(session, code=world.code).auction.open_by == NOON + timedelta(hours=73)
