"""What happened to money. Amounts in fen; events hold codes and ids."""

from dataclasses import dataclass
from typing import ClassVar

from remelt.platform.kernel.outbox import Event


@dataclass(frozen=True, kw_only=True)
class ContractSettled(Event):
    """The amount owed under a contract was worked out, anew when `revision` is above 1."""

    name: ClassVar[str] = "contract-settled"
    settlement_code: str
    contract_code: str
    lot_code: str
    ticket_code: str
    revision: int
    payable_g: int
    price_fen_per_t: int
    amount_fen: int


@dataclass(frozen=True, kw_only=True)
class TollingSettled(Event):
    """The fee of what was worked and given back under a metal account, all of it so far."""

    name: ClassVar[str] = "tolling-settled"
    settlement_code: str
    account_code: str
    revision: int
    payable_g: int
    amount_fen: int


@dataclass(frozen=True, kw_only=True)
class PaymentRecorded(Event):
    """Somebody recorded that money was paid; `waiting` for a second person or not."""

    name: ClassVar[str] = "payment-recorded"
    payment_code: str
    settlement_code: str
    subject_code: str
    amount_fen: int
    method: str
    waiting: bool
    person_id: int | None


@dataclass(frozen=True, kw_only=True)
class PaymentConfirmed(Event):
    """A payment counts: a second person confirmed it, or none was needed.

    Below zero it was handed back; person_id: None where a rule set it off.
    """

    name: ClassVar[str] = "payment-confirmed"
    payment_code: str
    settlement_code: str
    subject_code: str
    amount_fen: int
    person_id: int | None


@dataclass(frozen=True, kw_only=True)
class PaymentDeclined(Event):
    """The second person did not find the payment; it does not count."""

    name: ClassVar[str] = "payment-declined"
    payment_code: str
    settlement_code: str
    person_id: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class TermsDrafted(Event):
    """One party drafted terms of a contract and signed them; the other has still to."""

    name: ClassVar[str] = "terms-drafted"
    contract_code: str
    terms_code: str
    revision: int
    sha256: str
    person_id: int


@dataclass(frozen=True, kw_only=True)
class TermsSigned(Event):
    """Both parties signed the terms of a contract: its settlement follows them."""

    name: ClassVar[str] = "terms-signed"
    contract_code: str
    terms_code: str
    sha256: str
    person_id: int


@dataclass(frozen=True, kw_only=True)
class SettlementObjected(Event):
    """A party objects to a final settlement within its claim window."""

    name: ClassVar[str] = "settlement-objected"
    settlement_code: str
    contract_code: str
    about: str
    person_id: int


@dataclass(frozen=True, kw_only=True)
class SettlementAgreed(Event):
    """Both parties agree to a final settlement."""

    name: ClassVar[str] = "settlement-agreed"
    settlement_code: str
    contract_code: str
    amount_fen: int


@dataclass(frozen=True, kw_only=True)
class DebitNoteIssued(Event):
    """Less is owed now than was paid: the payee owes the difference back."""

    name: ClassVar[str] = "debit-note-issued"
    debit_note_code: str
    settlement_code: str
    contract_code: str
    amount_fen: int


@dataclass(frozen=True, kw_only=True)
class PayoutConfirmed(Event):
    """A second person confirmed that the platform pays out what it held: `payee_id` gets it."""

    name: ClassVar[str] = "payout-confirmed"
    payout_code: str
    purpose: str
    subject_code: str
    amount_fen: int
    payee_id: int | None
    person_id: int
