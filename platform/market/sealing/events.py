"""What happens to sealed bids, as the audit trail keeps it: digests, never a price."""

from dataclasses import dataclass
from typing import ClassVar

from remelt.platform.kernel.outbox import Event


@dataclass(frozen=True, kw_only=True)
class SealMade(Event):
    """The second holder made the key that bids are shut to. `key` is its fingerprint."""

    name: ClassVar[str] = "seal-made"
    listing_code: str
    key: str


@dataclass(frozen=True, kw_only=True)
class SealedBidReceived(Event):
    """An envelope was taken in. `receipt` is its SHA-256."""

    name: ClassVar[str] = "sealed-bid-received"
    listing_code: str
    seq: int
    receipt: str


@dataclass(frozen=True, kw_only=True)
class BidsOpened(Event):
    """Both halves were together after the end, and every envelope that counts was read.

    read: receipt and digest of the content, `receipt:digest`, in the order of receipt. replaced:
    receipts of envelopes that their bidder followed by another; they stay shut. unreadable: those
    that did not open.
    """

    name: ClassVar[str] = "bids-opened"
    listing_code: str
    key: str
    read: tuple[str, ...]
    replaced: tuple[str, ...]
    unreadable: tuple[str, ...]
