"""A small seeded world for the walk over every route: each role twice, as own and as other.

A room adds the objects that its addresses name: write a function that takes the world and an open
write session, makes the objects by the room's own actions, tells their codes with `world.give`
and what nobody else may read with `world.hide`, and add it to `ROOMS` at the end of this file.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session

from remelt.platform.catalogue.loading import load_package_data
from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.codes import new_code
from remelt.platform.kernel.settings import Settings
from remelt.platform.parties import filings, register, sessions, tokens
from remelt.platform.parties.people import add_person, join, leave
from remelt.platform.parties.permissions import ROLES
from remelt.traceability.labels.loads import number_load
from remelt.traceability.passports.certifying import issue
from remelt.web.app import create_app
from remelt.web.cli_base import prepare
from remelt.web.passwords import hash_password
from tests import loop
from tests.charges import charge_objects
from tests.combined import sale_objects
from tests.deals import deal_objects
from tests.epcis import epcis_objects
from tests.market import market_objects
from tests.money import money_objects, payout_objects
from tests.needs import needs_objects
from tests.parties import PASSWORD, Party, a_party
from tests.rails import rail_objects
from tests.reverse import reverse_invoices, reverse_purchases, running_objects
from tests.road import road_objects
from tests.siting import siting_objects
from tests.works import flow_objects, month_objects, works_objects
from tests.yard import yard_objects

OWN, OTHER = "own", "other"
NOBODY, LEAVER = "nobody", "leaver"
GTIN, PREFIX = "06900000000007", "6900000"
WALKERS = (NOBODY, LEAVER, *ROLES)
NOWHERE = "AAAAAAAAAAAA00"


@dataclass
class World:
    """The app, who walks in it, and which values its addresses take.

    values: variable of an address, `blueprint.variable` where several blueprints use one name,
    -> (walker, relation) -> value.
    marks: text that only the organisation it belongs to may read -> code of that organisation.
    """

    app: Flask
    clock: SimulatedClock
    own: dict[str, Party] = field(default_factory=dict)
    other: dict[str, Party] = field(default_factory=dict)
    values: dict[str, dict[tuple[str, str], str]] = field(default_factory=dict)
    marks: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, tuple[str, str]] = field(default_factory=dict)

    def give(self, name: str, *, own: Any, other: Any, walker: str | None = None) -> None:
        """Say what a variable stands for: an object of the walker's organisation, of another's.

        Without a walker: the same two objects for all, as for things that only one role makes.
        """
        table = self.values.setdefault(name, {})
        for one in WALKERS if walker is None else (walker,):
            table[one, OWN], table[one, OTHER] = str(own), str(other)

    def hide(self, text: str, *, of: Party) -> None:
        """Say that a text is for this party alone: no refusal may show it to anybody else."""
        self.marks[text] = of.organisation.code

    def value(self, endpoint: str, variable: str, *, walker: str, relation: str) -> str | None:
        """What stands in an address for a variable; None when nobody has told."""
        room = endpoint.rpartition(".")[0]
        table = self.values.get(f"{room}.{variable}") or self.values.get(variable)
        return None if table is None else table.get((walker, relation))

    def browser(self, walker: str) -> tuple[FlaskClient, str]:
        """A browser signed in as the walker, and the token that its forms hold."""
        client = self.app.test_client()
        cookie, csrf = self.cookies[walker]
        client.set_cookie("remelt", cookie)
        return client, csrf


Room = Callable[[World, Session], None]


def build_world(home: Path, *, clock: SimulatedClock) -> World:
    """Make the world in `home`, on SQLite."""
    settings = Settings(home=home, demo=True, gtin=GTIN, gs1_prefix=PREFIX)
    prepare(settings)
    world = World(app=create_app(settings, clock=clock), clock=clock)
    with world.app.extensions["remelt"].store.write() as session:
        load_package_data(session)
        _people(world, session)
    for room in ROOMS:
        with world.app.extensions["remelt"].store.write() as session:
            room(world, session)
    for walker in WALKERS:
        world.cookies[walker] = _sign_in(world, walker)
    with world.app.extensions["remelt"].store.write() as session:
        leave(session, clock=clock, membership_code=world.own[LEAVER].membership.code)
    return world


def _people(world: World, session: Session) -> None:
    secret = hash_password(PASSWORD)
    for walker in WALKERS:
        role = walker if walker in ROLES else "hub"
        for relation, parties in ((OWN, world.own), (OTHER, world.other)):
            name = f"Verborgen-{walker}-{relation}"
            party = a_party(
                session,
                clock=world.clock,
                role=role,
                name=name,
                login=f"{walker}-{relation}",
                password_hash=secret,
                address=f"{name}-street",
            )
            parties[walker] = party
            world.hide(name, of=party)


def _sign_in(world: World, walker: str) -> tuple[str, str]:
    client = world.app.test_client()
    csrf = _token(client.get("/sign-in").text)
    if walker != NOBODY:
        form = {"login": f"{walker}-own", "password": PASSWORD, "csrf_token": csrf}
        answer = client.post("/sign-in", data=form)
        assert answer.status_code == 303, answer.text
        csrf = _token(client.get("/workplace").text)
    cookie = client.get_cookie("remelt")
    assert cookie is not None
    return cookie.value, csrf


def _token(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found is not None, page[:2000]
    return found[1]


def parties_objects(world: World, session: Session) -> None:
    """Sites, memberships, papers, sessions and tokens of each walker."""
    world.give("name", own="app.css", other="app.css")
    world.give("edition", own="0", other="0")
    world.give("path", own="app.css", other="app.css")
    world.give("reference.kind", own="metals", other="nothing")
    world.give("factor_id", own="nothing", other="nothing")
    world.give("adcode", own="520100", other="000000")
    world.give("log.index", own="0", other="999999")
    world.give("log.rest", own="0/000.p/1", other="9/999")
    for walker in WALKERS:
        codes = [
            _codes(world, session, party) for party in (world.own[walker], world.other[walker])
        ]
        for name in codes[0]:
            world.give(name, own=codes[0][name], other=codes[1][name], walker=walker)
    sites = [
        register.add_known_site(
            session,
            clock=world.clock,
            name_zh=name,
            metal="Al",
            adcode="520100",
            source="test",
        ).code
        for name in ("已知一厂", "已知二厂")
    ]
    world.give("known", own=sites[0], other=sites[1])


def _codes(world: World, session: Session, party: Party) -> dict[str, str]:
    clock, organisation_id = world.clock, party.organisation.key
    filing = filings.add_filing(
        session, clock=clock, organisation_id=organisation_id, kind="mofcom", number="1"
    )
    colleague = add_person(
        session, clock=clock, login=f"c-{party.person.login}", name="同事", password_hash="!"
    )
    membership = join(
        session,
        clock=clock,
        person_id=colleague.key,
        organisation_id=organisation_id,
        role=party.actor.role,
    )
    row, _token = sessions.open_session(session, clock=clock, person_id=party.person.key)
    token, _text = tokens.issue_token(
        session, clock=clock, actor=party.actor, name="scale", scopes=("parties.own",), days=30
    )
    return {
        "organisation": party.organisation.code,
        "site": party.site.code,
        "person": party.person.code,
        "membership": membership.code,
        "filing": filing.code,
        "session": row.code,
        "token": token.code,
    }


def ledger_objects(world: World, session: Session) -> None:
    """A lot on the hands of each walker: its public page is everybody's, its tag is not."""
    for walker in WALKERS:
        own, other = (
            loop.bring(session, clock=world.clock, party=party[walker])
            for party in (world.own, world.other)
        )
        world.give("labels.code", own=own.code, other=other.code, walker=walker)
        world.give("passport.code", own=own.code, other=other.code, walker=walker)
        own_load, other_load = (
            number_load(session, clock=world.clock, lot_code=lot.code, prefix=PREFIX)
            for lot in (own, other)
        )
        world.give("resolver.code", own=own.code, other=other.code, walker=walker)
        world.give("resolver.sscc", own=own_load, other=other_load, walker=walker)
        goods = [f"{GTIN}/10/{lot.code}" for lot in (own, other)]
        world.give("resolver.class_and_lot", own=goods[0], other=goods[1], walker=walker)
        world.give("api_declared.code", own=own.code, other=other.code, walker=walker)
        world.give("api_passports.code", own=own.code, other=other.code, walker=walker)
        world.give("certificates.code", own=own.code, other=other.code, walker=walker)
        issued = [
            issue(
                session,
                clock=world.clock,
                lot_code=lot.code,
                base_url="http://127.0.0.1:8000",
                actor="",
                site=loop.ref(party[walker].site),
            ).certificate.code
            for lot, party in ((own, world.own), (other, world.other))
        ]
        world.give("certificates.certificate", own=issued[0], other=issued[1], walker=walker)
    smelter = world.own["smelter"]
    charged = loop.bring(session, clock=world.clock, party=smelter)
    melt = loop.heat(session, clock=world.clock, lot=charged, smelter=smelter)
    world.give("regulator.event_hash", own=melt.event.hash, other="f" * 64)
    world.give("api_regulation.code", own=charged.code, other=new_code())


ROOMS: list[Room] = [
    road_objects,
    siting_objects,
    parties_objects,
    market_objects,
    sale_objects,
    needs_objects,
    deal_objects,
    ledger_objects,
    epcis_objects,
    yard_objects,
    reverse_purchases,
    reverse_invoices,
    running_objects,
    works_objects,
    month_objects,
    flow_objects,
    charge_objects,
    money_objects,
    payout_objects,
    rail_objects,
]
