"""What happens in combined sales."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from remelt.platform.kernel.outbox import Event


@dataclass(frozen=True, kw_only=True)
class CombinedSaleOpened(Event):
    """A seller offers several lots at once."""

    name: ClassVar[str] = "combined-sale-opened"
    unkept: ClassVar[tuple[str, ...]] = ("seller_code",)
    sale_code: str
    seller_code: str
    lot_codes: tuple[str, ...]
    closes_at: datetime


@dataclass(frozen=True, kw_only=True)
class PackageOffered(Event):
    """An offer was taken in a combined sale. Its price is told by nobody before the close."""

    name: ClassVar[str] = "package-offered"
    unkept: ClassVar[tuple[str, ...]] = ("bidder_code",)
    sale_code: str
    seq: int
    bidder_code: str


@dataclass(frozen=True, kw_only=True)
class PackageTakenBack(Event):
    """A buyer took an offer back before the close."""

    name: ClassVar[str] = "package-taken-back"
    sale_code: str
    seq: int


@dataclass(frozen=True, kw_only=True)
class CombinedSaleWithdrawn(Event):
    """A seller took a sale without offers back."""

    name: ClassVar[str] = "combined-sale-withdrawn"
    sale_code: str


@dataclass(frozen=True, kw_only=True)
class CombinedSaleClosed(Event):
    """Offers are over; the award is being worked out from what `problem_sha256` names."""

    name: ClassVar[str] = "combined-sale-closed"
    sale_code: str
    offers: int
    problem_sha256: str


@dataclass(frozen=True, kw_only=True)
class CombinedSaleStuck(Event):
    """No award could be worked out; the seller has it tried again, or ends the sale."""

    name: ClassVar[str] = "combined-sale-stuck"
    sale_code: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class CombinedSaleEnded(Event):
    """A sale whose award could not be worked out ended without one; its lots are free."""

    name: ClassVar[str] = "combined-sale-ended"
    sale_code: str


@dataclass(frozen=True, kw_only=True)
class CombinedSaleDecided(Event):
    """The award is made: which offers won, its score, and what no award can score above."""

    name: ClassVar[str] = "combined-sale-decided"
    sale_code: str
    problem_sha256: str
    winners: tuple[int, ...]
    score_fen: int
    bound_fen: int
