"""Tolling and swaps: the metal account is in kg, claims are the owner's, dross runs around."""

from dataclasses import replace

import pytest
from sqlmodel import select

from remelt.platform.settlement.accounts import record_payment
from remelt.platform.settlement.models import Settlement
from remelt.platform.settlement.queries import money, settlement
from remelt.platform.works import errors
from remelt.platform.works.heats import melt
from remelt.platform.works.sheets import CastLine
from remelt.platform.works.tolling import give_back, send_in, take_home, take_in
from remelt.platform.works.tolling_queries import account, accounts, entries
from remelt.platform.works.tolling_terms import Terms, accept_account, open_account
from remelt.traceability import ledger
from remelt.traceability.audit.audit import audit
from remelt.traceability.corrections.restated import restate
from remelt.traceability.models import Edge, EventLot, LedgerEvent, Lot, MeltLine
from tests.parties import a_party
from tests.works import a_furnace, a_lot, a_sheet

TERMS = Terms(
    metal="Al", product="6063 billet", terms="own_metal", yield_bp=9_200, fee_fen_per_t=80_000
)


@pytest.fixture
def owner(store, clock):
    with store.write() as session:
        return a_party(session, clock=clock, role="smelter")


@pytest.fixture
def processor(store, clock):
    with store.write() as session:
        return a_party(session, clock=clock, role="smelter")


def open_for(store, clock, owner, processor, *, accepted=True, **changes):
    with store.write() as session:
        made = open_account(
            session, clock=clock, site_id=processor.site.key, person_id=processor.person.key,
            owner_site=owner.site.code, terms=replace(TERMS, **changes),
        )  # fmt: skip
        if accepted:
            accept_account(session, code=made.code, **by(owner, clock))
        return made


def by(party, clock):
    return {
        "clock": clock,
        "organisation_id": party.organisation.key,
        "person_id": party.person.key,
    }


def brought(store, clock, at, **changes):
    with store.write() as session:
        return a_lot(session, clock=clock, at=at, **changes)


def booked_in(store, clock, made, owner, processor, lot, *, mass_g=None):
    with store.write() as session:
        send_in(session, code=made.code, lot_code=lot.code, **by(owner, clock))
    with store.write() as session:
        return take_in(
            session, code=made.code, lot_code=lot.code, mass_g=mass_g or lot.mass_g,
            **by(processor, clock),
        )  # fmt: skip


def brought_back(store, clock, made, owner, processor, code):
    with store.write() as session:
        entry = give_back(session, code=made.code, lot_code=code, **by(processor, clock))
    with store.write() as session:
        take_home(session, code=made.code, lot_code=code, **by(owner, clock))
    return entry


def melted(store, clock, at, lots, **changes):
    clock.advance(hours=1)
    with store.write() as session:
        furnace = a_furnace(session, clock=clock, at=at, name=f"炉{clock.now(None)}")
        sheet = a_sheet(furnace, *lots, **changes)
        return melt(session, clock=clock, site_id=at.site.key, person_id=at.person.key, heat=sheet)


def now(store, code):
    with store.read() as session:
        return session.exec(select(Lot).where(Lot.code == code)).one()


def test_own_metal_stays_the_owners_and_the_account_counts_kg(store, clock, owner, processor):
    made = open_for(store, clock, owner, processor)
    lot = brought(store, clock, owner)
    entry = booked_in(store, clock, made, owner, processor, lot, mass_g=998_000)
    assert entry.kind == "received"
    lot = now(store, lot.code)
    assert (lot.owner, lot.custodian) == (owner.organisation.code, processor.organisation.code)
    tapped = melted(store, clock, processor, [lot])
    cast, dross = tapped.casts[0], tapped.dross
    assert {cast.owner, dross.owner} == {owner.organisation.code}
    with store.read() as session:
        line = session.exec(select(MeltLine).where(MeltLine.base)).one()
        assert line.site_code == processor.site.code  # the processor reports it
    brought_back(store, clock, made, owner, processor, cast.code)
    cast = now(store, cast.code)
    assert (cast.custodian, cast.site_code) == (owner.organisation.code, owner.site.code)
    assert cast.vectors.classes == {"post_consumer": cast.mass_g}
    with store.read() as session:
        for party in (owner, processor):
            card = account(session, code=made.code, organisation_id=party.organisation.key)
            assert (card.received_g, card.owed_g) == (998_000, 918_160)
            assert card.returned_g == cast.mass_g
            assert card.balance_g == 918_160 - cast.mass_g
            assert card.fee_fen == round(cast.mass_g * 80_000 / 1_000_000)
        booked = [(line.entry.kind, line.owed_g) for line in entries(session, accounts=[made])]
        assert booked == [("received", 918_160), ("returned", -cast.mass_g)]
        assert audit(session) == []


@pytest.mark.parametrize("terms", ["equivalent", "swap"])
def test_equivalent_metal_passes_its_title_both_ways(store, clock, owner, processor, terms):
    made = open_for(store, clock, owner, processor, terms=terms)
    lot = brought(store, clock, owner)
    booked_in(store, clock, made, owner, processor, lot)
    assert now(store, lot.code).owner == processor.organisation.code
    ingot = brought(store, clock, processor, mass_g=920_000)
    brought_back(store, clock, made, owner, processor, ingot.code)
    assert now(store, ingot.code).owner == owner.organisation.code
    with store.read() as session:
        card = account(session, code=made.code, organisation_id=owner.organisation.key)
        assert card.balance_g == 0


def test_dross_sent_out_comes_back_as_run_around(store, clock, owner, processor):
    scrap = brought(store, clock, owner)
    dross = melted(store, clock, owner, [scrap]).dross
    made = open_for(store, clock, owner, processor, material="dross")
    plain = brought(store, clock, owner)
    with store.write() as session, pytest.raises(errors.NotOfAccount):
        send_in(session, code=made.code, lot_code=plain.code, **by(owner, clock))
    booked_in(store, clock, made, owner, processor, dross)
    taken = now(store, dross.code)
    tapped = melted(store, clock, processor, [taken], dross_g=0, losses_g={"burn_off": 1_200},
                    casts=(CastLine(mass_g=28_800),))  # fmt: skip
    own = brought(store, clock, processor)
    with store.write() as session, pytest.raises(errors.NotOfAccount):
        give_back(session, code=made.code, lot_code=own.code, **by(processor, clock))
    back = tapped.casts[0]
    brought_back(store, clock, made, owner, processor, back.code)
    fresh = brought(store, clock, owner)
    again = melted(store, clock, owner, [fresh, now(store, back.code)])
    with store.read() as session:
        edges = session.exec(select(Edge).where(Edge.parent_id == back.key)).all()
        assert edges
        assert all(edge.internal for edge in edges)
        lines = session.exec(select(MeltLine).where(MeltLine.base)).all()
        assert lines[-1].internal_mg > 0
        assert again.casts[0].vectors.classes == {"post_consumer": again.casts[0].mass_g}


def test_own_metal_is_owed_once(store, clock, owner, processor):
    one, two = (open_for(store, clock, owner, processor, product=name) for name in ("a", "b"))
    lot = brought(store, clock, owner)
    booked_in(store, clock, one, owner, processor, lot)
    cast = melted(store, clock, processor, [now(store, lot.code)]).casts[0]
    other = brought(store, clock, owner)
    booked_in(store, clock, one, owner, processor, other)
    for made, code in ((two, other.code), (one, cast.code), (two, cast.code)):
        with store.write() as session, pytest.raises(errors.TolledAlready):
            take_in(session, code=made.code, lot_code=code, mass_g=9_000, **by(processor, clock))
    brought_back(store, clock, one, owner, processor, cast.code)
    booked_in(store, clock, two, owner, processor, now(store, cast.code))  # to be worked again


def test_dross_of_anothers_furnace_is_not_the_owners(store, clock, owner, processor):
    dross = melted(store, clock, processor, [brought(store, clock, processor)]).dross
    here = ledger.SiteRef(code=owner.site.code, adcode=owner.site.adcode)
    firm = owner.organisation.code
    with store.write() as session:
        ledger.transfer(session, clock=clock, lot_code=dross.code, owner=firm, contract_ref="k")
        ledger.move(
            session, clock=clock, lot_codes=[dross.code], kind="receive", to_site=here,
            custodian=firm, actor="person:x",
        )  # fmt: skip
    made = open_for(store, clock, owner, processor, material="dross")
    with store.write() as session, pytest.raises(errors.NotOfAccount):
        send_in(session, code=made.code, lot_code=dross.code, **by(owner, clock))


def test_another_owners_metal_is_melted_in_a_drained_furnace_only(store, clock, owner, processor):
    lot = brought(store, clock, processor, owner=owner.organisation.code)
    with pytest.raises(errors.NotYourMetal):
        melted(store, clock, processor, [lot])
    made = open_for(store, clock, owner, processor)
    with pytest.raises(errors.NotDrained):
        melted(store, clock, processor, [lot], heel_out_g=100_000, heel_method="level",
               casts=(CastLine(mass_g=840_000),))  # fmt: skip
    mine = brought(store, clock, processor)
    with pytest.raises(errors.NotYourMetal):
        melted(store, clock, processor, [lot, mine])
    assert melted(store, clock, processor, [lot]).casts[0].owner == owner.organisation.code
    assert made.accepted_at is not None


def test_an_account_binds_once_it_is_accepted(store, clock, owner, processor):
    made = open_for(store, clock, owner, processor, accepted=False)
    lot = brought(store, clock, owner)
    with store.write() as session, pytest.raises(errors.AccountNotOpen):
        send_in(session, code=made.code, lot_code=lot.code, **by(owner, clock))
    with store.write() as session, pytest.raises(errors.NoSuchAccount):
        accept_account(session, code=made.code, **by(processor, clock))
    with store.write() as session:
        stranger = a_party(session, clock=clock, role="smelter")
    with store.write() as session, pytest.raises(errors.NoSuchAccount):
        accept_account(session, code=made.code, **by(stranger, clock))
    with store.read() as session:
        assert accounts(session, organisation_id=stranger.organisation.key) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"terms": "gift"},
        {"yield_bp": 0},
        {"yield_bp": 10_001},
        {"product": " "},
        {"fee_fen_per_t": -1},
        {"material": "dross", "terms": "swap"},
    ],
)
def test_terms_that_cannot_be_are_refused(store, clock, owner, processor, changes):
    with pytest.raises(errors.BadTollingTerms):
        open_for(store, clock, owner, processor, **changes)


def test_a_lot_is_booked_in_once_and_by_its_owner_only(store, clock, owner, processor):
    made = open_for(store, clock, owner, processor)
    lot = brought(store, clock, owner)
    booked_in(store, clock, made, owner, processor, lot)
    mine = brought(store, clock, processor)
    for code in (lot.code, mine.code):
        with store.write() as session, pytest.raises(errors.NotInCustody):
            take_in(
                session, code=made.code, lot_code=code, mass_g=1_000_000, **by(processor, clock)
            )
    with pytest.raises(errors.BadTollingTerms):
        open_for(store, clock, processor, processor)


def test_the_fee_of_what_was_given_back_is_owed_once(store, clock, owner, processor):
    """0.6 t and 0.3001 t go back at 800 yuan per t: one debt of the owner, a line for each lot."""
    made = open_for(store, clock, owner, processor, terms="swap")
    lots = [brought(store, clock, processor, mass_g=mass_g) for mass_g in (600_000, 300_100)]
    for lot in lots:
        with store.write() as session:
            give_back(session, code=made.code, lot_code=lot.code, **by(processor, clock))
    with store.read() as session:
        for party, pays in ((owner, True), (processor, False)):
            [line] = money(session, organisation_id=party.organisation.key, kind="tolling")
            assert (line.subject_code, line.pays, line.revision) == (made.code, pays, 2)
            assert line.balance.open_fen == 48_000 + 24_008
        view = settlement(session, code=line.code, organisation_id=owner.organisation.key)
        assert [each.lot_code for each in view.lines] == [lot.code for lot in lots]
        assert view.instruction.amount_fen == 72_008
        [card] = accounts(session, organisation_id=owner.organisation.key)
        assert card.fee_fen == 72_008
    with store.write() as session:
        pay = record_payment(
            session, settlement_code=line.code, amount_fen=72_008, paid_on=clock.now().date(),
            **by(owner, clock),
        )  # fmt: skip
        assert pay.confirmed_at is not None
    third = brought(store, clock, processor, mass_g=100_000)
    with store.write() as session:
        give_back(session, code=made.code, lot_code=third.code, **by(processor, clock))
    with store.read() as session:
        [line] = money(session, organisation_id=owner.organisation.key, kind="tolling")
        assert (line.balance.open_fen, line.balance.state) == (8_000, "part")


def corrected(store, clock, at, event_hash, *, mass_g, **terms):
    clock.advance(minutes=1)
    with store.write() as session:
        ledger.correct(
            session, clock=clock, event_hash=event_hash, mass_g=mass_g, reason="scale slipped",
            site=ledger.SiteRef(code=at.site.code, adcode=at.site.adcode),
            actor=f"person:{at.person.code}", **terms,
        )  # fmt: skip


def weighing_of(store, lot):
    """The hash of the last weighing of a lot."""
    with store.read() as session:
        statement = (
            select(LedgerEvent.hash)
            .join(EventLot, EventLot.event_key == LedgerEvent.id)
            .where(EventLot.lot_id == lot.key, LedgerEvent.kind.in_(["weigh", "bring_in"]))
            .order_by(LedgerEvent.id.desc())
        )
        return session.exec(statement).first()


def card_of(store, made, party):
    with store.read() as session:
        return account(session, code=made.code, organisation_id=party.organisation.key)


def test_a_corrected_weighing_reaches_what_is_owed(store, clock, owner, processor):
    """990 kg that were 900 kg owe 828 kg, melted meanwhile or not; what goes back stays."""
    made = open_for(store, clock, owner, processor)
    lot = brought(store, clock, owner)
    booked_in(store, clock, made, owner, processor, lot, mass_g=990_000)
    assert card_of(store, made, owner).owed_g == 910_800
    weighing = weighing_of(store, lot)
    cast = melted(store, clock, processor, [now(store, lot.code)]).casts[0]
    brought_back(store, clock, made, owner, processor, cast.code)
    corrected(store, clock, processor, weighing, mass_g=900_000)
    card = card_of(store, made, owner)
    assert (card.received_g, card.owed_g, card.returned_g) == (900_000, 828_000, cast.mass_g)
    other = brought(store, clock, owner, mass_g=500_000)  # booked in as it had been weighed
    booked_in(store, clock, made, owner, processor, other)
    corrected(store, clock, owner, other.made_by, mass_g=400_000)
    assert card_of(store, made, processor).received_g == 1_300_000
    with store.read() as session:
        assert audit(session) == []


@pytest.mark.parametrize("far", [False, True])
def test_a_corrected_return_asks_for_the_difference(store, clock, owner, processor, far):
    """600 kg that were 400 kg, used up since: a third of the fee is no longer asked, or back."""
    made = open_for(store, clock, owner, processor, terms="swap")
    lots = [brought(store, clock, processor, mass_g=mass_g) for mass_g in (600_000, 100_000)]
    for lot in lots:
        brought_back(store, clock, made, owner, processor, lot.code)
    with store.read() as session:
        [line] = money(session, organisation_id=owner.organisation.key, kind="tolling")
    with store.write() as session:
        record_payment(
            session, settlement_code=line.code, amount_fen=56_000, paid_on=clock.now().date(),
            **by(owner, clock),
        )  # fmt: skip
    melted(store, clock, owner, [now(store, lots[0].code)])
    corrected(store, clock, processor, lots[0].made_by, mass_g=400_000, near=0 if far else 1_000)
    if far:
        assert card_of(store, made, owner).returned_g == 700_000
        with store.write() as session:
            restate(session, clock=clock)
    assert card_of(store, made, owner).returned_g == 500_000
    with store.read() as session:
        [line] = money(session, organisation_id=owner.organisation.key, kind="tolling")
        assert (line.revision, line.balance.amount_fen) == (3, 40_000)
        assert (line.balance.open_fen, line.balance.state) == (-16_000, "credit")
        old = session.exec(select(Settlement).order_by(Settlement.revision)).all()
        assert [each.amount_fen for each in old] == [48_000, 56_000, 40_000]
    again = weighing_of(store, lots[1])
    corrected(store, clock, processor, again, mass_g=350_000)
    with store.read() as session:
        [line] = money(session, organisation_id=owner.organisation.key, kind="tolling")
        assert (line.revision, line.balance.open_fen) == (4, 4_000)
        assert audit(session) == []


def test_no_fee_no_debt(store, clock, owner, processor):
    made = open_for(store, clock, owner, processor, terms="swap", fee_fen_per_t=0)
    lot = brought(store, clock, processor)
    with store.write() as session:
        give_back(session, code=made.code, lot_code=lot.code, **by(processor, clock))
    with store.read() as session:
        assert money(session, organisation_id=owner.organisation.key) == []
