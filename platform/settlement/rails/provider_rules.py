"""What an order to a provider must keep to: pure rules over what was ordered before."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Final

from remelt.platform.settlement.rails.protocol import Money
from remelt.platform.settlement.rails.provider_errors import (
    CapturesTooMuch,
    CurrencyMismatch,
    NoSuchProviderOrder,
    PaysOutTooMuch,
    RefundsTooMuch,
    SellerPaidAlready,
)

LIVE: Final = ("stored", "waiting", "held", "done")


@dataclass(frozen=True, slots=True)
class Before:
    """One earlier order of the same subject, as far as the rules look at it."""

    purpose: str
    state: str
    money: Money
    rail_ref: str = ""
    earlier: str = ""

    @property
    def counts(self) -> bool:
        """Whether it has moved money, or still may."""
        return self.state in LIVE


def check_order(purpose: str, money: Money, *, earlier: str, before: Sequence[Before]) -> None:
    """Refuse an order that the earlier ones of its subject leave no room for.

    Raises `CurrencyMismatch`, `NoSuchProviderOrder`, `CapturesTooMuch`, `RefundsTooMuch`,
    `SellerPaidAlready` or `PaysOutTooMuch`.
    """
    for each in before:
        if each.counts and each.money.currency != money.currency:
            raise CurrencyMismatch(currency=money.currency, expected=each.money.currency)
    if purpose in {"capture", "release"}:
        _check_capture(purpose, money, earlier=earlier, before=before)
    elif purpose == "refund":
        _check_refund(money, earlier=earlier, before=before)
    elif purpose == "pay-out" and money.amount_minor > escrowed(before):
        raise PaysOutTooMuch(left_minor=escrowed(before), currency=money.currency)
    elif purpose == "take-back":
        sent = _found(before, earlier, purposes=("pay-out",))
        left = sent.money.amount_minor - _sum(before, "take-back", earlier=earlier)
        if money.amount_minor > left:
            raise RefundsTooMuch(left_minor=left, currency=money.currency)


def taken(before: Sequence[Before], rail_ref: str) -> int:
    """Return how much of a payment was taken: all of a collection, the captured part of a hold."""
    whole = sum(
        each.money.amount_minor
        for each in before
        if each.purpose == "collect" and each.rail_ref == rail_ref and each.state == "done"
    )
    return whole + sum(
        each.money.amount_minor
        for each in before
        if each.purpose == "capture" and each.earlier == rail_ref and each.state == "done"
    )


def left_of(before: Sequence[Before], rail_ref: str) -> int:
    """Return what of one payment is neither handed back nor paid out, nor to be."""
    gone = sum(_sum(before, purpose, earlier=rail_ref) for purpose in ("refund", "pay-out"))
    sent = {
        each.rail_ref for each in before if each.purpose == "pay-out" and each.earlier == rail_ref
    }
    return taken(before, rail_ref) + _back(before, sent) - gone


def escrowed(before: Sequence[Before]) -> int:
    """Return what is collected for the subject and neither handed back nor paid out, nor to be."""
    names = {each.rail_ref for each in before if each.rail_ref}
    total = sum(taken(before, name) for name in names)
    gone = sum(_sum(before, purpose) for purpose in ("refund", "pay-out"))
    return total + _back(before, names) - gone


def _check_capture(purpose: str, money: Money, *, earlier: str, before: Sequence[Before]) -> None:
    held = _found(before, earlier, purposes=("hold",))
    again = any(
        each.purpose in {"capture", "release"} and each.earlier == earlier and each.counts
        for each in before
    )
    if again or held.state != "held":
        raise CapturesTooMuch(left_minor=0, currency=money.currency)
    if purpose == "capture" and money.amount_minor > held.money.amount_minor:
        raise CapturesTooMuch(left_minor=held.money.amount_minor, currency=money.currency)


def _check_refund(money: Money, *, earlier: str, before: Sequence[Before]) -> None:
    _found(before, earlier, purposes=("collect", "hold"))
    left = taken(before, earlier) - _sum(before, "refund", earlier=earlier)
    if money.amount_minor > left:
        raise RefundsTooMuch(left_minor=left, currency=money.currency)
    coming = _sum(before, "take-back") - _back(before, {each.rail_ref for each in before})
    if money.amount_minor > escrowed(before) + coming:
        raise SellerPaidAlready(
            short_minor=money.amount_minor - escrowed(before), currency=money.currency
        )


def _back(before: Sequence[Before], sent: Container[str]) -> int:
    """Return what of these transfers was taken back."""
    return sum(
        each.money.amount_minor
        for each in before
        if each.purpose == "take-back" and each.state == "done" and each.earlier in sent
    )


def _found(before: Sequence[Before], rail_ref: str, *, purposes: tuple[str, ...]) -> Before:
    for each in before:
        if rail_ref and each.rail_ref == rail_ref and each.purpose in purposes:
            return each
    raise NoSuchProviderOrder(rail_ref=rail_ref[:80])


def _sum(before: Sequence[Before], purpose: str, *, earlier: str = "") -> int:
    return sum(
        each.money.amount_minor
        for each in before
        if each.purpose == purpose and each.counts and (not earlier or each.earlier == earlier)
    )
