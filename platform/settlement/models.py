"""What is owed and what was paid, in whole fen. A settlement is superseded, never edited."""

from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from remelt.platform.kernel.money import amount_check
from remelt.platform.kernel.rows import Row, bigint, json_column, not_negative, one_of, table_args
from remelt.platform.settlement.two_hands import answered, two_hands

KINDS: Final = ("contract", "gate", "tolling")
METHODS: Final = ("bank", "cash", "wechat", "alipay")
HELD_METHODS: Final = ("escrow", "deposit", "set-off")
KEPT_METHODS: Final = (*METHODS, "rounding", "netting", "stripe", *HELD_METHODS)
STATES: Final = ("waiting", "confirmed", "declined")


class Settlement(Row, table=True):
    """What one party owes another for weighed metal, or for working it.

    subject_code: the contract, the gate ticket, or the tolling account (then ticket_code is it
    too). revision: 1, 2, 3 ...; the highest is in force. payee_id: an organisation, None for a
    seller at the gate, whom only the ticket names: no code of a person stands here. amount_fen:
    the lines' amounts plus rounding_fen (odd fen rounded off at the till), less withheld_fen
    (what a provisional payment leaves to the final one).
    inputs: everything that the amount was worked from; inputs_sha256: over its canonical JSON.
    """

    __tablename__ = "settlement"
    __table_args__ = table_args(
        one_of("kind", KINDS),
        UniqueConstraint("kind", "subject_code", "revision", name="uq_settlement_revision"),
        CheckConstraint(
            "revision >= 1 AND (revision = 1) = (supersedes_id IS NULL)", name="revision_supersedes"
        ),
        CheckConstraint("payable_g = net_g - deducted_g", name="payable_is_net_less_deductions"),
        CheckConstraint(
            "amount_fen = lines_fen + rounding_fen - withheld_fen", name="amount_is_lines_rounded"
        ),
        CheckConstraint("payee_id IS NULL OR payee_id <> payer_id", name="two_parties"),
        CheckConstraint("(payee_id IS NULL) = (kind = 'gate')", name="gate_pays_a_person"),
        *not_negative(
            "net_g", "deducted_g", "payable_g", "amount_fen", "lines_fen", "withheld_fen"
        ),
    )

    code: str = Field(unique=True, max_length=14)
    kind: str = Field(max_length=10)
    subject_code: str = Field(max_length=14, index=True)
    ticket_code: str = Field(max_length=14)
    revision: int
    supersedes_id: int | None = bigint(
        nullable=True, default=None, foreign_key="settlement.id", unique=True
    )
    site_id: int = bigint(foreign_key="site.id")
    payer_id: int = bigint(foreign_key="organisation.id", index=True)
    payee_id: int | None = bigint(
        nullable=True, default=None, foreign_key="organisation.id", index=True
    )
    tax_included: bool = False
    vat_rate_bp: int = 0
    net_g: int = bigint()
    deducted_g: int = bigint()
    payable_g: int = bigint()
    lines_fen: int = bigint()
    rounding_fen: int = bigint(default=0)
    withheld_fen: int = bigint(default=0)
    amount_fen: int = bigint()
    inputs: dict[str, Any] = json_column()
    inputs_sha256: str = Field(max_length=64)
    computed_at: datetime = Field(index=True)


class SettlementLine(Row, table=True):
    """One lot of a settlement: its payable mass times its price, half a fen rounded up."""

    __tablename__ = "settlement_line"
    __table_args__ = table_args(
        UniqueConstraint("settlement_id", "position", name="uq_settlement_line_position"),
        CheckConstraint("payable_g = net_g - deducted_g", name="payable_is_net_less_deductions"),
        CheckConstraint(
            amount_check("payable_g", "price_fen_per_t", "amount_fen"), name="amount_half_up"
        ),
        *not_negative("net_g", "deducted_g", "payable_g", "price_fen_per_t"),
    )

    settlement_id: int = bigint(foreign_key="settlement.id", index=True)
    position: int
    lot_code: str = Field(max_length=14)
    grade_system: str = Field(default="", max_length=20)
    grade_code: str = Field(default="", max_length=40)
    net_g: int = bigint()
    deducted_g: int = bigint()
    payable_g: int = bigint()
    price_fen_per_t: int = bigint()
    amount_fen: int = bigint()


class PaymentInstruction(Row, table=True):
    """What the payer is asked to transfer, and the reference to write on the transfer.

    The newest of a contract counts. One that asks for less supersedes it, and one that asks for
    nothing takes it back, once part of the debt was set off without a transfer.
    """

    __tablename__ = "payment_instruction"
    __table_args__ = table_args(*not_negative("amount_fen"))

    settlement_id: int = bigint(foreign_key="settlement.id", index=True)
    reference: str = Field(unique=True, max_length=14)
    amount_fen: int = bigint()
    issued_at: datetime


class PaymentRecord(Row, table=True):
    """Money that somebody says was paid. It counts once it is confirmed.

    Up to the site's threshold the record confirms itself; above it a second person does, or
    declines it. Below zero: handed back. paid_on: the Beijing day of the transfer; reference:
    the bank's own. Of `HELD_METHODS` the money is in the platform's keeping: a transfer to it
    (escrow), a deposit towards the price (reference: its listing), or money held for the payee
    that goes back to the payer (set-off, below zero; reference: the contract it was held for).
    person_id: None where a rule set it off.
    """

    __tablename__ = "payment_record"
    __table_args__ = table_args(
        one_of("method", KEPT_METHODS),
        CheckConstraint("amount_fen <> 0", name="amount_not_nothing"),
        *two_hands(),
        CheckConstraint(
            "(declined_at IS NULL) = (length(reason) = 0)", name="declined_for_a_reason"
        ),
    )

    code: str = Field(unique=True, max_length=14)
    settlement_id: int = bigint(foreign_key="settlement.id", index=True)
    subject_code: str = Field(max_length=14, index=True)
    amount_fen: int = bigint()
    method: str = Field(max_length=10)
    reference: str = Field(default="", max_length=60)
    paid_on: date
    proof_sha256: str | None = Field(default=None, max_length=64)
    person_id: int | None = bigint(nullable=True, default=None, foreign_key="person.id")
    recorded_at: datetime
    needs_second: bool
    second_person_id: int | None = bigint(nullable=True, default=None, foreign_key="person.id")
    confirmed_at: datetime | None = None
    declined_at: datetime | None = None
    reason: str = Field(default="", max_length=200)

    @property
    def state(self) -> str:
        """Confirmed, declined, or waiting for a second person; of `STATES`."""
        return answered(confirmed_at=self.confirmed_at, declined_at=self.declined_at)
