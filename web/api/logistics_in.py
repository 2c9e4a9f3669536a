"""What the API of the road takes."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from remelt.platform.logistics.planning import DEADLINE_S, MOST_DEADLINE_S
from remelt.web.inputs import ApiIn, ApiQuery

Code = Annotated[str, Field(max_length=14)]
Big = Annotated[int, Field(ge=0, le=10**12)]


class NothingIn(ApiIn):
    """No fields."""


class RoundsIn(ApiQuery):
    """A Beijing day; today without one."""

    day: date | None = None


class ShapeAsked(ApiQuery):
    """As what a round is sent."""

    shape: Annotated[Literal["geojson", "gpx", "csv"], Field(alias="as")] = "geojson"


class DeliveryIn(ApiIn):
    """A lot on hand that is to be brought. Without a window: the opening hours of the receiver."""

    lot_code: Code
    from_site: Code
    to_site: Code
    ready_on: date | None = None
    window_from_min: Annotated[int, Field(ge=0, le=1440)] | None = None
    window_to_min: Annotated[int, Field(ge=0, le=1440)] | None = None


class VehicleIn(ApiIn):
    """A truck. Costs in fen; the shift in minutes of the Beijing day."""

    site: Code
    plate: Annotated[str, Field(max_length=12)]
    capacity_g: Big
    emission_class: Annotated[str, Field(max_length=20)]
    shift_from_min: Annotated[int, Field(ge=0, le=1440)] = 480
    shift_to_min: Annotated[int, Field(ge=0, le=1440)] = 1080
    fixed_fen: Big = 0
    fen_per_km: Big = 0
    fen_per_hour: Big = 0
    empty_wh_per_km: Big | None = None
    full_wh_per_km: Big | None = None


class PlanIn(ApiIn):
    """A site's day, how long may be planned, and the seed: the same seed gives the same plan."""

    site: Code
    day: date
    deadline_s: Annotated[int, Field(ge=1, le=MOST_DEADLINE_S)] = DEADLINE_S
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 1
    effort: Annotated[int, Field(ge=1, le=10**9)] | None = None


class DayIn(ApiIn):
    """A Beijing day."""

    day: date


class OtherPlan(ApiQuery):
    """The plan to stand beside."""

    other: Code


class HandoverIn(ApiIn):
    """A code as scanned or typed, a whole tag address too."""

    code: Annotated[str, Field(max_length=500)]
    action: Literal["load", "unload"]
    scanned: bool = True
