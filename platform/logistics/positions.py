"""Where sites are: their own position, else the point of their county."""

from sqlmodel import Session

from remelt.platform.catalogue import queries as catalogue
from remelt.platform.catalogue.errors import NoSuchPlace
from remelt.platform.parties.models import Site
from remelt.routing.matrix import Place


def position_of(session: Session, site: Site) -> Place | None:
    """Return a site's point on WGS84, keyed by its code; None where even its county has none."""
    if site.lat_e6 is not None and site.lon_e6 is not None:
        return Place(site.code, site.lat_e6, site.lon_e6)
    try:
        county = catalogue.place(session, site.adcode)
    except NoSuchPlace:
        return None
    return Place(site.code, county.lat_e6, county.lon_e6)
