"""Terms that two parties signed, and what their settlement is worked from. Added to, never edited.

An input that was wrong is superseded by a row that names it; the newest row counts.
"""

from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from remelt.platform.kernel.rows import Row, bigint, json_column, not_negative, one_of, table_args

SIDES: Final = ("seller", "buyer")
RESULTS: Final = ("seller", "buyer", "umpire")
STAGES: Final = ("provisional", "final")
WORDS: Final = ("agree", "object", "withdraw")
ABOUT: Final = ("weight", "quality", "price", "other")


class ContractTerms(Row, table=True):
    """A version of a contract's terms as one party drafted it; both sign it or it binds nobody."""

    __tablename__ = "contract_terms"
    __table_args__ = table_args(
        UniqueConstraint("contract_id", "revision", name="uq_contract_terms_revision"),
    )

    code: str = Field(unique=True, max_length=14)
    contract_id: int = bigint(foreign_key="contract.id", index=True)
    revision: int
    terms: dict[str, Any] = json_column()
    sha256: str = Field(max_length=64)
    organisation_id: int = bigint(foreign_key="organisation.id")
    person_id: int = bigint(foreign_key="person.id")
    drafted_at: datetime


class TermsSignature(Row, table=True):
    """One party signed a version of the terms; two signatures put it in force."""

    __tablename__ = "terms_signature"
    __table_args__ = table_args(
        UniqueConstraint("terms_id", "organisation_id", name="uq_terms_signature_once"),
    )

    terms_id: int = bigint(foreign_key="contract_terms.id", index=True)
    organisation_id: int = bigint(foreign_key="organisation.id")
    person_id: int = bigint(foreign_key="person.id")
    signed_at: datetime


class TermsIndex(Row, table=True):
    """An index that terms follow: who is worked again when it says something new."""

    __tablename__ = "terms_index"
    __table_args__ = table_args(
        UniqueConstraint("terms_id", "index_code", name="uq_terms_index_once"),
    )

    terms_id: int = bigint(foreign_key="contract_terms.id")
    index_code: str = Field(max_length=20, index=True)


class SettlingWeight(Row, table=True):
    """One load on one side's scale. voided: it supersedes a weight by none.

    ticket: the number of the slip, or the code of our own ticket (`ours`).
    """

    __tablename__ = "settling_weight"
    __table_args__ = table_args(
        one_of("side", SIDES),
        CheckConstraint("tare_g < gross_g AND tare_g >= 0", name="tare_below_gross"),
        CheckConstraint("deducted_g <= gross_g - tare_g", name="deducted_at_most_net"),
        *not_negative("deducted_g"),
    )

    code: str = Field(unique=True, max_length=14)
    contract_id: int = bigint(foreign_key="contract.id", index=True)
    side: str = Field(max_length=10)
    load: str = Field(max_length=20)
    ticket: str = Field(max_length=40)
    ours: bool = False
    day: date
    gross_g: int = bigint()
    tare_g: int = bigint()
    deducted_g: int = bigint(default=0)
    photo_sha256: str | None = Field(default=None, max_length=64)
    voided: bool = False
    supersedes_id: int | None = bigint(
        nullable=True, default=None, foreign_key="settling_weight.id", unique=True
    )
    person_id: int = bigint(foreign_key="person.id")
    entered_at: datetime


class SettlingAssay(Row, table=True):
    """A result for one content. An umpire's is entered by both parties and counts once they agree.

    by_organisation_id: who entered it. report_sha256: the laboratory's report.
    """

    __tablename__ = "settling_assay"
    __table_args__ = table_args(
        one_of("side", RESULTS),
        CheckConstraint("ppm BETWEEN 0 AND 1000000", name="ppm_in_range"),
    )

    code: str = Field(unique=True, max_length=14)
    contract_id: int = bigint(foreign_key="contract.id", index=True)
    side: str = Field(max_length=10)
    analyte: str = Field(max_length=10)
    ppm: int
    laboratory: str = Field(default="", max_length=60)
    report_sha256: str | None = Field(default=None, max_length=64)
    supersedes_id: int | None = bigint(
        nullable=True, default=None, foreign_key="settling_assay.id", unique=True
    )
    by_organisation_id: int = bigint(foreign_key="organisation.id")
    person_id: int = bigint(foreign_key="person.id")
    entered_at: datetime


class PriceCall(Row, table=True):
    """A part of the tonnage whose price was called: the quote of an index for a day, for good."""

    __tablename__ = "price_call"
    __table_args__ = table_args(CheckConstraint("mass_g > 0", name="mass_positive"))

    code: str = Field(unique=True, max_length=14)
    contract_id: int = bigint(foreign_key="contract.id", index=True)
    index_code: str = Field(max_length=20)
    day: date
    mass_g: int = bigint()
    organisation_id: int = bigint(foreign_key="organisation.id")
    person_id: int = bigint(foreign_key="person.id")
    called_at: datetime


class SettlementStatement(Row, table=True):
    """How a settlement was worked: its record, and the figures with their rules and origins.

    record: terms, inputs and stage, from which `recomputing` makes the statement again byte by
    byte; sha256: over the statement's canonical JSON.
    """

    __tablename__ = "settlement_statement"
    __table_args__ = table_args(one_of("stage", STAGES))

    settlement_id: int = bigint(foreign_key="settlement.id", unique=True)
    stage: str = Field(max_length=12)
    record: dict[str, Any] = json_column()
    statement: dict[str, Any] = json_column()
    sha256: str = Field(max_length=64)


class SettlementWord(Row, table=True):
    """What a party says about a final settlement: it agrees, objects, or withdraws its claim."""

    __tablename__ = "settlement_word"
    __table_args__ = table_args(
        one_of("word", WORDS),
        one_of("about", ("", *ABOUT)),
        CheckConstraint("(word = 'object') = (about <> '')", name="objects_about_something"),
    )

    settlement_id: int = bigint(foreign_key="settlement.id", index=True)
    organisation_id: int = bigint(foreign_key="organisation.id")
    person_id: int = bigint(foreign_key="person.id")
    word: str = Field(max_length=10)
    about: str = Field(default="", max_length=10)
    text: str = Field(default="", max_length=400)
    said_at: datetime


class DebitNote(Row, table=True):
    """What the payee owes back, because less is owed now than was paid."""

    __tablename__ = "debit_note"
    __table_args__ = table_args(CheckConstraint("amount_fen > 0", name="amount_positive"))

    code: str = Field(unique=True, max_length=14)
    settlement_id: int = bigint(foreign_key="settlement.id", unique=True)
    amount_fen: int = bigint()
    issued_at: datetime
