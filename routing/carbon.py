"""What a round emits and costs, and whose it is: g CO2e and fen, integers only."""

from collections.abc import Mapping, Sequence

from remelt.routing.problem import Vehicle


def round_cost(vehicle: Vehicle, *, distance_m: int, duration_s: int) -> int:
    """Return what a round costs in fen: fixed, per km, hours away and their square, overtime.

    >>> truck = Vehicle("t", 10_000, "h", "h", fen_per_km=300, fen_per_hour_squared=1_000)
    >>> [round_cost(truck, distance_m=1_000, duration_s=hours * 3_600) for hours in (4, 8)]
    [16300, 64300]
    """
    milli = vehicle.fen_per_km * distance_m + vehicle.fen_per_hour * duration_s * 1000 // 3600
    milli += vehicle.fen_per_hour_squared * duration_s**2 * 1000 // 3600**2
    if vehicle.regular_s is not None and duration_s > vehicle.regular_s:
        over_s = duration_s - vehicle.regular_s
        milli += vehicle.fen_per_overtime_hour * over_s * 1000 // 3600
    return vehicle.fixed_fen + (milli + 500) // 1000


def leg_co2e_g(vehicle: Vehicle, *, distance_m: int, load_kg: int) -> int:
    """Return what a leg emits in g CO2e: the curve at its load times its length, half up.

    >>> truck = Vehicle("t", 10_000, "h", "h", empty_g_per_km=600, full_g_per_km=900)
    >>> leg_co2e_g(truck, distance_m=10_000, load_kg=5_000)
    7500
    """
    rise = vehicle.full_g_per_km - vehicle.empty_g_per_km
    top = distance_m * (vehicle.empty_g_per_km * vehicle.capacity_kg + rise * load_kg)
    below = 1000 * vehicle.capacity_kg
    return (2 * top + below) // (2 * below)


def shares_of_round(co2e_g: int, loads: Mapping[str, tuple[int, int]]) -> dict[str, int]:
    """Share a round's whole emission over its loads by mass x shortest feasible distance.

    loads: key -> (mass, metres from where it is loaded to where it is unloaded). The grams left
    over by rounding go to the largest remainders, so the sum is exact. Where every weight is
    zero, mass alone decides, then equal parts.

    Source: ISO 14083:2023 (allocation by transport activity).

    >>> shares_of_round(1000, {"a": (2, 10_000), "b": (1, 10_000)})
    {'a': 667, 'b': 333}
    """
    weights = {key: mass * metres for key, (mass, metres) in loads.items()}
    if not any(weights.values()):
        weights = {key: mass for key, (mass, _) in loads.items()}
    if not any(weights.values()):
        weights = dict.fromkeys(loads, 1)
    total = sum(weights.values())
    shares = {key: co2e_g * weight // total for key, weight in weights.items()}
    rest = sorted(weights, key=lambda key: (-(co2e_g * weights[key] % total), key))
    for key in rest[: co2e_g - sum(shares.values())]:
        shares[key] += 1
    return shares


def shares_by_leg(
    legs: Sequence[tuple[int, Mapping[str, int]]],
) -> tuple[dict[str, int], int]:
    """Share each leg's emission over the masses on board; return the sums, and what rode empty.

    legs: (g CO2e, key -> mass on board). A view for information: whoever is fetched last pays
    nothing of the way out, which is why the ledger takes `shares_of_round`.

    >>> shares_by_leg([(100, {}), (90, {"a": 2}), (100, {"a": 2, "b": 1})])
    ({'a': 157, 'b': 33}, 100)
    """
    sums: dict[str, int] = {}
    empty_g = 0
    for co2e_g, masses in legs:
        if not masses:
            empty_g += co2e_g
            continue
        for key, share in shares_of_round(co2e_g, {k: (m, 1) for k, m in masses.items()}).items():
            sums[key] = sums.get(key, 0) + share
    return sums, empty_g
