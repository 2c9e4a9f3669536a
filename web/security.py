"""Who is signed in."""

from apiflask import APIFlask

from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.settings import Settings
from remelt.platform.kernel.store import Store
from remelt.platform.parties.actors import Actor


def init_security(app: APIFlask, store: Store, clock: Clock, settings: Settings) -> None:
    """Bind the sign-in to `app`."""


def current_actor() -> Actor | None:
    """Return the signed-in person in the membership they act in."""
    return None
