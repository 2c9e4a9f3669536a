"""Where names and points lead: the catalogue's places."""

from remelt.platform.catalogue.loading import package_rows
from remelt.routing.datum import County


def package_counties() -> list[County]:
    """Return the counties that come with the package, for who has no database."""
    return [
        County(row["adcode"], row["lat_e6"], row["lon_e6"])
        for row in package_rows("places")
        if row["level"] == "county"
    ]
