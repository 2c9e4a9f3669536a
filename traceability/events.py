"""What the ledger tells the other rooms."""

from dataclasses import dataclass
from typing import ClassVar

from remelt.platform.kernel.outbox import Event


@dataclass(frozen=True, kw_only=True)
class LotsRestated(Event):
    """A correction has been laid in: what was reckoned from these lots may be another figure.

    lots: codes of all in reach, those that are used up too; they may be thousands.
    """

    name: ClassVar[str] = "lots-restated"
    unkept: ClassVar[tuple[str, ...]] = ("lots",)

    event_hash: str
    lots: tuple[str, ...]
