"""Liquid metal by ladle: two notes, one delivery, counted once; and what of it was alloyed."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import func, select

from remelt.platform.catalogue import definitions
from remelt.platform.catalogue.errors import DefinitionUnclear
from remelt.platform.works import errors, ladles
from remelt.platform.works.heats import melt
from remelt.platform.works.ladles import delivered, deliveries, unmatched
from remelt.platform.works.liquid import direct_alloying
from remelt.platform.works.molten import Ladle, Tapped, match_notes, receive_ladle, send_ladle
from remelt.platform.works.sheets import CastLine, ChargeLine, HeatSheet
from remelt.traceability.audit.audit import audit
from remelt.traceability.models import BookLine, Lot
from tests.parties import a_party
from tests.works import ALLOY, a_furnace, a_lot

PURE = Tapped(purity_bp=9_970, **ALLOY)


@pytest.fixture
def pots(store, clock):
    with store.write() as session:
        return a_party(session, clock=clock, role="smelter")


@pytest.fixture
def casthouse(store, clock):
    with store.write() as session:
        return a_party(session, clock=clock, role="smelter", adcode="530100")


def a_ladle(clock, **changes):
    terms = {
        "ladle": "L7", "tap": "T-31", "gross_g": 12_500_000, "tare_g": 2_500_000,
        "temperature_c": 850, "at": clock.now(None),
    } | changes  # fmt: skip
    return Ladle(**terms)


def sent(store, clock, by, to, *, what=PURE, **changes):
    with store.write() as session:
        return send_ladle(
            session, clock=clock, site_id=by.site.key, person_id=by.person.key, what=what,
            ladle=a_ladle(clock, **changes), to_site=to.site.code if to else None,
        )  # fmt: skip


def received(store, clock, by, sender, **changes):
    clock.advance(hours=1)
    with store.write() as session:
        return receive_ladle(
            session, clock=clock, site_id=by.site.key, person_id=by.person.key,
            ladle=a_ladle(clock, **changes), sender=sender.organisation.code,
        )  # fmt: skip


def lot_of(store, note):
    with store.read() as session:
        return session.exec(select(Lot).where(Lot.code == note.lot_code)).one()


def test_two_notes_meet_and_the_senders_mass_counts_once(store, clock, pots, casthouse):
    note = sent(store, clock, pots, casthouse, ladle="l7")
    assert lot_of(store, note).status == "in_transit"
    with store.read() as session:
        assert [n.code for n in unmatched(session, organisation_id=casthouse.organisation.key)] == [
            note.code
        ]
    received(store, clock, casthouse, pots, gross_g=12_440_000)
    lot = lot_of(store, note)
    assert (lot.status, lot.mass_g) == ("on_hand", 10_000_000)
    assert (lot.owner, lot.site_code) == (casthouse.organisation.code, casthouse.site.code)
    with store.read() as session:
        for party in (pots, casthouse):
            [one] = deliveries(session, organisation_id=party.organisation.key)
            assert (one.difference_g, one.beyond_tolerance) == (-60_000, True)
            assert unmatched(session, organisation_id=party.organisation.key) == []
        lines = session.exec(
            select(func.sum(BookLine.mass_g)).where(BookLine.kind == "weighed_in")
        ).one()
        assert lines == 10_000_000
        assert audit(session) == []


@pytest.mark.parametrize(
    "changes", [{"tap": "T-32"}, {"ladle": "L8"}, {"at_days": 2}, {"sender": "other"}]
)
def test_notes_that_do_not_fit_wait_in_the_list(store, clock, pots, casthouse, changes):
    changes = dict(changes)
    late = timedelta(days=changes.pop("at_days", 0))
    with store.write() as session:
        third = a_party(session, clock=clock, role="smelter")
    sender = third if changes.pop("sender", None) else pots
    note = sent(store, clock, pots, casthouse)
    other = received(store, clock, casthouse, sender, at=clock.now(None) + late, **changes)
    assert lot_of(store, note).status == "in_transit"
    pair = {"sent": note.code, "received": other.code, "clock": clock}
    if sender is third:
        with store.write() as session, pytest.raises(errors.NotesDoNotMatch):
            match_notes(
                session, organisation_id=casthouse.organisation.key,
                person_id=casthouse.person.key, **pair,
            )  # fmt: skip
        return
    for who in (pots, third):
        with store.write() as session, pytest.raises((errors.NotesDoNotMatch, errors.NoSuchNote)):
            match_notes(
                session, organisation_id=who.organisation.key, person_id=who.person.key, **pair
            )
    with store.write() as session:
        match_notes(
            session, organisation_id=casthouse.organisation.key,
            person_id=casthouse.person.key, **pair,
        )  # fmt: skip
    assert lot_of(store, note).status == "on_hand"
    with store.write() as session, pytest.raises(errors.NoSuchNote):
        match_notes(
            session, organisation_id=casthouse.organisation.key,
            person_id=casthouse.person.key, **pair,
        )  # fmt: skip


def test_a_receivers_note_may_come_first(store, clock, pots, casthouse):
    received(store, clock, casthouse, pots)
    note = sent(store, clock, pots, casthouse)
    assert lot_of(store, note).owner == casthouse.organisation.code


def test_a_liquid_lot_from_a_heat_goes_by_ladle_too(store, clock, pots, casthouse):
    with store.write() as session:
        solid = a_lot(session, clock=clock, at=pots)
        spec = replace(solid.spec, form="liquid")
        liquid = a_lot(session, clock=clock, at=pots, spec=spec, mass_g=10_010_000)
    with pytest.raises(errors.NotLiquid):
        sent(store, clock, pots, casthouse, what=solid.code)
    note = sent(store, clock, pots, casthouse, what=liquid.code)
    assert lot_of(store, note).mass_g == 10_000_000
    assert not note.primary


@pytest.mark.parametrize("changes", [{"tare_g": 12_500_000}, {"temperature_c": 20}, {"tare_g": -1}])
def test_a_ladle_weighs_and_is_hot(store, clock, pots, casthouse, changes):
    with pytest.raises(errors.LadleWeightWrong):
        sent(store, clock, pots, casthouse, **changes)
    with pytest.raises(errors.LadleWeightWrong):
        received(store, clock, casthouse, pots, **changes)


def cast(store, clock, by, codes, **casts):
    clock.advance(hours=1)
    with store.write() as session:
        furnace = a_furnace(session, clock=clock, at=by, name=f"炉{clock.now(None)}")
        sheet = HeatSheet(
            furnace_code=furnace.code,
            charges=tuple(ChargeLine(lot_code=code) for code in codes),
            casts=tuple(CastLine(mass_g=mass_g, form=form) for form, mass_g in casts.items()),
            **ALLOY,
        )
        return melt(session, clock=clock, site_id=by.site.key, person_id=by.person.key, heat=sheet)


def test_direct_alloying_counts_liquid_primary_that_becomes_alloy(store, clock, pots, casthouse):
    own = sent(store, clock, pots, None, tap="T-1")
    away = sent(store, clock, pots, casthouse, tap="T-2")
    received(store, clock, casthouse, pots, tap="T-2")
    idle = sent(store, clock, pots, casthouse, tap="T-3")
    with store.write() as session:
        scrap = a_lot(session, clock=clock, at=pots, mass_g=5_000_000)
    cast(store, clock, pots, [own.lot_code, scrap.code], billet=15_000_000)
    cast(store, clock, casthouse, [away.lot_code], billet=6_000_000, remelt_ingot=4_000_000)
    terms = {"metal": "Al", "month": "2026-03"}
    with store.read() as session:
        said = definitions.definition(session, name="direct-alloying", month="2026-03")
        figure = direct_alloying(session, definition=said, **terms)
        assert (figure.tapped_g, figure.ladles) == (30_000_000, 3)
        assert figure.numerator_g == 10_000_000 + 6_000_000
        assert figure.share_bp(figure.numerator_g) == 5_333
        assert direct_alloying(session, definition=said, metal="Al", month="2026-04").tapped_g == 0
    with store.write() as session:
        with pytest.raises(DefinitionUnclear):
            definitions.amend(
                session, clock=clock, person_id=pots.person.key, name="direct-alloying",
                from_month="2026-03", text_zh="定义", text_en="", reason="x", parameters={},
            )  # fmt: skip
        definitions.amend(
            session, clock=clock, person_id=pots.person.key, name="direct-alloying",
            from_month="2026-03", text_zh="定义", text_en="words", reason="area is Guizhou",
            parameters={"remelt_forms": [], "area": "52"},
        )  # fmt: skip
    with store.read() as session:
        said = definitions.definition(session, name="direct-alloying", month="2026-03")
        assert said.edition == 1
        figure = direct_alloying(session, definition=said, **terms)
        assert (figure.numerator_g, figure.local_g) == (20_000_000, 10_000_000)
        assert definitions.definition(session, name="direct-alloying", month="2026-02").edition == 0
    assert idle.lot_code


def test_the_difference_of_two_notes_is_pure(clock):
    class Note:
        def __init__(self, net_g):
            self.net_g = net_g

    one = delivered(Note(10_000_000), Note(10_050_000), division_g=20_000)
    assert (one.difference_g, one.beyond_tolerance) == (50_000, False)
    assert ladles.DEFAULT_DIVISION_G == 20_000
