"""Plans of charges: asked for here, kept when the solver is done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlmodel import Session, col, select

from remelt.platform.catalogue.queries import Alloy
from remelt.platform.kernel import jobs
from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.kernel.jobs import Job
from remelt.platform.parties import queries as parties
from remelt.platform.works.alloy_classes import of_alloy
from remelt.platform.works.charge_models import ChargePlan, Recipe
from remelt.platform.works.charging.codec import problem_to_json
from remelt.platform.works.charging.problem import Charge, ChargeProblem, Terms
from remelt.platform.works.errors import (
    ChargePlanRunning,
    FurnaceOverfilled,
    MassNotGiven,
    MetalsDiffer,
    NoSuchFurnace,
    NothingToCharge,
)
from remelt.platform.works.gathering import Gathered, Haul, gather
from remelt.platform.works.primary import alloy_named
from remelt.platform.works.queries import furnace
from remelt.platform.works.recipes import limits_of, recipe

JOB_KIND: Final = "works.charges"
SOLVE_S: Final = 10
DEADLINE_S: Final = 60
TOLERANCE_PERMILLE: Final = 5
GOING: Final = ("waiting", "running")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """One charge that is wanted: a recipe in a furnace, and grams of metal to come of it."""

    recipe_code: str
    furnace_code: str
    metal_g: int


@dataclass(frozen=True, kw_only=True)
class Ask:
    """What a plan is asked for: charges, prices of carbon and of falls, how bought lots come.

    fall_fen_per_t: for each step of the downgrade index above 1. market: with lots that others
    offer. whole: those are taken whole.
    """

    wanted: Sequence[Wanted]
    carbon_fen_per_t: int = 0
    fall_fen_per_t: int = 0
    haul: Haul
    market: bool = True
    whole: bool = False


def request_charges(
    session: Session, *, clock: Clock, organisation_id: int, site_id: int, person_id: int, ask: Ask
) -> ChargePlan:
    """Have charges planned from stock, offers and bought metal; a solver's job is queued.

    Raises `NoSuchSite`, `NoSuchRecipe`, `NoSuchFurnace`, `MassNotGiven`, `FurnaceOverfilled`,
    `NothingToCharge`, `ChargePlanRunning`.
    """
    organisation = parties.organisation_by_id(session, organisation_id=organisation_id, lock=True)
    site = parties.site_by_id(session, site_id=site_id, organisation_id=organisation_id)
    _check_free(session, site_id=site.key)
    wanted = _charges(session, ask.wanted, organisation_id=organisation_id, site_id=site.key)
    found = gather(
        session,
        site=site,
        organisation_code=organisation.code,
        metal=wanted.metal,
        haul=ask.haul,
        now=clock.now(session),
        market=ask.market,
        whole=ask.whole,
    )
    if not found.sources:
        raise NothingToCharge(field="recipe")
    terms = _terms(ask, wanted)
    problem = ChargeProblem(sources=found.sources, charges=wanted.charges, terms=terms)
    code = new_code()
    job = jobs.enqueue(
        session,
        code=new_code(),
        kind=JOB_KIND,
        payload={"plan": code, "problem": problem_to_json(problem), "seconds": SOLVE_S},
        clock=clock,
        owner_id=person_id,
    )
    row = ChargePlan(
        code=code,
        job_code=job.code,
        organisation_id=organisation_id,
        site_id=site.key,
        asked_by=person_id,
        asked_at=clock.now(session),
        asked=_asked(ask, wanted, found, terms),
        result={},
    )
    session.add(row)
    session.flush()
    return row


def keep_charges(
    session: Session, payload: dict[str, Any], result: dict[str, Any], *, clock: Clock
) -> None:
    """Keep what the solver found: the end of its job."""
    row = session.exec(
        select(ChargePlan).where(ChargePlan.code == payload["plan"]).with_for_update()
    ).one()
    row.result = result
    row.ended_at = clock.now(session)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Charges looked up: for the planner, and what the page says of each by key."""

    metal: str
    charges: tuple[Charge, ...]
    recipes: tuple[Recipe, ...]
    said: Mapping[str, dict[str, Any]]


def _charges(
    session: Session, wanted: Sequence[Wanted], *, organisation_id: int, site_id: int
) -> _Wanted:
    if not wanted:
        raise NothingToCharge(field="recipe")
    charges, recipes, said, metals = [], [], {}, set()
    for number, each in enumerate(wanted, start=1):
        row = recipe(session, code=each.recipe_code, organisation_id=organisation_id)
        where = furnace(session, code=each.furnace_code, organisation_id=organisation_id)
        if where.site_id != site_id or where.ended_at is not None:
            raise NoSuchFurnace(furnace_code=each.furnace_code[:20])
        check_metal(each.metal_g, capacity_g=where.capacity_g)
        alloy = alloy_named(session, alloy=row.alloy, standard=row.standard)
        key = f"{number}"
        charges.append(_charge(key, row, alloy, metal_g=each.metal_g))
        recipes.append(row)
        metals.add(alloy.base_metal)
        said[key] = {
            "recipe": row.name, "alloy": row.alloy, "standard": row.standard,
            "furnace": where.code, "furnace_name": where.name, "metal_g": each.metal_g,
        }  # fmt: skip
    if len(metals) > 1:
        raise MetalsDiffer(field="recipe", metals=", ".join(sorted(metals)))
    return _Wanted(metals.pop(), tuple(charges), tuple(recipes), said)


def check_metal(metal_g: int, *, capacity_g: int) -> None:
    """Refuse a charge without mass, or above what its furnace holds. Touches no database."""
    if metal_g <= 0:
        raise MassNotGiven(field="metal_kg")
    if metal_g > capacity_g:
        raise FurnaceOverfilled(
            field="metal_kg", total_kg=metal_g // 1000, capacity_kg=capacity_g // 1000
        )


def _charge(key: str, row: Recipe, alloy: Alloy, *, metal_g: int) -> Charge:
    """A charge: the metal asked for, five per mille more at most."""
    return Charge(
        key=key,
        least_g=metal_g,
        most_g=metal_g + metal_g * TOLERANCE_PERMILLE // 1000,
        limits=limits_of(alloy, {name: tuple(pair) for name, pair in row.limits.items()}),
        recovery_bp=row.recovery_bp,
        alloy_class=of_alloy(alloy),
        worst_index=row.worst_index,
    )


def _terms(ask: Ask, wanted: _Wanted) -> Terms:
    fall = ask.fall_fen_per_t
    return Terms(
        margin_centi=max(row.margin_centi for row in wanted.recipes),
        carbon_fen_per_t=ask.carbon_fen_per_t,
        fall_fen_per_t=(0, 0, fall, 2 * fall, 3 * fall),
    )


def _asked(ask: Ask, wanted: _Wanted, found: Gathered, terms: Terms) -> dict[str, Any]:
    return {
        "metal": wanted.metal,
        "carbon_fen_per_t": ask.carbon_fen_per_t,
        "fall_fen_per_t": ask.fall_fen_per_t,
        "margin_centi": terms.margin_centi,
        "whole": ask.whole,
        "charges": wanted.said,
        "sources": {
            source.key: found.said[source.key]
            | {
                "price_fen_per_t": source.price_fen_per_t,
                "yield_bp": source.yield_bp,
                "mass_g": source.mass_g,
            }
            for source in found.sources
        },
        "left_out": [list(each) for each in found.left_out],
    }


def _check_free(session: Session, *, site_id: int) -> None:
    running = session.exec(
        select(ChargePlan.code)
        .join(Job, col(Job.code) == col(ChargePlan.job_code))
        .where(
            ChargePlan.site_id == site_id,
            col(ChargePlan.ended_at).is_(None),
            col(Job.state).in_(GOING),
        )
    ).first()
    if running is not None:
        raise ChargePlanRunning(plan_code=running)
