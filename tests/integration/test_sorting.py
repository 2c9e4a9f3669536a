"""The hub sorts, splits and blends: outputs and losses are inputs, in grams."""

from datetime import timedelta

import pytest
from sqlmodel import col, func, select

from remelt.platform.kernel.outbox import OutboxRow
from remelt.platform.market.awarding import pass_title
from remelt.platform.market.bidding import buy_now
from remelt.platform.market.listings import StockLot, publish_stock, withdraw
from remelt.platform.market.models import Listing
from remelt.platform.works import queries
from remelt.platform.works.errors import (
    DifferenceNotNamed,
    LotOffered,
    MassNotGiven,
    MixedOwners,
    NothingToWork,
    NotInCustody,
    SiteCannot,
    WrongMetal,
)
from remelt.platform.works.models import BayPlacing, Sorting
from remelt.platform.works.sheets import EnergyUse, Part
from remelt.platform.works.sorting import blend_lots, sort_lot, split_lot
from remelt.traceability.errors import LotUsedUp, NotEnoughMass
from remelt.traceability.ledger import transfer
from remelt.traceability.models import BookLine, Lot
from tests.market import FIXED, a_draft
from tests.parties import a_party
from tests.works import CLIPS, a_lot, correct_weighing

TALDON, TENSE = ("ReMA", "Taldon"), ("ReMA", "Tense")


@pytest.fixture
def hub(store, clock):
    with store.write() as session:
        return a_party(session, clock=clock, role="hub")


@pytest.fixture
def lot(store, clock, hub):
    with store.write() as session:
        return a_lot(session, clock=clock, at=hub)


def sort(store, clock, hub, lot, parts, **more):
    with store.write() as session:
        return sort_lot(
            session,
            clock=clock,
            site_id=hub.site.key,
            person_id=hub.person.key,
            lot_code=lot.code,
            parts=parts,
            **more,
        )


def world_g(store) -> int:
    with store.read() as session:
        lots = session.exec(select(func.sum(Lot.mass_g))).one()
        lines = session.exec(select(func.sum(BookLine.mass_g))).one()
    assert lots == lines
    return lots


def test_outputs_and_losses_are_the_input(store, clock, hub, lot):
    done = sort(
        store,
        clock,
        hub,
        lot,
        [
            Part(mass_g=700_000, grade=TALDON, bay="A1"),
            Part(mass_g=250_000, grade=TENSE, form="casting"),
            Part(mass_g=20_000, waste=True),
        ],
        losses={"dirt": 30_000},
        energy=[EnergyUse(carrier="electricity", quantity=12_000)],
    )
    assert [out.mass_g for out in done.outputs] == [700_000, 250_000, 20_000]
    assert len({out.code for out in done.outputs} | {lot.code}) == 4
    assert (done.done.unexplained_g, done.done.beyond_tolerance) == (0, False)
    with store.read() as session:
        source = session.exec(select(Lot).where(Lot.code == lot.code)).one()
        assert (source.mass_g, source.status) == (0, "consumed")
        placing = session.exec(select(BayPlacing)).one()
        assert (placing.lot_code, placing.bay) == (done.outputs[0].code, "A1")
        event = session.exec(select(OutboxRow).where(OutboxRow.name == "lot-sorted")).one()
        assert event.body["inputs"] == [lot.code]
        burden = sum(out.vectors.co2e.get("hub", 0) for out in done.outputs)
        assert burden == 6_932  # 12 kWh at 0.5777 kg
    assert world_g(store) == 970_000


def test_a_difference_must_be_named_and_then_blocks_claims(store, clock, hub, lot):
    parts = [Part(mass_g=900_000, grade=TALDON)]
    with pytest.raises(DifferenceNotNamed) as refused:
        sort(store, clock, hub, lot, parts)
    assert refused.value.facts["difference_kg"] == "100"
    with store.read() as session:
        assert session.exec(select(Sorting)).all() == []
    done = sort(store, clock, hub, lot, parts, difference_note="传送带下未清")
    assert (done.done.unexplained_g, done.done.beyond_tolerance) == (100_000, True)
    assert done.sorting.difference_note == "传送带下未清"
    assert done.outputs[0].claims_blocked
    world_g(store)


def test_a_difference_that_scales_show_needs_no_words(store, clock, hub, lot):
    done = sort(store, clock, hub, lot, [Part(mass_g=1_005_000)], difference_note="x")
    assert (done.done.beyond_tolerance, done.sorting.difference_note) == (False, "")
    assert not done.outputs[0].claims_blocked


@pytest.mark.parametrize(
    ("parts", "refusal"),
    [
        ([], NothingToWork),
        ([Part(mass_g=0)], MassNotGiven),
        ([Part(mass_g=-5)], MassNotGiven),
    ],
)
def test_a_sorting_without_masses_is_refused(store, clock, hub, lot, parts, refusal):
    with pytest.raises(refusal):
        sort(store, clock, hub, lot, parts)


def test_only_lots_in_own_custody_are_sorted(store, clock, hub, lot):
    with store.write() as session:
        other = a_party(session, clock=clock, role="hub")
        collector = a_party(session, clock=clock, role="collector")
    with pytest.raises(NotInCustody):
        sort(store, clock, other, lot, [Part(mass_g=1_000_000)])
    with pytest.raises(SiteCannot):
        sort(store, clock, collector, lot, [Part(mass_g=1_000_000)])
    lot.code = "AAAAAAAAAAAAAA"
    with pytest.raises(NotInCustody):
        sort(store, clock, hub, lot, [Part(mass_g=1_000_000)])


def test_a_lot_is_sorted_once(store, clock, hub, lot):
    sort(store, clock, hub, lot, [Part(mass_g=1_000_000)])
    with pytest.raises((LotUsedUp, DifferenceNotNamed)):
        sort(store, clock, hub, lot, [Part(mass_g=1_000_000)])


def test_a_part_for_the_heap_joins_the_days_pool(store, clock, hub, lot):
    first = sort(store, clock, hub, lot, [Part(mass_g=1_000_000, heap=True, bay="B2")])
    with store.write() as session:
        more = a_lot(session, clock=clock, at=hub)
    clock.advance(minutes=5)
    second = sort(store, clock, hub, more, [Part(mass_g=1_000_000, heap=True, bay="B2")])
    assert first.outputs[0].code == second.outputs[0].code
    assert second.outputs[0].mass_g == 2_000_000
    clock.advance(days=1)
    with store.write() as session:
        third = a_lot(session, clock=clock, at=hub)
    next_day = sort(store, clock, hub, third, [Part(mass_g=1_000_000, heap=True, bay="B2")])
    assert next_day.outputs[0].code != first.outputs[0].code
    assert next_day.outputs[0].mass_g == 3_000_000
    assert world_g(store) == 3_000_000


def test_a_split_keeps_the_grade_and_may_leave_a_rest(store, clock, hub, lot):
    clock.advance(minutes=1)
    with store.write() as session:
        done = split_lot(
            session,
            clock=clock,
            site_id=hub.site.key,
            person_id=hub.person.key,
            lot_code=lot.code,
            parts=[Part(mass_g=300_000, grade=TENSE), Part(mass_g=200_000)],
            whole=False,
        )
    assert {out.grade_code for out in done.outputs} == {"Taldon"}
    with store.read() as session:
        assert session.exec(select(Lot.mass_g).where(Lot.code == lot.code)).one() == 500_000


def test_a_whole_split_names_what_differs(store, clock, hub, lot):
    with pytest.raises(DifferenceNotNamed), store.write() as session:
        split_lot(
            session,
            clock=clock,
            site_id=hub.site.key,
            person_id=hub.person.key,
            lot_code=lot.code,
            parts=[Part(mass_g=300_000), Part(mass_g=200_000)],
        )


def test_a_blend_adds_up_origins(store, clock, hub, lot):
    with store.write() as session:
        clips = a_lot(session, clock=clock, at=hub, spec=CLIPS, mass_g=500_000)
    with store.write() as session:
        done = blend_lots(
            session,
            clock=clock,
            site_id=hub.site.key,
            person_id=hub.person.key,
            taken_g={lot.code: None, clips.code: 250_000},
            part=Part(mass_g=1_250_000, grade=TALDON),
        )
    blend = done.outputs[0]
    assert blend.vectors.classes == {"post_consumer": 1_000_000, "pre_consumer": 250_000}
    assert blend.origin == "unknown"
    assert blend.vectors.custody == "controlled_blending"
    assert world_g(store) == 1_500_000


@pytest.mark.parametrize(
    ("taken", "refusal"),
    [([], NothingToWork), ([0], MassNotGiven), ([2_000_000], NotEnoughMass)],
)
def test_a_blend_takes_what_is_there(store, clock, hub, lot, taken, refusal):
    named = dict(zip([lot.code], taken, strict=False))
    with pytest.raises(refusal), store.write() as session:
        blend_lots(
            session,
            clock=clock,
            site_id=hub.site.key,
            person_id=hub.person.key,
            taken_g=named,
            part=Part(mass_g=sum(named.values()) or 1),
        )


def test_two_metals_are_not_blended(store, clock, hub, lot):
    copper = CLIPS.__class__(
        metal="Cu",
        grade_system="CN-trade",
        grade_code="CN-1tong",
        form="wire",
        origin="post_consumer",
    )
    with store.write() as session:
        wire = a_lot(session, clock=clock, at=hub, spec=copper)
    with pytest.raises(WrongMetal), store.write() as session:
        blend_lots(
            session,
            clock=clock,
            site_id=hub.site.key,
            person_id=hub.person.key,
            taken_g={lot.code: None, wire.code: None},
            part=Part(mass_g=2_000_000),
        )


@pytest.mark.parametrize("heap", [False, True])
def test_work_leaves_metal_with_its_owner(store, clock, hub, lot, heap):
    with store.write() as session:
        buyer = a_party(session, clock=clock, role="smelter").organisation.code
        sold = a_lot(session, clock=clock, at=hub, owner=buyer)
    place = {"clock": clock, "site_id": hub.site.key, "person_id": hub.person.key}
    with pytest.raises(MixedOwners), store.write() as session:
        part = Part(mass_g=2_000_000, heap=heap)
        blend_lots(session, taken_g={lot.code: None, sold.code: None}, part=part, **place)
    own = sort(store, clock, hub, lot, [Part(mass_g=1_000_000, heap=heap)]).outputs[0]
    theirs = sort(store, clock, hub, sold, [Part(mass_g=1_000_000, heap=heap)]).outputs[0]
    assert (own.owner, theirs.owner) == (hub.organisation.code, buyer)


def offered(session, clock, hub, lot) -> Listing:
    return publish_stock(
        session,
        clock=clock,
        seller_id=hub.organisation.key,
        person_id=hub.person.key,
        site_id=hub.site.key,
        draft=a_draft(price=FIXED, closes_at=clock.now(session) + timedelta(hours=1)),
        lot=StockLot(
            lot_code=lot.code,
            owner_code=lot.owner,
            metal=lot.metal,
            grade_system=lot.grade_system,
            grade_code=lot.grade_code,
            form=lot.form,
            mass_g=lot.mass_g,
            origin=lot.origin,
            evidence=lot.evidence,
        ),
    )


def test_a_lot_on_offer_stays_as_it_is(store, clock, hub, lot):
    with store.write() as session:
        listing = offered(session, clock, hub, lot)
    with pytest.raises(LotOffered):
        sort(store, clock, hub, lot, [Part(mass_g=1_000_000)])
    with store.write() as session:
        withdraw(
            session,
            clock=clock,
            listing_code=listing.code,
            seller_id=hub.organisation.key,
            person_id=hub.person.key,
        )
    assert sort(store, clock, hub, lot, [Part(mass_g=1_000_000)]).outputs[0].mass_g == 1_000_000


def test_a_sold_lot_is_worked_only_for_its_new_owner(store, clock, hub, lot):
    with store.write() as session:
        buyer = a_party(session, clock=clock, role="smelter")
        buy_now(
            session,
            listing_code=offered(session, clock, hub, lot).code,
            buyer_id=buyer.organisation.key,
            person_id=buyer.person.key,
            deliver_to_site_id=buyer.site.key,
            price_fen_per_t=FIXED.price_fen_per_t,
            clock=clock,
        )
    with pytest.raises(LotOffered):
        sort(store, clock, hub, lot, [Part(mass_g=1_000_000)])
    with store.write() as session:
        assert pass_title(session, clock=clock, lot_code=lot.code, site_code=buyer.site.code)
        owner = buyer.organisation.code
        transfer(session, clock=clock, lot_code=lot.code, owner=owner, contract_ref="C")
    assert sort(store, clock, hub, lot, [Part(mass_g=1_000_000)]).outputs[0].owner == owner


def test_a_sorting_is_read_as_corrected(store, clock, hub, lot):
    done = sort(store, clock, hub, lot, [Part(mass_g=1_000_000)])
    correct_weighing(store, clock=clock, at=hub, lot=lot, mass_g=1_080_000)
    with store.read() as session:
        [line] = queries.sortings(session, organisation_id=hub.organisation.key)
        told = queries.told(session, event_hash=done.sorting.event_hash)
    assert (line.mass.in_g, line.mass.out_g, line.mass.difference_g) == (
        1_080_000,
        1_000_000,
        80_000,
    )
    assert line.mass.beyond_tolerance
    assert [mass_g for _, mass_g in told.inputs] == [1_080_000]


def test_papers_are_never_edited(store, clock, hub, lot):
    done = sort(store, clock, hub, lot, [Part(mass_g=1_000_000)])
    with pytest.raises(Exception, match="insert-only"), store.write() as session:
        row = session.exec(select(Sorting).where(col(Sorting.id) == done.sorting.id)).one()
        row.kind = "split"
        session.add(row)
