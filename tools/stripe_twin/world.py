"""What the twin remembers: the platform, its connected accounts, and the clock they share."""

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import RLock
from typing import Any, Final

from tools.stripe_twin.refusals import missing
from tools.stripe_twin.schemas import subset
from tools.stripe_twin.shapes import shape

Object = dict[str, Any]
PLATFORM: Final = "acct_platform"
LIST_MOST: Final = 100
DAY_S: Final = 86_400
PREFIXES: Final = {
    "account": "acct",
    "balance_transaction": "txn",
    "charge": "ch",
    "checkout.session": "cs",
    "customer": "cus",
    "dispute": "dp",
    "event": "evt",
    "payment_intent": "pi",
    "payment_method": "pm",
    "payout": "po",
    "refund": "re",
    "transfer": "tr",
    "transfer_reversal": "trr",
    "webhook_endpoint": "we",
}


@dataclass
class Books:
    """One account's objects by id, in the order they were made, and its cash by currency."""

    account: str
    objects: dict[str, Object] = field(default_factory=dict)
    kinds: dict[str, dict[str, Object]] = field(default_factory=dict)
    customer_cash: dict[str, dict[str, int]] = field(default_factory=dict)
    available: dict[str, int] = field(default_factory=dict)
    pending: dict[str, int] = field(default_factory=dict)
    ripening: list[tuple[int, str]] = field(default_factory=list)


@dataclass
class Facts:
    """What the twin knows of an object that its answer does not say."""

    outcome: str = ""
    transferred: int = 0
    refund_due: int | None = None
    about: Object = field(default_factory=dict)


class World:
    """All state of one twin. Whoever changes or reads it holds `lock`.

    address: where the twin is asked, which its own pages stand under.
    """

    def __init__(self) -> None:
        self.lock = RLock()
        self.address = ""
        self.offset_s = 0
        self.accounts: dict[str, Books] = {PLATFORM: Books(PLATFORM)}
        self.facts: dict[str, Facts] = {}
        self.happened: list[tuple[str, Object]] = []
        self._numbers = itertools.count(1)

    def now(self) -> int:
        """Return the unix time of the twin's own clock."""
        return int(time.time()) + self.offset_s

    def books(self, account: str) -> Books:
        """Return the books of an account. Raises `Refused`: no such account."""
        if account not in self.accounts:
            raise missing("account", account)
        return self.accounts[account]

    def make(self, books: Books, kind: str, values: dict[str, Any], *, prefix: str = "") -> Object:
        """Make and keep an object: its id, time and mode are given here."""
        number = next(self._numbers)
        code = f"{prefix or PREFIXES[kind]}_{number:010d}twin{books.account[-4:]}"
        common = {"id": code, "object": kind, "created": self.now(), "livemode": False}
        made = shape(kind, common | values)
        books.objects[made["id"]] = made
        books.kinds.setdefault(kind, {})[made["id"]] = made
        return made

    def get(self, books: Books, kind: str, code: str) -> Object:
        """Return an object of this account. Raises `Refused`: no such object."""
        found = books.kinds.get(kind, {}).get(code)
        if found is None:
            raise missing(kind, code)
        return found

    def all(self, books: Books, kind: str) -> Iterator[Object]:
        """Return every object of a kind, newest first."""
        return reversed(list(books.kinds.get(kind, {}).values()))

    def known(self, code: str) -> Facts:
        """Return what is remembered beside an object."""
        return self.facts.setdefault(code, Facts())

    def tell(self, books: Books, kind: str, about: Object) -> None:
        """Say that something happened: it becomes an event when the request ends."""
        self.happened.append((books.account, {"type": kind, "object": about}))


def page(
    world: World, books: Books, kind: str, params: dict[str, Any], *, url: str
) -> dict[str, Any]:
    """Return one page of a list, newest first: filters by equal fields and by time of making."""
    rest = {
        name: value
        for name, value in params.items()
        if name not in {"limit", "starting_after", "ending_before", "expand", "created"}
    }
    found = [
        each
        for each in world.all(books, kind)
        if all(each.get(name) == value for name, value in rest.items())
        and _in_time(each["created"], params.get("created"))
    ]
    return cut(found, params, url=url)


def cut(found: list[Object], params: dict[str, Any], *, url: str) -> dict[str, Any]:
    """Return the part of a list that a cursor and a limit ask for."""
    ids = [each["id"] for each in found]
    limit = min(max(params.get("limit", 10), 1), LIST_MOST)
    if "ending_before" in params:
        end = ids.index(params["ending_before"]) if params["ending_before"] in ids else 0
        start = max(0, end - limit)
        data, more = found[start:end], start > 0
    else:
        after = params.get("starting_after")
        start = ids.index(after) + 1 if after in ids else 0
        data, more = found[start : start + limit], start + limit < len(found)
    return {"object": "list", "data": data, "has_more": more, "url": url}


def empty_list(url: str) -> dict[str, Any]:
    """Return the empty list that stands inside an object."""
    return {"object": "list", "data": [], "has_more": False, "url": url}


def version() -> str:
    """Return the edition that every object is in."""
    return subset().version


def _in_time(created: int, asked: Any) -> bool:
    if asked is None:
        return True
    if isinstance(asked, int):
        return created == asked
    inside: bool = asked.get("gte", created) <= created <= asked.get("lte", created)
    between: bool = asked.get("gt", created - 1) < created < asked.get("lt", created + 1)
    return inside and between
