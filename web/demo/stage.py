"""Brings the players onto the stage, through the actions of the parties."""

from dataclasses import dataclass

from sqlmodel import Session

from remelt.platform.catalogue import queries as catalogue
from remelt.platform.kernel.clock import Clock
from remelt.platform.parties.filings import add_filing, verify_filing
from remelt.platform.parties.people import add_person, join
from remelt.platform.parties.register import add_known_site
from remelt.platform.parties.registering import add_site, register_organisation
from remelt.web.demo.cast import KNOWN_SITES, PLAYERS, Player


@dataclass(frozen=True, slots=True)
class OnStage:
    """A player with the rows that stand for it."""

    player: Player
    organisation_id: int
    organisation_code: str
    site_id: int
    site_code: str
    person_ids: tuple[int, ...]
    person_codes: tuple[str, ...]


Stage = dict[str, OnStage]
SOUTH_E6 = 4_300
EAST_E6 = 5_900
"""Micro-degrees, about half a kilometre: sites of one county stand some km apart."""


def enter(session: Session, *, clock: Clock, password_hash: str) -> Stage:
    """Register every player with site, people and filings; return them by key."""
    stage = {
        player.key: _enter(session, player, clock=clock, password_hash=password_hash)
        for player in PLAYERS
    }
    operator = stage["operator"].person_ids[0]
    for player in PLAYERS:
        for kind, number in player.filings:
            filing = add_filing(
                session,
                clock=clock,
                organisation_id=stage[player.key].organisation_id,
                kind=kind,
                number=number,
            )
            verify_filing(session, clock=clock, filing_code=filing.code, by_person_id=operator)
    for name, metal, adcode in KNOWN_SITES:
        add_known_site(
            session, clock=clock, name_zh=name, metal=metal, adcode=adcode, source="demo", demo=True
        )
    return stage


def _beside(point_e6: int | None, key: str, *, step_e6: int) -> int | None:
    """Move a county seat's coordinate by up to eight steps, each player elsewhere."""
    if point_e6 is None:
        return None
    return point_e6 + (sum(key.encode()) * step_e6 % 17 - 8) * step_e6


def _enter(session: Session, player: Player, *, clock: Clock, password_hash: str) -> OnStage:
    place = catalogue.place(session, adcode=player.site.adcode)
    organisation = register_organisation(
        session,
        clock=clock,
        name_zh=player.name_zh,
        name_en=player.name_en,
        legal_form=player.legal_form,
        adcode=player.site.adcode,
        demo=True,
    )
    site = add_site(
        session,
        clock=clock,
        organisation_id=organisation.key,
        name_zh=player.site.name_zh,
        name_en=player.site.name_en,
        adcode=player.site.adcode,
        capabilities=player.site.capabilities,
        lat_e6=_beside(place.lat_e6, player.key, step_e6=SOUTH_E6),
        lon_e6=_beside(place.lon_e6, player.key, step_e6=EAST_E6),
        scale_division_g=player.site.scale_division_g,
        second_person_above_fen=player.site.second_person_above_fen,
        opens_min=player.site.opens,
        closes_min=player.site.closes,
    )
    people = [
        add_person(session, clock=clock, login=login, name=name, password_hash=password_hash)
        for login, name, _role in player.logins
    ]
    for person, (_login, _name, role) in zip(people, player.logins, strict=True):
        join(
            session, clock=clock, person_id=person.key, organisation_id=organisation.key, role=role
        )
    return OnStage(
        player=player,
        organisation_id=organisation.key,
        organisation_code=organisation.code,
        site_id=site.key,
        site_code=site.code,
        person_ids=tuple(person.key for person in people),
        person_codes=tuple(person.code for person in people),
    )
