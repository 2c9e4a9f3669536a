"""Tickets and what stands on them, as stored. Nothing here is edited; a slip is countered.

A ticket with `sign` -1 is a counter ticket: it repeats the lines of the ticket that it voids,
and every sum multiplies by `sign`.
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from remelt.platform.kernel.money import amount_check
from remelt.platform.kernel.rows import Row, bigint, not_negative, one_of, table_args
from remelt.platform.yard.weights import DEDUCTIONS, MODES
from remelt.platform.yard.words import INSPECTION_METHODS, KINDS, METHODS, SOURCES, TIERS


class TicketCounter(Row, table=True):
    """The last ticket number of a site in a year; locked while a number is taken."""

    __tablename__ = "ticket_counter"
    __table_args__ = table_args(*not_negative("last_number"))

    site_id: int = bigint(foreign_key="site.id", unique=True)
    year: int
    last_number: int


class SellerCard(Row, table=True):
    """A person who sells at the gate of one organisation, known again by card, phone or plate.

    The identity number is kept only with consent: sealed, digested (keyed, to find the person
    again) and masked (to be shown).
    """

    __tablename__ = "seller_card"
    __table_args__ = table_args(
        UniqueConstraint("organisation_id", "id_digest", name="uq_seller_card_id_digest"),
        CheckConstraint(
            "(id_sealed IS NULL) = (id_digest IS NULL)"
            " AND (id_sealed IS NULL OR consent_at IS NOT NULL)",
            name="identity_with_consent",
        ),
    )

    code: str = Field(unique=True, max_length=14)
    organisation_id: int = bigint(foreign_key="organisation.id", index=True)
    name: str = Field(max_length=60)
    phone: str = Field(max_length=21, index=True)
    plate: str = Field(default="", max_length=12)
    id_masked: str = Field(default="", max_length=18)
    id_sealed: str | None = Field(default=None, max_length=500)
    id_digest: str | None = Field(default=None, max_length=64)
    consent_at: datetime | None = None
    added_at: datetime


class Ticket(Row, table=True):
    """One weighing of a vehicle, numbered without gaps per site and year.

    year, number: as taken when it was written. opened_at: when the vehicle stood on the scale;
    closed_at: when the ticket was written. scale_division_g and scale_verified_until: of the
    scale as of this ticket, None where unknown. tare_stored: tare taken from an earlier day.
    outside_number: the number that a weighbridge program gave; only its files may leave the
    seller unnamed.
    """

    __tablename__ = "ticket"
    __table_args__ = table_args(
        UniqueConstraint("site_id", "year", "number", name="uq_ticket_number"),
        one_of("kind", KINDS),
        one_of("mode", MODES),
        one_of("source", SOURCES),
        CheckConstraint("number >= 1", name="number_counts"),
        CheckConstraint("closed_at >= opened_at", name="closes_after_it_opens"),
        CheckConstraint(
            "sign IN (1, -1) AND (voids_id IS NULL) = (sign = 1)"
            " AND (voids_id IS NULL OR length(reason) > 0)",
            name="counter_points_at_a_ticket",
        ),
        CheckConstraint(
            "(kind = 'gate' AND (source = 'import' OR seller_id IS NOT NULL))"
            " OR (kind <> 'gate' AND seller_id IS NULL)",
            name="gate_has_a_seller",
        ),
    )

    code: str = Field(unique=True, max_length=14)
    site_id: int = bigint(foreign_key="site.id", index=True)
    year: int
    number: int
    kind: str = Field(max_length=10)
    source: str = Field(default="typed", max_length=10)
    mode: str = Field(default="platform", max_length=10)
    plate: str = Field(default="", max_length=12)
    person_id: int = bigint(foreign_key="person.id")
    seller_id: int | None = bigint(
        nullable=True, default=None, foreign_key="seller_card.id", index=True
    )
    opened_at: datetime = Field(index=True)
    closed_at: datetime
    scale_division_g: int | None = None
    scale_verified_until: date | None = None
    tare_stored: bool = False
    outside_number: str | None = Field(default=None, max_length=40)
    note: str = Field(default="", max_length=200)
    sign: int = 1
    voids_id: int | None = bigint(nullable=True, default=None, foreign_key="ticket.id", unique=True)
    reason: str = Field(default="", max_length=200)


class TicketLine(Row, table=True):
    """One material on a ticket.

    lot_code: the lot in the ledger; pool_code: the bay's pool of the day that it joined;
    event_hash: the weighing's event there. Prices are in fen per tonne; board_price_fen_per_t
    is what the site's board said, None where it said nothing. declared_g: what the lot had been
    declared or weighed at before. further: another truck of a lot that came in several.
    """

    __tablename__ = "ticket_line"
    __table_args__ = table_args(
        UniqueConstraint("ticket_id", "position", name="uq_ticket_line_position"),
        CheckConstraint(
            "net_g = gross_g - tare_g AND net_g > 0 AND tare_g >= 0", name="net_is_gross_less_tare"
        ),
        CheckConstraint(
            "payable_g = net_g - deducted_g AND payable_g >= 0 AND deducted_g >= 0",
            name="payable_is_net_less_deductions",
        ),
        CheckConstraint("(price_fen_per_t IS NULL) = (amount_fen IS NULL)", name="priced_or_not"),
        CheckConstraint(
            amount_check("payable_g", "price_fen_per_t", "amount_fen"), name="amount_half_up"
        ),
        CheckConstraint(
            "board_price_fen_per_t IS NULL OR price_fen_per_t = board_price_fen_per_t"
            " OR length(override_reason) > 0",
            name="override_has_a_reason",
        ),
    )

    ticket_id: int = bigint(foreign_key="ticket.id", index=True)
    position: int
    metal: str = Field(max_length=10)
    grade_system: str = Field(max_length=20)
    grade_code: str = Field(max_length=40)
    lot_code: str = Field(max_length=14, index=True)
    pool_code: str | None = Field(default=None, max_length=14, index=True)
    event_hash: str = Field(max_length=64)
    productive: bool = False
    gross_g: int = bigint()
    tare_g: int = bigint()
    net_g: int = bigint()
    deducted_g: int = bigint()
    payable_g: int = bigint()
    declared_g: int | None = bigint(nullable=True, default=None)
    further: bool = False
    price_fen_per_t: int | None = bigint(nullable=True, default=None)
    board_price_fen_per_t: int | None = bigint(nullable=True, default=None)
    override_reason: str = Field(default="", max_length=200)
    amount_fen: int | None = bigint(nullable=True, default=None)


class Reading(Row, table=True):
    """What the scale showed, in the order of a ticket. Insert-only."""

    __tablename__ = "scale_reading"
    __table_args__ = table_args(
        UniqueConstraint("ticket_id", "position", name="uq_scale_reading_position"),
        *not_negative("mass_g"),
    )

    ticket_id: int = bigint(foreign_key="ticket.id", index=True)
    position: int
    mass_g: int = bigint()
    stored: bool = False
    at: datetime


class Deduction(Row, table=True):
    """What is not paid for, why, who said so, and whether the seller agreed. Insert-only."""

    __tablename__ = "deduction"
    __table_args__ = table_args(
        one_of("kind", DEDUCTIONS),
        CheckConstraint("share_bp BETWEEN 1 AND 10000", name="share_in_range"),
        *not_negative("mass_g"),
    )

    line_id: int = bigint(foreign_key="ticket_line.id", index=True)
    kind: str = Field(max_length=12)
    share_bp: int | None = None
    mass_g: int = bigint()
    person_id: int = bigint(foreign_key="person.id")
    photo_sha256: str | None = Field(default=None, max_length=64)
    accepted: bool | None = None
    at: datetime


class Inspection(Row, table=True):
    """One finding on a lot or a load. Insert-only.

    value_bp, uncertainty_bp: 1/10,000 of the mass. Radiation is in nSv/h at the surface with
    the background beside it. hold: from here on the lot is held; a later finding with
    `hold` False and the item `release` lets it go.
    """

    __tablename__ = "inspection"
    __table_args__ = table_args(
        one_of("tier", TIERS),
        one_of("method", INSPECTION_METHODS),
        CheckConstraint(
            "(radiation_nsv_h IS NULL) = (background_nsv_h IS NULL)"
            " AND (radiation_nsv_h IS NULL OR length(device) > 0)",
            name="radiation_with_background",
        ),
        CheckConstraint("value_bp BETWEEN 0 AND 10000", name="value_in_range"),
        CheckConstraint("uncertainty_bp BETWEEN 0 AND 10000", name="uncertainty_in_range"),
    )

    site_id: int = bigint(foreign_key="site.id", index=True)
    ticket_id: int | None = bigint(nullable=True, default=None, foreign_key="ticket.id", index=True)
    lot_code: str | None = Field(default=None, max_length=14, index=True)
    plate: str = Field(default="", max_length=12)
    tier: str = Field(max_length=10)
    item: str = Field(max_length=20)
    method: str = Field(max_length=10)
    passed: bool
    value_bp: int | None = None
    uncertainty_bp: int | None = None
    radiation_nsv_h: int | None = None
    background_nsv_h: int | None = None
    device: str = Field(default="", max_length=60)
    hold: bool = False
    note: str = Field(default="", max_length=200)
    person_id: int = bigint(foreign_key="person.id")
    at: datetime


class GatePayment(Row, table=True):
    """Money handed over for a gate ticket: what was due, the odd fen rounded off, what was paid.

    Above the site's threshold it waits until a second person confirms.
    """

    __tablename__ = "gate_payment"
    __table_args__ = table_args(
        one_of("method", METHODS),
        CheckConstraint(
            "amount_fen = due_fen + rounding_fen AND amount_fen >= 0", name="amount_is_due_rounded"
        ),
        CheckConstraint("rounding_fen > -100 AND rounding_fen < 100", name="rounding_below_a_yuan"),
        CheckConstraint(
            "(second_person_id IS NULL) = (confirmed_at IS NULL) AND second_person_id <> person_id",
            name="two_hands",
        ),
    )

    ticket_id: int = bigint(foreign_key="ticket.id", unique=True)
    method: str = Field(max_length=10)
    due_fen: int = bigint()
    rounding_fen: int = 0
    amount_fen: int = bigint()
    reference: str = Field(default="", max_length=60)
    person_id: int = bigint(foreign_key="person.id")
    at: datetime
    needs_second: bool = False
    second_person_id: int | None = bigint(nullable=True, default=None, foreign_key="person.id")
    confirmed_at: datetime | None = None

    @property
    def settled(self) -> bool:
        """Whether everybody whose hand it needs has put it to it."""
        return not self.needs_second or self.confirmed_at is not None


class ImportedRow(Row, table=True):
    """A row of a weighbridge program's file that became a ticket, and makes no second one."""

    __tablename__ = "imported_row"
    __table_args__ = table_args(
        UniqueConstraint("site_id", "row_sha256", name="uq_imported_row_hash")
    )

    site_id: int = bigint(foreign_key="site.id")
    row_sha256: str = Field(max_length=64)
    ticket_id: int = bigint(foreign_key="ticket.id", index=True)
    outside_number: str = Field(max_length=40)
    day: str = Field(max_length=10)
    file_sha256: str = Field(max_length=64)
    file_row: int
