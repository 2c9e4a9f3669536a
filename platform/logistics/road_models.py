"""Roads that a dispatcher knows better than the map."""

from datetime import datetime
from typing import Final

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from remelt.platform.kernel.rows import Row, bigint, one_of, table_args

ROAD_KINDS: Final = ("distance", "factor", "closed", "default")


class KnownRoad(Row, table=True):
    """What an organisation knows of the way from one site to another. Insert-only.

    The newest word on a pair holds; `default` takes an earlier one back. distance_m, duration_s:
    measured (`distance`). detour_pct: road = straight way x this / 100 (`factor`). source: who or
    what says so; edition: of the file it came in.
    """

    __tablename__ = "known_road"
    __table_args__ = table_args(
        one_of("kind", ROAD_KINDS),
        CheckConstraint("from_site_id <> to_site_id", name="goes_somewhere"),
        CheckConstraint("(kind = 'distance') = (distance_m IS NOT NULL)", name="distance_said"),
        CheckConstraint("(kind = 'factor') = (detour_pct IS NOT NULL)", name="factor_said"),
        CheckConstraint("distance_m > 0", name="distance_above_0"),
        CheckConstraint("duration_s > 0", name="duration_above_0"),
        CheckConstraint("detour_pct BETWEEN 100 AND 500", name="detour_in_range"),
        Index("ix_known_road_pair", "organisation_id", "from_site_id", "to_site_id"),
    )

    code: str = Field(unique=True, max_length=14)
    organisation_id: int = bigint(foreign_key="organisation.id")
    from_site_id: int = bigint(foreign_key="site.id")
    to_site_id: int = bigint(foreign_key="site.id")
    kind: str = Field(max_length=10)
    distance_m: int | None = bigint(nullable=True, default=None)
    duration_s: int | None = bigint(nullable=True, default=None)
    detour_pct: int | None = None
    source: str = Field(max_length=40)
    edition: str = Field(default="", max_length=80)
    set_at: datetime
    set_by: int = bigint(foreign_key="person.id")
