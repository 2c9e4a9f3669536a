"""Names of places and addresses, as typed, with their points."""

from typing import Annotated

from pydantic import Field

from remelt.platform.logistics import places
from remelt.platform.logistics.places import FoundPlace
from remelt.web.api.base import api_blueprint
from remelt.web.attempts import geocode_limits
from remelt.web.auth import desk
from remelt.web.context import needs, require, settings, store
from remelt.web.inputs import ApiOut, ApiQuery

bp = api_blueprint("places", tag="Reference data")


class PlaceAsked(ApiQuery):
    """A name in Chinese, English or pinyin, an area code, or an address."""

    q: Annotated[str, Field(min_length=1, max_length=100)]
    limit: Annotated[int, Field(ge=1, le=20)] = 10


class PlaceFound(ApiOut):
    """A place: WGS84 in micro-degrees. source: catalogue, or the geocoder that said it."""

    name_zh: str
    name_en: str
    adcode: str
    level: str
    lat_e6: int
    lon_e6: int
    source: str


class PlacesFound(ApiOut):
    """Places, the likeliest first."""

    items: list[PlaceFound]


@bp.get("/places")
@needs("parties.own")
@bp.input(PlaceAsked, location="query", arg_name="asked")
@bp.output(PlacesFound)
def get_places(asked: PlaceAsked) -> PlacesFound:
    """Find a place: the catalogue's first; what it does not know, the operator's geocoder may."""
    who = require("parties.own")
    with store().read() as session:
        found = places.find_places(session, asked.q, limit=asked.limit)
    if not found and settings().nominatim_url:
        limits = geocode_limits(organisation_code=who.organisation_code)
        desk().attempts.check(*limits)
        desk().attempts.hit(*limits)
        found = places.geocode(settings(), asked.q, limit=asked.limit)
    return PlacesFound(items=[_out(place) for place in found])


def _out(place: FoundPlace) -> PlaceFound:
    return PlaceFound.model_validate(place, from_attributes=True)
