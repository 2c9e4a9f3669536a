"""What happened at a scale. Events hold codes and ids, never a seller's name."""

from dataclasses import dataclass
from typing import ClassVar

from remelt.platform.kernel.outbox import Event


@dataclass(frozen=True, kw_only=True)
class LineWeighed:
    """One material of a ticket: masses in g, price in fen per tonne, amount in fen."""

    lot_code: str
    metal: str
    grade_system: str
    grade_code: str
    net_g: int
    deducted_g: int
    payable_g: int
    price_fen_per_t: int
    amount_fen: int


@dataclass(frozen=True, kw_only=True)
class LotWeighed(Event):
    """A lot that was handed over stood on a scale; what is owed for it can be settled.

    further: another truck of a lot that came in several; its net is added to theirs.
    """

    name: ClassVar[str] = "lot-weighed"
    ticket_code: str
    lot_code: str
    site_id: int
    site_code: str
    organisation_id: int
    person_id: int
    kind: str
    net_g: int
    deducted_g: int
    payable_g: int
    declared_g: int
    difference_g: int
    within_tolerance: bool
    tare_g: int = 0
    further: bool = False


@dataclass(frozen=True, kw_only=True)
class GatePurchased(Event):
    """Scrap was bought at the gate and paid, or waits for the second person (`settled` False)."""

    name: ClassVar[str] = "gate-purchased"
    unkept: ClassVar[tuple[str, ...]] = ("seller_code",)
    ticket_code: str
    site_id: int
    organisation_id: int
    person_id: int
    seller_code: str | None
    lines: tuple[LineWeighed, ...]
    method: str
    reference: str
    due_fen: int
    amount_fen: int
    settled: bool


@dataclass(frozen=True, kw_only=True)
class GatePaymentConfirmed(Event):
    """The second person confirmed what was paid at the gate."""

    name: ClassVar[str] = "gate-payment-confirmed"
    ticket_code: str
    person_id: int


@dataclass(frozen=True, kw_only=True)
class TicketVoided(Event):
    """A ticket was countered by another one."""

    name: ClassVar[str] = "ticket-voided"
    ticket_code: str
    counter_code: str
    kind: str
    site_code: str
    lot_codes: tuple[str, ...]
    person_id: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class LotHeld(Event):
    """An inspection holds a lot or a load: nothing may be done with it until it is released."""

    name: ClassVar[str] = "lot-held"
    lot_code: str | None
    plate: str
    site_id: int
    item: str
    person_id: int


@dataclass(frozen=True, kw_only=True)
class LotReleased(Event):
    """A held lot was found fit."""

    name: ClassVar[str] = "lot-released"
    lot_code: str
    site_id: int
    person_id: int


@dataclass(frozen=True, kw_only=True)
class ReturnAgreed(Event):
    """The other party agreed who bears freight and CO2e of a return."""

    name: ClassVar[str] = "return-agreed"
    return_code: str
    lot_code: str


@dataclass(frozen=True, kw_only=True)
class LotReturned(Event):
    """A lot went back, or came back from a customer, with its cause."""

    name: ClassVar[str] = "lot-returned"
    return_code: str
    kind: str
    lot_code: str
    cause: str
    site_id: int
    person_id: int
