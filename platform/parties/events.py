"""What happened among the parties. Events are kept for ever: they hold ids, never codes or names.

An id says nothing once its row is blanked; a code stands on papers that others keep.
"""

from dataclasses import dataclass
from typing import ClassVar

from remelt.platform.kernel.outbox import Event


@dataclass(frozen=True, kw_only=True)
class OrganisationRegistered(Event):
    """An organisation joined the platform."""

    name: ClassVar[str] = "organisation-registered"
    unkept: ClassVar[tuple[str, ...]] = ("organisation_code",)
    organisation_code: str
    organisation_id: int
    legal_form: str


@dataclass(frozen=True, kw_only=True)
class SiteAdded(Event):
    """A site was opened."""

    name: ClassVar[str] = "site-added"
    unkept: ClassVar[tuple[str, ...]] = ("organisation_code",)
    organisation_code: str
    site_code: str
    capabilities: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class SiteChanged(Event):
    """Facts of a site changed; `changed` names the columns."""

    name: ClassVar[str] = "site-changed"
    site_code: str
    changed: tuple[str, ...]
    by_person_id: int | None


@dataclass(frozen=True, kw_only=True)
class SiteEnded(Event):
    """A site was closed for good."""

    name: ClassVar[str] = "site-ended"
    site_code: str
    by_person_id: int | None


@dataclass(frozen=True, kw_only=True)
class PersonAdded(Event):
    """A person got a login."""

    name: ClassVar[str] = "person-added"
    unkept: ClassVar[tuple[str, ...]] = ("person_code",)
    person_code: str
    person_id: int


@dataclass(frozen=True, kw_only=True)
class PersonChanged(Event):
    """Something of a person's account changed: password, second factor, activity."""

    name: ClassVar[str] = "person-changed"
    unkept: ClassVar[tuple[str, ...]] = ("person_code",)
    person_code: str
    person_id: int
    changed: str
    by_person_id: int | None


@dataclass(frozen=True, kw_only=True)
class Joined(Event):
    """A person took a role in an organisation."""

    name: ClassVar[str] = "joined"
    unkept: ClassVar[tuple[str, ...]] = ("person_code", "organisation_code")
    person_code: str
    person_id: int
    organisation_code: str
    organisation_id: int
    role: str
    by_person_id: int | None


@dataclass(frozen=True, kw_only=True)
class Left(Event):
    """A person gave up a role in an organisation."""

    name: ClassVar[str] = "left"
    unkept: ClassVar[tuple[str, ...]] = ("person_code", "organisation_code")
    person_code: str
    person_id: int
    organisation_code: str
    organisation_id: int
    role: str
    by_person_id: int | None


@dataclass(frozen=True, kw_only=True)
class FilingAdded(Event):
    """A filing or licence was handed in."""

    name: ClassVar[str] = "filing-added"
    unkept: ClassVar[tuple[str, ...]] = ("organisation_code",)
    organisation_code: str
    filing_code: str
    kind: str


@dataclass(frozen=True, kw_only=True)
class FilingVerified(Event):
    """The operator compared a filing with the paper."""

    name: ClassVar[str] = "filing-verified"
    filing_code: str
    by_person_id: int | None


@dataclass(frozen=True, kw_only=True)
class FilingWithdrawn(Event):
    """A filing was ended before its last day."""

    name: ClassVar[str] = "filing-withdrawn"
    filing_code: str
    by_person_id: int | None


@dataclass(frozen=True, kw_only=True)
class SignedInHere(Event):
    """A person signed in."""

    name: ClassVar[str] = "signed-in"
    unkept: ClassVar[tuple[str, ...]] = ("person_code",)
    person_code: str
    person_id: int
    session_code: str


@dataclass(frozen=True, kw_only=True)
class SessionRevoked(Event):
    """A sign-in session was ended."""

    name: ClassVar[str] = "session-revoked"
    session_code: str
    by_person_id: int | None


@dataclass(frozen=True, kw_only=True)
class TokenIssued(Event):
    """An access token for the JSON API was made."""

    name: ClassVar[str] = "token-issued"
    unkept: ClassVar[tuple[str, ...]] = ("person_code",)
    token_code: str
    person_code: str
    person_id: int


@dataclass(frozen=True, kw_only=True)
class TokenRevoked(Event):
    """An access token was ended."""

    name: ClassVar[str] = "token-revoked"
    token_code: str
    by_person_id: int | None


@dataclass(frozen=True, kw_only=True)
class NoticeGiven(Event):
    """An organisation was told something: what mail and messages are made of, after the commit."""

    name: ClassVar[str] = "notice-given"
    organisation_id: int
    kind: str
    subject: str
