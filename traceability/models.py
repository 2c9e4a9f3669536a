"""The ledger as stored: events that are only added, and what is derived from them."""

from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Text,
    exists,
)
from sqlalchemy.orm import aliased
from sqlmodel import Field, UniqueConstraint, col, text

from remelt.platform.kernel.rows import Row, bigint, json_column, not_negative, one_of, table_args
from remelt.traceability.rules.states import NOTHING, State
from remelt.traceability.terms import CLASSES, EVIDENCE, LotSpec

STATUSES = ("registered", "received", "on_hand", "in_transit", "held", "consumed", "out")
LINES = (
    "weighed_in",
    "adjustment",
    "burden",
    "addition",
    "flux",
    "oxygen",
    "loss",
    "unexplained",
    "restated",
    "melted",
    "claimed",
    "out",
    "returned",
)


def of_event(table: str, column: str = "event_key", to: str = "id") -> ForeignKeyConstraint:
    """Point at an event that is numbered and stored as the write session is left.

    Every such column leads an index: SQLite looks for waiting children as an event comes in.
    """
    return ForeignKeyConstraint(
        [column],
        [f"ledger_event.{to}"],
        name=f"fk_{table}_{column}",
        deferrable=True,
        initially="DEFERRED",
    )


class LedgerEvent(Row, table=True):
    """One event: canonical EPCIS 2.0 JSON, hashed, numbered when sealed. Insert-only.

    event_id: the standard's event hash, which different contents can share; variant tells them
    apart: empty for what came first, for others the hash of their content. corrects: the hash of
    the event that it declares wrong.
    """

    __tablename__ = "ledger_event"
    __table_args__ = table_args(
        UniqueConstraint("seq", name="uq_ledger_event_seq"),
        UniqueConstraint("hash", name="uq_ledger_event_hash"),
        Index(
            "uq_ledger_event_event_id",
            "event_id",
            "variant",
            unique=True,
            sqlite_where=text("corrects IS NULL"),
            postgresql_where=text("corrects IS NULL"),
        ),
        Index(
            "ix_ledger_event_declared",
            "event_id",
            sqlite_where=text("corrects IS NOT NULL"),
            postgresql_where=text("corrects IS NOT NULL"),
        ),
        *not_negative("seq"),
    )

    seq: int = bigint()
    hash: str = Field(max_length=64)
    event_id: str = Field(max_length=100)
    variant: str = Field(default="", max_length=64)
    kind: str = Field(max_length=20)
    rules: int
    corrects: str | None = Field(default=None, max_length=64)
    occurred_at: datetime = Field(index=True)
    recorded_at: datetime
    body: str = Field(sa_type=Text)


class SubjectSecret(Row, table=True):
    """The key under which one person's or firm's values are digested; erasing it erases them."""

    __tablename__ = "subject_secret"
    __table_args__ = table_args(UniqueConstraint("subject", name="uq_subject_secret_subject"))

    subject: str = Field(max_length=120)
    secret: bytes = Field(sa_type=LargeBinary)


class PrivateValue(Row, table=True):
    """A value that the public body holds only as a digest. Erasable, never part of the event."""

    __tablename__ = "private_value"
    __table_args__ = table_args(
        UniqueConstraint("event_key", "path", name="uq_private_value_event_key_path"),
        of_event("private_value"),
    )

    event_key: int = bigint()
    path: str = Field(max_length=200)
    subject: str = Field(max_length=120, index=True)
    value: str = Field(sa_type=Text)


class Lot(Row, table=True):
    """A lot as its events have left it. A projection: replaying the ledger gives the same row."""

    __tablename__ = "lot"
    __table_args__ = table_args(
        UniqueConstraint("code", name="uq_lot_code"),
        UniqueConstraint("pool_key", name="uq_lot_pool_key"),
        CheckConstraint("mass_g >= 0", name="mass_never_negative"),
        CheckConstraint("status <> 'consumed' OR mass_g = 0", name="consumed_is_empty"),
        one_of("origin", CLASSES),
        one_of("evidence", EVIDENCE),
        one_of("status", STATUSES),
        Index("ix_lot_site_code_status", "site_code", "status"),
    )

    code: str = Field(max_length=14)
    metal: str = Field(max_length=20)
    grade_system: str = Field(max_length=40)
    grade_code: str = Field(max_length=60)
    form: str = Field(max_length=40)
    origin: str = Field(max_length=20)
    evidence: str = Field(max_length=20)
    metal_bp: int | None = None
    track: str = Field(max_length=20)
    owner: str = Field(max_length=120, index=True)
    custodian: str = Field(max_length=120)
    supplier: str = Field(default="", max_length=120)
    source: str = Field(default="", max_length=14)
    site_code: str = Field(max_length=40)
    adcode: str = Field(max_length=20, index=True)
    declared_mass_g: int = bigint(default=0)
    mass_g: int = bigint(default=0)
    state: dict[str, Any] = json_column()
    outside: dict[str, Any] = json_column()
    status: str = Field(max_length=20)
    handed_over: bool = False
    claims_blocked: str = Field(default="", max_length=200)
    role: str = Field(default="product", max_length=20)
    pool_key: str | None = Field(default=None, max_length=200)
    made_by: str = Field(max_length=64)
    made_at: datetime

    @property
    def vectors(self) -> State:
        """The state vectors of the lot."""
        return State.from_json(self.state)

    @property
    def gone(self) -> State:
        """What left the ledger's world under this code and has not come back."""
        return State.from_json(self.outside) if self.outside else NOTHING

    @property
    def spec(self) -> LotSpec:
        """What the lot is said to be."""
        return _spec(*[getattr(self, name) for name in _SAID])


_SAID = tuple(LotSpec.__dataclass_fields__)


@lru_cache(maxsize=4096)
def _spec(*said: Any) -> LotSpec:
    """Return what lots are said to be; few things are said of many lots."""
    return LotSpec(**dict(zip(_SAID, said, strict=True)))


class Edge(Row, table=True):
    """`mass_g` of the child came from the parent. internal: run-around scrap of one process.

    A projection, as the lot is: a correction says the masses anew.
    held_g: what the child held right after the event; a heap takes in more than once. Event keys
    rise along every line of descent, so they are its topological order.
    """

    __tablename__ = "lot_edge"
    __table_args__ = table_args(
        UniqueConstraint("child_id", "event_key", "parent_id", name="uq_lot_edge_child_event"),
        Index("ix_lot_edge_parent_id_event_key", "parent_id", "event_key", "child_id"),
        Index("ix_lot_edge_event_key", "event_key"),
        CheckConstraint("child_id <> parent_id", name="never_its_own_parent"),
        CheckConstraint("mass_g <= held_g", name="no_more_than_held"),
        *not_negative("mass_g"),
        of_event("lot_edge"),
    )

    child_id: int = bigint(foreign_key="lot.id")
    parent_id: int = bigint(foreign_key="lot.id")
    mass_g: int = bigint()
    held_g: int = bigint()
    internal: bool = False
    event_key: int = bigint()


class EventLot(Row, table=True):
    """Which events touched which lot."""

    __tablename__ = "event_lot"
    __table_args__ = table_args(
        UniqueConstraint("lot_id", "event_key", name="uq_event_lot_lot_id_event_key"),
        Index("ix_event_lot_event_key", "event_key"),
        of_event("event_lot"),
    )

    lot_id: int = bigint(foreign_key="lot.id")
    event_key: int = bigint()


class BookLine(Row, table=True):
    """What entered (+) or left (-) the world's stock by one event, vectors included.

    The sum of all lines is the sum of all lots, entry by entry, to the gram and milligram.
    restates: key of the earlier event that a correction sets right by this difference; sign -1
    takes back a flag.
    """

    __tablename__ = "book_line"
    __table_args__ = table_args(
        one_of("kind", LINES),
        Index("ix_book_line_event_key", "event_key"),
        Index(
            "ix_book_line_restates",
            "restates",
            sqlite_where=text("restates IS NOT NULL"),
            postgresql_where=text("restates IS NOT NULL"),
        ),
        of_event("book_line"),
    )

    event_key: int = bigint()
    lot_id: int | None = bigint(nullable=True, default=None, foreign_key="lot.id", index=True)
    kind: str = Field(max_length=20)
    name: str = Field(default="", max_length=120)
    metal: str = Field(default="", max_length=20)
    mass_g: int = bigint()
    vector: dict[str, Any] = json_column()
    beyond_tolerance: bool = False
    sign: int = 1
    restates: int | None = bigint(nullable=True, default=None)


class MeltLine(Row, table=True):
    """One heat and metal: recovered contained metal by origin. Shares are summed from these.

    post, pre, unknown and primary are charged here for the first time; remelted_mg was melted on
    this ledger before (heels too) and internal_mg is run-around scrap: neither counts twice.
    estimated_mg of the recovered metal had no analysis: its gross mass stands in. A heat of a
    product group under mass balance names the group, and by owner what it took in and cast, in g.
    written_key: the event that says so, the heat itself or a later correction; the newest holds
    (`in_force`).
    grades: grams by alloy class before and after, with the downgrade index.
    """

    __tablename__ = "melt_line"
    __table_args__ = table_args(
        UniqueConstraint(
            "event_hash", "metal", "written_key", name="uq_melt_line_event_hash_metal"
        ),
        Index("ix_melt_line_written_key", "written_key"),
        *not_negative("post_mg", "pre_mg", "unknown_mg", "primary_mg", "internal_mg"),
        of_event("melt_line", "event_hash", "hash"),
        Index("ix_melt_line_month_metal", "month", "metal"),
    )

    event_hash: str = Field(max_length=64)
    written_key: int = bigint()
    metal: str = Field(max_length=20)
    base: bool
    site_code: str = Field(max_length=40, index=True)
    adcode: str = Field(max_length=20)
    month: str = Field(max_length=7)
    melted_at: datetime
    post_mg: int = bigint()
    pre_mg: int = bigint()
    unknown_mg: int = bigint()
    primary_mg: int = bigint()
    internal_mg: int = bigint()
    remelted_mg: int = bigint()
    estimated_mg: int = bigint()
    in_province_mg: int = bigint()
    charged_g: int = bigint()
    cast_g: int = bigint()
    co2e_g: int = bigint()
    unexplained_g: int = bigint()
    claims_blocked: str = Field(default="", max_length=200)
    figures: dict[str, Any] = json_column()
    product_group: str = Field(default="", max_length=40)
    owners: list[Any] = json_column(default_factory=list)
    credited: list[Any] = json_column(default_factory=list)
    grades: list[Any] = json_column(default_factory=list)

    @property
    def credited_to(self) -> dict[str, Any]:
        """What the heat brought to each owner's account."""
        return dict(zip(self.owners, self.credited, strict=True))


def in_force() -> ColumnElement[bool]:
    """Say of melt lines that no correction has said them anew."""
    newer = aliased(MeltLine)
    return ~exists().where(
        col(newer.event_hash) == col(MeltLine.event_hash),
        col(newer.metal) == col(MeltLine.metal),
        col(newer.written_key) > col(MeltLine.written_key),
    )


class LogNode(Row, table=True):
    """A node of the RFC 6962 tree over a complete subtree of 2**level leaves. Insert-only."""

    __tablename__ = "log_node"
    __table_args__ = table_args(UniqueConstraint("level", "idx", name="uq_log_node_level_idx"))

    level: int
    idx: int = bigint()
    hash: str = Field(max_length=64)


class LogHead(Row, table=True):
    """Size, root and right edge of the log: one row, locked last of all."""

    __tablename__ = "log_head"
    __table_args__ = table_args(
        CheckConstraint("one = 1", name="only_one"), UniqueConstraint("one")
    )

    one: int = 1
    size: int = bigint(default=0)
    root: str = Field(max_length=64)
    frontier: str = Field(default="", sa_type=Text)
