"""Furnaces, primary metal and closed months for programs: the same actions as the pages."""

from flask import Response
from pydantic import BaseModel
from sqlmodel import Session

from remelt.platform.parties import queries as parties
from remelt.platform.parties.actors import Actor
from remelt.platform.works import energy, queries
from remelt.platform.works.furnaces import add_furnace, change_furnace, end_furnace
from remelt.platform.works.primary import bring_primary
from remelt.web.api.base import api_blueprint, first, once
from remelt.web.api.works_in import FurnaceAgainIn, FurnaceIn, MonthIn, PrimaryIn
from remelt.web.api.works_out import FurnaceOut, MonthOut, MonthsOut, StockLineOut
from remelt.web.context import clock, needs, require, store

bp = api_blueprint("works_setup", tag="Works")


@bp.post("/furnaces")
@needs("works.melt")
@bp.input(FurnaceIn, arg_name="data")
@bp.output(FurnaceOut, status_code=201)
def post_furnace(data: FurnaceIn) -> Response:
    """Set up a furnace."""
    who = require("works.melt")

    def act(session: Session) -> tuple[int, BaseModel]:
        site = parties.site(session, code=data.site, organisation_id=who.organisation_id)
        made = add_furnace(
            session,
            clock=clock(),
            site_id=site.key,
            person_id=who.person_id,
            **data.model_dump(exclude={"site"}),
        )
        return 201, FurnaceOut.model_validate(made)

    return once(who, act)


def _own_furnace(who: Actor, code: str) -> None:
    with store().read() as session:
        queries.furnace(session, code=code, organisation_id=who.organisation_id)


@bp.post("/furnaces/<furnace>")
@needs("works.melt")
@first(_own_furnace, permission="works.melt", of="furnace")
@bp.input(FurnaceAgainIn, arg_name="data")
@bp.output(FurnaceOut)
def post_furnace_again(furnace: str, data: FurnaceAgainIn) -> Response:
    """Say anew what a furnace is called, holds, and whether it is read for each heat."""
    who = require("works.melt")

    def act(session: Session) -> tuple[int, BaseModel]:
        row = change_furnace(
            session,
            clock=clock(),
            code=furnace,
            organisation_id=who.organisation_id,
            **data.model_dump(),
        )
        return 200, FurnaceOut.model_validate(row)

    return once(who, act)


@bp.post("/furnaces/<furnace>/end")
@needs("works.melt")
@bp.output(FurnaceOut)
def post_furnace_end(furnace: str) -> Response:
    """Take a furnace without a heel out of use."""
    who = require("works.melt")

    def act(session: Session) -> tuple[int, BaseModel]:
        row = end_furnace(session, clock=clock(), code=furnace, organisation_id=who.organisation_id)
        return 200, FurnaceOut.model_validate(row)

    return once(who, act)


@bp.post("/primary")
@needs("works.melt")
@bp.input(PrimaryIn, arg_name="data")
@bp.output(StockLineOut, status_code=201)
def post_primary(data: PrimaryIn) -> Response:
    """Bring primary metal in as a lot."""
    who = require("works.melt")

    def act(session: Session) -> tuple[int, BaseModel]:
        site = parties.site(session, code=data.site, organisation_id=who.organisation_id)
        lot = bring_primary(
            session,
            clock=clock(),
            site_id=site.key,
            person_id=who.person_id,
            track=data.track or "unknown",
            **data.model_dump(exclude={"site", "track"}),
        )
        return 201, StockLineOut.of(lot, bay=data.bay)

    return once(who, act)


@bp.get("/energy/months")
@bp.output(MonthsOut)
def get_months() -> MonthsOut:
    """List the closed months of one's sites, the newest first."""
    who = require("works.energy")
    with store().read() as session:
        sites = parties.sites_of(session, organisation_id=who.organisation_id)
        rows = [(site, row) for site in sites for row in energy.months(session, site.key)]
        return MonthsOut(items=[MonthOut.of(row, site=site.code) for site, row in rows])


@bp.post("/energy/months")
@needs("works.energy")
@bp.input(MonthIn, arg_name="data")
@bp.output(MonthsOut, status_code=201)
def post_month(data: MonthIn) -> Response:
    """Close a month of a site: its energy is final."""
    who = require("works.energy")

    def act(session: Session) -> tuple[int, BaseModel]:
        site = parties.site(session, code=data.site, organisation_id=who.organisation_id)
        closed = energy.close_month(
            session,
            clock=clock(),
            site_id=site.key,
            person_id=who.person_id,
            month=data.month,
        )
        return 201, MonthsOut(items=[MonthOut.of(row, site=site.code) for row in closed])

    return once(who, act)
