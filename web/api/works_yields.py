"""The yield of months for programs: what was expected back, what came out, what a true-up does."""

from flask import Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from remelt.platform.parties import queries as parties
from remelt.platform.parties.models import Site
from remelt.platform.works import yields
from remelt.traceability.corrections.truing import Recovery
from remelt.web.api.base import api_blueprint, once
from remelt.web.api.works_in import Code
from remelt.web.context import clock, needs, require, store
from remelt.web.inputs import ApiIn, ApiOut, Month

bp = api_blueprint("works_yields", tag="Works")


class YieldIn(ApiIn):
    """A month of a site to bring to its measured yield."""

    site: Code
    month: Month


class RecoveredMetalOut(ApiOut):
    """Recovered metal of scrap in mg by origin; product recycled content as a pair."""

    post_mg: int
    pre_mg: int
    unknown_mg: int
    again_mg: int
    product: tuple[int, int]

    @classmethod
    def of(cls, found: Recovery) -> "RecoveredMetalOut":
        """Return what a heat gives back."""
        return cls(**{name: getattr(found, name) for name in cls.model_fields})


class HeatYieldOut(ApiOut):
    """One heat: as expected at the furnace, and brought to the month's yield."""

    heat: str
    expected: RecoveredMetalOut
    brought: RecoveredMetalOut


class BookDifferenceOut(ApiOut):
    """A line by which the books were set right, in g."""

    kind: str
    name: str
    metal: str
    mass_g: int


class YieldOut(ApiOut):
    """A month of a site: open, trued, changed (since it was) or running, masses in g.

    said: [measured, expected] that the ledger was told last. heats and differences are given
    when the month is read alone; before a true-up the heats are its preview.
    """

    site: str
    month: str
    heat_count: int
    measured_g: int
    expected_g: int
    said: tuple[int, int] | None
    state: str
    heats: list[HeatYieldOut] = Field(default_factory=list)
    differences: list[BookDifferenceOut] = Field(default_factory=list)

    @classmethod
    def of(cls, found: yields.YieldMonth) -> "YieldOut":
        """Return a month in a list."""
        names = ("month", "measured_g", "expected_g", "said", "state")
        known = {name: getattr(found, name) for name in names}
        return cls(site=found.site.code, heat_count=found.heats, **known)


class YieldsIn(ApiIn):
    """Which months: those before one (see `next_before`)."""

    before: Month | None = None


class YieldsOut(ApiOut):
    """Months with heats, the newest first; `next_before` pages on, None at the end."""

    items: list[YieldOut]
    next_before: str | None


@bp.get("/yields")
@bp.input(YieldsIn, location="query", arg_name="asked")
@bp.output(YieldsOut)
def get_yields(asked: YieldsIn) -> YieldsOut:
    """List the months in which one's sites tapped heats."""
    who = require("works.energy")
    with store().read() as session:
        sites = parties.sites_of(session, organisation_id=who.organisation_id, capability="smelt")
        page = yields.yield_months(
            session, sites=sites, now=clock().now(session), before=asked.before
        )
    return YieldsOut(items=[YieldOut.of(each) for each in page.months], next_before=page.older)


@bp.get("/yields/<site>/<month>")
@bp.output(YieldOut)
def get_yield(site: str, month: str) -> YieldOut:
    """Give one month heat by heat, with the lines that true-ups wrote."""
    who = require("works.energy")
    with store().read() as session:
        place = parties.site(session, code=site, organisation_id=who.organisation_id)
        return _whole(session, place, month)


@bp.post("/yields")
@needs("works.energy")
@bp.input(YieldIn, arg_name="data")
@bp.output(YieldOut, status_code=201)
def post_yield(data: YieldIn) -> Response:
    """Bring a month to its measured yield."""
    who = require("works.energy")

    def act(session: Session) -> tuple[int, BaseModel]:
        place = parties.site(session, code=data.site, organisation_id=who.organisation_id)
        yields.bring_to_yield(
            session, clock=clock(), site_id=place.key, person_id=who.person_id, month=data.month
        )
        return 201, _whole(session, place, data.month)

    return once(who, act)


def _whole(session: Session, site: Site, month: str) -> YieldOut:
    found = yields.yield_month(session, site=site, month=month, now=clock().now(session))
    out = YieldOut.of(found)
    out.heats = [
        HeatYieldOut(
            heat=each.heat.code,
            expected=RecoveredMetalOut.of(each.expected),
            brought=RecoveredMetalOut.of(each.brought),
        )
        for each in yields.yield_heats(session, site=site, month=month)
    ]
    out.differences = [
        BookDifferenceOut(kind=each.kind, name=each.name, metal=each.metal, mass_g=each.mass_g)
        for each in yields.book_differences(session, site=site, month=month)
    ]
    return out
