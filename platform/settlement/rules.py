"""How an amount comes about and when a payment is taken: rules that need no database."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any, Final

import orjson

from remelt.platform.kernel.money import amount_fen
from remelt.platform.settlement.errors import (
    AmountNotPositive,
    DeductedTooMuch,
    NothingWeighed,
    PaidInTheFuture,
    PaysTooMuch,
    UnknownPaymentMethod,
)
from remelt.platform.settlement.models import METHODS

OLDEST: Final = timedelta(days=3 * 365)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """One lot to be settled: net and deductions in g, price in fen per tonne."""

    lot_code: str
    net_g: int
    deducted_g: int
    price_fen_per_t: int
    grade_system: str = ""
    grade_code: str = ""

    @property
    def payable_g(self) -> int:
        """Net less deductions, in g."""
        return self.net_g - self.deducted_g

    @property
    def amount_fen(self) -> int:
        """What is owed for it, half a fen rounded up."""
        return amount_fen(self.payable_g, price_fen_per_t=self.price_fen_per_t)


@dataclass(frozen=True, slots=True)
class Balance:
    """What of an amount is paid: `recorded_fen` counts confirmed and waiting payments alike."""

    amount_fen: int
    confirmed_fen: int
    recorded_fen: int

    @property
    def open_fen(self) -> int:
        """What nobody has recorded a payment for; below zero the payee owes it back."""
        return self.amount_fen - self.recorded_fen

    @property
    def state(self) -> str:
        """due, part, waiting (all recorded, some unconfirmed), paid, or credit (paid too much)."""
        if self.confirmed_fen > self.amount_fen:
            return "credit"
        if self.confirmed_fen == self.amount_fen:
            return "paid"
        if self.open_fen <= 0:
            return "waiting"
        return "part" if self.recorded_fen else "due"


def check_weighed(lines: Sequence[Weighed]) -> None:
    """Refuse masses that cannot be settled. Raises `NothingWeighed` and `DeductedTooMuch`."""
    for line in lines:
        if line.net_g <= 0:
            raise NothingWeighed(lot_code=line.lot_code)
        if not 0 <= line.deducted_g <= line.net_g:
            raise DeductedTooMuch(lot_code=line.lot_code)


def check_payment(
    *, amount_fen: int, open_fen: int, method: str, paid_on: date, today: date
) -> None:
    """Refuse a payment that cannot be.

    Raises `AmountNotPositive`, `PaysTooMuch`, `UnknownPaymentMethod` or `PaidInTheFuture`.
    """
    if amount_fen <= 0:
        raise AmountNotPositive(field="amount_yuan")
    if amount_fen > open_fen:
        raise PaysTooMuch(field="amount_yuan", open_yuan=f"{open_fen // 100}.{open_fen % 100:02d}")
    if method not in METHODS:
        raise UnknownPaymentMethod(field="method")
    if not today - OLDEST <= paid_on <= today:
        raise PaidInTheFuture(field="paid_on")


def vat_inside(amount_fen: int, *, rate_bp: int) -> int:
    """Return the VAT inside an amount at a rate in 1/10,000, half a fen rounded up.

    >>> vat_inside(158_149_952, rate_bp=1_300)
    18194242
    """
    return (2 * amount_fen * rate_bp + 10_000 + rate_bp) // (2 * (10_000 + rate_bp))


def needs_second(recorded_fen: int, *, above_fen: int | None) -> bool:
    """Tell whether a payment needs a second person: above the threshold, never without one.

    recorded_fen: all recorded for the debt and not declined, this payment included.
    """
    return above_fen is not None and recorded_fen > above_fen


def settlement_inputs(lines: Sequence[Weighed], **facts: int | str | bool) -> dict[str, Any]:
    """Return everything an amount is worked from, as plain JSON."""
    return {**facts, "lines": [asdict(line) for line in lines]}


def inputs_hash(inputs: dict[str, Any]) -> str:
    """Return the SHA-256 of the inputs' canonical JSON (sorted keys, no blanks)."""
    return hashlib.sha256(orjson.dumps(inputs, option=orjson.OPT_SORT_KEYS)).hexdigest()
