"""What happens on the road, as other rooms and the audit trail hear it. Codes, never names."""

from dataclasses import dataclass
from typing import ClassVar

from remelt.platform.kernel.outbox import Event


@dataclass(frozen=True, kw_only=True)
class TransportOrdered(Event):
    """A lot waits to be fetched (pickup) or brought (delivery)."""

    name: ClassVar[str] = "transport-ordered"
    order_code: str
    kind: str
    lot_code: str
    from_site_code: str
    to_site_code: str
    mass_g: int


@dataclass(frozen=True, kw_only=True)
class OrderCancelled(Event):
    """The lot need not be moved any more."""

    name: ClassVar[str] = "order-cancelled"
    order_code: str
    lot_code: str


@dataclass(frozen=True, kw_only=True)
class RoundPlanned(Event):
    """A vehicle's day was planned. Forecasts: metres and gCO2e (None while a factor is missing)."""

    name: ClassVar[str] = "round-planned"
    round_code: str
    plan_code: str
    vehicle_code: str
    day: str
    lot_codes: tuple[str, ...]
    distance_m: int
    co2e_g: int | None


@dataclass(frozen=True, kw_only=True)
class RoundChanged(Event):
    """A round goes on otherwise than planned. Metres and gCO2e are the new forecasts."""

    name: ClassVar[str] = "round-changed"
    round_code: str
    lot_codes: tuple[str, ...]
    distance_m: int
    co2e_g: int | None


@dataclass(frozen=True, kw_only=True)
class RoundCancelled(Event):
    """A planned round is not driven; its orders are open again."""

    name: ClassVar[str] = "round-cancelled"
    round_code: str


@dataclass(frozen=True, kw_only=True)
class LotLoaded(Event):
    """A lot was taken on board at its site."""

    name: ClassVar[str] = "lot-loaded"
    unkept: ClassVar[tuple[str, ...]] = ("carrier_code", "person_code")
    lot_code: str
    order_code: str
    round_code: str
    site_code: str
    carrier_code: str
    person_code: str


@dataclass(frozen=True, kw_only=True)
class LotUnloaded(Event):
    """A lot was handed over at its destination."""

    name: ClassVar[str] = "lot-unloaded"
    unkept: ClassVar[tuple[str, ...]] = ("receiver_code", "person_code")
    lot_code: str
    order_code: str
    kind: str
    round_code: str
    site_code: str
    receiver_code: str
    person_code: str


@dataclass(frozen=True, kw_only=True)
class LotLeft(Event):
    """The driver left a lot behind; its order is open again."""

    name: ClassVar[str] = "lot-left"
    unkept: ClassVar[tuple[str, ...]] = ("person_code",)
    lot_code: str
    order_code: str
    round_code: str
    person_code: str


@dataclass(frozen=True, kw_only=True)
class RoundDriven(Event):
    """The round is over and its emission is in the ledger, shared over its lots.

    uncarried_co2e_g: shares of lots that were used up before the round ended; on the books of
    the round, not of a lot.
    """

    name: ClassVar[str] = "round-driven"
    round_code: str
    lot_codes: tuple[str, ...]
    distance_m: int
    co2e_g: int | None
    uncarried_co2e_g: int


@dataclass(frozen=True, kw_only=True)
class RoadsSet(Event):
    """A dispatcher knows roads better than the map. road_codes: the first hundred of them."""

    name: ClassVar[str] = "roads-set"
    roads: int
    road_codes: tuple[str, ...]
    source: str
