"""What a request works with: the services of this process, and who asks."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec, TypeVar, cast

from flask import current_app, g, request

from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.errors import Forbidden, Refusal
from remelt.platform.kernel.files import FileStore
from remelt.platform.kernel.runner import JobRunner
from remelt.platform.kernel.settings import Settings
from remelt.platform.kernel.store import Store
from remelt.platform.kernel.together import Together
from remelt.platform.market.bids.engine import Engine
from remelt.platform.market.bids.entrance import Handed
from remelt.platform.market.bids.offers import Answer, Offer
from remelt.platform.market.house import HouseRules
from remelt.platform.parties.actors import Actor
from remelt.web.house import house_of
from remelt.web.security import PROGRAMS, current_actor

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Services:
    """What one process holds open."""

    settings: Settings
    store: Store
    clock: Clock
    files: FileStore
    runner: JobRunner
    entrance: Together[Handed, Offer | Answer]
    engine: Engine


class SignInNeeded(Refusal):
    """Nobody is signed in; pages lead to the sign-in, the API answers 401."""

    code = "sign-in-needed"


class NotAllowed(Forbidden):
    """The role does not hold this right."""

    code = "not-allowed"


def services() -> Services:
    """Return the services of this app."""
    return cast("Services", current_app.extensions["remelt"])


def settings() -> Settings:
    """Return the settings in force."""
    return services().settings


def house() -> HouseRules:
    """Return the rules of this market."""
    return house_of(settings())


def store() -> Store:
    """Return the database."""
    return services().store


def clock() -> Clock:
    """Return the clock that decides."""
    return services().clock


def files() -> FileStore:
    """Return the store of photos and papers."""
    return services().files


def actor() -> Actor | None:
    """Return who asks, None for a visitor; looked up once a request."""
    if "actor" not in g:
        g.actor = current_actor()
    return cast("Actor | None", g.actor)


def require(permission: str) -> Actor:
    """Return who asks when their role holds `permission`. Raises `SignInNeeded` or `NotAllowed`."""
    who = actor()
    if who is None:
        raise SignInNeeded
    if not who.may(permission):
        raise NotAllowed(permission=permission, role=who.role)
    return who


def needs(permission: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Check `permission` before the input is read: stands between an API route and its input."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def checked(*args: P.args, **kwargs: P.kwargs) -> R:
            require(permission)
            return view(*args, **kwargs)

        return checked

    return decorate


def wants_json() -> bool:
    """Tell whether the answer goes to a program: the API, or who accepts JSON before HTML."""
    if request.path.startswith(PROGRAMS):
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], "text/html")
    return best == "application/json"
