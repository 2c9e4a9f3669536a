"""What happens in a reverse auction."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from remelt.platform.kernel.outbox import Event


@dataclass(frozen=True, kw_only=True)
class TenderOpened(Event):
    """A buyer invites sellers to bid down until `closes_at`."""

    name: ClassVar[str] = "tender-opened"
    need_code: str
    closes_at: datetime


@dataclass(frozen=True, kw_only=True)
class TenderBidPlaced(Event):
    """An offer was accepted and leads; `closes_at` is the end from now on."""

    name: ClassVar[str] = "tender-bid-placed"
    need_code: str
    seq: int
    closes_at: datetime


@dataclass(frozen=True, kw_only=True)
class TenderClosed(Event):
    """A reverse auction ended; contract_code is empty where nothing was bought."""

    name: ClassVar[str] = "tender-closed"
    need_code: str
    contract_code: str
