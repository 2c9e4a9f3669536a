"""What happened between us and a payment provider. Amounts in the smallest unit."""

from dataclasses import dataclass
from typing import ClassVar

from remelt.platform.kernel.outbox import Event


@dataclass(frozen=True, kw_only=True)
class PaymentOrdered(Event):
    """An order to the provider was stored; it is sent after the commit."""

    name: ClassVar[str] = "payment-ordered"
    order_key: str
    subject: str
    purpose: str
    amount_minor: int
    currency: str
    person_id: int | None


@dataclass(frozen=True, kw_only=True)
class PaymentHeld(Event):
    """A payer's bank holds money for us, for seven days; not `held`: it holds it no longer."""

    name: ClassVar[str] = "payment-held"
    order_key: str
    subject: str
    held: bool
    amount_minor: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class PaymentRefused(Event):
    """The provider has refused an order for good: it moves nothing. reason: the provider's word."""

    name: ClassVar[str] = "payment-refused"
    order_key: str
    subject: str
    purpose: str
    amount_minor: int
    currency: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class PaymentMoved(Event):
    """The provider moved money, and the book has it: above zero to us, before the fee.

    order_key: the order that it was for, "" where the provider does not say. about_ref: the
    provider's name of the payment or transfer that it belongs to.
    """

    name: ClassVar[str] = "payment-moved"
    provider: str
    rail_ref: str
    order_key: str
    about_ref: str
    subject: str
    kind: str
    amount_minor: int
    fee_minor: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class PaymentDisputed(Event):
    """A payer's bank disputes a payment, or has decided: `open` freezes the subject's money."""

    name: ClassVar[str] = "payment-disputed"
    provider: str
    dispute_ref: str
    subject: str
    status: str
    open: bool
    amount_minor: int
    currency: str
