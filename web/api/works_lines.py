"""Continuous lines for programs: periods in, campaigns judged."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Literal

from flask import Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from remelt.platform.parties import queries as parties
from remelt.platform.works import campaigns
from remelt.platform.works.campaigns import Campaign, LineCard, PeriodLine
from remelt.platform.works.lines import add_line, run_period
from remelt.platform.works.places import DEFAULT_DIVISION_G
from remelt.platform.works.sheets import LineProduct, PeriodSheet
from remelt.web.api.base import api_blueprint, once
from remelt.web.api.works_in import ChargeIn, Code, EnergyIn, Grams, Name
from remelt.web.context import clock, needs, require, store
from remelt.web.inputs import ApiIn, ApiOut

bp = api_blueprint("works_lines", tag="Works")
Bp = Annotated[int, Field(gt=0, le=10_000)]


class ContinuousLineIn(ApiIn):
    """A continuous line to set up."""

    site: Code
    name: Annotated[str, Field(min_length=1, max_length=40)]
    kind: Literal["tankhouse", "rod_line", "casting_line"]
    metal: Annotated[str, Field(min_length=1, max_length=10)]


class ProductIn(ApiIn):
    """One lot that a line gave; metal_bp: content of the line's metal."""

    mass_g: Grams
    name: Annotated[str, Field(min_length=1, max_length=60)]
    form: Name = ""
    metal_bp: Bp | None = None
    bay: Name = ""
    waste: bool = False


class PeriodIn(ApiIn):
    """One period: opening stock + charges = products + closing stock + losses + difference."""

    line: Code
    since: date
    until: date
    method: Literal["drained", "level", "counted", "weighed", "estimated"]
    charges: Annotated[list[ChargeIn], Field(max_length=500)] = Field(default_factory=list)
    products: Annotated[list[ProductIn], Field(max_length=500)] = Field(default_factory=list)
    closing_g: Annotated[int, Field(ge=0, le=10**12)] = 0
    losses_g: dict[Literal["dross", "burn_off", "moisture"], Grams] = Field(default_factory=dict)
    energy: Annotated[list[EnergyIn], Field(max_length=2)] = Field(default_factory=list)
    difference_note: Annotated[str, Field(max_length=300)] = ""

    def sheet(self) -> PeriodSheet:
        """Return it as the works take it."""
        return PeriodSheet(
            since=self.since,
            until=self.until,
            method=self.method,
            charges=tuple(each.line() for each in self.charges),
            products=tuple(LineProduct(**each.model_dump()) for each in self.products),
            closing_g=self.closing_g,
            losses_g={str(name): mass_g for name, mass_g in self.losses_g.items()},
            energy=tuple(each.use() for each in self.energy),
            difference_note=self.difference_note,
        )


class PeriodOut(ApiOut):
    """A period's account in g, as the ledger has it now; difference_g above zero is lost."""

    code: str
    number: int
    campaign: int
    since: date
    until: date
    method: str
    opening_g: int
    in_g: int
    out_g: int
    lost_g: int
    closing_g: int
    difference_g: int
    beyond_tolerance: bool
    difference_note: str
    recorded_at: datetime
    event_hash: str
    products: list[str] = Field(default_factory=list)

    @classmethod
    def of(cls, period: PeriodLine, *, products: Sequence[str] = ()) -> "PeriodOut":
        """Return a period with its masses."""
        paper, mass = period.paper, period.mass
        names = cls.model_fields.keys() - {"products"}
        known = {n: getattr(paper if hasattr(paper, n) else mass, n) for n in names}
        return cls(**known, products=list(products))


class CampaignOut(ApiOut):
    """From drain to drain; until `drained` the stock in process is an estimate."""

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


class ContinuousLineOut(ApiOut):
    """A continuous line; periods and campaigns when it is read alone."""

    code: str
    site: str
    name: str
    kind: str
    metal: str
    stock_lot: str | None
    periods: list[PeriodOut] = Field(default_factory=list)
    campaigns: list[CampaignOut] = Field(default_factory=list)

    @classmethod
    def of(
        cls,
        card: LineCard,
        *,
        papers: list[PeriodLine] | None = None,
        judged: list[Campaign] | None = None,
    ) -> "ContinuousLineOut":
        """Return a line with what is known of it."""
        names = ("code", "name", "kind", "metal", "stock_lot")
        return cls(
            site=card.site.code,
            periods=[PeriodOut.of(each) for each in papers or []],
            campaigns=[CampaignOut.model_validate(each) for each in judged or []],
            **{name: getattr(card.line, name) for name in names},
        )


class ContinuousLinesOut(ApiOut):
    """The lines of one's organisation."""

    items: list[ContinuousLineOut]


@bp.get("/lines")
@bp.output(ContinuousLinesOut)
def get_lines() -> ContinuousLinesOut:
    """List one's continuous lines."""
    who = require("works.melt")
    with store().read() as session:
        cards = campaigns.lines(session, organisation_id=who.organisation_id)
        return ContinuousLinesOut(items=[ContinuousLineOut.of(card) for card in cards])


@bp.post("/lines")
@needs("works.melt")
@bp.input(ContinuousLineIn, arg_name="data")
@bp.output(ContinuousLineOut, status_code=201)
def post_line(data: ContinuousLineIn) -> Response:
    """Set up a continuous line."""
    who = require("works.melt")

    def act(session: Session) -> tuple[int, BaseModel]:
        site = parties.site(session, code=data.site, organisation_id=who.organisation_id)
        made = add_line(
            session,
            clock=clock(),
            site_id=site.key,
            person_id=who.person_id,
            **data.model_dump(exclude={"site"}),
        )
        return 201, ContinuousLineOut.of(LineCard(line=made, site=site))

    return once(who, act)


@bp.get("/lines/<line>")
@bp.output(ContinuousLineOut)
def get_line(line: str) -> ContinuousLineOut:
    """Give a line with its periods and campaigns."""
    who = require("works.melt")
    with store().read() as session:
        card = campaigns.line(session, code=line, organisation_id=who.organisation_id)
        papers = campaigns.periods(session, line_id=card.line.key)
    division = card.site.scale_division_g or DEFAULT_DIVISION_G
    judged = campaigns.judge(papers, scale_division_g=division)
    return ContinuousLineOut.of(card, papers=papers, judged=judged)


@bp.post("/line-periods")
@needs("works.melt")
@bp.input(PeriodIn, arg_name="data")
@bp.output(PeriodOut, status_code=201)
def post_period(data: PeriodIn) -> Response:
    """Account a period of a line."""
    who = require("works.melt")

    def act(session: Session) -> tuple[int, BaseModel]:
        card = campaigns.line(session, code=data.line, organisation_id=who.organisation_id)
        ran = run_period(
            session,
            clock=clock(),
            site_id=card.site.key,
            person_id=who.person_id,
            line_code=data.line,
            sheet=data.sheet(),
        )
        done = campaigns.with_masses(session, [ran.period])[0]
        return 201, PeriodOut.of(done, products=[lot.code for lot in ran.products])

    return once(who, act)
