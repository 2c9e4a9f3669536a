"""A day's transport as numbers: what waits where, what drives, and when. Integer units only.

Metres, seconds of the planning day (00:00 = 0), kilograms, fen and grams CO2e.
"""

from dataclasses import dataclass, field
from typing import Literal

from remelt.routing.roads import Roads

DAY_S = 86_400
FOREVER_S = 10**12
MOST_FEN = 10**9  # beyond it the solvers' own sums run over
MOST_STOPS = 30_000
MOST_RELOADS = 100
StopKind = Literal["pickup", "delivery", "pair"]
Action = Literal["load", "unload", "reload"]


class BadProblem(ValueError):
    """The problem contradicts itself; `code` says how and `subject` names the culprit."""

    def __init__(self, code: str, subject: str = "") -> None:
        super().__init__(f"{code}: {subject}")
        self.code = code
        self.subject = subject


@dataclass(frozen=True, slots=True)
class Window:
    """When a stop may begin to be served, in seconds of the day, both ends included."""

    start_s: int
    end_s: int


ALL_DAY = (Window(0, DAY_S),)


@dataclass(frozen=True, slots=True)
class Stop:
    """One load to be moved.

    kind: `pickup` loads at `place` and rides to the vehicle's end or next reload; `delivery` is
        on board from the start or the last reload and is unloaded at `place`; `pair` loads at
        `place` and unloads at `to`, with no reload between.
    sizes: further measures of the load (litres, pallets), in the order of `Vehicle.capacities`.
    windows: any of them will do; for a pair, `to_windows` bind the unloading.
    service_s: time at the place; `to_service_s` at the second place of a pair.
    ready_s: a delivery cannot leave the hub before.
    vehicles: the vehicles that may come; None when all may.
    prize_fen: None is mandatory; else what leaving it out costs.
    """

    key: str
    kind: StopKind
    place: str
    mass_kg: int
    to: str | None = None
    windows: tuple[Window, ...] = ALL_DAY
    to_windows: tuple[Window, ...] = ALL_DAY
    service_s: int = 0
    to_service_s: int = 0
    family: str = ""
    vehicles: frozenset[str] | None = None
    prize_fen: int | None = None
    sizes: tuple[int, ...] = ()
    ready_s: int = 0

    def visits(self) -> tuple["Visit", ...]:
        """Return what a vehicle does for this stop, in order."""
        if self.kind == "pair":
            return (Visit(self.key, "load"), Visit(self.key, "unload"))
        return (Visit(self.key, "load" if self.kind == "pickup" else "unload"),)


@dataclass(frozen=True, slots=True)
class Visit:
    """A vehicle loads or unloads one stop's mass, or reloads at a hub: then `stop` is its place."""

    stop: str
    action: Action


@dataclass(frozen=True, slots=True)
class Break:
    """A driver's pause: it begins between `from_s` and `until_s`, never during a service.

    A round that is home by `until_s`, or leaves after it, needs none.
    """

    from_s: int
    until_s: int
    length_s: int


@dataclass(frozen=True, slots=True)
class Vehicle:
    """What drives one round: its body, its shift, its places, its cost and its emission curve.

    capacities: its bounds for `Stop.sizes`. compartments: kg in each; families that quarrel may
        ride together where each keeps to one compartment.
    regular_s: hours away that are paid as usual (None: all of them); beyond them up to
        `overtime_s` seconds at `fen_per_overtime_hour` more.
    fen_per_hour_squared: what the square of the hours away counts besides: one long round is then
        dearer than two short ones, and the work comes out even among the drivers.
    range_m: most metres on one round, for an electric truck; None: no bound.
    reloads: how often it may unload at one of the hubs `reload_at` and go on.
    empty_g_per_km, full_g_per_km: g CO2e per km without load and at `capacity_kg`; between them
        the curve is a straight line.
    """

    key: str
    capacity_kg: int
    start: str
    end: str
    shift_start_s: int = 8 * 3600
    shift_end_s: int = 18 * 3600
    fixed_fen: int = 0
    fen_per_km: int = 100
    fen_per_hour: int = 0
    empty_g_per_km: int = 0
    full_g_per_km: int = 0
    kind: str = ""
    capacities: tuple[int, ...] = ()
    compartments: tuple[int, ...] = ()
    regular_s: int | None = None
    overtime_s: int = 0
    fen_per_overtime_hour: int = 0
    fen_per_hour_squared: int = 0
    breaks: tuple[Break, ...] = ()
    energy: Literal["diesel", "electric"] = "diesel"
    range_m: int | None = None
    reloads: int = 0
    reload_at: tuple[str, ...] = ()


def electric_g_per_km(*, wh_per_km: int, g_per_kwh: int) -> int:
    """Return g CO2e per km of an electric truck from its consumption and the power's footprint.

    >>> electric_g_per_km(wh_per_km=1_300, g_per_kwh=580)
    754
    """
    return (wh_per_km * g_per_kwh + 500) // 1000


@dataclass(frozen=True, slots=True)
class Hub:
    """A place whose gate has hours: vehicles start, reload and end there within them.

    docks: how many vehicles can be unloaded at once (0: any number); who comes first is first.
    service_s: how long one vehicle's unloading takes.
    """

    place: str
    opens_s: int = 0
    closes_s: int = DAY_S
    docks: int = 0
    service_s: int = 0


@dataclass(frozen=True, slots=True)
class Problem:
    """One day to plan.

    incompatible: pairs of families that may not ride together between two unloadings.
    fen_per_kg_co2e: what a kilogram emitted counts in the cost, so that a plan with less load
        carried far is a better plan.
    """

    matrix: Roads
    stops: tuple[Stop, ...]
    vehicles: tuple[Vehicle, ...]
    hubs: tuple[Hub, ...] = ()
    incompatible: frozenset[tuple[str, str]] = frozenset()
    fen_per_kg_co2e: int = 0
    _stops: dict[str, Stop] = field(init=False, repr=False, compare=False)
    _vehicles: dict[str, Vehicle] = field(init=False, repr=False, compare=False)
    _hubs: dict[str, Hub] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_stops", {each.key: each for each in self.stops})
        object.__setattr__(self, "_vehicles", {each.key: each for each in self.vehicles})
        object.__setattr__(self, "_hubs", {each.place: each for each in self.hubs})

    def stop(self, key: str) -> Stop:
        """Return the stop of that key."""
        return self._stops[key]

    def vehicle(self, key: str) -> Vehicle:
        """Return the vehicle of that key."""
        return self._vehicles[key]

    def knows(self, stop: str) -> bool:
        """Tell whether there is a stop of that key."""
        return stop in self._stops

    def has(self, vehicle: str) -> bool:
        """Tell whether there is a vehicle of that key."""
        return vehicle in self._vehicles

    def hub(self, place: str) -> Hub:
        """Return the hub at `place`; one that is always open where none is named."""
        return self._hubs.get(place) or Hub(place, closes_s=FOREVER_S)

    def quarrel(self, one: str, other: str) -> bool:
        """Tell whether two families may not ride together."""
        return (one, other) in self.incompatible or (other, one) in self.incompatible


Routes = dict[str, tuple[Visit, ...]]
