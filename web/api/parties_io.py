"""What the API takes and tells about organisations, sites, people and papers."""

from datetime import date, datetime
from typing import Annotated

from pydantic import BeforeValidator, Field

from remelt.web.api.catalogue_out import Listed
from remelt.web.inputs import ApiIn, ApiOut, ApiQuery

Name = Annotated[str, Field(min_length=1, max_length=120)]
Adcode = Annotated[str, Field(min_length=6, max_length=6)]
Names = Annotated[list[str], BeforeValidator(sorted)]


class OrganisationIn(ApiIn):
    """A new organisation; legal_form: natural_person, household or enterprise."""

    name_zh: Name
    name_en: str = ""
    legal_form: str
    adcode: Adcode


class SiteIn(ApiIn):
    """A new site: WGS84 in micro-degrees, masses in g, money in fen, minutes of the Beijing day."""

    name_zh: Name
    name_en: str = ""
    adcode: Adcode
    capabilities: list[str]
    address: str = ""
    lat_e6: int | None = None
    lon_e6: int | None = None
    scale_division_g: int | None = None
    scale_verified_until: date | None = None
    second_person_above_fen: Annotated[int, Field(le=10**15)] | None = None
    opens_min: int = 480
    closes_min: int = 1080


class FilingIn(ApiIn):
    """A paper to hand in."""

    kind: str
    number: Name
    valid_until: date | None = None


class MemberIn(ApiIn):
    """A person to let in; name and password for one without a login."""

    login: Name
    role: str
    name: str = ""
    password: Annotated[str, Field(max_length=200)] = ""


class KnownSiteIn(ApiIn):
    """A site known to exist. metal: its symbol, such as Al."""

    name_zh: Name
    name_en: str = ""
    metal: Annotated[str, Field(min_length=1, max_length=10)]
    adcode: Adcode
    source: Annotated[str, Field(min_length=1, max_length=200)]


class OrganisationsIn(ApiQuery):
    """Organisations whose name holds a text."""

    q: Annotated[str, Field(max_length=80)] = ""


class OrganisationOut(ApiOut):
    """An organisation."""

    code: str
    name_zh: str
    name_en: str
    legal_form: str
    adcode: str
    demo: bool
    registered_at: datetime


class SiteOut(ApiOut):
    """A site."""

    code: str
    name_zh: str
    name_en: str
    adcode: str
    address: str
    lat_e6: int | None
    lon_e6: int | None
    capabilities: Names
    scale_division_g: int | None
    scale_verified_until: date | None
    second_person_above_fen: int | None
    opens_min: int
    closes_min: int
    opened_at: datetime
    ended_at: datetime | None


class FilingOut(ApiOut):
    """A paper; it counts from `verified_at` on, until `valid_until` or `ended_at`."""

    code: str
    kind: str
    number: str
    valid_until: date | None
    handed_in_at: datetime
    verified_at: datetime | None
    ended_at: datetime | None


class MemberOut(ApiOut):
    """A person in a role."""

    code: str
    role: str
    since: datetime
    ended_at: datetime | None
    person_code: str
    person_name: str


class KnownSiteOut(ApiOut):
    """A site known to exist."""

    code: str
    name_zh: str
    name_en: str
    metal: str
    adcode: str
    source: str


class OrganisationsOut(Listed[OrganisationOut]):
    """Organisations."""


class SitesOut(Listed[SiteOut]):
    """Sites."""


class FilingsOut(Listed[FilingOut]):
    """Papers."""


class MembersOut(Listed[MemberOut]):
    """People."""


class KnownSitesOut(Listed[KnownSiteOut]):
    """Known sites."""
