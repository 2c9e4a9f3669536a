"""What is collected where, where a hub could stand, and who melts it. Integer units only.

Metres, kilograms and fen of one period (a year, as a rule), grams CO2e.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from remelt.routing.roads import Roads


class BadSites(ValueError):
    """The input contradicts itself: the `field`, the `rule` it breaks, and the `remedy`."""

    def __init__(self, *, field: str, rule: str, remedy: str) -> None:
        super().__init__(f"{field}: {rule}; {remedy}")
        self.field = field
        self.rule = rule
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Zone:
    """A place and what is collected there in the period: kilograms by material family."""

    key: str
    place: str
    supply_kg: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Step:
    """One size a hub can be built in: what it can take in the period, and what it costs then."""

    capacity_kg: int
    fixed_fen: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place where a hub could stand, or stands.

    steps: the sizes to choose from, smallest first. families: what it may take; None is all.
    stands: it is there already and stays; its first step is paid, a larger one costs the more.
    buys: it is also a purchase point, which the law keeps away from some neighbours.
    """

    key: str
    place: str
    steps: tuple[Step, ...]
    handling_fen_per_t: int = 0
    families: frozenset[str] | None = None
    stands: bool = False
    buys: bool = False


@dataclass(frozen=True, slots=True)
class Smelter:
    """Who takes what hubs send: kilograms by family, in the period.

    gain_fen_per_t: what it pays above the reference price of a family; below, if negative.
    fixed_fen: what it costs to use it at all; 0 for one that stands.
    """

    key: str
    place: str
    takes_kg: Mapping[str, int]
    gain_fen_per_t: Mapping[str, int] = field(default_factory=dict)
    in_province: bool = True
    fixed_fen: int = 0


@dataclass(frozen=True, slots=True)
class Haul:
    """What moving a tonne for a kilometre costs and emits: small trucks in, large ones out."""

    fen_per_t_km: int
    g_co2e_per_t_km: int


@dataclass(frozen=True, slots=True)
class Terms:
    """What an answer must keep to, and what emissions count.

    longest_m: from a zone to its hub. budget_fen: for hubs that are new or grow. None: no bound.
    left_fen_per_t: what a tonne that nobody collects costs; None: everything is collected.
    one_hub: a zone brings all it has of a family to the same hub.
    """

    longest_m: int | None = None
    least_hubs: int = 0
    most_hubs: int | None = None
    budget_fen: int | None = None
    fen_per_t_co2e: int = 0
    left_fen_per_t: int | None = None
    one_hub: bool = False


@dataclass(frozen=True, slots=True)
class Buffer:
    """How far from one kind of neighbour a hub must be, and which rule says so.

    buyers_only: it binds purchase points, not hubs that only sort what is brought to them.
    """

    kind: str
    distance_m: int
    source: str
    buyers_only: bool = True


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Something a purchase point must keep away from: a railway, a mine, a smelting plant."""

    key: str
    kind: str
    lat_e6: int
    lon_e6: int


@dataclass(frozen=True, slots=True)
class Scenario:
    """One question of siting. Roads know every place of the zones, candidates and smelters.

    Two hauls: from a zone to its hub, and from a hub to a smelter.
    """

    roads: Roads
    zones: tuple[Zone, ...]
    candidates: tuple[Candidate, ...]
    smelters: tuple[Smelter, ...]
    inbound: Haul
    outbound: Haul
    terms: Terms = Terms()
    _zones: dict[str, Zone] = field(init=False, repr=False, compare=False)
    _candidates: dict[str, Candidate] = field(init=False, repr=False, compare=False)
    _smelters: dict[str, Smelter] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_zones", {each.key: each for each in self.zones})
        object.__setattr__(self, "_candidates", {each.key: each for each in self.candidates})
        object.__setattr__(self, "_smelters", {each.key: each for each in self.smelters})

    def zone(self, key: str) -> Zone | None:
        """Return the zone of that key."""
        return self._zones.get(key)

    def candidate(self, key: str) -> Candidate | None:
        """Return the candidate of that key."""
        return self._candidates.get(key)

    def smelter(self, key: str) -> Smelter | None:
        """Return the smelter of that key."""
        return self._smelters.get(key)


@dataclass(frozen=True, slots=True)
class Inflow:
    """Kilograms of one family from a zone to a hub."""

    zone: str
    family: str
    hub: str
    mass_kg: int


@dataclass(frozen=True, slots=True)
class Outflow:
    """Kilograms of one family from a hub to a smelter."""

    hub: str
    family: str
    smelter: str
    mass_kg: int


@dataclass(frozen=True, slots=True)
class Sites:
    """An answer: who goes where, and each open hub's size (its number among `Candidate.steps`)."""

    steps: Mapping[str, int]
    inflows: tuple[Inflow, ...]
    outflows: tuple[Outflow, ...]
