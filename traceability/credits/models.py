"""Claims and what they are drawn on, as stored. Insert-only; balances are never stored."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint
from sqlmodel import Field, UniqueConstraint

from remelt.platform.kernel.rows import Row, bigint, json_column, one_of, table_args
from remelt.traceability.rules.credits import METHODS
from remelt.traceability.rules.states import CUSTODY

KINDS = ("recycled_content", "attributed", "certificate")


class CreditSite(Row, table=True):
    """A site with product groups; whoever declares one locks it, so that no two groups overlap."""

    __tablename__ = "credit_site"
    __table_args__ = table_args(UniqueConstraint("site_code", name="uq_credit_site_site_code"))

    site_code: str = Field(max_length=40)


class CreditGroup(Row, table=True):
    """A product group of a site: a base metal, and the grades it holds (none: every grade).

    The row is locked by whoever draws on its credits, so that no two claims overdraw them.
    """

    __tablename__ = "credit_group"
    __table_args__ = table_args(
        UniqueConstraint("site_code", "code", name="uq_credit_group_site_code_code")
    )

    site_code: str = Field(max_length=40, foreign_key="credit_site.site_code")
    code: str = Field(max_length=40)
    metal: str = Field(max_length=20)
    grades: list[Any] = json_column()
    organisation: str = Field(max_length=120)


class CreditScheme(Row, table=True):
    """One edition of a group's parameters, in force from its first month on."""

    __tablename__ = "credit_scheme"
    __table_args__ = table_args(
        UniqueConstraint("group_id", "from_month", name="uq_credit_scheme_group_id_from_month"),
        one_of("method", METHODS),
        CheckConstraint("window_months BETWEEN 1 AND 12", name="window_at_most_a_year"),
        CheckConstraint("period_months IN (1, 3, 6, 12)", name="period_known"),
        CheckConstraint("expiry_months BETWEEN 0 AND 24", name="expiry_in_range"),
        CheckConstraint(
            "factor_numerator > 0 AND factor_numerator <= factor_denominator",
            name="factor_at_most_one",
        ),
    )

    group_id: int = bigint(foreign_key="credit_group.id")
    edition: str = Field(max_length=80)
    method: str = Field(max_length=20)
    from_month: str = Field(max_length=7)
    period_months: int
    window_months: int
    factor_numerator: int = bigint()
    factor_denominator: int = bigint()
    expiry_months: int
    declared_by: str = Field(max_length=120)
    declared_at: datetime


class CreditPeriod(Row, table=True):
    """A period in which something was claimed, with the one edition that holds for it."""

    __tablename__ = "credit_period"
    __table_args__ = table_args(
        UniqueConstraint("group_id", "period", name="uq_credit_period_group_id_period")
    )

    group_id: int = bigint(foreign_key="credit_group.id")
    scheme_id: int = bigint(foreign_key="credit_scheme.id")
    period: str = Field(max_length=7)


class CreditCertificate(Row, table=True):
    """Credits taken off an account and given to another firm, to be claimed once on a lot."""

    __tablename__ = "credit_certificate"
    __table_args__ = table_args(
        UniqueConstraint("code", name="uq_credit_certificate_code"),
        CheckConstraint("mass_g > 0", name="mass_above_zero"),
    )

    code: str = Field(max_length=14)
    period_id: int = bigint(foreign_key="credit_period.id")
    month: str = Field(max_length=7)
    owner: str = Field(max_length=120, index=True)
    beneficiary: str = Field(max_length=120, index=True)
    metal: str = Field(max_length=20)
    mass_g: int = bigint()
    issued_by: str = Field(max_length=120)
    issued_at: datetime


class LotClaim(Row, table=True):
    """What was claimed of a lot: under which model, how many grams, by its owner, once.

    again: how many claims of this lot, kind and period were superseded before.
    """

    __tablename__ = "lot_claim"
    __table_args__ = table_args(
        UniqueConstraint(
            "lot_id", "kind", "period", "again", name="uq_lot_claim_lot_id_kind_period"
        ),
        UniqueConstraint("code", name="uq_lot_claim_code"),
        UniqueConstraint("certificate_id", name="uq_lot_claim_certificate_id"),
        one_of("kind", KINDS),
        one_of("model", CUSTODY),
        CheckConstraint("mass_g > 0", name="mass_above_zero"),
        CheckConstraint("(kind = 'attributed') = (period_id IS NOT NULL)", name="has_its_period"),
        CheckConstraint(
            "(kind = 'certificate') = (certificate_id IS NOT NULL)", name="has_its_certificate"
        ),
        ForeignKeyConstraint(
            ["event_hash"],
            ["ledger_event.hash"],
            name="fk_lot_claim_event_hash",
            deferrable=True,
            initially="DEFERRED",
        ),
    )

    code: str = Field(max_length=14)
    lot_id: int = bigint(foreign_key="lot.id")
    kind: str = Field(max_length=20)
    model: str = Field(max_length=20)
    owner: str = Field(max_length=120, index=True)
    month: str = Field(max_length=7)
    period: str = Field(max_length=7)
    period_id: int | None = bigint(nullable=True, default=None, foreign_key="credit_period.id")
    certificate_id: int | None = bigint(
        nullable=True, default=None, foreign_key="credit_certificate.id"
    )
    mass_g: int = bigint()
    again: int = 0
    event_hash: str = Field(max_length=64)
    event_key: int = bigint()
    claimed_by: str = Field(max_length=120)
    claimed_at: datetime


class LotClaimEnd(Row, table=True):
    """A claim that counts no more, and the correction that took away what it was made of."""

    __tablename__ = "lot_claim_end"
    __table_args__ = table_args(
        UniqueConstraint("claim_id", name="uq_lot_claim_end_claim_id"),
        ForeignKeyConstraint(
            ["event_hash"],
            ["ledger_event.hash"],
            name="fk_lot_claim_end_event_hash",
            deferrable=True,
            initially="DEFERRED",
        ),
    )

    claim_id: int = bigint(foreign_key="lot_claim.id")
    reason: str = Field(max_length=200)
    event_hash: str = Field(max_length=64)
    at: datetime
