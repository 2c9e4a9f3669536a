"""What happens in an exchange of offers."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from remelt.platform.kernel.outbox import Event


@dataclass(frozen=True, kw_only=True)
class ProposalMade(Event):
    """A price was named; `by` is buyer or seller, and it binds that side until `expires_at`."""

    name: ClassVar[str] = "proposal-made"
    unkept: ClassVar[tuple[str, ...]] = ("to_code",)
    proposal_code: str
    listing_code: str
    seq: int
    by: str
    to_code: str
    price_fen_per_t: int
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class ProposalEnded(Event):
    """The exchange ended: accepted or declined, by buyer or seller."""

    name: ClassVar[str] = "proposal-ended"
    proposal_code: str
    listing_code: str
    by: str
    ended_as: str
