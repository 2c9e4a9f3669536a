"""What an auction asks beside its price, and what happens between its end and a contract."""

from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from remelt.platform.kernel.rows import Row, bigint, not_negative, one_of, table_args
from remelt.platform.market.cascade import STEPS
from remelt.platform.parties.models import FILING_KINDS

HOW = ("agreed", "quoted", "awaited", "settled")
"""How a price is known: fixed by the terms, at the latest quotes, not at all, or in the end."""
DEPOSIT_ENDS = ("released", "forfeited", "applied")


class AuctionTerms(Row, table=True):
    """The terms of an auction that departs from the plain ones; fixed when it is published.

    reserve_open: everybody sees the reserve. licence: a filing that whoever buys needs, empty for
    none. deposit_fen: held from each bidder before its first offer. verify_s, pay_s: see
    `cascade.Terms`. decide_s: for a seller that decides by hand and verifies nobody, how long after
    the close; None for others.
    holder_id: the organisation that keeps the other half of the key of sealed bids; open_within_s:
    after that much time unopened bids make the auction void.
    lower_by, lower_every_s, floor: how a descending price falls, and where it stops; sealed_s and
    best_s: how long sealed bids and the best bid are taken after somebody stopped it.
    freight_fen_per_tkm, co2e_g_per_tkm, carbon_fen_per_t: see `score.Rates`; all 0 rank by price.
    """

    __tablename__ = "auction_terms"
    __table_args__ = table_args(
        *not_negative("freight_fen_per_tkm", "co2e_g_per_tkm", "carbon_fen_per_t"),
        one_of("licence", ("", *FILING_KINDS)),
        CheckConstraint("deposit_fen > 0", name="deposit_positive"),
        CheckConstraint(
            "verify_s > 0 AND pay_s > 0 AND decide_s > 0 AND open_within_s > 0",
            name="times_positive",
        ),
        CheckConstraint("decide_s IS NULL OR verify_s IS NULL", name="decides_or_verifies"),
        CheckConstraint(
            "(lower_by_fen_per_t IS NULL) = (floor_fen_per_t IS NULL)"
            " AND (lower_by_fen_per_t IS NULL) = (lower_every_s IS NULL)"
            " AND coalesce(lower_by_fen_per_t, 1) > 0 AND coalesce(lower_every_s, 1) > 0"
            " AND coalesce(floor_fen_per_t, 1) > 0",
            name="fall_whole",
        ),
    )

    auction_id: int = bigint(foreign_key="auction.id", unique=True)
    reserve_open: bool = False
    licence: str = Field(default="", max_length=20)
    deposit_fen: int | None = bigint(nullable=True, default=None)
    verify_s: int | None = None
    pay_s: int | None = None
    decide_s: int | None = None
    holder_id: int | None = bigint(nullable=True, default=None, foreign_key="organisation.id")
    open_within_s: int | None = None
    lower_by_fen_per_t: int | None = bigint(nullable=True, default=None)
    lower_every_s: int | None = None
    floor_fen_per_t: int | None = bigint(nullable=True, default=None)
    sealed_s: int | None = None
    best_s: int | None = None
    freight_fen_per_tkm: int = 0
    co2e_g_per_tkm: int = 0
    carbon_fen_per_t: int = 0


class AwardStep(Row, table=True):
    """One fact about a place in line for an award. Insert-only; `cascade.py` reads the state off.

    person_id: None where the clock decided. cause: why it failed, as its owner or the clock says.
    """

    __tablename__ = "award_step"
    __table_args__ = table_args(
        UniqueConstraint("award_id", "step", name="uq_award_step_once"), one_of("step", STEPS)
    )

    award_id: int = bigint(foreign_key="award.id")
    step: str = Field(max_length=10)
    at: datetime
    person_id: int | None = bigint(nullable=True, default=None, foreign_key="person.id")
    cause: str = Field(default="", max_length=200)


class Deposit(Row, table=True):
    """What a bidder lays down for an auction: told, held once its arrival is confirmed, then ended.

    It moves no money: settlement pays out what was released, forfeited to the seller or applied to
    the price. reference: what the bidder wrote on the transfer. reserved: it is only held on the
    bidder's card, and no money has come.
    unpaid_at: when the time to pay ran out and no payment was seen; claimed: the seller says that
    none came; contested: the bidder says that one did. Only what was claimed is forfeited.
    ended_by: the operator's person who ruled on what was contested.
    """

    __tablename__ = "deposit"
    __table_args__ = table_args(
        UniqueConstraint("auction_id", "bidder_id", name="uq_deposit_of_bidder"),
        one_of("ended_as", ("", *DEPOSIT_ENDS)),
        CheckConstraint("amount_fen > 0", name="amount_positive"),
        CheckConstraint("(held_at IS NULL) = (held_by IS NULL)", name="held_by_a_person"),
        CheckConstraint("(ended_at IS NULL) = (ended_as = '')", name="ended_somehow"),
        CheckConstraint("ended_at IS NULL OR held_at IS NOT NULL", name="ended_after_held"),
        CheckConstraint(
            "(claimed_at IS NULL OR unpaid_at IS NOT NULL)"
            " AND (contested_at IS NULL OR claimed_at IS NOT NULL)"
            " AND (ended_as <> 'forfeited' OR claimed_at IS NOT NULL)",
            name="forfeited_on_claim",
        ),
        CheckConstraint(
            "(claimed_at IS NULL) = (claimed_by IS NULL)"
            " AND (contested_at IS NULL) = (contested_by IS NULL)"
            " AND (contested_at IS NULL) = (contest = '')",
            name="said_by_a_person",
        ),
    )

    auction_id: int = bigint(foreign_key="auction.id")
    bidder_id: int = bigint(foreign_key="organisation.id", index=True)
    person_id: int = bigint(foreign_key="person.id")
    amount_fen: int = bigint()
    reference: str = Field(default="", max_length=60)
    reserved: bool = False
    told_at: datetime
    held_at: datetime | None = None
    held_by: int | None = bigint(nullable=True, default=None, foreign_key="person.id")
    unpaid_at: datetime | None = None
    claimed_at: datetime | None = None
    claimed_by: int | None = bigint(nullable=True, default=None, foreign_key="person.id")
    contested_at: datetime | None = None
    contested_by: int | None = bigint(nullable=True, default=None, foreign_key="person.id")
    contest: str = Field(default="", max_length=200)
    ended_at: datetime | None = None
    ended_as: str = Field(default="", max_length=10)
    ended_by: int | None = bigint(nullable=True, default=None, foreign_key="person.id")

    @property
    def state(self) -> str:
        """told, held, unpaid, claimed, contested, or how it ended."""
        if self.ended_as:
            return self.ended_as
        for name in ("contested", "claimed", "unpaid", "held"):
            if getattr(self, f"{name}_at") is not None:
                return name
        return "told"


class CreditLimit(Row, table=True):
    """From `set_at` on an organisation may stand in for so much. Insert-only; the newest counts.

    limit_fen: None lifts the limit.
    """

    __tablename__ = "credit_limit"
    __table_args__ = table_args(CheckConstraint("limit_fen >= 0", name="limit_not_negative"))

    organisation_id: int = bigint(foreign_key="organisation.id", index=True)
    limit_fen: int | None = bigint(nullable=True)
    reason: str = Field(max_length=200)
    set_at: datetime
    person_id: int = bigint(foreign_key="person.id")


class ContractEstimate(Row, table=True):
    """What a contract of signed terms is priced at in its buyer's credit. The newest counts.

    how: see `HOW`. price_fen_per_t: None where nothing is quoted yet, and the award's price
    stands in. basis: the last quotes behind it, `CODE@day#revision`, by blanks.
    """

    __tablename__ = "contract_estimate"
    __table_args__ = table_args(
        one_of("how", HOW),
        CheckConstraint("(how = 'awaited') = (price_fen_per_t IS NULL)", name="awaited_or_priced"),
        *not_negative("price_fen_per_t"),
    )

    contract_id: int = bigint(foreign_key="contract.id", index=True)
    how: str = Field(max_length=10)
    price_fen_per_t: int | None = bigint(nullable=True)
    basis: str = Field(max_length=1000)
    made_at: datetime
