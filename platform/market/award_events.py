"""What happens between the end of an auction and a contract."""

from dataclasses import dataclass
from typing import ClassVar

from remelt.platform.kernel.outbox import Event


@dataclass(frozen=True, kw_only=True)
class DepositTold(Event):
    """A bidder says that its deposit is on its way."""

    name: ClassVar[str] = "deposit-told"
    listing_code: str
    amount_fen: int


@dataclass(frozen=True, kw_only=True)
class DepositArrived(Event):
    """The money of a deposit has arrived: it is held."""

    name: ClassVar[str] = "deposit-arrived"
    deposit_id: int
    listing_code: str
    amount_fen: int
    person_id: int


@dataclass(frozen=True, kw_only=True)
class DepositEnded(Event):
    """A deposit was released, forfeited to the seller or applied to the price."""

    name: ClassVar[str] = "deposit-ended"
    deposit_id: int
    listing_code: str
    amount_fen: int
    ended_as: str


@dataclass(frozen=True, kw_only=True)
class DepositClaimed(Event):
    """The seller says that no payment came in time: the deposit is forfeited if nobody objects."""

    name: ClassVar[str] = "deposit-claimed"
    deposit_id: int
    listing_code: str


@dataclass(frozen=True, kw_only=True)
class DepositContested(Event):
    """The bidder says that it paid: the operator rules on the deposit."""

    name: ClassVar[str] = "deposit-contested"
    deposit_id: int
    listing_code: str


@dataclass(frozen=True, kw_only=True)
class LineFormed(Event):
    """So many offers stand in line for the award; the first has its turn."""

    name: ClassVar[str] = "line-formed"
    listing_code: str
    places: int


@dataclass(frozen=True, kw_only=True)
class PlaceMoved(Event):
    """A place in line was verified, paid, failed or withdrawn.

    stood: the state that it was in before. by_clock: its time ran out.
    """

    name: ClassVar[str] = "place-moved"
    listing_code: str
    place: int
    step: str
    stood: str
    by_clock: bool


@dataclass(frozen=True, kw_only=True)
class LineEnded(Event):
    """Every place failed or withdrew: nothing is sold."""

    name: ClassVar[str] = "line-ended"
    listing_code: str
    lot_code: str
