"""Flask-Security on our own rows: who is signed in, by which proofs.

The cookie holds a session's token where Flask-Security expects `fs_uniquifier`; so every session
is a row that can be listed and ended. Reads use `Store.read()` and writes `Store.write()`; roles
are unused, rights come from memberships. Bearer tokens are ours and meant for the JSON API.
"""

import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NoReturn, cast

from flask import current_app, g, has_request_context, request, session
from flask_login import current_user
from flask_security.core import RoleMixin, UserMixin
from flask_security.datastore import UserDatastore
from flask_security.totp import Totp
from flask_security.utils import login_user, logout_user, verify_password

from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.errors import Invalid
from remelt.platform.kernel.store import Store
from remelt.platform.kernel.together import Together
from remelt.platform.parties import factors, people, queries, sessions
from remelt.platform.parties.errors import BadLogin
from remelt.platform.parties.models import Person
from remelt.platform.parties.rules import read_login
from remelt.platform.parties.sessions import LiveSession
from remelt.platform.parties.tokens import Bearer
from remelt.web.attempts import Attempts, factor_limits, sign_in_limits
from remelt.web.passwords import NOBODY

PENDING = timedelta(minutes=5)


class WrongSignIn(Invalid):
    """The login or the password is wrong; which of them is not told."""

    code = "wrong-sign-in"


class WrongFactor(Invalid):
    """The code of the second factor is wrong or was used before."""

    code = "wrong-factor"


class NoRoles(RoleMixin):
    """Flask-Security asks for a model of roles; there are none."""


class SignedIn(UserMixin):
    """A person in one sign-in session, as Flask-Security sees users."""

    active = True
    fs_uniquifier = ""

    def __init__(self, live: LiveSession, *, token: str) -> None:
        self.fs_uniquifier = token
        self.password = live.password_hash
        self.session_id = live.id
        self.session_code = live.code
        self.membership_id = live.membership_id
        self.person_id = live.person_id
        self.person_code = live.person_code
        self.login = live.login
        self.name = live.name
        self.locale = live.locale
        self.totp_secret = live.totp_secret

    def calc_username(self) -> str:
        """Return what an authenticator app lists the account as."""
        return self.login


class Claimant(UserMixin):
    """A person who claims a login: the password was right, or is about to be checked."""

    def __init__(self, person: Person) -> None:
        self.active = person.active
        self.fs_uniquifier = ""
        self.password = person.password_hash
        self.person_id = person.key
        self.person_code = person.code
        self.totp_secret = person.totp_secret


class People(UserDatastore):
    """The datastore that Flask-Security asks; `commit` does nothing, a session commits itself."""

    def __init__(self, store: Store, *, clock: Clock) -> None:
        super().__init__(SignedIn, NoRoles)
        self.store = store
        self.clock = clock

    def find_user(self, case_insensitive: bool = False, **kwargs: Any) -> SignedIn | None:  # noqa: ARG002, FBT001, FBT002 - the library's signature
        """Return the person of a live session by its token; nothing else identifies one here."""
        token = str(kwargs.get("fs_uniquifier", ""))
        with self.store.read() as db:
            live = sessions.live_session(db, token=token, clock=self.clock)
        if live is None:
            return None
        if live.due:
            with self.store.write() as db:
                sessions.mark_seen(db, clock=self.clock, session_id=live.id)
        return SignedIn(live, token=token)

    def put(self, model: Any) -> Any:
        """Keep the hash that Flask-Security made anew because its parameters changed."""
        if isinstance(model, Claimant) and model.password is not None:
            with self.store.write() as db:
                people.keep_hash(db, person_id=model.person_id, password_hash=model.password)
        return model

    def delete(self, model: Any) -> NoReturn:
        """Refuse: people are not deleted, their rights end."""
        kind = type(model).__name__
        raise TypeError(f"{kind}: people are never deleted: end their memberships, or erase them")

    def commit(self) -> None:
        """Do nothing: every write session has committed."""


class OnceTotp(Totp):
    """Time-based codes that serve once."""

    def get_last_counter(self, user: Any) -> int | None:
        """Return the last time step that this person used a code of."""
        with desk().store.read() as db:
            return factors.last_counter(db, person_id=user.person_id)

    def set_last_counter(self, user: Any, tmatch: Any) -> None:
        """Spend the code. Raises `WrongFactor` when somebody was faster."""
        with desk().store.write() as db:
            if not factors.use_counter(db, person_id=user.person_id, counter=tmatch.counter):
                raise WrongFactor(field="one_time_code")


@dataclass(frozen=True, slots=True)
class Desk:
    """What signing in works with, kept with the app. bearers: who acts by an access token."""

    store: Store
    clock: Clock
    bearers: Together[str, Bearer | None]
    attempts: Attempts
    totp: Totp


def desk() -> Desk:
    """Return the desk of this app."""
    return cast("Desk", current_app.extensions["remelt.desk"])


def bearer() -> str | None:
    """Return the access token of an API call, None for a request that carries none."""
    kind, _, text = request.headers.get("Authorization", "").partition(" ")
    return text.strip() if kind.lower() == "bearer" else None


def signed_in() -> SignedIn | None:
    """Return who is signed in by cookie; an access token, where there is one, stands alone."""
    if not has_request_context() or bearer() is not None:
        return None
    user = current_user._get_current_object()  # noqa: SLF001 - werkzeug's proxy
    return user if isinstance(user, SignedIn) else None


def check_password(*, login: str, password: str, address: str) -> Claimant:
    """Return the person whose login and password these are.

    Wrong ones are counted by login and address. Raises `TooManyTries` or `WrongSignIn`.
    """
    known = _known(login)
    limits = sign_in_limits(login=known.login if known else login[:100], address=address)
    desk().attempts.check(*limits)
    typed = unicodedata.normalize("NFKD", password)
    claimant = None if known is None else Claimant(known)
    if claimant is None:
        verify_password(typed, NOBODY)
    if claimant is None or not claimant.verify_and_update_password(typed) or not claimant.active:
        desk().attempts.hit(*limits)
        raise WrongSignIn
    desk().attempts.clear(limits[0])
    return claimant


def check_factor(claimant: Claimant, *, typed: str) -> None:
    """Refuse a code that is neither the present one-time code nor a recovery code not yet spent.

    Raises `TooManyTries` or `WrongFactor`.
    """
    limits = factor_limits(person_code=claimant.person_code)
    desk().attempts.check(*limits)
    if not _one_time(claimant, typed) and not _recovery(claimant, typed):
        desk().attempts.hit(*limits)
        raise WrongFactor(field="one_time_code")
    desk().attempts.clear(*limits)


def begin_session(person_id: int) -> None:
    """Sign a person in whose proofs were checked: a new row, a new cookie."""
    with desk().store.write() as db:
        _row, token = sessions.open_session(
            db,
            clock=desk().clock,
            person_id=person_id,
            device=request.user_agent.string,
            address=request.remote_addr or "",
        )
    carry_session(token)


def carry_session(token: str) -> None:
    """Put the token of a session that was opened in this request into the cookie."""
    session.clear()
    session.permanent = True
    user = current_app.extensions["security"].datastore.find_user(fs_uniquifier=token)
    login_user(user, remember=False, authn_via=["password"])
    g.pop("actor", None)


def end_session() -> None:
    """Sign out: end the row and forget the cookie."""
    user = signed_in()
    if user is not None:
        with desk().store.write() as db:
            sessions.revoke_session(
                db,
                clock=desk().clock,
                session_code=user.session_code,
                person_id=user.person_id,
            )
    logout_user()
    session.clear()
    g.pop("actor", None)


def await_factor(claimant: Claimant) -> None:
    """Remember in the cookie that the password was right, until the second factor is."""
    session.clear()
    session["claimant"] = claimant.person_code
    session["claimed_at"] = _now_s()


def awaited() -> Claimant | None:
    """Return whose second factor is awaited, None after five minutes."""
    code, at = session.get("claimant"), session.get("claimed_at", 0)
    if not isinstance(code, str) or _now_s() - at > PENDING.total_seconds():
        return None
    with desk().store.read() as db:
        person = queries.person(db, code=code)
        if person.totp_secret is None or not person.active:
            return None
        return Claimant(person)


def _known(login: str) -> Person | None:
    try:
        tidy = read_login(login)
    except BadLogin:
        return None
    with desk().store.read() as db:
        return queries.person_by_login(db, login=tidy)


def _one_time(claimant: Claimant, typed: str) -> bool:
    digits = "".join(unicodedata.normalize("NFKC", typed[:40]).split())
    if claimant.totp_secret is None or not (digits.isascii() and digits.isdigit()):
        return False
    try:
        return bool(desk().totp.verify_totp(digits, claimant.totp_secret, claimant, window=30))
    except WrongFactor:
        return False


def _recovery(claimant: Claimant, typed: str) -> bool:
    with desk().store.write() as db:
        return factors.use_recovery_code(
            db,
            clock=desk().clock,
            person_id=claimant.person_id,
            typed=unicodedata.normalize("NFKC", typed[:100]),
        )


def _now_s() -> int:
    with desk().store.read() as db:
        return int(desk().clock.now(db).timestamp())
