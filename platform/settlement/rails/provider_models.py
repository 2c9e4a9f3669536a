"""What was asked of a payment provider, what it told us, and where its book and ours differ."""

from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from remelt.platform.kernel.rows import Row, bigint, json_column, one_of, table_args

PURPOSES: Final = ("collect", "hold", "capture", "release", "refund", "pay-out", "take-back")
STATES: Final = ("stored", "waiting", "held", "done", "refused", "cancelled")
EVENT_STATES: Final = ("received", "applied", "ignored", "dead")
TRANSFERS: Final = ("", "inactive", "pending", "active")
DIFFERENCES: Final = ("unknown-movement", "amount-differs", "not-at-provider", "balance-differs")


class PaymentIntentRequest(Row, table=True):
    """Money that we ask a provider to move, stored before the provider is called.

    order_key: worked out from contract, purpose and number: the provider does a key once.
    earlier: the provider's name of what is captured, released, refunded or taken back; party: of
    who is paid. after_key: the order that must be done first. tries, first_tried_at: calls so far.
    rail_ref, state, reason, tell: what the provider says of it, as last looked at.
    """

    __tablename__ = "payment_intent_request"
    __table_args__ = table_args(
        one_of("purpose", PURPOSES),
        one_of("state", STATES),
        UniqueConstraint("subject", "purpose", "seq", name="uq_payment_intent_request_seq"),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        CheckConstraint("seq >= 1", name="seq_from_one"),
        CheckConstraint("length(currency) = 3", name="currency_of_three"),
        CheckConstraint("(tries = 0) = (first_tried_at IS NULL)", name="first_try_has_a_time"),
        CheckConstraint("state = 'stored' OR tries > 0", name="answered_when_tried"),
    )

    order_key: str = Field(unique=True, max_length=64)
    provider: str = Field(max_length=10)
    subject: str = Field(max_length=40, index=True)
    purpose: str = Field(max_length=10)
    seq: int
    amount_minor: int = bigint()
    currency: str = Field(max_length=3)
    method: str = Field(default="", max_length=20)
    reference: str = Field(default="", max_length=60)
    earlier: str = Field(default="", max_length=80, index=True)
    party: str = Field(default="", max_length=80)
    after_key: str | None = Field(default=None, max_length=64)
    person_id: int | None = bigint(nullable=True, default=None, foreign_key="person.id")
    organisation_id: int | None = bigint(
        nullable=True, default=None, foreign_key="organisation.id", index=True
    )
    stored_at: datetime
    tries: int = 0
    first_tried_at: datetime | None = None
    rail_ref: str = Field(default="", max_length=80, index=True)
    state: str = Field(default="stored", max_length=10)
    reason: str = Field(default="", max_length=200)
    tell: dict[str, Any] = json_column(default_factory=dict)


class ProviderEvent(Row, table=True):
    """News from a provider, its signature checked. What it is about is asked again, not believed.

    state: received, applied, ignored (nothing of ours) or dead (tried in vain; somebody may try
    again). tries: times it was worked on.
    """

    __tablename__ = "provider_event"
    __table_args__ = table_args(
        one_of("state", EVENT_STATES),
        UniqueConstraint("provider", "event_id", name="uq_provider_event_once"),
        CheckConstraint("(state = 'received') = (settled_at IS NULL)", name="settled_has_a_time"),
    )

    provider: str = Field(max_length=10)
    event_id: str = Field(max_length=80)
    kind: str = Field(max_length=80)
    object_id: str = Field(max_length=80, index=True)
    account: str = Field(default="", max_length=80)
    body_sha256: str = Field(max_length=64)
    received_at: datetime
    state: str = Field(default="received", max_length=10, index=True)
    tries: int = 0
    settled_at: datetime | None = None
    reason: str = Field(default="", max_length=200)


class ProviderDispute(Row, table=True):
    """A payer's bank has taken money back. While it is open, its subject's money stands still."""

    __tablename__ = "provider_dispute"
    __table_args__ = table_args(CheckConstraint("amount_minor > 0", name="amount_positive"))

    dispute_ref: str = Field(unique=True, max_length=80)
    provider: str = Field(max_length=10)
    subject: str = Field(max_length=40, index=True)
    amount_minor: int = bigint()
    currency: str = Field(max_length=3)
    status: str = Field(max_length=30)
    opened_at: datetime
    closed_at: datetime | None = None


class ProviderBalance(Row, table=True):
    """What a provider held of ours when it was compared, and what our book said. Insert-only."""

    __tablename__ = "provider_balance"
    __table_args__ = table_args(CheckConstraint("length(currency) = 3", name="currency_of_three"))

    provider: str = Field(max_length=10)
    currency: str = Field(max_length=3)
    on_day: date = Field(index=True)
    theirs_minor: int = bigint()
    ours_minor: int = bigint()
    compared_at: datetime


class ConnectedAccount(Row, table=True):
    """A seller's own account at the provider, into which it is paid.

    country, email: what it was asked for with. account_ref: the provider's name of it, "" until it
    is made. transfers: "active" once it may be paid; wanted: what the provider still asks for, as
    last looked at (`seen_at`). link: where the seller gives its details, until link_until.
    """

    __tablename__ = "connected_account"
    __table_args__ = table_args(
        one_of("transfers", TRANSFERS),
        CheckConstraint("length(country) = 2", name="country_of_two"),
        CheckConstraint("(link = '') = (link_until IS NULL)", name="link_ends"),
    )

    organisation_id: int = bigint(foreign_key="organisation.id", unique=True)
    provider: str = Field(max_length=10)
    country: str = Field(max_length=2)
    email: str = Field(max_length=120)
    person_id: int = bigint(foreign_key="person.id")
    asked_at: datetime
    account_ref: str = Field(default="", max_length=80, index=True)
    transfers: str = Field(default="", max_length=10)
    wanted: list[str] = json_column(default_factory=list)
    seen_at: datetime | None = None
    link: str = Field(default="", max_length=400)
    link_until: datetime | None = None
    reason: str = Field(default="", max_length=200)

    @property
    def ready(self) -> bool:
        """Whether it may be paid."""
        return bool(self.account_ref) and self.transfers == "active"


class ProviderDifference(Row, table=True):
    """Where a provider's book and ours differ, shown until somebody has explained it.

    ref: the provider's name of the movement, or the currency of a balance; theirs, ours: amounts.
    """

    __tablename__ = "provider_difference"
    __table_args__ = table_args(
        one_of("kind", DIFFERENCES),
        UniqueConstraint("provider", "kind", "ref", "on_day", name="uq_provider_difference_once"),
        CheckConstraint(
            "(explained_at IS NULL) = (length(explanation) = 0)", name="explained_in_words"
        ),
    )

    code: str = Field(unique=True, max_length=14)
    provider: str = Field(max_length=10)
    kind: str = Field(max_length=20)
    ref: str = Field(max_length=80)
    on_day: date
    currency: str = Field(max_length=3)
    theirs_minor: int = bigint()
    ours_minor: int = bigint()
    text: str = Field(default="", max_length=200)
    found_at: datetime
    explained_at: datetime | None = None
    explained_by: int | None = bigint(nullable=True, default=None, foreign_key="person.id")
    explanation: str = Field(default="", max_length=200)
