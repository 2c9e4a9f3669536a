"""A dispatcher's better knowledge of roads: set for a pair, taken in from a file, never edited."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.logistics.errors import BadRoad, BadRoadFile, SamePlace
from remelt.platform.logistics.events import RoadsSet
from remelt.platform.logistics.road_files import Line
from remelt.platform.logistics.road_models import ROAD_KINDS, KnownRoad
from remelt.platform.logistics.road_problems import Problem
from remelt.platform.parties import queries as parties
from remelt.platform.parties.errors import NoSuchSite
from remelt.platform.parties.models import Person, Site
from remelt.routing.matrix import BANDS

BY_HAND: Final = "by-hand"
FACTORS: Final = dict(
    zip(("short", "default-band", "expressway"), (band.detour_pct for band in BANDS), strict=True)
)
MOST_M: Final = 5_000_000
MOST_S: Final = 7 * 86_400
LEAST_PCT, MOST_PCT = 100, 500


@dataclass(frozen=True, slots=True)
class Fact:
    """What is known of a pair; which figures it has is said by its kind."""

    kind: str
    distance_m: int | None = None
    duration_s: int | None = None
    detour_pct: int | None = None
    source: str = BY_HAND
    edition: str = ""


@dataclass(frozen=True, slots=True)
class RoadLine:
    """One word on a pair, with its sites and who said it."""

    road: KnownRoad
    start: Site
    end: Site
    person: str


def set_road(
    session: Session,
    *,
    clock: Clock,
    organisation_id: int,
    person_id: int,
    from_site: str,
    to_site: str,
    fact: Fact,
    both_ways: bool = False,
) -> list[KnownRoad]:
    """Say what the road from one site to another is like, and perhaps back.

    It holds for the organisation's next plans; what was said before stays in the history.

    Raises `NoSuchSite`, `SamePlace` or `BadRoad`.
    """
    check_fact(fact)
    start, end = _site(session, from_site, "from_site"), _site(session, to_site, "to_site")
    if start.key == end.key:
        raise SamePlace(field="to_site")
    pairs = [(start, end), (end, start)] if both_ways else [(start, end)]
    made = [
        _row(session, clock, organisation_id, person_id, ends=ends, fact=fact) for ends in pairs
    ]
    _record(session, made, source=fact.source)
    return made


def check_fact(fact: Fact) -> None:
    """Refuse figures that no road has, or that its kind does not ask for. Touches no database."""
    if fact.kind not in ROAD_KINDS:
        raise BadRoad(field="kind")
    if (fact.distance_m is not None) != (fact.kind == "distance") or (
        fact.distance_m is not None and not 0 < fact.distance_m <= MOST_M
    ):
        raise BadRoad(field="distance_m")
    if fact.duration_s is not None and not (
        fact.kind == "distance" and 0 < fact.duration_s <= MOST_S
    ):
        raise BadRoad(field="duration_s")
    if (fact.detour_pct is not None) != (fact.kind == "factor") or (
        fact.detour_pct is not None and not LEAST_PCT <= fact.detour_pct <= MOST_PCT
    ):
        raise BadRoad(field="detour_pct")


def take_in(
    session: Session,
    *,
    clock: Clock,
    organisation_id: int,
    person_id: int,
    lines: Sequence[Line],
    name: str,
    edition: str = "",
) -> int:
    """Take a file of distances in, whole or not at all; return how many pairs it says.

    Raises `BadRoadFile` with every bad line.
    """
    codes = {code for line in lines for code in (line.start, line.end)}
    rows = session.exec(select(Site).where(col(Site.code).in_(codes)))
    sites = {site.code: site for site in rows}
    problems: list[Problem] = []
    made: list[KnownRoad] = []
    for line in lines:
        fact = _fact(line, name=name, edition=edition)
        reason = _wrong(line, sites, fact)
        if reason:
            problems.append(Problem(line.row, reason))
        elif not problems:
            ends = (sites[line.start], sites[line.end])
            made.append(_row(session, clock, organisation_id, person_id, ends=ends, fact=fact))
    if problems:
        raise BadRoadFile(problems)
    _record(session, made, source=name[:40])
    return len(made)


def in_force(session: Session, *, organisation_id: int, limit: int = 500) -> list[RoadLine]:
    """Return what the organisation knows now, newest first; what was taken back is left out."""
    newest = _newest(organisation_id)
    statement = _lines().where(col(KnownRoad.id).in_(newest), KnownRoad.kind != "default")
    rows = session.execute(statement.order_by(col(KnownRoad.id).desc()).limit(limit))
    return [RoadLine(*row) for row in rows]


def history(session: Session, *, organisation_id: int, limit: int = 100) -> list[RoadLine]:
    """Return who said what of which pair, newest first."""
    statement = _lines().where(KnownRoad.organisation_id == organisation_id)
    rows = session.execute(statement.order_by(col(KnownRoad.id).desc()).limit(limit))
    return [RoadLine(*row) for row in rows]


def known_among(
    session: Session, *, organisation_id: int, site_ids: Collection[int]
) -> list[dict[str, Any]]:
    """Return what is known among some sites, in the planner's words: codes and figures."""
    start, end = aliased(Site), aliased(Site)
    rows = session.execute(
        select(KnownRoad, start.code, end.code)
        .join(start, col(start.id) == col(KnownRoad.from_site_id))
        .join(end, col(end.id) == col(KnownRoad.to_site_id))
        .where(
            col(KnownRoad.id).in_(_newest(organisation_id)),
            KnownRoad.kind != "default",
            col(KnownRoad.from_site_id).in_(site_ids),
            col(KnownRoad.to_site_id).in_(site_ids),
        )
        .order_by(col(KnownRoad.id))
    )
    return [
        {
            "from": from_code,
            "to": to_code,
            "distance_m": road.distance_m,
            "duration_s": road.duration_s,
            "detour_pct": road.detour_pct,
            "source": f"{road.source} {road.edition}".strip()[:60],
        }
        for road, from_code, to_code in rows
    ]


def _newest(organisation_id: int) -> Any:
    return (
        select(func.max(col(KnownRoad.id)))
        .where(KnownRoad.organisation_id == organisation_id)
        .group_by(col(KnownRoad.from_site_id), col(KnownRoad.to_site_id))
    )


def _lines() -> Any:
    start, end = aliased(Site), aliased(Site)
    return (
        select(KnownRoad, start, end, Person.name)
        .join(start, col(start.id) == col(KnownRoad.from_site_id))
        .join(end, col(end.id) == col(KnownRoad.to_site_id))
        .join(Person, col(Person.id) == col(KnownRoad.set_by))
    )


def _site(session: Session, code: str, field: str) -> Site:
    try:
        return parties.site(session, code=code)
    except NoSuchSite as reason:
        raise NoSuchSite(field=field, site=code[:20]) from reason


def _fact(line: Line, *, name: str, edition: str) -> Fact:
    kind = "closed" if line.distance_m is None else "distance"
    return Fact(kind, line.distance_m, line.duration_s, None, name[:40], edition[:80])


def _wrong(line: Line, sites: dict[str, Site], fact: Fact) -> str:
    """Name what is wrong with a line; empty when nothing is."""
    for code in (line.start, line.end):
        if code not in sites:
            return "unknown-site"
    if line.start == line.end:
        return "same-place"
    try:
        check_fact(fact)
    except BadRoad as refused:
        return str(refused.field)
    return ""


def _row(
    session: Session,
    clock: Clock,
    organisation_id: int,
    person_id: int,
    *,
    ends: tuple[Site, Site],
    fact: Fact,
) -> KnownRoad:
    made = KnownRoad(
        code=new_code(),
        organisation_id=organisation_id,
        from_site_id=ends[0].key,
        to_site_id=ends[1].key,
        kind=fact.kind,
        distance_m=fact.distance_m,
        duration_s=fact.duration_s,
        detour_pct=fact.detour_pct,
        source=fact.source[:40],
        edition=fact.edition[:80],
        set_at=clock.now(session),
        set_by=person_id,
    )
    session.add(made)
    return made


def _record(session: Session, made: Sequence[KnownRoad], *, source: str) -> None:
    session.flush()
    if made:
        codes = tuple(road.code for road in made[:100])
        at = made[0].set_at
        outbox.record(session, RoadsSet(at=at, roads=len(made), road_codes=codes, source=source))
