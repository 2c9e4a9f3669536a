"""The smelter melts: contained metal balances, and every line of the footprint is named."""

from datetime import date

import pytest
from sqlmodel import func, select

from remelt.platform.kernel.outbox import OutboxRow
from remelt.platform.works import energy
from remelt.platform.works import queries as works
from remelt.platform.works.balance import account_of
from remelt.platform.works.errors import (
    AlreadyCorrected,
    DifferenceNotNamed,
    FurnaceNameTaken,
    FurnaceOverfilled,
    HeelStays,
    HeelWithoutMethod,
    MassNotGiven,
    MonthClosed,
    MonthNotOver,
    NoSuchAlloy,
    NoSuchEntry,
    NoSuchFurnace,
    NothingToClose,
    NothingToWork,
    NotInCustody,
    NotRunAround,
    NotYourMetal,
    PeriodOutOfOrder,
    PurityOutOfRange,
    RecoveryOutOfRange,
    SiteCannot,
)
from remelt.platform.works.heats import melt
from remelt.platform.works.models import EnergyEntry, Furnace, Heat
from remelt.platform.works.primary import bring_primary
from remelt.platform.works.sheets import AdditionLine, CastLine, ChargeLine, EnergyUse, Part
from remelt.platform.works.sorting import sort_lot
from remelt.traceability import ledger, queries
from remelt.traceability.audit.audit import audit
from remelt.traceability.corrections.workings import working
from remelt.traceability.errors import LotOnHold
from remelt.traceability.ledger import SiteRef
from remelt.traceability.models import BookLine, Lot, MeltLine
from remelt.web.views.works import heat_view
from tests.parties import a_party
from tests.works import CLIPS, a_furnace, a_lot, a_sheet, mass_of

KWH = EnergyUse(carrier="electricity", quantity=500_000)


@pytest.fixture
def smelter(store, clock):
    with store.write() as session:
        return a_party(session, clock=clock, role="smelter")


@pytest.fixture
def furnace(store, clock, smelter):
    with store.write() as session:
        return a_furnace(session, clock=clock, at=smelter)


@pytest.fixture
def lot(store, clock, smelter):
    with store.write() as session:
        return a_lot(session, clock=clock, at=smelter)


def tap(store, clock, smelter, sheet):
    clock.advance(hours=1)
    with store.write() as session:
        return melt(
            session,
            clock=clock,
            site_id=smelter.site.key,
            person_id=smelter.person.key,
            heat=sheet,
        )


def books_balance(store) -> None:
    with store.read() as session:
        lots = session.exec(select(func.sum(Lot.mass_g))).one()
        assert lots == session.exec(select(func.sum(BookLine.mass_g))).one()
        held: dict[str, int] = {}
        booked: dict[str, int] = {}
        for lot in session.exec(select(Lot)):
            for name, mg in lot.vectors.elements.items():
                held[name] = held.get(name, 0) + mg
        for line in session.exec(select(BookLine)):
            for name, mg in line.vector["elements"].items():
                booked[name] = booked.get(name, 0) + mg
        assert {k: v for k, v in held.items() if v} == {k: v for k, v in booked.items() if v}


def test_a_heat_casts_lots_with_footprint_and_recycled_content(store, clock, smelter, furnace, lot):
    with store.write() as session:
        clips = a_lot(session, clock=clock, at=smelter, spec=CLIPS)
    sheet = a_sheet(
        furnace,
        lot,
        clips,
        casts=(CastLine(mass_g=1_000_000, form="billet", bay="C1"), CastLine(mass_g=880_000)),
    )
    tapped = tap(store, clock, smelter, sheet)
    assert [cast.mass_g for cast in tapped.casts] == [1_000_000, 880_000]
    assert tapped.dross.mass_g == 60_000
    assert tapped.heel is None
    assert tapped.casts[0].grade_code == "6063"
    assert (tapped.heat.energy, tapped.done.unexplained_g) == ("metered", 0)
    stage = sum(cast.vectors.co2e["melt_energy"] for cast in tapped.casts)
    assert stage == 28_885 + 129_720  # 50 kWh at 0.5777, 60 Nm3 at 2.162
    missing = set(tapped.casts[0].vectors.missing)
    assert "melt_energy:natural_gas_upstream" in missing
    assert "additions:dross_treatment" in missing
    numerator, denominator = tapped.done.figures["product"]
    assert (numerator, denominator) == (1_880_000, 1_880_000)
    with store.read() as session:
        account = account_of(working(session, event_hash=tapped.heat.event_hash))
    assert all(
        came + put == cast + dross + heel + lost
        for lines in account.values()
        for came, put, cast, dross, heel, lost in lines.values()
    )
    assert account["elements"]["Al"][0] == 940_000_000 + 980_000_000
    assert account["co2e"]["melt_energy"][1] == stage
    assert sum(line[5] for line in account["elements"].values()) == 60_000_000
    with store.read() as session:
        line = session.exec(select(MeltLine).where(MeltLine.base)).one()
        assert line.post_mg > 0
        assert line.pre_mg > 0
        event = session.exec(select(OutboxRow).where(OutboxRow.name == "heat-tapped")).one()
        assert event.body["cast"] == [cast.code for cast in tapped.casts]
    books_balance(store)


def test_the_heel_of_one_heat_opens_the_next(store, clock, smelter, furnace, lot):
    first = tap(
        store,
        clock,
        smelter,
        a_sheet(
            furnace,
            lot,
            casts=(CastLine(mass_g=700_000),),
            heel_out_g=240_000,
            heel_method="level",
        ),
    )
    assert first.heel.mass_g == 240_000
    with store.write() as session:
        more = a_lot(session, clock=clock, at=smelter)
    second = tap(store, clock, smelter, a_sheet(furnace, more, casts=(CastLine(mass_g=1_180_000),)))
    assert mass_of(store, second.heat.event_hash).opening_g == 240_000
    assert second.heat.number == 2
    with store.read() as session:
        heel = session.exec(select(Lot).where(Lot.code == first.heel.code)).one()
        assert (heel.mass_g, heel.status) == (0, "consumed")
        assert session.exec(select(Furnace)).one().heel_lot is None
        counted = session.exec(select(MeltLine).order_by(MeltLine.id)).all()[1]
        assert counted.remelted_mg > 0
    books_balance(store)


def with_heel(store, clock, smelter, furnace, lot):
    sheet = a_sheet(
        furnace,
        lot,
        casts=(CastLine(mass_g=700_000),),
        heel_out_g=240_000,
        heel_method="level",
    )
    return tap(store, clock, smelter, sheet).heel


def test_a_heel_goes_nowhere_but_into_its_furnace(store, clock, smelter, furnace, lot):
    heel = with_heel(store, clock, smelter, furnace, lot)
    with pytest.raises(HeelStays), store.write() as session:
        sort_lot(
            session,
            clock=clock,
            site_id=smelter.site.key,
            person_id=smelter.person.key,
            lot_code=heel.code,
            parts=[Part(mass_g=heel.mass_g)],
        )
    with store.write() as session:
        second = a_furnace(session, clock=clock, at=smelter, name="2号炉")
    for each in (second, furnace):
        with pytest.raises(HeelStays):
            tap(store, clock, smelter, a_sheet(each, heel))


def test_a_furnace_whose_heel_is_gone_starts_without_one(store, clock, smelter, furnace, lot):
    heel = with_heel(store, clock, smelter, furnace, lot)
    with store.write() as session:
        ledger.ship_out(
            session,
            clock=clock,
            lot_code=heel.code,
            to="X",
            site=SiteRef(code=smelter.site.code, adcode=smelter.site.adcode),
            actor=f"person:{smelter.person.code}",
        )
        more = a_lot(session, clock=clock, at=smelter)
    tapped = tap(store, clock, smelter, a_sheet(furnace, more))
    assert (mass_of(store, tapped.heat.event_hash).opening_g, tapped.heat.number) == (0, 2)
    books_balance(store)


def test_metal_of_another_is_not_melted(store, clock, smelter, furnace, lot):
    with store.write() as session:
        hub = a_party(session, clock=clock, role="hub")
        other = a_lot(session, clock=clock, at=smelter, owner=hub.organisation.code)
    for lots in ([other], [lot, other]):
        with pytest.raises(NotYourMetal):
            tap(store, clock, smelter, a_sheet(furnace, *lots))


def test_only_what_was_melted_here_is_run_around_scrap(store, clock, smelter, furnace, lot):
    internal = {"internal": True}
    with pytest.raises(NotRunAround):
        tap(
            store, clock, smelter,
            a_sheet(furnace, lot, charges=(ChargeLine(lot_code=lot.code, **internal),)),
        )  # fmt: skip
    terms = {"clock": clock, "site_id": smelter.site.key, "person_id": smelter.person.key}
    with store.write() as session:
        sorted_lot = sort_lot(
            session, lot_code=lot.code, parts=[Part(mass_g=1_000_000)], **terms
        ).outputs[0]
    charges = (ChargeLine(lot_code=sorted_lot.code, **internal),)
    with pytest.raises(NotRunAround):
        tap(store, clock, smelter, a_sheet(furnace, sorted_lot, charges=charges))
    cast = tap(store, clock, smelter, a_sheet(furnace, sorted_lot)).casts[0]
    clock.advance(minutes=1)
    with store.write() as session:
        sawn = sort_lot(
            session, lot_code=cast.code, parts=[Part(mass_g=cast.mass_g)], **terms
        ).outputs[0]
    charges = (ChargeLine(lot_code=sawn.code, **internal),)
    tap(store, clock, smelter, a_sheet(furnace, sawn, charges=charges))
    with store.read() as session:
        assert session.exec(select(MeltLine).order_by(MeltLine.id)).all()[1].internal_mg > 0


def test_a_held_heel_keeps_the_furnace_as_it_is(store, clock, smelter, furnace):
    terms = {"clock": clock, "site_id": smelter.site.key, "person_id": smelter.person.key}
    with store.write() as session:
        first, second = (a_lot(session, clock=clock, at=smelter) for _ in range(2))
        heel = melt(
            session,
            heat=a_sheet(
                furnace, first, casts=(CastLine(mass_g=500_000),), dross_g=0, losses_g={},
                heel_out_g=500_000, heel_method="level",
            ),
            **terms,
        ).heel  # fmt: skip
    where = SiteRef(code=smelter.site.code, adcode=smelter.site.adcode)
    note = {"clock": clock, "lot_code": heel.code, "site": where, "actor": "person:x"}
    with store.write() as session:
        ledger.hold(session, cause="radioactivity", **note)
    with store.write() as session, pytest.raises(LotOnHold):
        melt(session, heat=a_sheet(furnace, second), **terms)
    with store.write() as session:
        ledger.release(session, reason="natural", **note)
    clock.advance(hours=1)
    sheet = a_sheet(
        furnace, second, casts=(CastLine(mass_g=1_500_000),), dross_g=0, losses_g={}
    )  # fmt: skip
    with store.write() as session:
        tapped = melt(session, heat=sheet, **terms)
    assert mass_of(store, tapped.heat.event_hash).opening_g == 500_000
    with store.read() as session:
        left = session.exec(select(Lot.mass_g).where(Lot.code == heel.code)).one()
        assert left == 0
        assert audit(session) == []


@pytest.mark.parametrize("recovery_bp", [-1, 0, 10_001])
def test_no_more_metal_comes_back_than_went_in(store, clock, smelter, furnace, lot, recovery_bp):
    charges = (ChargeLine(lot_code=lot.code, recovery_bp=recovery_bp),)
    with pytest.raises(RecoveryOutOfRange):
        tap(store, clock, smelter, a_sheet(furnace, lot, charges=charges))


def test_flux_oxygen_and_alloying_are_lines_of_their_own(store, clock, smelter, furnace, lot):
    tapped = tap(
        store,
        clock,
        smelter,
        a_sheet(
            furnace,
            lot,
            flux_g=10_000,
            oxygen_g=5_000,
            dross_g=45_000,
            casts=(CastLine(mass_g=1_000_000),),
            additions=(
                AdditionLine(name="硅", metal="Si", mass_g=10_000, purity_bp=9_900),
                AdditionLine(
                    name="铝锭",
                    metal="Al",
                    mass_g=50_000,
                    purity_bp=9_970,
                    factor_id="al_primary_global_2022",
                ),
            ),
        ),
    )
    cast = tapped.casts[0].vectors
    assert cast.elements["Si"] > 9_000_000
    assert cast.co2e["additions"] == 755_000  # 50 kg at 15.1
    assert {"additions:硅", "additions:flux"} <= set(cast.missing)
    numerator, denominator = tapped.done.figures["product"]
    assert numerator < denominator
    books_balance(store)


def test_run_around_scrap_is_no_recycled_inflow(store, clock, smelter, furnace, lot):
    first = tap(store, clock, smelter, a_sheet(furnace, lot))
    back = first.casts[0]
    sheet = a_sheet(
        furnace,
        back,
        charges=(ChargeLine(lot_code=back.code, internal=True),),
        casts=(CastLine(mass_g=back.mass_g),),
        dross_g=0,
        losses_g={},
    )
    tap(store, clock, smelter, sheet)
    with store.read() as session:
        lines = session.exec(select(MeltLine).order_by(MeltLine.id)).all()
        assert lines[1].internal_mg > 0
        assert lines[1].post_mg == 0


def test_a_heat_that_gains_is_recorded_once_it_is_named(store, clock, smelter, furnace, lot):
    sheet = a_sheet(furnace, lot, casts=(CastLine(mass_g=1_100_000),), dross_g=0, losses_g={})
    with pytest.raises(DifferenceNotNamed) as refused:
        tap(store, clock, smelter, sheet)
    assert refused.value.facts["difference_kg"] == "-100"
    tapped = tap(
        store,
        clock,
        smelter,
        a_sheet(
            furnace,
            lot,
            casts=(CastLine(mass_g=1_100_000),),
            dross_g=0,
            losses_g={},
            difference_note="炉底残铝",
        ),
    )
    assert tapped.done.beyond_tolerance
    assert tapped.casts[0].claims_blocked
    books_balance(store)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"charges": ()}, NothingToWork),
        ({"casts": ()}, NothingToWork),
        ({"casts": (CastLine(mass_g=0),)}, MassNotGiven),
        ({"alloy": "6O63"}, NoSuchAlloy),
        ({"furnace_code": "NONE"}, NoSuchFurnace),
        ({"heel_out_g": 10}, HeelWithoutMethod),
        ({"charges": (ChargeLine(lot_code="NONE"),)}, NotInCustody),
        (
            {"additions": (AdditionLine(name="硅", metal="Si", mass_g=1, purity_bp=10_001),)},
            PurityOutOfRange,
        ),
        ({"additions": (AdditionLine(name="硅", metal="Si", mass_g=0),)}, MassNotGiven),
        (
            {"additions": (AdditionLine(name="铝锭", metal="Al", mass_g=50_000_000_000),)},
            FurnaceOverfilled,
        ),
    ],
)
def test_a_sheet_is_refused(store, clock, smelter, furnace, lot, changes, refusal):
    with pytest.raises(refusal):
        tap(store, clock, smelter, a_sheet(furnace, lot, **changes))
    with store.read() as session:
        assert session.exec(select(Heat)).all() == []
        assert session.exec(select(Lot.mass_g).where(Lot.code == lot.code)).one() == 1_000_000


def test_a_hub_has_no_furnace(store, clock, smelter, furnace):
    with store.write() as session:
        hub = a_party(session, clock=clock, role="hub")
    with pytest.raises(SiteCannot), store.write() as session:
        a_furnace(session, clock=clock, at=hub)
    with pytest.raises(FurnaceNameTaken), store.write() as session:
        a_furnace(session, clock=clock, at=smelter)


def test_primary_metal_is_primary_and_names_what_is_missing(store, clock, smelter):
    terms = {
        "clock": clock,
        "site_id": smelter.site.key,
        "person_id": smelter.person.key,
        "alloy": "Al99.70",
        "standard": "GB/T 1196",
        "mass_g": 5_000_000,
    }
    with store.write() as session:
        unknown = bring_primary(session, **terms)
        known = bring_primary(session, factor_id="al_primary_global_2022", **terms)
    assert unknown.vectors.classes == {"primary": 5_000_000}
    assert unknown.metal_bp == 9_970
    assert "upstream" in unknown.vectors.missing
    assert known.vectors.co2e["upstream"] == 75_500_000
    for changes, refusal in (
        ({"mass_g": 0}, MassNotGiven),
        ({"alloy": "gold"}, NoSuchAlloy),
        ({"purity_bp": 10_001}, PurityOutOfRange),
    ):
        with pytest.raises(refusal), store.write() as session:
            bring_primary(session, **(terms | changes))


def test_energy_without_a_heat_meter_is_provisional_after_a_closed_month(
    store, clock, smelter, furnace, lot
):
    first = tap(store, clock, smelter, a_sheet(furnace, lot, energy=()))
    assert first.heat.energy == "missing"
    assert "melt_energy" in first.casts[0].vectors.missing
    place = {"clock": clock, "site_id": smelter.site.key, "person_id": smelter.person.key}
    march = {"since": date(2026, 3, 1), "until": date(2026, 3, 2)}
    with store.write() as session:
        wrong = energy.record_energy(session, use=KWH, **march, **place)
        energy.record_energy(
            session,
            use=EnergyUse(carrier="electricity", quantity=470_000),
            corrects=wrong.code,
            **march,
            **place,
        )
        with pytest.raises(AlreadyCorrected):
            energy.record_energy(session, use=KWH, corrects=wrong.code, **march, **place)
    with pytest.raises(MonthNotOver), store.write() as session:
        energy.close_month(session, month="2026-03", **place)
    with pytest.raises(NothingToClose), store.write() as session:
        energy.close_month(session, month="2026-02", **place)
    clock.advance(days=31)
    with store.write() as session:
        closed = energy.close_month(session, month="2026-03", **place)
        assert [(c.carrier, c.quantity, c.cast_g) for c in closed] == [
            ("electricity", 470_000, 940_000)
        ]
        final = queries.lot_state(session, code=first.casts[0].code)
        assert final.co2e["melt_energy"] == 271_519
        assert "melt_energy" not in final.missing
    with pytest.raises(MonthClosed), store.write() as session:
        energy.record_energy(session, use=KWH, **march, **place)
    with store.write() as session:
        more = a_lot(session, clock=clock, at=smelter)
    second = tap(store, clock, smelter, a_sheet(furnace, more, energy=()))
    assert second.heat.energy == "provisional"
    cast = second.casts[0].vectors
    assert cast.co2e["melt_energy"] == 271_519  # 470 kWh at 0.5777
    assert "melt_energy:provisional" in cast.missing


def test_closing_a_month_ends_what_was_provisional_in_it(store, clock, smelter, furnace, lot):
    place = {"clock": clock, "site_id": smelter.site.key, "person_id": smelter.person.key}
    casts = []
    for day, quantity in ((date(2026, 3, 1), 470_000), (date(2026, 4, 1), 1_000_000)):
        with store.write() as session:
            lot = a_lot(session, clock=clock, at=smelter)
        casts.append(tap(store, clock, smelter, a_sheet(furnace, lot, energy=())).casts[0].code)
        with store.write() as session:
            use = EnergyUse(carrier="electricity", quantity=quantity)
            energy.record_energy(session, use=use, since=day, until=day, **place)
        clock.advance(days=31)
        with store.write() as session:
            energy.close_month(session, month=f"{day:%Y-%m}", **place)
    with store.read() as session:
        states = [queries.lot_state(session, code=code) for code in casts]
        assert [state.co2e["melt_energy"] for state in states] == [271_519, 577_700]
        gaps = {name for state in states for name in state.missing}
        assert not gaps & {"melt_energy", "melt_energy:provisional"}
        for paper in session.exec(select(Heat)).all():
            line = works.heat(session, code=paper.code, organisation_id=smelter.organisation.key)
            page = heat_view(session, line)
            assert paper.energy in {"missing", "provisional"}
            assert line.standing == "laid"
            assert not any(each["provisional"] for each in page.told.facts["burdens"])
        assert audit(session) == []


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"until": date(2026, 2, 28)}, PeriodOutOfOrder),
        ({"until": date(2026, 3, 3)}, PeriodOutOfOrder),
        ({"use": EnergyUse(carrier="electricity", quantity=-1)}, MassNotGiven),
        ({"use": EnergyUse(carrier="electricity", quantity=10**16)}, MassNotGiven),
        ({"furnace_code": "NONE"}, NoSuchFurnace),
        ({"corrects": "NONE"}, NoSuchEntry),
    ],
)
def test_a_reading_is_refused(store, clock, smelter, changes, refusal):
    terms = {
        "use": KWH,
        "since": date(2026, 3, 1),
        "until": date(2026, 3, 2),
        "site_id": smelter.site.key,
        "person_id": smelter.person.key,
    }
    with pytest.raises(refusal), store.write() as session:
        energy.record_energy(session, clock=clock, **(terms | changes))
    with store.read() as session:
        assert session.exec(select(EnergyEntry)).all() == []
