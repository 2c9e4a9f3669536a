"""Limits on how often something is tried, counted in the database for all processes together."""

import hashlib
from datetime import timedelta
from math import ceil
from typing import Any

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, delete, select

from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.errors import Refusal
from remelt.platform.kernel.store import Store
from remelt.platform.parties.models import RateWindow

Counted = tuple[RateLimitItem, tuple[str, ...]]


class TooManyTries(Refusal):
    """Tried too often; it is taken again after the wait (429)."""

    code = "too-many-tries"


class Windows(Storage):
    """Counts in rows. A window starts at the first try and is forgotten after it ends.

    Names are hashed: a login, or what was typed in its place, is not kept here.
    """

    STORAGE_SCHEME = None

    def __init__(self, store: Store, *, clock: Clock) -> None:
        super().__init__()
        self._store = store
        self._clock = clock

    @property
    def base_exceptions(self) -> type[Exception]:
        """What the store raises is passed on."""
        return Exception

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count `amount` tries in the window of `key`, a new one of `expiry` seconds if none."""
        with self._store.write() as session:
            now = self._clock.now(session)
            session.execute(delete(RateWindow).where(col(RateWindow.ends_at) <= now))
            add = _insert(session)(RateWindow).values(
                name=_name(key), count=amount, ends_at=now + timedelta(seconds=expiry)
            )
            counted = add.on_conflict_do_update(
                index_elements=["name"],
                set_={"count": col(RateWindow.count) + amount},
            ).returning(col(RateWindow.count))
            return int(session.execute(counted).scalar_one())

    def get(self, key: str) -> int:
        """Return the tries counted in the window of `key`."""
        with self._store.read() as session:
            row = _row(session, key)
            return 0 if row is None or row.ends_at <= self._clock.now(session) else row.count

    def get_expiry(self, key: str) -> float:
        """Return when the window of `key` ends, as seconds since 1970."""
        with self._store.read() as session:
            row = _row(session, key)
            return (self._clock.now(session) if row is None else row.ends_at).timestamp()

    def check(self) -> bool:
        """Say that the store is there; a store that is not raises."""
        return True

    def reset(self) -> int | None:
        """Forget every window."""
        with self._store.write() as session:
            session.execute(delete(RateWindow))
        return None

    def clear(self, key: str) -> None:
        """Forget the window of `key`."""
        with self._store.write() as session:
            session.execute(delete(RateWindow).where(col(RateWindow.name) == _name(key)))

    def left_s(self, key: str) -> int:
        """Return the seconds until the window of `key` ends, at least 1."""
        with self._store.read() as session:
            row = _row(session, key)
            if row is None:
                return 1
            return max(1, ceil((row.ends_at - self._clock.now(session)).total_seconds()))


class Attempts:
    """Refuses what was tried too often. Names what is tried, by which login, from where."""

    def __init__(self, store: Store, *, clock: Clock) -> None:
        self._windows = Windows(store, clock=clock)
        self._limiter = FixedWindowRateLimiter(self._windows)

    def check(self, *counted: Counted) -> None:
        """Refuse when one of the limits is used up; counts nothing. Raises `TooManyTries`."""
        for item, names in counted:
            if not self._limiter.test(item, *names):
                wait_s = self._windows.left_s(item.key_for(*names))
                raise TooManyTries(wait_s=wait_s, minutes=ceil(wait_s / 60))

    def hit(self, *counted: Counted) -> None:
        """Count one try against each limit."""
        for item, names in counted:
            self._limiter.hit(item, *names)

    def clear(self, *counted: Counted) -> None:
        """Forget the tries counted against each limit."""
        for item, names in counted:
            self._limiter.clear(item, *names)


def sign_in_limits(*, login: str, address: str) -> tuple[Counted, ...]:
    """Wrong sign-ins: 5 in 15 min for a login from one address, and two wider limits.

    30 an hour for a login from anywhere, 60 in 15 min from one address for any login.
    """
    return (
        (RateLimitItemPerMinute(5, 15), ("sign-in", "pair", login, address)),
        (RateLimitItemPerMinute(30, 60), ("sign-in", "login", login)),
        (RateLimitItemPerMinute(60, 15), ("sign-in", "address", address)),
    )


def factor_limits(*, person_code: str) -> tuple[Counted, ...]:
    """Wrong codes of the second factor: 5 in 15 min for a person."""
    return ((RateLimitItemPerMinute(5, 15), ("factor", person_code)),)


def register_limits(*, address: str) -> tuple[Counted, ...]:
    """Registrations: 20 an hour from one address, which may be a whole village's."""
    return ((RateLimitItemPerMinute(20, 60), ("register", address)),)


def tie_limits(*, organisation_code: str) -> tuple[Counted, ...]:
    """Tries to tie an account to a person: 10 an hour for an organisation."""
    return ((RateLimitItemPerMinute(10, 60), ("tie", organisation_code)),)


def solve_limits(*, organisation_code: str) -> tuple[Counted, ...]:
    """Problems to be solved: 30 a minute for an organisation."""
    return ((RateLimitItemPerMinute(30, 1), ("solve", organisation_code)),)


def geocode_limits(*, organisation_code: str) -> tuple[Counted, ...]:
    """Addresses to be looked up outside the catalogue: 60 a minute for an organisation."""
    return ((RateLimitItemPerMinute(60, 1), ("geocode", organisation_code)),)


def _name(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def _row(session: Session, key: str) -> RateWindow | None:
    return session.exec(select(RateWindow).where(RateWindow.name == _name(key))).one_or_none()


def _insert(session: Session) -> Any:
    """An insert that counts up where the name is there already, on either database."""
    on_postgresql = session.get_bind().dialect.name == "postgresql"
    return postgresql.insert if on_postgresql else sqlite.insert
