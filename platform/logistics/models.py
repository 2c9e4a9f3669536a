"""Vehicles, transport orders, planned rounds with their stops and legs, and hand-overs."""

from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from remelt.platform.kernel.rows import Row, bigint, json_column, not_negative, one_of, table_args

ELECTRIC: Final = "electric"
EMISSION_CLASSES: Final = ("rigid_3.5_7.5", "rigid_7.5_17", "rigid_17", "artic_33", ELECTRIC)
KINDS: Final = ("pickup", "delivery")
ACTIONS: Final = ("load", "unload")
DAY_MIN: Final = 1440


class Vehicle(Row, table=True):
    """A truck that starts and ends its day at a site of its organisation.

    shift_from_min, shift_to_min: minutes of the Beijing day. fen_...: cost per round, km and hour.
    emission_class: which published pair of factors (half and fully laden) gives its curve; an
    electric truck's is drawn through what it took from the socket, metered empty and full.
    """

    __tablename__ = "vehicle"
    __table_args__ = table_args(
        one_of("emission_class", EMISSION_CLASSES),
        CheckConstraint("capacity_g > 0", name="carries_something"),
        CheckConstraint(
            "shift_from_min >= 0 AND shift_from_min < shift_to_min AND shift_to_min <= 1440",
            name="shift",
        ),
        *not_negative("fixed_fen", "fen_per_km", "fen_per_hour"),
        CheckConstraint(
            "(emission_class = 'electric') = (empty_wh_per_km IS NOT NULL)", name="metered"
        ),
        CheckConstraint(
            "(empty_wh_per_km IS NULL AND full_wh_per_km IS NULL) OR "
            "(empty_wh_per_km > 0 AND full_wh_per_km >= empty_wh_per_km)",
            name="takes_more_when_full",
        ),
        Index(
            "uq_vehicle_plate_in_use",
            "plate",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    code: str = Field(unique=True, max_length=14)
    organisation_id: int = bigint(foreign_key="organisation.id", index=True)
    site_id: int = bigint(foreign_key="site.id", index=True)
    plate: str = Field(max_length=12)
    capacity_g: int = bigint()
    shift_from_min: int = 480
    shift_to_min: int = 1080
    fixed_fen: int = bigint(default=0)
    fen_per_km: int = 0
    fen_per_hour: int = 0
    emission_class: str = Field(max_length=20)
    empty_wh_per_km: int | None = None
    full_wh_per_km: int | None = None
    added_at: datetime
    ended_at: datetime | None = None


class TransportOrder(Row, table=True):
    """A lot that is to be brought from one site to another. One living order for each lot.

    kind: `pickup` ends at the site that dispatches it, `delivery` starts there.
    mass_g: declared for a pickup, of the ledger for a delivery. ready_on: first day it may ride.
    window_...: when the other site (not the dispatching one) can be served, minutes of the day.
    """

    __tablename__ = "transport_order"
    __table_args__ = table_args(
        one_of("kind", KINDS),
        CheckConstraint("mass_g > 0", name="moves_something"),
        CheckConstraint("from_site_id <> to_site_id", name="goes_somewhere"),
        CheckConstraint(
            "window_from_min >= 0 AND window_from_min < window_to_min AND window_to_min <= 1440",
            name="window",
        ),
        CheckConstraint("service_min BETWEEN 0 AND 480", name="service"),
        CheckConstraint("loaded_at IS NULL OR round_id IS NOT NULL", name="loaded_on_a_round"),
        CheckConstraint("unloaded_at IS NULL OR loaded_at IS NOT NULL", name="loaded_first"),
        CheckConstraint("unloaded_at IS NULL OR cancelled_at IS NULL", name="ends_once"),
        Index(
            "uq_transport_order_living",
            "lot_code",
            unique=True,
            sqlite_where=text("unloaded_at IS NULL AND cancelled_at IS NULL"),
            postgresql_where=text("unloaded_at IS NULL AND cancelled_at IS NULL"),
        ),
    )

    code: str = Field(unique=True, max_length=14)
    kind: str = Field(max_length=10)
    lot_code: str = Field(max_length=14, index=True)
    contract_code: str | None = Field(default=None, max_length=14)
    metal: str = Field(max_length=20)
    mass_g: int = bigint()
    from_site_id: int = bigint(foreign_key="site.id", index=True)
    to_site_id: int = bigint(foreign_key="site.id", index=True)
    dispatch_site_id: int = bigint(foreign_key="site.id", index=True)
    ready_on: date
    window_from_min: int
    window_to_min: int
    service_min: int = 20
    ordered_at: datetime
    ordered_by: int | None = bigint(nullable=True, default=None, foreign_key="person.id")
    round_id: int | None = bigint(nullable=True, default=None, index=True, foreign_key="round.id")
    loaded_at: datetime | None = None
    unloaded_at: datetime | None = None
    cancelled_at: datetime | None = None

    @property
    def state(self) -> str:
        """Where the order stands: open, planned, loaded, done or cancelled."""
        facts = (
            (self.cancelled_at, "cancelled"),
            (self.unloaded_at, "done"),
            (self.loaded_at, "loaded"),
            (self.round_id, "planned"),
        )
        return next((state for fact, state in facts if fact is not None), "open")


class PlanRun(Row, table=True):
    """One planning of one site's day: asked for, then ended with its result.

    result: engine, metres, gCO2e, fen and count of rounds; `refused` names why nothing was kept.
    """

    __tablename__ = "plan_run"
    __table_args__ = table_args()

    code: str = Field(unique=True, max_length=14)
    job_code: str = Field(unique=True, max_length=14)
    organisation_id: int = bigint(foreign_key="organisation.id", index=True)
    site_id: int = bigint(foreign_key="site.id", index=True)
    day: date
    asked_at: datetime
    asked_by: int = bigint(foreign_key="person.id")
    ended_at: datetime | None = None
    result: dict[str, Any] | None = Field(default=None, sa_type=JSON)


class LeftOut(Row, table=True):
    """An order that a plan could not place, why, and what would make it possible."""

    __tablename__ = "left_out"
    __table_args__ = table_args(UniqueConstraint("plan_run_id", "order_id"))

    plan_run_id: int = bigint(foreign_key="plan_run.id", index=True)
    order_id: int = bigint(foreign_key="transport_order.id")
    reason: str = Field(max_length=40)
    remedy: str = Field(max_length=40)
    facts: dict[str, Any] = json_column()


class Round(Row, table=True):
    """One vehicle's day, as planned and then driven.

    co2e_g: the forecast, then (`driven_at`) what the loads that really rode emitted; None while
    a factor is missing. forecast_co2e_g stays as planned. emission: the curve and its factors.
    """

    __tablename__ = "round"
    __table_args__ = table_args(
        *not_negative("distance_m", "cost_fen", "most_g"),
        CheckConstraint("driven_at IS NULL OR cancelled_at IS NULL", name="ends_once"),
    )

    code: str = Field(unique=True, max_length=14)
    plan_run_id: int = bigint(foreign_key="plan_run.id", index=True)
    organisation_id: int = bigint(foreign_key="organisation.id", index=True)
    site_id: int = bigint(foreign_key="site.id", index=True)
    vehicle_id: int = bigint(foreign_key="vehicle.id", index=True)
    day: date = Field(index=True)
    depart_at: datetime
    return_at: datetime
    distance_m: int = bigint()
    most_g: int = bigint()
    cost_fen: int = bigint()
    co2e_g: int | None = bigint(nullable=True, default=None)
    forecast_co2e_g: int | None = bigint(nullable=True, default=None)
    emission: dict[str, Any] = json_column()
    planned_at: datetime
    started_at: datetime | None = None
    driven_at: datetime | None = None
    cancelled_at: datetime | None = None

    @property
    def state(self) -> str:
        """Where the round stands: planned, under_way, driven or cancelled."""
        facts = (
            (self.cancelled_at, "cancelled"),
            (self.driven_at, "driven"),
            (self.started_at, "under_way"),
        )
        return next((state for fact, state in facts if fact is not None), "planned")


class RoundStop(Row, table=True):
    """One thing to do on a round: load or unload one order. An order has two on its round.

    direct_m: for the unloading, the shortest road from where the order is loaded: the basis on
    which the round's emission is shared. left_at: the driver left the load behind.
    """

    __tablename__ = "round_stop"
    __table_args__ = table_args(
        UniqueConstraint("round_id", "seq"),
        UniqueConstraint("round_id", "order_id", "action", name="uq_round_stop_once"),
        one_of("action", ACTIONS),
        *not_negative("direct_m"),
    )

    round_id: int = bigint(foreign_key="round.id", index=True)
    seq: int
    order_id: int = bigint(foreign_key="transport_order.id", index=True)
    action: str = Field(max_length=10)
    site_id: int = bigint(foreign_key="site.id")
    arrive_at: datetime
    begin_at: datetime
    depart_at: datetime
    load_after_g: int = bigint()
    leg: int
    direct_m: int = bigint(default=0)
    carried_g: int | None = bigint(nullable=True, default=None)
    carried_co2e_g: int | None = bigint(nullable=True, default=None)
    done_at: datetime | None = None
    left_at: datetime | None = None
    left_because: str = Field(default="", max_length=200)


class Leg(Row, table=True):
    """One drive of a round: from site to site, how far, how heavy, and where the distance is from.

    load_g, co2e_g: as planned, then as driven; the forecast stays.
    `seq` counts from 0; the stops of `RoundStop.leg == n` are made at the end of leg n, those of
    -1 before the first.
    """

    __tablename__ = "round_leg"
    __table_args__ = table_args(
        UniqueConstraint("round_id", "seq"), *not_negative("distance_m", "load_g")
    )

    round_id: int = bigint(foreign_key="round.id", index=True)
    seq: int
    from_site_id: int = bigint(foreign_key="site.id")
    to_site_id: int = bigint(foreign_key="site.id")
    depart_at: datetime
    arrive_at: datetime
    distance_m: int = bigint()
    load_g: int = bigint()
    co2e_g: int | None = bigint(nullable=True, default=None)
    forecast_co2e_g: int | None = bigint(nullable=True, default=None)
    source: str = Field(max_length=60)


class Handover(Row, table=True):
    """A lot changed hands: who scanned or typed its code, where and when. Insert-only."""

    __tablename__ = "handover"
    __table_args__ = table_args(
        one_of("action", ACTIONS), UniqueConstraint("order_id", "action", name="uq_handover_once")
    )

    code: str = Field(unique=True, max_length=14)
    order_id: int = bigint(foreign_key="transport_order.id")
    round_id: int = bigint(foreign_key="round.id", index=True)
    lot_code: str = Field(max_length=14, index=True)
    action: str = Field(max_length=10)
    site_id: int = bigint(foreign_key="site.id")
    organisation_id: int = bigint(foreign_key="organisation.id")
    person_id: int = bigint(foreign_key="person.id")
    scanned: bool
    at: datetime
