"""Scenarios of siting for tests: asked for as pages do, solved in this process."""

from typing import TYPE_CHECKING, Any

from sqlmodel import Session

from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.jobs import job_by_code
from remelt.platform.logistics.siting.asking import ask, ask_example, keep_sites
from remelt.platform.logistics.siting.models import SitingScenario
from remelt.platform.logistics.siting.province import Wish
from remelt.platform.logistics.siting.solving import solve_sites
from tests.parties import Party

if TYPE_CHECKING:
    from tests.world import World

PROVINCE = "520000"


def three_counties(**terms: Any) -> dict[str, Any]:
    """Inputs of one's own: three counties, two places for a hub, one smelter."""
    spots = {"520102": (26.57, 106.71), "520181": (26.56, 106.47), "520304": (27.54, 106.83)}
    sizes = [{"capacity_kg": 4_000_000, "fixed_fen": 90_000_000}]
    return {
        "places": [{"key": key, "lat": lat, "lon": lon} for key, (lat, lon) in spots.items()],
        "zones": [{"key": key, "place": key, "supply_kg": {"Al": 1_000_000}} for key in spots],
        "candidates": [
            {"key": key, "place": key, "steps": sizes, "handling_fen_per_t": 8_000, "buys": True}
            for key in ("520102", "520304")
        ],
        "smelters": [{"key": "works", "place": "520181", "takes_kg": {"Al": 9_000_000}}],
        "inbound": {"fen_per_t_km": 120, "g_co2e_per_t_km": 286},
        "outbound": {"fen_per_t_km": 45, "g_co2e_per_t_km": 78},
        "terms": terms,
        "names": {"520102": {"zh": "南明区", "en": "Nanming"}},
    }


def asked(
    session: Session, *, clock: Clock, party: Party, name: str = "three", **terms: Any
) -> SitingScenario:
    """Ask for the three counties."""
    return ask(
        session,
        clock=clock,
        organisation_id=party.organisation.key,
        person_id=party.person.key,
        name=name,
        inputs=three_counties(**terms),
    )


def asked_province(
    session: Session, *, clock: Clock, party: Party, name: str = "province", **wish: Any
) -> SitingScenario:
    """Ask for the province's example."""
    return ask_example(
        session,
        clock=clock,
        organisation_id=party.organisation.key,
        person_id=party.person.key,
        name=name,
        province=PROVINCE,
        wish=Wish(**wish),
    )


def answered(session: Session, row: SitingScenario, *, clock: Clock) -> SitingScenario:
    """Solve a scenario as its job would, and keep what comes of it."""
    payload = job_by_code(session, row.job_code).payload
    result = solve_sites(payload, lambda *_told: None)
    keep_sites(session, payload, result, clock=clock)
    session.flush()
    return row


def siting_objects(world: "World", session: Session) -> None:
    """A scenario of each walker's organisation: who may plan sees all of them."""
    for walker in world.own:
        own, other = (
            answered(
                session,
                asked(session, clock=world.clock, party=party[walker]),
                clock=world.clock,
            ).code
            for party in (world.own, world.other)
        )
        for room in ("siting", "api_siting"):
            world.give(f"{room}.scenario", own=own, other=other, walker=walker)
