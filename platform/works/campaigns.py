"""Drain-to-drain campaigns of a line: what its estimates shift between periods, a drain settles."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from sqlmodel import Session, col, select

from remelt.platform.parties.models import Site
from remelt.platform.works.errors import NoSuchLine, NoSuchPeriod
from remelt.platform.works.line_models import LinePeriod, ProductionLine
from remelt.traceability.corrections.workings import workings
from remelt.traceability.rules.reckoning import Reckoning
from remelt.traceability.rules.states import within_tolerance

DRAINED = "drained"


@dataclass(frozen=True, slots=True)
class PeriodLine:
    """One period: its paper, and its masses as the ledger has them now."""

    paper: LinePeriod
    mass: Reckoning


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """From empty to empty: all that came in, all that went out, and what nobody can explain.

    residual_g above zero is lost. drained: the campaign is over and its residual counts; until
    then the in-process stock is an estimate. beyond: more than max(0.5 %, one scale division).
    """

    number: int
    since: date
    until: date
    periods: int
    in_g: int
    out_g: int
    lost_g: int
    closing_g: int
    residual_g: int
    drained: bool
    beyond: bool


def judge(periods: Sequence[PeriodLine], *, scale_division_g: int) -> list[Campaign]:
    """Return the campaigns of one line's periods, in order. Pure.

    in = out + lost + closing + residual, exactly: what one period's estimate took too much, the
    next one has too little.
    """
    ordered = sorted(periods, key=lambda each: each.paper.number)
    return [
        _campaign(list(group), scale_division_g=scale_division_g)
        for _number, group in groupby(ordered, key=lambda each: each.paper.campaign)
    ]


def _campaign(periods: Sequence[PeriodLine], *, scale_division_g: int) -> Campaign:
    in_g = sum(each.mass.in_g for each in periods)
    residual_g = sum(each.mass.difference_g for each in periods)
    last = periods[-1]
    return Campaign(
        number=last.paper.campaign,
        since=periods[0].paper.since,
        until=last.paper.until,
        periods=len(periods),
        in_g=in_g,
        out_g=sum(each.mass.out_g for each in periods),
        lost_g=sum(each.mass.lost_g for each in periods),
        closing_g=last.mass.closing_g,
        residual_g=residual_g,
        drained=last.paper.method == DRAINED,
        beyond=not within_tolerance(residual_g, mass_g=in_g, scale_division_g=scale_division_g),
    )


@dataclass(frozen=True, slots=True)
class LineCard:
    """A line and the site where it runs."""

    line: ProductionLine
    site: Site


def lines(session: Session, *, organisation_id: int) -> list[LineCard]:
    """Return the lines of an organisation, by site and name."""
    rows = session.exec(
        select(ProductionLine, Site)
        .join(Site, col(Site.id) == col(ProductionLine.site_id))
        .where(Site.organisation_id == organisation_id, col(ProductionLine.ended_at).is_(None))
        .order_by(col(Site.id), col(ProductionLine.name))
    )
    return [_card(row) for row in rows]


def line(session: Session, *, code: str, organisation_id: int) -> LineCard:
    """Return a line of one's organisation. Raises `NoSuchLine`."""
    row = session.exec(
        select(ProductionLine, Site)
        .join(Site, col(Site.id) == col(ProductionLine.site_id))
        .where(ProductionLine.code == code, Site.organisation_id == organisation_id)
    ).one_or_none()
    if row is None:
        raise NoSuchLine(line_code=code[:20])
    return _card(row)


def periods(session: Session, *, line_id: int) -> list[PeriodLine]:
    """Return the periods of a line, the newest first, with their masses as corrected."""
    papers = session.exec(
        select(LinePeriod)
        .where(LinePeriod.line_id == line_id)
        .order_by(col(LinePeriod.number).desc())
    ).all()
    return with_masses(session, papers)


def with_masses(session: Session, papers: Sequence[LinePeriod]) -> list[PeriodLine]:
    """Return periods with their masses, in the order given."""
    found = workings(session, [paper.event_hash for paper in papers])
    return [PeriodLine(paper=paper, mass=found[paper.event_hash].mass) for paper in papers]


def period(session: Session, *, code: str, organisation_id: int) -> tuple[LinePeriod, LineCard]:
    """Return a period and its line. Raises `NoSuchPeriod`."""
    row = session.exec(
        select(LinePeriod, ProductionLine, Site)
        .join(ProductionLine, col(ProductionLine.id) == col(LinePeriod.line_id))
        .join(Site, col(Site.id) == col(ProductionLine.site_id))
        .where(LinePeriod.code == code, Site.organisation_id == organisation_id)
    ).one_or_none()
    if row is None:
        raise NoSuchPeriod(period_code=code[:20])
    return row[0], LineCard(line=row[1], site=row[2])


def _card(row: Any) -> LineCard:
    return LineCard(line=row[0], site=row[1])
