"""The one who acts: a person, for one organisation, in one role."""

from dataclasses import dataclass

from remelt.platform.parties.permissions import allows


@dataclass(frozen=True, slots=True)
class Actor:
    """A membership in force, as read at the start of this request.

    locale: the language this person chose.
    scopes: permissions that an API token is cut down to; None for a person at a page, who has
    all that the role gives.
    """

    person_id: int
    person_code: str
    person_name: str
    membership_id: int
    organisation_id: int
    organisation_code: str
    organisation_name_zh: str
    organisation_name_en: str
    role: str
    demo: bool
    locale: str = "zh_CN"
    scopes: frozenset[str] | None = None

    def may(self, permission: str) -> bool:
        """Tell whether role and scopes give `permission`."""
        in_scope = self.scopes is None or permission in self.scopes
        return in_scope and allows(self.role, permission)
