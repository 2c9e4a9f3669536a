"""A month's recoveries are brought to what its heats gave, as the preview said."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlmodel import select

from remelt.platform.works import yields
from remelt.platform.works.errors import MonthNotOver, NoHeatsThen, YieldTruedUp
from remelt.platform.works.heats import melt
from remelt.platform.works.sheets import CastLine, ChargeLine
from remelt.traceability.audit.audit import audit
from remelt.traceability.errors import NothingToTrueUp
from remelt.traceability.models import LedgerEvent, MeltLine, in_force
from tests.counting import Counting
from tests.parties import a_party
from tests.works import CLIPS, a_furnace, a_lot, a_sheet, correct_weighing

MONTH = "2026-03"


@pytest.fixture
def works(store, clock):
    with store.write() as session:
        return a_party(session, clock=clock, role="smelter")


@pytest.fixture
def charges(store, clock, works):
    """Two lots melted in one heat: 1 t expected to give 800 kg, 1 t of which 900 kg; 1.8 t came."""
    with store.write() as session:
        furnace = a_furnace(session, clock=clock, at=works)
        lots = [a_lot(session, clock=clock, at=works, spec=spec) for spec in (CLIPS, CLIPS)]
        clock.advance(hours=1)
        expected = zip(lots, (8_000, 9_000), strict=True)
        sheet = a_sheet(
            furnace,
            *lots,
            charges=tuple(ChargeLine(lot_code=x.code, recovery_bp=bp) for x, bp in expected),
            casts=(CastLine(mass_g=1_802_000),),
            dross_g=100_000,
            losses_g={"burn_off": 98_000},
        )
        melt(session, clock=clock, site_id=works.site.key, person_id=works.person.key, heat=sheet)
        return lots


def month_of_site(store, clock, works):
    with store.read() as session:
        page = yields.yield_months(session, sites=[works.site], now=clock.now())
        [found], older = page.months, page.older
        assert older is None
        return found


def bring(store, clock, works, month=MONTH):
    with store.write() as session:
        return yields.bring_to_yield(
            session,
            clock=clock,
            site_id=works.site.key,
            person_id=works.person.key,
            month=month,
        )


def test_a_month_is_brought_to_its_yield_as_the_preview_said(store, clock, works, charges):
    assert month_of_site(store, clock, works).state == "running"
    with pytest.raises(MonthNotOver):
        bring(store, clock, works)
    clock.advance(days=31)
    before = month_of_site(store, clock, works)
    assert (before.state, before.may, before.said) == ("open", True, None)
    assert (before.expected_g, before.measured_g) == (1_700_000, 1_802_000)
    with store.read() as session:
        [preview] = yields.yield_heats(session, site=works.site, month=MONTH)
        assert yields.book_differences(session, site=works.site, month=MONTH) == []
    assert preview.expected.scrap_mg == 1_700_000_000
    assert preview.brought.scrap_mg == 1_802_000_000
    bring(store, clock, works)
    after = month_of_site(store, clock, works)
    assert (after.state, after.may, after.said) == ("trued", False, (1_802_000, 1_700_000))
    with store.read() as session:
        [done] = yields.yield_heats(session, site=works.site, month=MONTH)
        assert (done.expected, done.brought) == (preview.expected, preview.brought)
        line = session.exec(select(MeltLine).where(in_force())).one()
        assert line.pre_mg == preview.brought.pre_mg
        moved = yields.book_differences(session, site=works.site, month=MONTH)
        assert sum(each.mass_g for each in moved) == 0
        assert audit(session) == []
    with pytest.raises(YieldTruedUp):
        bring(store, clock, works)


def test_a_correction_opens_a_month_again(store, clock, works, charges):
    clock.advance(days=31)
    bring(store, clock, works)
    correct_weighing(store, clock=clock, at=works, lot=charges[0], mass_g=1_010_000)
    found = month_of_site(store, clock, works)
    assert (found.state, found.may) == ("changed", True)
    assert found.expected_g == 1_708_000
    clock.set(clock.now() + timedelta(minutes=1))
    bring(store, clock, works)
    assert month_of_site(store, clock, works).said == (1_802_000, 1_708_000)
    with store.read() as session:
        assert audit(session) == []


def test_the_list_reads_a_page_of_months_and_no_heat_beyond(store, clock, works, monkeypatch):
    """27 heats in as many months, a gap of two years before the last: 12 calendar months a page."""
    for n in range(27):
        clock.advance(days=31 if n < 26 else 730)
        with store.write() as session:
            furnace = a_furnace(session, clock=clock, at=works, name=f"F{n}")
            sheet = a_sheet(furnace, a_lot(session, clock=clock, at=works))
            melt(
                session, clock=clock, site_id=works.site.key, person_id=works.person.key, heat=sheet
            )
    read = []
    asked = yields.workings

    def workings(session, hashes):
        read.append(len(hashes))
        return asked(session, hashes)

    monkeypatch.setattr(yields, "workings", workings)
    seen, counts, before = [], [], None
    while True:
        with Counting(store) as count, store.read() as session:
            page = yields.yield_months(session, sites=[works.site], now=clock.now(), before=before)
        seen += [each.month for each in page.months]
        counts.append(count.statements)
        if page.older is None:
            break
        before = page.older
    assert len(seen) == len(set(seen)) == 27
    assert seen == sorted(seen, reverse=True)
    assert read[0] == 1  # the gap is jumped over
    assert len(read) <= 4
    assert max(read) <= 12
    assert max(counts) <= 12
    read.clear()
    with store.read() as session:
        one = yields.yield_month(session, site=works.site, month=seen[3], now=clock.now())
        assert (one.month, one.heats) == (seen[3], 1)
        assert len(yields.yield_heats(session, site=works.site, month=seen[3])) == 1
        for wrong in ("2019-01", "2026-13", "x", "0001-01", "9999-12"):
            with pytest.raises(NoHeatsThen):
                yields.yield_month(session, site=works.site, month=wrong, now=clock.now())
    assert read == [1, 1, 0]


def test_of_two_who_bring_a_month_to_its_yield_at_once_one_does(store, clock, works, charges):
    clock.advance(days=31)
    start = Barrier(4)

    def one(_n):
        start.wait()
        try:
            bring(store, clock, works)
        except YieldTruedUp:
            return "trued"
        return "brought"

    with ThreadPoolExecutor(4) as threads:
        told = sorted(threads.map(one, range(4)))
    assert told == ["brought", "trued", "trued", "trued"]
    with store.read() as session:
        said = session.exec(select(LedgerEvent.id).where(LedgerEvent.kind == "true_up")).all()
        assert len(said) == 1
        assert audit(session) == []


def test_a_month_without_heats_has_no_yield(store, clock, works):
    clock.advance(days=31)
    with pytest.raises(NothingToTrueUp):
        bring(store, clock, works)
