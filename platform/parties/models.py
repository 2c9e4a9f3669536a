"""Organisations, their sites and papers, people and what they sign in with."""

from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import CheckConstraint, ColumnElement, Index, UniqueConstraint, text
from sqlmodel import Field, col

from remelt.platform.kernel.rows import Row, bigint, json_column, one_of, table_args
from remelt.platform.parties.permissions import ROLES

LEGAL_FORMS: Final = ("natural_person", "household", "enterprise")
CAPABILITIES: Final = ("collect", "purchase_point", "hub", "smelt", "process", "carry", "trade")
FILING_KINDS: Final = (
    "business_licence",
    "mofcom",
    "public_security",
    "productive_scrap",
    "hazardous_waste",
    "pollutant_permit",
)
PRODUCTIVE_SCRAP: Final = "productive_scrap"
LOCALES: Final = ("zh_CN", "en")


def _long(column: str, *, most: int) -> CheckConstraint:
    return CheckConstraint(f"length({column}) BETWEEN 1 AND {most}", name=f"{column}_length")


class Organisation(Row, table=True):
    """A party of the trade: a person, a household business, a firm or an authority.

    adcode: county or wider area where it is registered (GB/T 2260, six digits).
    demo: invented for the demonstration; shown as such wherever it appears.
    """

    __tablename__ = "organisation"
    __table_args__ = table_args(
        one_of("legal_form", LEGAL_FORMS), _long("name_zh", most=80), _long("name_en", most=120)
    )

    code: str = Field(unique=True, max_length=14)
    name_zh: str = Field(max_length=80)
    name_en: str = Field(max_length=120)
    legal_form: str = Field(max_length=20)
    adcode: str = Field(max_length=6, index=True)
    demo: bool = False
    registered_at: datetime


class Site(Row, table=True):
    """A place where an organisation works.

    lat_e6, lon_e6: WGS84 degrees times a million; None where no position is known.
    can_...: what may be done here, see `capabilities`.
    scale_division_g: the division of the scale in grams, None without a scale;
    scale_verified_until: last day of the scale's verification.
    second_person_above_fen: a payment above this amount needs a second person; None for never.
    opens_min, closes_min: opening hours in minutes of the Beijing day.
    """

    __tablename__ = "site"
    __table_args__ = table_args(
        _long("name_zh", most=80),
        _long("name_en", most=120),
        CheckConstraint("lat_e6 BETWEEN -90000000 AND 90000000", name="lat_on_earth"),
        CheckConstraint("lon_e6 BETWEEN -180000000 AND 180000000", name="lon_on_earth"),
        CheckConstraint("(lat_e6 IS NULL) = (lon_e6 IS NULL)", name="position_whole"),
        CheckConstraint(
            "opens_min >= 0 AND opens_min < closes_min AND closes_min <= 1440", name="hours"
        ),
        CheckConstraint("scale_division_g BETWEEN 1 AND 1000000", name="division"),
        CheckConstraint("second_person_above_fen >= 0", name="threshold"),
    )

    code: str = Field(unique=True, max_length=14)
    organisation_id: int = bigint(foreign_key="organisation.id", index=True)
    name_zh: str = Field(max_length=80)
    name_en: str = Field(max_length=120)
    adcode: str = Field(max_length=6, index=True)
    address: str = Field(default="", max_length=200)
    lat_e6: int | None = None
    lon_e6: int | None = None
    can_collect: bool = False
    can_purchase_point: bool = False
    can_hub: bool = False
    can_smelt: bool = False
    can_process: bool = False
    can_carry: bool = False
    can_trade: bool = False
    scale_division_g: int | None = None
    scale_verified_until: date | None = None
    second_person_above_fen: int | None = bigint(nullable=True, default=None)
    opens_min: int = 480
    closes_min: int = 1080
    opened_at: datetime
    ended_at: datetime | None = None

    @property
    def capabilities(self) -> frozenset[str]:
        """What may be done here, of `CAPABILITIES`."""
        return frozenset(name for name in CAPABILITIES if getattr(self, f"can_{name}"))


def site_can(capability: str) -> ColumnElement[bool]:
    """The condition that a site has `capability`, for queries."""
    if capability not in CAPABILITIES:
        raise KeyError(capability)
    return col(getattr(Site, f"can_{capability}")).is_(True)


class Person(Row, table=True):
    """Somebody who can sign in. Rights are not here: they come from memberships.

    totp_secret: sealed with the installation's key; None without a second factor.
    totp_counter: the last time step that was used, so that no code serves twice.
    """

    __tablename__ = "person"
    __table_args__ = table_args(one_of("locale", LOCALES), _long("name", most=60))

    code: str = Field(unique=True, max_length=14)
    login: str = Field(unique=True, max_length=32)
    name: str = Field(max_length=60)
    phone: str | None = Field(default=None, max_length=21)
    password_hash: str = Field(max_length=255)
    password_at: datetime
    locale: str = Field(default="zh_CN", max_length=5)
    active: bool = True
    totp_secret: str | None = Field(default=None, max_length=500)
    totp_counter: int | None = bigint(nullable=True, default=None)
    added_at: datetime

    @property
    def masked_phone(self) -> str:
        """The telephone number with its middle hidden: 138****1234."""
        return "" if not self.phone else f"{self.phone[:3]}****{self.phone[-4:]}"


class Membership(Row, table=True):
    """A person in a role of an organisation, from `since` until `ended_at`.

    by_person_id: who let them in; None for the command line and for one's own registration.
    """

    __tablename__ = "membership"
    __table_args__ = table_args(
        one_of("role", ROLES),
        CheckConstraint("ended_at >= since", name="ends_after_it_begins"),
        Index(
            "uq_membership_in_force",
            "person_id",
            "organisation_id",
            "role",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    code: str = Field(unique=True, max_length=14)
    person_id: int = bigint(foreign_key="person.id", index=True)
    organisation_id: int = bigint(foreign_key="organisation.id", index=True)
    role: str = Field(max_length=10)
    by_person_id: int | None = bigint(nullable=True, default=None, foreign_key="person.id")
    since: datetime
    ended_at: datetime | None = None


class Filing(Row, table=True):
    """A filing, licence or authorisation of an organisation. It counts once it is verified."""

    __tablename__ = "filing"
    __table_args__ = table_args(one_of("kind", FILING_KINDS), _long("number", most=60))

    code: str = Field(unique=True, max_length=14)
    organisation_id: int = bigint(foreign_key="organisation.id", index=True)
    kind: str = Field(max_length=20)
    number: str = Field(max_length=60)
    valid_until: date | None = None
    handed_in_at: datetime
    verified_at: datetime | None = None
    verified_by: int | None = bigint(nullable=True, default=None, foreign_key="person.id")
    ended_at: datetime | None = None


class SignInSession(Row, table=True):
    """A device where a person is signed in. Only the hash of its token is kept."""

    __tablename__ = "sign_in_session"
    __table_args__ = table_args()

    code: str = Field(unique=True, max_length=14)
    token_sha256: str = Field(unique=True, max_length=64)
    person_id: int = bigint(foreign_key="person.id", index=True)
    membership_id: int | None = bigint(nullable=True, default=None, foreign_key="membership.id")
    device: str = Field(default="", max_length=200)
    address: str = Field(default="", max_length=45)
    created_at: datetime
    seen_at: datetime
    revoked_at: datetime | None = None


class RecoveryCode(Row, table=True):
    """A code that stands in for the second factor, once."""

    __tablename__ = "recovery_code"
    __table_args__ = table_args(UniqueConstraint("person_id", "sha256"))

    person_id: int = bigint(foreign_key="person.id", index=True)
    sha256: str = Field(max_length=64)
    made_at: datetime
    used_at: datetime | None = None


class ApiToken(Row, table=True):
    """A key to the JSON API: it acts as one membership, within `scopes`, until `expires_at`."""

    __tablename__ = "api_token"
    __table_args__ = table_args(_long("name", most=60))

    code: str = Field(unique=True, max_length=14)
    token_sha256: str = Field(unique=True, max_length=64)
    name: str = Field(max_length=60)
    membership_id: int = bigint(foreign_key="membership.id", index=True)
    scopes: list[str] = json_column()
    created_at: datetime
    expires_at: datetime
    seen_at: datetime | None = None
    revoked_at: datetime | None = None


class KnownSite(Row, table=True):
    """A site known to exist, on the platform or not: what coverage is measured against.

    adcode: its prefecture (four digits and 00) or county. source: where it is known from.
    """

    __tablename__ = "known_site"
    __table_args__ = table_args(UniqueConstraint("name_zh", "metal", "adcode"))

    code: str = Field(unique=True, max_length=14)
    name_zh: str = Field(max_length=80)
    name_en: str = Field(default="", max_length=120)
    metal: str = Field(max_length=10, index=True)
    adcode: str = Field(max_length=6, index=True)
    source: str = Field(max_length=200)
    site_id: int | None = bigint(nullable=True, default=None, foreign_key="site.id", index=True)
    demo: bool = False
    added_at: datetime


class RateWindow(Row, table=True):
    """How often something was tried within one window of time, for limits on sign-in."""

    __tablename__ = "rate_window"
    __table_args__ = table_args()

    name: str = Field(unique=True, max_length=200)
    count: int
    ends_at: datetime = Field(index=True)


class Notice(Row, table=True):
    """Something that an organisation should know, told once.

    kind: what it is about, the page has a sentence for each; subject: the code of the listing, need
    or paper that it leads to. facts: what the sentence says besides, integers and text. told_as:
    two notices of one organisation that are told as the same are one.
    """

    __tablename__ = "notice"
    __table_args__ = table_args(
        UniqueConstraint("organisation_id", "told_as", name="uq_notice_told_as"),
        CheckConstraint("read_at IS NULL OR read_at >= at", name="read_after_told"),
        Index("ix_notice_organisation_id_read_at", "organisation_id", "read_at"),
    )

    organisation_id: int = bigint(foreign_key="organisation.id")
    kind: str = Field(max_length=40)
    subject: str = Field(max_length=20)
    facts: dict[str, Any] = json_column()
    told_as: str = Field(max_length=100)
    at: datetime
    read_at: datetime | None = None
