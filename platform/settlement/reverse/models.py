"""Who sells as a natural person, what they consented to, and what was invoiced for them.

No row says a name or a code of a person: a seller is a row that only a keyed digest leads to, and
the digest goes when the person is erased. The sums that the law asks for stay.
"""

from datetime import date, datetime
from typing import Final

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from remelt.platform.kernel.rows import Row, bigint, not_negative, one_of, table_args

VAT_METHODS: Final = ("general", "simple")
INVOICE_KINDS: Final = ("special", "ordinary")
TRAITS: Final = ("bank_card", "phone", "address", "plate")


class NaturalSeller(Row, table=True):
    """A natural person as the tax rules count them: one row for all buyers here.

    digest: of the identity number, keyed; None once the person is erased. organisation_id: the
    account under which the person trades here, tied with a code that a buyer handed over.
    kept_until: the person asked to be erased and the law keeps the sums so long.
    """

    __tablename__ = "natural_seller"
    __table_args__ = table_args(
        CheckConstraint(
            "digest IS NOT NULL OR forgotten_at IS NOT NULL", name="digest_until_forgotten"
        ),
    )

    digest: str | None = Field(default=None, unique=True, max_length=64)
    organisation_id: int | None = bigint(
        nullable=True, default=None, foreign_key="organisation.id", unique=True
    )
    known_at: datetime
    kept_until: datetime | None = None
    forgotten_at: datetime | None = None


class TieCode(Row, table=True):
    """A code that a buyer's clerk handed a seller, to tie the seller's own account with, once.

    digest: of the code, keyed; sealed: the code, for the eyes of the clerk who hands it over.
    The newest of a buyer and seller counts. Deleted when the person is erased.
    """

    __tablename__ = "tie_code"
    __table_args__ = table_args()

    natural_seller_id: int = bigint(foreign_key="natural_seller.id", index=True)
    buyer_id: int = bigint(foreign_key="organisation.id")
    person_id: int = bigint(foreign_key="person.id")
    digest: str = Field(unique=True, max_length=64)
    sealed: str = Field(max_length=500)
    handed_at: datetime
    ends_at: datetime
    used_at: datetime | None = None


class SellerPurchase(Row, table=True):
    """A purchase from a natural seller: subject_code is that of its settlement. Insert-only."""

    __tablename__ = "seller_purchase"
    __table_args__ = table_args(
        one_of("kind", ("gate", "contract")),
        UniqueConstraint("kind", "subject_code", name="uq_seller_purchase_subject"),
    )

    kind: str = Field(max_length=10)
    subject_code: str = Field(max_length=14)
    natural_seller_id: int = bigint(foreign_key="natural_seller.id", index=True)
    buyer_id: int = bigint(foreign_key="organisation.id", index=True)
    at: datetime


class SellerConsent(Row, table=True):
    """A seller's consent to reverse invoices by one buyer, or its end. The newest counts.

    given_on: the Beijing day on the paper; text: what was consented to; proof_sha256: the paper.
    Insert-only.
    """

    __tablename__ = "seller_consent"
    __table_args__ = table_args(
        CheckConstraint("given = (length(text) > 0)", name="given_has_a_text"),
    )

    natural_seller_id: int = bigint(foreign_key="natural_seller.id", index=True)
    buyer_id: int = bigint(foreign_key="organisation.id", index=True)
    given: bool
    given_on: date
    text: str = Field(default="", max_length=1_000)
    proof_sha256: str | None = Field(default=None, max_length=64)
    person_id: int | None = bigint(nullable=True, default=None, foreign_key="person.id")
    recorded_at: datetime


class InvoicedElsewhere(Row, table=True):
    """What a seller had invoiced outside this platform in a month, as one buyer was told.

    The newest row of a seller, teller and month counts. Of several tellers the largest counts: the
    others may speak of the same invoices. Insert-only.
    """

    __tablename__ = "invoiced_elsewhere"
    __table_args__ = table_args(*not_negative("net_fen"))

    natural_seller_id: int = bigint(foreign_key="natural_seller.id", index=True)
    told_by_id: int = bigint(foreign_key="organisation.id")
    month: str = Field(max_length=7)
    net_fen: int = bigint()
    stated_on: date
    proof_sha256: str = Field(max_length=64)
    person_id: int = bigint(foreign_key="person.id")
    recorded_at: datetime


class BuyerTaxMethod(Row, table=True):
    """How a buyer pays VAT from a day on, which decides the kind of its invoices. Insert-only."""

    __tablename__ = "buyer_tax_method"
    __table_args__ = table_args(one_of("method", VAT_METHODS))

    organisation_id: int = bigint(foreign_key="organisation.id", index=True)
    method: str = Field(max_length=10)
    from_day: date
    person_id: int = bigint(foreign_key="person.id")
    recorded_at: datetime


class ReverseInvoice(Row, table=True):
    """An invoice that the buyer draws up for a seller, or the red one that takes it back.

    turn: 1 for the first of a purchase, 2 for the red one that counters it, 3 for the next ...
    month: when it was drawn up; counts_in: the month whose ceiling and threshold it counts in, for
    a red one that of the invoice it counters. gross_fen = net_fen + vat_fen is what was paid.
    rules: which edition of the reference data gave ceiling and rates. Insert-only.
    """

    __tablename__ = "reverse_invoice"
    __table_args__ = table_args(
        one_of("kind", INVOICE_KINDS),
        UniqueConstraint("purchase_id", "turn", name="uq_reverse_invoice_turn"),
        CheckConstraint("gross_fen = net_fen + vat_fen", name="gross_is_net_and_vat"),
        CheckConstraint("turn >= 1 AND sign = (turn % 2) * 2 - 1", name="red_after_black"),
        CheckConstraint("(sign = -1) = (counters_id IS NOT NULL)", name="red_counters_one"),
        CheckConstraint("net_fen > 0", name="net_positive"),
        *not_negative("vat_fen", "income_tax_fen"),
    )

    code: str = Field(unique=True, max_length=14)
    purchase_id: int = bigint(foreign_key="seller_purchase.id")
    natural_seller_id: int = bigint(foreign_key="natural_seller.id", index=True)
    buyer_id: int = bigint(foreign_key="organisation.id", index=True)
    settlement_id: int = bigint(foreign_key="settlement.id")
    turn: int
    sign: int
    counters_id: int | None = bigint(
        nullable=True, default=None, foreign_key="reverse_invoice.id", unique=True
    )
    kind: str = Field(max_length=10)
    month: str = Field(max_length=7, index=True)
    counts_in: str = Field(max_length=7)
    vat_bp: int
    income_tax_bp: int
    gross_fen: int = bigint()
    net_fen: int = bigint()
    vat_fen: int = bigint()
    income_tax_fen: int = bigint()
    rules: str = Field(max_length=200)
    person_id: int = bigint(foreign_key="person.id")
    drawn_at: datetime


class InvoiceNumber(Row, table=True):
    """The number that the tax office's system gave to an invoice. Insert-only."""

    __tablename__ = "invoice_number"
    __table_args__ = table_args()

    invoice_id: int = bigint(foreign_key="reverse_invoice.id", unique=True)
    number: str = Field(unique=True, max_length=20)
    person_id: int = bigint(foreign_key="person.id")
    noted_at: datetime


class SellerTrait(Row, table=True):
    """A bank card, telephone, address or plate of a seller, as a keyed digest, as a buyer met it.

    Deleted when the person is erased.
    """

    __tablename__ = "seller_trait"
    __table_args__ = table_args(
        one_of("kind", TRAITS),
        UniqueConstraint(
            "natural_seller_id", "buyer_id", "kind", "digest", name="uq_seller_trait_of_a_buyer"
        ),
    )

    natural_seller_id: int = bigint(foreign_key="natural_seller.id", index=True)
    buyer_id: int = bigint(foreign_key="organisation.id", index=True)
    kind: str = Field(max_length=10)
    digest: str = Field(max_length=64, index=True)
    seen_at: datetime
