"""Walk every route of the app as every role, and say in one word what it answered."""

import csv
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests.world import NOBODY, OTHER, OWN, WALKERS, World

FILE = Path(__file__).parent / "functional" / "permissions.csv"
HEAD = ("method", "route", "object", *WALKERS)
NO_OBJECT = "-"
REFUSED = frozenset({"sign-in", "no", "none"})


@dataclass(frozen=True, order=True)
class Door:
    """A route, a method, and whose object the address names."""

    route: str
    method: str
    relation: str


@dataclass(frozen=True)
class Told:
    """What a walker was told at a door."""

    word: str
    status: int
    body: str
    changed: bool


def doors(world: World) -> list[tuple[Door, Rule]]:
    """Every route x method x own/other, in the order of the reviewed file."""
    found = []
    for rule in world.app.url_map.iter_rules():
        relations = (OWN, OTHER) if rule.arguments else (NO_OBJECT,)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            found += [(Door(rule.rule, method, relation), rule) for relation in relations]
    return sorted(found, key=lambda each: each[0])


class NoValue(Exception):
    """An address names a variable that the world has no value for."""


class Walk:
    """Walks in one world, which is put back as it was whenever a step changed it."""

    def __init__(self, world: World, *, home: Path) -> None:
        self._world = world
        self._database = home / "remelt.db"
        self._clean = home / "clean.db"
        self._store = world.app.extensions["remelt"].store
        with self._store.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        self._store.close()
        shutil.copy(self._database, self._clean)

    def tell(self, door: Door, rule: Rule, *, walker: str) -> Told:
        """Knock at a door as a walker."""
        address = self._address(door, rule, walker=walker)
        client, csrf = self._world.browser(walker)
        headers = {"Sec-Fetch-Site": "same-origin", "Accept-Language": "en"}
        json = {} if "/api/" in door.route and door.method != "GET" else None
        form = {"csrf_token": csrf} if door.method != "GET" and json is None else None
        watch = sqlite3.connect(self._database)
        before = watch.execute("PRAGMA data_version").fetchone()
        answer = client.open(
            address, method=door.method, headers=headers, json=json, data=form, buffered=False
        )
        stream = answer.mimetype == "text/event-stream"
        body = "" if stream else answer.get_data().decode(errors="replace")
        answer.close()
        changed = watch.execute("PRAGMA data_version").fetchone() != before
        watch.close()
        if changed:
            self._put_back()
        return Told(word(answer), answer.status_code, body, changed)

    def row(self, door: Door, rule: Rule) -> dict[str, str]:
        """The answers of a door to every walker, as a row of the reviewed file."""
        told = {walker: self.tell(door, rule, walker=walker).word for walker in WALKERS}
        return {"method": door.method, "route": door.route, "object": door.relation, **told}

    def _address(self, door: Door, rule: Rule, *, walker: str) -> str:
        asked = {
            name: self._world.value(rule.endpoint, name, walker=walker, relation=door.relation)
            for name in rule.arguments
        }
        unknown = [name for name, value in asked.items() if value is None]
        if unknown:
            raise NoValue(f"tests/world.py gives no value for {unknown} of {rule.endpoint}")
        with self._world.app.test_request_context():
            return self._world.app.url_map.bind("localhost").build(rule.endpoint, asked)

    def _put_back(self) -> None:
        self._store.close()
        for left in ("remelt.db-wal", "remelt.db-shm"):
            (self._database.parent / left).unlink(missing_ok=True)
        shutil.copy(self._clean, self._database)


def word(answer: TestResponse) -> str:
    """One word for an answer.

    ok: let through, even if the empty input was then refused; sign-in: asked who it is; no: the
    role may not; none: there is no such thing for this organisation; fault: an error of ours.
    """
    if answer.status_code == 401 or (
        answer.status_code == 303 and answer.headers["Location"].startswith("/sign-in")
    ):
        return "sign-in"
    words = {403: "no", 404: "none"}
    return "fault" if answer.status_code >= 500 else words.get(answer.status_code, "ok")


def reviewed() -> dict[Door, dict[str, str]]:
    """The expected answers, as people have reviewed them."""
    with FILE.open(newline="") as file:
        rows = list(csv.DictReader(file))
    return {Door(row["route"], row["method"], row["object"]): row for row in rows}


def leaks(world: World, told: Told, *, walker: str) -> Iterator[str]:
    """Texts of other organisations in the body of a refusal."""
    own = "" if walker == NOBODY else world.own[walker].organisation.code
    for text, owner in world.marks.items():
        if owner != own and text in told.body:
            yield text
