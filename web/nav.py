"""The menu of each role."""

from remelt.platform.parties.actors import Actor


def menu(who: Actor | None) -> list[tuple[str, str]]:  # noqa: ARG001 - pages join here
    """Return (endpoint, label) of the pages that `who` works with."""
    return []
