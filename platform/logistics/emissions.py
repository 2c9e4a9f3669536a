"""How much a truck emits with its load, well to wheel as far as the factors at hand reach."""

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Final

from sqlmodel import Session

from remelt.platform.catalogue import queries as catalogue
from remelt.platform.catalogue.errors import NoSuchFactor
from remelt.platform.catalogue.models import Factor
from remelt.platform.logistics.models import ELECTRIC, Vehicle
from remelt.traceability.terms import FactorRef

TONNE_G: Final = 1_000_000
EXHAUST: Final = "tank-to-wheel"
WHOLE: Final = "well-to-wheel"
BURNT: Final = "fuel_diesel_ipcc"
WAY_TO_THE_TANK: Final = "fuel_diesel_cn_upstream"
BURNT_HERE: Final = "CO2-direct"


@dataclass(frozen=True, slots=True)
class Curve:
    """A straight line from the empty to the full truck, and the factors it is drawn through.

    scope: well-to-wheel, or tank-to-wheel while the way of diesel to the tank is missing.
    """

    empty_g_per_km: int
    full_g_per_km: int
    factors: tuple[FactorRef, ...]
    scope: str = EXHAUST

    def to_json(self) -> dict[str, Any]:
        """Return the curve with every factor as value, id and edition."""
        return {
            "empty_g_per_km": self.empty_g_per_km,
            "full_g_per_km": self.full_g_per_km,
            "scope": self.scope,
            "factors": [
                {
                    "id": each.id,
                    "edition": each.edition,
                    "numerator": each.numerator,
                    "denominator": each.denominator,
                    "unit": each.unit,
                    "gas": each.gas,
                    "includes_upstream": each.includes_upstream,
                }
                for each in self.factors
            ],
        }


def factors_of(emission: dict[str, Any]) -> tuple[FactorRef, ...]:
    """Return the factors that `Curve.to_json` wrote; none where a factor was missing."""
    return tuple(FactorRef(**each) for each in emission.get("factors", ()))


def curve_of(session: Session, vehicle: Vehicle) -> Curve | None:
    """Return the vehicle's emission curve; None while a factor of its class is missing.

    Diesel: the exhaust by the two published factors of its class, and the way of the fuel to the
    tank beside it once the operator has supplied it. Electric: what the meter said, by the
    life-cycle footprint of power.
    """
    if vehicle.emission_class == ELECTRIC:
        power = _power(session)
        if power is None or vehicle.empty_wh_per_km is None or vehicle.full_wh_per_km is None:
            return None
        return line_of_power(
            power, empty_wh=vehicle.empty_wh_per_km, full_wh=vehicle.full_wh_per_km
        )
    pair = [_ref(session, f"tkm_uk_{vehicle.emission_class}_{laden}") for laden in ("50", "100")]
    half, full = pair
    if half is None or full is None:
        return None
    exhaust = line_through(half, full, capacity_g=vehicle.capacity_g)
    burnt, way = _ref(session, BURNT, gas="CO2"), _ref(session, WAY_TO_THE_TANK)
    return exhaust if burnt is None or way is None else with_the_way(exhaust, burnt, way)


def line_through(half: FactorRef, full: FactorRef, *, capacity_g: int) -> Curve:
    """Return the line through the emission half laden and fully laden, in g CO2e per km.

    half, full: kgCO2e per tonne-kilometre at 50 % and 100 % of the payload. Fully laden a truck
    emits full x payload a km, half laden half x payload / 2; so empty (half - full) x payload.

    >>> ref = lambda n: FactorRef(id="f", edition="2024", numerator=n, denominator=100_000,
    ...     unit="kgCO2e/tkm")
    >>> line = line_through(ref(26427), ref(14849), capacity_g=8_000_000)
    >>> line.empty_g_per_km, line.full_g_per_km
    (926, 1188)
    """
    payload = Fraction(1000 * capacity_g, TONNE_G)
    at_full = _half_up(_rate(full) * payload)
    at_none = _half_up(max(Fraction(0), _rate(half) - _rate(full)) * payload)
    return Curve(min(at_none, at_full), at_full, (half, full))


def with_the_way(exhaust: Curve, burnt: FactorRef, way: FactorRef) -> Curve:
    """Return the line well to wheel: for each kg burnt, its way to the tank comes on top.

    burnt, way: kg CO2 set free, and kg CO2e on the way, per kg of diesel.

    >>> ref = lambda n, unit="kgCO2e/kg": FactorRef(id="f", edition="2024", numerator=n,
    ...     denominator=10_000, unit=unit)
    >>> line = with_the_way(Curve(926, 1188, ()), ref(31863), ref(6000))
    >>> line.empty_g_per_km, line.full_g_per_km, line.scope
    (1100, 1412, 'well-to-wheel')
    """
    more = 1 + _rate(way) / _rate(burnt)
    counted = tuple(replace(each, includes_upstream=True) for each in exhaust.factors)
    burnt = replace(burnt, gas=BURNT_HERE, includes_upstream=True)
    return Curve(
        _half_up(exhaust.empty_g_per_km * more),
        _half_up(exhaust.full_g_per_km * more),
        (*counted, burnt, replace(way, includes_upstream=True)),
        WHOLE,
    )


def line_of_power(power: FactorRef, *, empty_wh: int, full_wh: int) -> Curve:
    """Return an electric truck's line: Wh per km from the socket x kg CO2e per kWh of power.

    >>> power = FactorRef(id="p", edition="2024", numerator=5777, denominator=10_000, unit="kWh")
    >>> line = line_of_power(power, empty_wh=900, full_wh=1_450)
    >>> line.empty_g_per_km, line.full_g_per_km, line.scope
    (520, 838, 'well-to-wheel')
    """
    empty, full = (_half_up(_rate(power) * wh) for wh in (empty_wh, full_wh))
    return Curve(empty, full, (replace(power, includes_upstream=True),), WHOLE)


def _rate(factor: FactorRef) -> Fraction:
    return Fraction(factor.numerator, factor.denominator)


def _half_up(value: Fraction) -> int:
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)


def _power(session: Session) -> FactorRef | None:
    """The newest national life-cycle footprint of power: a provincial CO2 factor is none."""
    fit = [
        factor
        for factor in catalogue.factors(session)
        if factor.category == "electricity"
        and factor.unit == "kgCO2e/kWh"
        and factor.region == "China"
        and factor.value is not None
    ]
    newest = max(fit, key=lambda factor: factor.year or 0, default=None)
    return None if newest is None else _as_ref(newest)


def _ref(session: Session, factor_id: str, *, gas: str = "CO2e") -> FactorRef | None:
    try:
        found: Factor = catalogue.factor(session, factor_id)
    except NoSuchFactor:
        return None
    return None if found.value is None or found.gas != gas else _as_ref(found)


def _as_ref(found: Factor) -> FactorRef:
    digits, places = found.value or (0, 0)
    return FactorRef(
        id=found.factor_id,
        edition=found.edition,
        numerator=digits,
        denominator=10**places,
        unit=found.unit,
        gas=found.gas,
        includes_upstream=False,
        valid_from=found.valid_from.isoformat(),
        valid_to=found.valid_to.isoformat() if found.valid_to else "",
    )
