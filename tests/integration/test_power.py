"""Green certificates are retired once, each Wh of them counts once, and never for nothing."""

from datetime import date, timedelta

import pytest
from sqlmodel import select

from remelt.platform.catalogue.loading import load_package_data
from remelt.platform.catalogue.models import Factor
from remelt.platform.kernel.clock import BEIJING
from remelt.platform.kernel.store import Store
from remelt.platform.works import power
from remelt.platform.works.energy import close_month, record_energy
from remelt.platform.works.errors import UnknownFactor
from remelt.platform.works.heats import melt
from remelt.platform.works.lines import add_line, run_period
from remelt.platform.works.sheets import CastLine, ChargeLine, EnergyUse, LineProduct, PeriodSheet
from remelt.traceability.audit.audit import audit
from remelt.traceability.queries import lot_state
from remelt.traceability.rules.footprint import footprint
from tests.parties import a_party
from tests.works import a_furnace, a_lot, a_sheet

MWH = 1_000_000
WIND = "elec_lca_wind_cn"


def supply(session, **values):
    """The operator supplies factors, in thousandths of kgCO2e per kWh."""
    for name, digits in values.items():
        row = session.exec(select(Factor).where(Factor.factor_id == name)).one()
        row.confidence, row.value_digits, row.value_places = "sourced", digits, 3
        session.add(row)
    session.flush()


def retired(session, clock, at, serial="GEC-1", quantity=MWH, **terms):
    day = clock.now(session).astimezone(BEIJING).date()
    known = {"factor_id": WIND, "since": day.replace(day=1), "until": day} | terms
    return power.retire(
        session,
        clock=clock,
        site_id=at.site.key,
        person_id=at.person.key,
        issuer="greenenergy",
        serial=serial,
        quantity=quantity,
        **known,
    )


def test_a_heat_uses_what_is_under_contract_and_names_what_is_not(store: Store, clock):
    with store.write() as session:
        load_package_data(session)
        at = a_party(session, clock=clock, role="smelter")
        furnace = a_furnace(session, clock=clock, at=at, has_meter=True)

        def heat():
            clock.advance(seconds=60)
            lot = a_lot(session, clock=clock, at=at, mass_g=1_000_000)
            sheet = a_sheet(furnace, lot, energy=(EnergyUse(carrier="electricity", quantity=MWH),))
            done = melt(
                session, clock=clock, site_id=at.site.key, person_id=at.person.key, heat=sheet
            )
            return footprint(done.casts[0].vectors)

        assert not heat().market.available
        with pytest.raises(power.FactorWithoutValue):
            retired(session, clock, at)  # the operator has not supplied its factor
        supply(session, elec_lca_wind_cn=11)
        retired(session, clock, at, quantity=MWH * 3 // 2)
        old = {"since": date(2020, 1, 1), "until": date(2020, 1, 31)}
        retired(session, clock, at, "GEC-OLD", **old)
        first = heat()
        assert first.market.co2e_g - first.cut_off.co2e_g == 11_000 - 577_700
        assert not heat().market.available  # half is under no contract, and no residual is known
        supply(session, elec_lca_residual_cn=700)
        last = heat()
        assert last.market.co2e_g - last.cut_off.co2e_g == 700_000 - 577_700
        held = power.certificates(session, site_id=at.site.key)
        assert [each.left for each in held] == [0, MWH]


def test_a_closed_month_counts_its_power_by_contract_too(store: Store, clock):
    with store.write() as session:
        load_package_data(session)
        at = a_party(session, clock=clock, role="smelter")
        where = {"clock": clock, "site_id": at.site.key, "person_id": at.person.key}
        supply(session, elec_lca_wind_cn=11, elec_lca_residual_cn=700)
        furnace = a_furnace(session, clock=clock, at=at)
        lot = a_lot(session, clock=clock, at=at, mass_g=1_000_000)
        retired(session, clock, at, quantity=MWH // 4)
        sheet = a_sheet(furnace, lot, energy=())
        cast = melt(session, heat=sheet, **where).casts[0].code
        day = clock.now(session).astimezone(BEIJING).date()
        use = EnergyUse(carrier="electricity", quantity=MWH)
        record_energy(session, use=use, since=day, until=day, **where)
    clock.advance(days=40)
    with store.write() as session:
        close_month(session, month=f"{day:%Y-%m}", **where)
    with store.read() as session:
        said = footprint(lot_state(session, code=cast))
        assert said.market.available
        by_contract = 750 * 700 + 250 * 11  # kWh x g
        assert said.market.co2e_g - said.cut_off.co2e_g == by_contract - 577_700
        [held] = power.certificates(session, site_id=at.site.key)
        assert held.left == 0
        assert audit(session) == []


def test_what_a_heat_sells_as_scrap_takes_its_share_along_by_mass_only(store: Store, clock):
    with store.write() as session:
        load_package_data(session)
        at = a_party(session, clock=clock, role="smelter")
        furnace = a_furnace(session, clock=clock, at=at)
        lot = a_lot(session, clock=clock, at=at, mass_g=1_000_000)
        casts = (CastLine(mass_g=705_000), CastLine(mass_g=235_000, scrap=True))
        sheet = a_sheet(furnace, lot, casts=casts)
        done = melt(session, clock=clock, site_id=at.site.key, person_id=at.person.key, heat=sheet)
        product, scrap = (footprint(each.vectors) for each in done.casts)
        assert [each.role for each in done.casts] == ["product", "scrap"]
        whole = product.cut_off.co2e_g
        assert whole > 0 == scrap.cut_off.co2e_g
        assert product.by_mass.co2e_g + scrap.by_mass.co2e_g == whole
        assert abs(scrap.by_mass.co2e_g * 4 - whole) <= 4


def lapsed(session, clock):
    """The only edition of the factor for wind was in force until the day before."""
    row = session.exec(select(Factor).where(Factor.factor_id == WIND)).one()
    row.valid_to = clock.now(session).astimezone(BEIJING).date() - timedelta(days=1)
    row.valid_from = row.valid_to.replace(year=2020)
    session.add(row)
    session.flush()


@pytest.mark.parametrize("working", ["heat", "line", "month"])
def test_a_lapsed_factor_of_a_certificate_stops_no_working(store: Store, clock, working):
    """There is no figure by contract, named by its stage; the certificate keeps what it holds."""
    use = EnergyUse(carrier="electricity", quantity=MWH)
    with store.write() as session:
        load_package_data(session)
        at = a_party(session, clock=clock, role="smelter")
        where = {"clock": clock, "site_id": at.site.key, "person_id": at.person.key}
        supply(session, elec_lca_wind_cn=11, elec_lca_residual_cn=700)
        retired(session, clock, at)
        lapsed(session, clock)
        lot = a_lot(session, clock=clock, at=at)
        day = clock.now(session).astimezone(BEIJING).date()
        if working == "line":
            line = add_line(session, name="1", kind="rod_line", metal="Al", **where)
            sheet = PeriodSheet(
                since=day, until=day, method="drained", energy=(use,),
                charges=(ChargeLine(lot_code=lot.code),),
                products=(LineProduct(mass_g=1_000_000, name="rod"),),
            )  # fmt: skip
            made = run_period(session, line_code=line.code, sheet=sheet, **where).products[0].code
        else:
            furnace = a_furnace(session, clock=clock, at=at)
            sheet = a_sheet(furnace, lot, energy=(use,) if working == "heat" else ())
            made = melt(session, heat=sheet, **where).casts[0].code
            if working == "month":
                record_energy(session, use=use, since=day, until=day, **where)
    if working == "month":
        clock.advance(days=40)
        with store.write() as session:
            close_month(session, month=f"{day:%Y-%m}", **where)
    with store.read() as session:
        state = lot_state(session, code=made)
        assert not footprint(state).market.available
        assert state.unmarketed == ("melt_energy",)
        assert state.co2e["melt_energy"] == 577_700  # by location it stands
        [held] = power.certificates(session, site_id=at.site.key)
        assert held.left == MWH
        assert audit(session) == []


def test_a_certificate_is_retired_once(store: Store, clock):
    with store.write() as session:
        load_package_data(session)
        at, other = (a_party(session, clock=clock, role="smelter") for _ in range(2))
        supply(session, elec_lca_wind_cn=11, elec_lca_solar_cn=0, elec_lca_residual_cn=700)
        retired(session, clock, at)
        with pytest.raises(power.CertificateRetired):
            retired(session, clock, other)
        for factor in ("elec_lca_solar_cn", "elec_lca_residual_cn", "grid_guizhou_2022", "x"):
            with pytest.raises(UnknownFactor):
                retired(session, clock, at, f"for {factor}", factor_id=factor)


def test_a_line_counts_its_power_by_contract_too(store: Store, clock):
    with store.write() as session:
        load_package_data(session)
        at = a_party(session, clock=clock, role="smelter")
        where = {"clock": clock, "site_id": at.site.key, "person_id": at.person.key}
        supply(session, elec_lca_wind_cn=11, elec_lca_residual_cn=700)
        retired(session, clock, at, quantity=MWH // 4)
        line = add_line(session, name="1", kind="rod_line", metal="Al", **where)
        day = clock.now(session).astimezone(BEIJING).date()
        sheet = PeriodSheet(
            since=day,
            until=day,
            method="drained",
            charges=(ChargeLine(lot_code=a_lot(session, clock=clock, at=at).code),),
            products=(LineProduct(mass_g=1_000_000, name="rod"),),
            energy=(EnergyUse(carrier="electricity", quantity=MWH),),
        )
        ran = run_period(session, line_code=line.code, sheet=sheet, **where)
        said = footprint(ran.products[0].vectors)
        assert said.market.co2e_g - said.cut_off.co2e_g == 750 * 700 + 250 * 11 - 577_700
