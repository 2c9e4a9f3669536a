"""What each role may do."""

PERMISSIONS: dict[str, frozenset[str]] = {}


def allows(role: str, permission: str) -> bool:
    """Tell whether `role` holds `permission`; one that is not listed is an error of ours."""
    return role in PERMISSIONS[permission]
