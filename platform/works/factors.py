"""Factors of the catalogue as the ledger takes them, and the burden lines of a working."""

from collections.abc import Sequence
from datetime import date

from sqlmodel import Session

from remelt.platform.catalogue import queries
from remelt.platform.catalogue.carbon import activity_unit, rate
from remelt.platform.catalogue.errors import NoSuchFactor
from remelt.platform.catalogue.models import Factor
from remelt.platform.works.errors import NoElectricityFactor, UnknownFactor
from remelt.platform.works.sheets import AdditionLine, EnergyUse
from remelt.traceability.ledger import Addition, EnergyLine, FactorRef

GAS = "fuel_ng_cn"
GAS_UPSTREAM = "fuel_ng_cn_upstream"
FLUX = "flux_salt"
DROSS = "dross_treatment"
POWER = "electricity"
BURNT_HERE = "CO2-direct"
_UNITS = {"Wh": "kWh", "dm3": "Nm3", "g": "kg"}


def factor_ref(factor: Factor) -> FactorRef | None:
    """Return a factor as the ledger keeps it with an event; None where its value is missing.

    g per Wh is kg per kWh, so the exact pair stays the same. A fuel's CO2 is what burning it
    here sets free; anything else that counts CO2 alone is refused by the ledger.
    """
    if factor.value_digits is None:
        return None
    numerator, denominator = rate(factor)
    direct = factor.gas == "CO2" and factor.category == "fuel"
    return FactorRef(
        id=factor.factor_id,
        edition=factor.edition,
        numerator=numerator,
        denominator=denominator,
        unit=_UNITS[activity_unit(factor)],
        gas=BURNT_HERE if direct else factor.gas,
        includes_upstream=not direct,
        valid_from=factor.valid_from.isoformat(),
        valid_to=factor.valid_to.isoformat() if factor.valid_to else "",
    )


def electricity(session: Session, *, on: date) -> Factor:
    """Return the newest national life-cycle footprint factor of electricity in force.

    A product footprint counts the whole life of a kWh; the provincial CO2 factors are for the
    accounts of an organisation. Raises `NoElectricityFactor`.
    """
    fit = [
        factor
        for factor in queries.factors(session, on=on)
        if factor.category == POWER
        and factor.unit == "kgCO2e/kWh"
        and factor.region == "China"
        and factor.value_digits is not None
    ]
    if not fit:
        raise NoElectricityFactor
    return max(fit, key=lambda factor: factor.year or 0)


def energy_lines(
    session: Session,
    uses: Sequence[EnergyUse],
    *,
    on: date,
    stage: str,
    provisional: bool = False,
) -> list[EnergyLine]:
    """Return the burden lines of energy used in a stage (`hub`, `melt_energy`).

    What is power is told by the category of its factor. Gas is two lines: what burning it sets
    free, and its way to the burner, which is missing by name until the operator supplies
    `fuel_ng_cn_upstream`.
    """
    lines = []
    for use in uses:
        if use.carrier == "electricity":
            named = [("electricity", electricity(session, on=on))]
        else:
            burnt = queries.factor(session, GAS, on=on)
            upstream = queries.factor(session, GAS_UPSTREAM, on=on)
            named = [("natural_gas", burnt), ("natural_gas_upstream", upstream)]
        lines += [
            EnergyLine(
                carrier=name,
                quantity=use.quantity,
                unit=_UNITS[activity_unit(factor)],
                factor=factor_ref(factor),
                stage=stage,
                power=factor.category == POWER,
                provisional=provisional,
            )
            for name, factor in named
        ]
    return lines


def material_lines(session: Session, *, flux_g: int, dross_g: int, on: date) -> list[EnergyLine]:
    """Return the burden lines of flux and of treating the dross; both are inside the boundary."""
    wanted = (("flux", FLUX, flux_g), ("dross_treatment", DROSS, dross_g))
    return [
        EnergyLine(
            carrier=name,
            quantity=mass_g,
            unit="kg",
            factor=factor_ref(queries.factor(session, factor_id, on=on)),
            stage="additions",
        )
        for name, factor_id, mass_g in wanted
        if mass_g
    ]


def addition(session: Session, line: AdditionLine, *, on: date) -> Addition:
    """Return an addition with its content and, where one was chosen, its factor."""
    factor = bought(session, line.factor_id, on=on) if line.factor_id else None
    return Addition(
        name=line.name,
        mass_g=line.mass_g,
        elements_bp={line.metal: line.purity_bp},
        factor=factor,
    )


def bought(session: Session, factor_id: str, *, on: date) -> FactorRef | None:
    """Return the factor chosen for bought metal; None where its value is missing.

    Raises `UnknownFactor` when it is none, or counts something other than a mass in CO2e.
    """
    try:
        factor = queries.factor(session, factor_id, on=on)
    except NoSuchFactor:
        raise UnknownFactor(field="factor", factor=factor_id) from None
    if factor.gas != "CO2e" or activity_unit(factor) != "g":
        raise UnknownFactor(field="factor", factor=factor_id)
    return factor_ref(factor)
