"""What pages read of lots: public by default, shares that lead back to their heats."""

import pytest

from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.codes import new_code
from remelt.platform.kernel.store import Store
from remelt.traceability import ledger, queries
from remelt.traceability.errors import NoSuchLot
from remelt.traceability.ledger import Output, Taken

from .ledger_world import ACTOR, CANS, CLIPS, HUB, INGOT, PRIMARY, SMELTER, brought


def a_heat(session, clock, *, cans_g=8_000_000, primary_g=2_000_000):
    cans = brought(session, clock, mass_g=cans_g, site=SMELTER)
    ingot = brought(session, clock, mass_g=primary_g, site=SMELTER, spec=PRIMARY)
    clock.advance(hours=1)
    return ledger.transform(
        session,
        clock=clock,
        kind="melt",
        inputs=[Taken(lot_code=cans.code), Taken(lot_code=ingot.code)],
        outputs=[Output(spec=INGOT, mass_g=cans_g + primary_g - 500_000)],
        losses={"burn_off": 500_000},
        site=SMELTER,
        actor=ACTOR,
    )


@pytest.mark.parametrize(
    ("by", "keys"),
    [
        ("total", ["total"]),
        ("month", ["2026-03", "2026-04"]),
        ("prefecture", ["520300"]),
        ("smelter", ["SMELT1"]),
    ],
)
def test_shares_lead_back_to_the_heats_that_make_them(
    store: Store, clock: SimulatedClock, by: str, keys: list[str]
):
    with store.write() as session:
        a_heat(session, clock)
        clock.advance(days=31)
        a_heat(session, clock, cans_g=4_000_000)
    asked = {"metal": "Al", "month_from": "2026-03", "month_to": "2026-04"}
    with store.read() as session:
        rows = queries.shares(session, **asked, by=by)
        assert [row.key for row in rows] == keys
        assert sum(row.share.numerator for row in rows) == 10_800_000_000
        assert sum(row.share.denominator for row in rows) == 10_800_000_000 + 2 * 1_994_000_000
        for row in rows:
            heats = queries.share_melts(session, **asked, by=by, key=row.key)
            assert sum(heat.post_mg + heat.pre_mg for heat in heats) == row.share.numerator
            assert len(heats) == row.heats


def test_before_the_first_hand_over_a_lot_is_only_registered(store: Store, clock: SimulatedClock):
    code = new_code()
    with store.write() as session:
        ledger.commission(
            session,
            clock=clock,
            lot_code=code,
            spec=CANS,
            declared_mass_g=5_000,
            owner="LI",
            custodian="LI",
            site=HUB,
            actor="person:LI",
        )
    with store.read() as session:
        page = queries.passport(session, code=code)
        assert page.registered_only
        with pytest.raises(NoSuchLot):
            queries.passport(session, code=new_code())


def test_a_passport_tells_what_the_lot_is_and_nobody_behind_it(store: Store, clock: SimulatedClock):
    with store.write() as session:
        code = a_heat(session, clock).outputs[0].code
    with store.read() as session:
        facts = queries.passport(session, code=code).facts
        assert (facts.metal, facts.mass_g) == ("Al", 9_500_000)
        assert facts.recycled.wording == "iso-14021"
        assert facts.recycled.numerator == facts.recycled.classes["post_consumer"]
        assert facts.steps == {"bring_in": 2, "melt": 1}
        assert facts.origins == {"520000": 7_503_722, "530000": 1_996_278}
        assert not facts.footprint.cut_off.complete
        assert facts.footprint.missing == ("collection", "melt_energy", "upstream")
        for secret in ("SMELT1", "ORG1", "ZHAO", "520304"):
            assert secret not in repr(facts)


def test_a_county_is_told_when_five_suppliers_stand_behind_it(store: Store, clock: SimulatedClock):
    with store.write() as session:
        lots = [brought(session, clock, owner=f"LI{i}", spec=CLIPS) for i in range(5)]
    with store.read() as session:
        facts = queries.passport(session, code=lots[0].code).facts
        assert facts.origins == {"520304": facts.basis_g}


def test_the_public_history_has_days_and_the_own_one_masses(store: Store, clock: SimulatedClock):
    with store.write() as session:
        code = brought(session, clock, ticket_ref="T-9").code
    with store.read() as session:
        (public,) = queries.history(session, code=code)
        assert (public.day, public.at, public.mass_g) == ("2026-03-02", None, None)
        (own,) = queries.history(session, code=code, own=True)
        assert (own.mass_g, own.site_code, own.actor, own.ticket) == (
            10_000_000,
            "HUB1",
            ACTOR,
            "T-9",
        )
        assert own.at is not None


def test_lots_lie_at_their_site(store: Store, clock: SimulatedClock):
    with store.write() as session:
        here, gone = brought(session, clock), brought(session, clock)
        ledger.move(
            session,
            clock=clock,
            lot_codes=[gone.code],
            kind="pickup",
            to_site=SMELTER,
            custodian="CARRIER",
            actor=ACTOR,
        )
    with store.read() as session:
        assert [lot.code for lot in queries.lots_at(session, site_code="HUB1")] == [here.code]
        assert queries.lots_at(session, site_code="HUB1", metal="Cu") == []
        assert len(queries.lots_of(session, owner="ORG1")) == 2


def test_the_world_balances(store: Store, clock: SimulatedClock):
    with store.write() as session:
        a_heat(session, clock)
    with store.read() as session:
        balance = queries.world_balance(session)
        assert balance.weighed_in_g == 10_000_000
        assert balance.losses == {"burn_off": 500_000}
        assert (balance.on_hand_g, balance.drift_g) == (9_500_000, 0)
        assert queries.checkpoint(session).size == 3


def test_an_empty_world_has_an_empty_log(store: Store):
    with store.read() as session:
        head = queries.checkpoint(session)
        assert head.size == 0
        assert head.root.startswith("e3b0c442")
