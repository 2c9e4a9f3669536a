"""What happened at the works."""

from dataclasses import dataclass
from typing import ClassVar

from remelt.platform.kernel.outbox import Event


@dataclass(frozen=True, kw_only=True)
class LotSorted(Event):
    """Lots were sorted, split or blended into new ones."""

    name: ClassVar[str] = "lot-sorted"

    sorting_code: str
    kind: str
    site_code: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    difference_g: int
    beyond_tolerance: bool


@dataclass(frozen=True, kw_only=True)
class HeatTapped(Event):
    """A furnace was tapped: lots were cast."""

    name: ClassVar[str] = "heat-tapped"

    heat_code: str
    site_code: str
    metal: str
    charged: tuple[str, ...]
    cast: tuple[str, ...]
    cast_g: int
    difference_g: int
    beyond_tolerance: bool


@dataclass(frozen=True, kw_only=True)
class FurnaceAdded(Event):
    """A furnace was set up."""

    name: ClassVar[str] = "furnace-added"

    furnace_code: str
    site_code: str


@dataclass(frozen=True, kw_only=True)
class FurnaceChanged(Event):
    """Name, capacity or meter of a furnace was said anew."""

    name: ClassVar[str] = "furnace-changed"

    furnace_code: str


@dataclass(frozen=True, kw_only=True)
class FurnaceEnded(Event):
    """A furnace was taken out of use."""

    name: ClassVar[str] = "furnace-ended"

    furnace_code: str


@dataclass(frozen=True, kw_only=True)
class LinePeriodClosed(Event):
    """A period of a continuous line was accounted."""

    name: ClassVar[str] = "line-period-closed"

    period_code: str
    line_code: str
    site_code: str
    difference_g: int
    beyond_tolerance: bool


@dataclass(frozen=True, kw_only=True)
class EnergyRecorded(Event):
    """A meter was read, or a reading corrected."""

    name: ClassVar[str] = "energy-recorded"

    entry_code: str
    site_code: str
    carrier: str
    quantity: int


@dataclass(frozen=True, kw_only=True)
class EnergyMonthClosed(Event):
    """A month's energy is final and gives the intensity of heats without a meter."""

    name: ClassVar[str] = "energy-month-closed"

    site_code: str
    month: str


@dataclass(frozen=True, kw_only=True)
class YieldBrought(Event):
    """A month's expected recoveries were brought to its measured yield; lots: how many changed."""

    name: ClassVar[str] = "yield-brought"

    site_code: str
    month: str
    measured_g: int
    expected_g: int
    lots: int


@dataclass(frozen=True, kw_only=True)
class LadleMatched(Event):
    """Both notes of a ladle met: the lot has arrived. difference_g: received less sent."""

    name: ClassVar[str] = "ladle-matched"

    sent_code: str
    received_code: str
    lot_code: str
    difference_g: int


@dataclass(frozen=True, kw_only=True)
class TollingBooked(Event):
    """A lot was booked into or out of a metal account; owed_g, as said then, is + in, - out."""

    name: ClassVar[str] = "tolling-booked"

    account_code: str
    kind: str
    lot_code: str
    owed_g: int
