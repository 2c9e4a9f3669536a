"""How much a truck emits with its load, from two published factors of its class."""

from dataclasses import dataclass
from typing import Any, Final

from sqlmodel import Session

from remelt.platform.catalogue import queries as catalogue
from remelt.platform.catalogue.errors import NoSuchFactor
from remelt.platform.catalogue.models import Factor
from remelt.platform.logistics.models import Vehicle
from remelt.traceability.terms import FactorRef

TONNE_G: Final = 1_000_000
# gCO2e per km from (half laden, fully laden) factors in kgCO2e/tkm. They count the exhaust only:
# no source at hand gives diesel's well-to-tank part for rigid trucks.
SCOPE: Final = "tank-to-wheel"


@dataclass(frozen=True, slots=True)
class Curve:
    """A straight line from the empty to the full truck, and the factors it is drawn through."""

    empty_g_per_km: int
    full_g_per_km: int
    factors: tuple[FactorRef, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the curve with every factor as value, id and edition."""
        return {
            "empty_g_per_km": self.empty_g_per_km,
            "full_g_per_km": self.full_g_per_km,
            "scope": SCOPE,
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
    """Return the vehicle's emission curve; None while a factor of its class is missing."""
    pair = [_ref(session, f"tkm_uk_{vehicle.emission_class}_{laden}") for laden in ("50", "100")]
    half, full = pair
    if half is None or full is None:
        return None
    return line_through(half, full, capacity_g=vehicle.capacity_g)


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
    at_full = _g_per_km(full.numerator, full.denominator, capacity_g)
    rise = half.numerator * full.denominator - full.numerator * half.denominator
    at_none = _g_per_km(max(0, rise), half.denominator * full.denominator, capacity_g)
    return Curve(min(at_none, at_full), at_full, (half, full))


def _g_per_km(numerator: int, denominator: int, load_g: int) -> int:
    below = denominator * TONNE_G
    return (2 * numerator * 1000 * load_g + below) // (2 * below)


def _ref(session: Session, factor_id: str) -> FactorRef | None:
    try:
        found: Factor = catalogue.factor(session, factor_id)
    except NoSuchFactor:
        return None
    if found.value is None or found.gas != "CO2e":
        return None
    digits, places = found.value
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
