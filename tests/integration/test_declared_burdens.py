"""What sellers declare of scrap and what contracts of power say stands beside, never inside."""

from dataclasses import replace

import pytest

from remelt.platform.kernel.store import Store
from remelt.traceability import ledger
from remelt.traceability.actions.declaring import MoreThanUsed, NoBurdenMissing, PowerNotFree
from remelt.traceability.audit.audit import audit
from remelt.traceability.errors import FactorNotLifeCycle
from remelt.traceability.ledger import Contracted, EnergyLine, FactorRef, Market, Output, Taken
from remelt.traceability.rules.conventions import ONLY_BY_MASS
from remelt.traceability.rules.footprint import footprint
from tests.integration.ledger_world import ACTOR, CANS, CLIPS, GRID, INGOT, SMELTER, brought

SELLERS = FactorRef(id="seller", edition="2026", numerator=4, denominator=1, unit="kg")
WIND = FactorRef(id="elec_lca_wind", edition="2026", numerator=11, denominator=1_000, unit="kWh")
REST = FactorRef(id="elec_lca_rest", edition="2026", numerator=7, denominator=10, unit="kWh")
MWH = 1_000_000
TON = 1_000_000


def declare(session, clock, lot, factor=SELLERS):
    return ledger.declare_burden(
        session,
        clock=clock,
        lot_code=lot.code,
        factor=factor,
        document_ref="statement 7",
        site=SMELTER,
        actor=ACTOR,
    )


def melt(session, clock, lot, market=None, *, scrap_g=0):
    clock.advance(seconds=1)
    outputs = [Output(spec=INGOT, mass_g=lot.mass_g - scrap_g)]
    if scrap_g:
        outputs.append(Output(spec=replace(CLIPS, metal_bp=None), mass_g=scrap_g, role="scrap"))
    power = EnergyLine(
        carrier="arc", quantity=MWH, unit="kWh", factor=GRID, power=True, market=market
    )
    return ledger.transform(
        session,
        clock=clock,
        kind="melt",
        inputs=[Taken(lot_code=lot.code, recovery_bp=10_000)],
        outputs=outputs,
        energy=[power],
        site=SMELTER,
        actor=ACTOR,
    ).outputs


def test_a_sellers_figure_counts_by_mass_only_and_goes_on_with_the_metal(store: Store, clock):
    with store.write() as session:
        told = brought(session, clock, spec=CLIPS, mass_g=TON, site=SMELTER, upstream=SELLERS)
        later = brought(session, clock, spec=CLIPS, mass_g=TON, site=SMELTER)
        assert ONLY_BY_MASS in later.vectors.missing
        declare(session, clock, later)
        for lot in (told, later):
            assert lot.vectors.scrap_burden_g == 4 * TON
            assert lot.vectors.co2e == {}
            assert ONLY_BY_MASS not in lot.vectors.missing
        with pytest.raises(NoBurdenMissing):
            declare(session, clock, later)
        with pytest.raises(NoBurdenMissing):
            declare(session, clock, brought(session, clock, spec=CANS, site=SMELTER))
        with pytest.raises(FactorNotLifeCycle):
            bare = brought(session, clock, spec=CLIPS, mass_g=TON, site=SMELTER)
            declare(session, clock, bare, replace(SELLERS, gas="CO2"))
        product, scrap = melt(session, clock, told, scrap_g=TON // 4)
        grid_g = GRID.co2e_g(MWH)
        known, sold = footprint(product.vectors), footprint(scrap.vectors)
        assert (known.cut_off.co2e_g, sold.cut_off.co2e_g) == (grid_g, 0)
        assert known.by_mass.co2e_g + sold.by_mass.co2e_g == grid_g + 4 * TON
        assert sold.by_mass.co2e_g == (grid_g + 4 * TON) // 4
    with store.read() as session:
        assert audit(session) == []


def test_contracted_power_has_its_own_factor_and_the_rest_a_residual(store: Store, clock):
    half = Contracted(quantity=MWH // 2, factor=WIND, certificate="GEC-1")
    with store.write() as session:

        def one(market):
            lot = brought(session, clock, mass_g=TON, site=SMELTER)
            (cast,) = melt(session, clock, lot, market)
            return footprint(cast.vectors)

        both = one(Market(contracted=(half,), residual=REST))
        assert both.cut_off.co2e_g == GRID.co2e_g(MWH)
        assert both.market.co2e_g == WIND.co2e_g(MWH // 2) + REST.co2e_g(MWH // 2)
        assert not one(Market(contracted=(half,))).market.available
        assert not one(None).market.available
        whole = Market(contracted=(replace(half, quantity=MWH),))
        assert one(whole).market.co2e_g == WIND.co2e_g(MWH) > 0
        with pytest.raises(MoreThanUsed):
            one(Market(contracted=(replace(half, quantity=MWH + 1),)))
        with pytest.raises(PowerNotFree):
            one(Market(contracted=(replace(half, factor=replace(WIND, numerator=0)),)))
        with pytest.raises(FactorNotLifeCycle):
            one(Market(contracted=(replace(half, factor=replace(WIND, gas="CO2")),)))
    with store.read() as session:
        assert audit(session) == []
