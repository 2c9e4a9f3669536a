"""Who acts: a person in one of their memberships."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in person, the organisation they act for and their role in it."""

    person_id: int
    person_code: str
    organisation_id: int
    organisation_code: str
    role: str
    locale: str = "zh_CN"
