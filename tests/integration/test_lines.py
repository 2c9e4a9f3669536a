"""A tankhouse and a rod line by the month: what is in process is stock, a drain tells the truth."""

from dataclasses import replace
from datetime import date

import pytest
from sqlmodel import func, select

from remelt.platform.works import campaigns, errors
from remelt.platform.works.lines import add_line, run_period
from remelt.platform.works.sheets import ChargeLine, EnergyUse, LineProduct, PeriodSheet
from remelt.traceability.audit.audit import audit
from remelt.traceability.models import BookLine, Lot, MeltLine
from tests.parties import a_party
from tests.works import CANS, a_lot, correct_weighing, mass_of

ANODE = replace(
    CANS, metal="Cu", grade_system="works", grade_code="anode", form="anode", metal_bp=9_900
)
FEBRUARY = {"since": date(2026, 2, 1), "until": date(2026, 2, 28)}


@pytest.fixture
def works(store, clock):
    with store.write() as session:
        return a_party(session, clock=clock, role="smelter")


@pytest.fixture
def line(store, clock, works):
    return set_up(store, clock, works, kind="tankhouse")


def set_up(store, clock, works, **changes):
    terms = {"name": "1号系列", "kind": "tankhouse", "metal": "Cu"} | changes
    with store.write() as session:
        return add_line(
            session, clock=clock, site_id=works.site.key, person_id=works.person.key, **terms
        )


def anodes(store, clock, works, mass_g):
    with store.write() as session:
        return a_lot(session, clock=clock, at=works, spec=ANODE, mass_g=mass_g)


def cathode(mass_g, **more):
    return LineProduct(mass_g=mass_g, name="Cu-CATH-1", form="cathode", metal_bp=9_999, **more)


def slimes(mass_g):
    return LineProduct(mass_g=mass_g, name="slimes", form="slimes", waste=True)


def run(store, clock, works, line, **sheet):
    clock.advance(hours=1)
    terms = FEBRUARY | {"method": "counted"} | sheet
    with store.write() as session:
        return run_period(
            session,
            clock=clock,
            site_id=works.site.key,
            person_id=works.person.key,
            line_code=line.code,
            sheet=PeriodSheet(**terms),
        )


def test_months_of_a_tankhouse_follow_each_other_and_a_drain_settles_them(
    store, clock, works, line
):
    clock.advance(days=60)
    first = anodes(store, clock, works, 100_000_000)
    february = run(
        store, clock, works, line,
        charges=(ChargeLine(lot_code=first.code),),
        products=(cathode(60_000_000, bay="K1"), slimes(500_000)),
        closing_g=39_900_000,  # 400 kg too much: the count was generous
        energy=(EnergyUse(carrier="electricity", quantity=20_000_000),),
    )  # fmt: skip
    assert (mass_of(store, february.period.event_hash).opening_g, february.done.unexplained_g) == (
        0,
        -400_000,
    )
    assert february.stock.role == "heel"
    assert february.products[0].vectors.co2e["refining"] > 0
    second = anodes(store, clock, works, 50_000_000)
    with pytest.raises(errors.PeriodGap):
        run(
            store, clock, works, line, charges=(ChargeLine(lot_code=second.code),),
            products=(cathode(1),), closing_g=1, since=date(2026, 3, 2), until=date(2026, 3, 31),
        )  # fmt: skip
    march = run(
        store, clock, works, line,
        since=date(2026, 3, 1), until=date(2026, 3, 31), method="drained",
        charges=(ChargeLine(lot_code=second.code),),
        products=(cathode(88_710_000), slimes(750_000)),
    )  # fmt: skip
    assert mass_of(store, march.period.event_hash).opening_g == 39_900_000
    assert march.done.unexplained_g == 440_000
    assert not march.done.beyond_tolerance
    assert march.stock is None
    with store.read() as session:
        papers = campaigns.periods(session, line_id=line.key)
        [campaign] = campaigns.judge(papers, scale_division_g=500)
        assert (campaign.in_g, campaign.residual_g) == (150_000_000, 40_000)
        assert campaign.drained
        assert not campaign.beyond
        assert session.exec(select(MeltLine)).first() is None  # a tankhouse melts nothing
        lots = session.exec(select(func.sum(Lot.mass_g))).one()
        assert lots == session.exec(select(func.sum(BookLine.mass_g))).one()
        assert audit(session) == []
    third = anodes(store, clock, works, 1_000_000)
    april = run(
        store, clock, works, line, since=date(2026, 4, 1), until=date(2026, 4, 2),
        charges=(ChargeLine(lot_code=third.code),), products=(), closing_g=1_000_000,
    )  # fmt: skip
    assert april.period.campaign == 2


def test_a_period_is_judged_on_corrected_masses(store, clock, works, line):
    lot = anodes(store, clock, works, 10_000_000)
    ran = run(
        store, clock, works, line, charges=(ChargeLine(lot_code=lot.code),),
        products=(cathode(9_990_000),), method="drained",
    )  # fmt: skip

    def judged():
        with store.read() as session:
            [period] = campaigns.periods(session, line_id=line.key)
            return period.mass, campaigns.judge([period], scale_division_g=500)[0]

    mass, campaign = judged()
    assert (mass.in_g, mass.difference_g, mass.beyond_tolerance) == (10_000_000, 10_000, False)
    assert (campaign.residual_g, campaign.beyond) == (10_000, False)
    correct_weighing(store, clock=clock, at=works, lot=lot, mass_g=10_400_000)
    mass, campaign = judged()
    assert (mass.in_g, mass.difference_g, mass.beyond_tolerance) == (10_400_000, 410_000, True)
    assert (campaign.in_g, campaign.residual_g, campaign.beyond) == (10_400_000, 410_000, True)
    with store.read() as session:
        product = session.exec(select(Lot).where(Lot.code == ran.products[0].code)).one()
        assert product.claims_blocked


def test_a_rod_line_melts_and_its_scrap_comes_back_as_run_around(store, clock, works):
    line = set_up(store, clock, works, kind="rod_line", name="连铸连轧")
    lot = anodes(store, clock, works, 10_000_000)
    ran = run(
        store, clock, works, line,
        charges=(ChargeLine(lot_code=lot.code),),
        products=(LineProduct(mass_g=9_000_000, name="T2 8 mm", form="rod"),
                  LineProduct(mass_g=500_000, name="ends", form="rod")),
        closing_g=480_000, method="level", losses_g={"burn_off": 20_000},
    )  # fmt: skip
    assert ran.products[0].vectors.melted_g == 9_000_000
    with store.read() as session:
        assert session.exec(select(MeltLine)).one().post_mg == 9_900_000_000
    more = anodes(store, clock, works, 500_000)
    with pytest.raises(errors.NotRunAround):
        run(store, clock, works, line, since=date(2026, 3, 1), until=date(2026, 3, 1),
            charges=(ChargeLine(lot_code=more.code, internal=True),),
            products=(cathode(1),), closing_g=1)  # fmt: skip
    run(
        store, clock, works, line, since=date(2026, 3, 1), until=date(2026, 3, 1),
        charges=(ChargeLine(lot_code=ran.products[1].code, internal=True),),
        products=(LineProduct(mass_g=980_000, name="T2 8 mm", form="rod"),), method="drained",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("sheet", "refusal"),
    [
        ({"until": date(2026, 1, 31)}, errors.PeriodOutOfOrder),
        ({"until": date(2027, 1, 31)}, errors.PeriodOutOfOrder),
        ({"charges": ()}, errors.NothingToWork),
        ({"products": (), "closing_g": 0, "method": "drained"}, errors.NothingToWork),
        ({"products": (LineProduct(mass_g=0, name="x"),)}, errors.MassNotGiven),
        ({"method": "drained"}, errors.ClosingStockUnclear),
        ({"closing_g": 0}, errors.ClosingStockUnclear),
        ({"products": (cathode(1_000_000),)}, errors.DifferenceNotNamed),
    ],
)
def test_a_period_out_of_rule_is_refused(store, clock, works, line, sheet, refusal):
    lot = anodes(store, clock, works, 10_000_000)
    good = {
        "charges": (ChargeLine(lot_code=lot.code),),
        "products": (cathode(6_000_000),),
        "closing_g": 4_000_000,
    }
    with pytest.raises(refusal):
        run(store, clock, works, line, **(good | sheet))


def test_a_line_is_its_sites_own(store, clock, works, line):
    with pytest.raises(errors.LineNameTaken):
        set_up(store, clock, works)
    with store.write() as session:
        other = a_party(session, clock=clock, role="smelter")
        hub = a_party(session, clock=clock, role="hub")
    lot = anodes(store, clock, works, 1_000)
    with pytest.raises(errors.NoSuchLine):
        run(
            store,
            clock,
            other,
            line,
            charges=(ChargeLine(lot_code=lot.code),),
            products=(cathode(1),),
        )
    with pytest.raises(errors.SiteCannot):
        set_up(store, clock, hub)
