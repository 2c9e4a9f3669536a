"""Stock, sortings, heats and energy for programs: the same actions as the pages."""

from typing import Any

from flask import Response
from pydantic import BaseModel
from sqlmodel import Session

from remelt.platform.parties import queries as parties
from remelt.platform.parties.actors import Actor
from remelt.platform.works import energy, queries
from remelt.platform.works.errors import NothingToWork
from remelt.platform.works.heats import melt
from remelt.platform.works.sorting import Sorted, blend_lots, shred_lots, sort_lot, split_lot
from remelt.web.api.base import api_blueprint, once
from remelt.web.api.works_in import HeatIn, ReadingIn, TransformationIn
from remelt.web.api.works_out import (
    FurnaceOut,
    FurnacesOut,
    HeatOut,
    HeatsOut,
    ReadingOut,
    ReadingsOut,
    StockLineOut,
    StockOut,
    TransformationOut,
    TransformationsOut,
)
from remelt.web.context import clock, needs, require, store

bp = api_blueprint("works", tag="Works")


@bp.get("/stock")
@bp.output(StockOut)
def get_stock() -> StockOut:
    """List weighed lots in one's custody, by grade and age."""
    who = require("works.stock")
    with store().read() as session:
        sites = parties.sites_of(session, organisation_id=who.organisation_id)
        lines = queries.stock(
            session,
            organisation_code=who.organisation_code,
            site_codes=[site.code for site in sites],
            heels=True,
        )
        return StockOut(items=[StockLineOut.of(line.lot, bay=line.bay) for line in lines])


@bp.get("/transformations")
@bp.output(TransformationsOut)
def get_transformations() -> TransformationsOut:
    """List the last sortings, splits and blends of one's organisation."""
    who = require("works.stock")
    with store().read() as session:
        rows = queries.sortings(session, organisation_id=who.organisation_id)
        return TransformationsOut(items=[TransformationOut.of(row, None) for row in rows])


@bp.get("/transformations/<sorting>")
@bp.output(TransformationOut)
def get_transformation(sorting: str) -> TransformationOut:
    """Give one sorting with its lots."""
    who = require("works.stock")
    with store().read() as session:
        line = queries.sorting(session, code=sorting, organisation_id=who.organisation_id)
        told = queries.told(session, event_hash=line.sorting.event_hash)
        return TransformationOut.of(line, told)


@bp.post("/transformations")
@needs("works.sort")
@bp.input(TransformationIn, arg_name="data")
@bp.output(TransformationOut, status_code=201)
def post_transformation(data: TransformationIn) -> Response:
    """Sort or split a lot, blend or shred lots, at a site of one's own."""
    who = require("works.sort")

    def act(session: Session) -> tuple[int, BaseModel]:
        site = parties.site(session, code=data.site, organisation_id=who.organisation_id)
        done = _transform(session, data, site_id=site.key, who=who)
        told = queries.told(session, event_hash=done.sorting.event_hash)
        return 201, TransformationOut.of(
            queries.sorting_line(session, done.sorting, site=site), told
        )

    return once(who, act)


@bp.get("/heats")
@bp.output(HeatsOut)
def get_heats() -> HeatsOut:
    """List the last heats of one's organisation."""
    who = require("works.melt")
    with store().read() as session:
        rows = queries.heats(session, organisation_id=who.organisation_id)
        return HeatsOut(items=[HeatOut.of(row, None) for row in rows])


@bp.get("/heats/<heat>")
@bp.output(HeatOut)
def get_heat(heat: str) -> HeatOut:
    """Give one heat: lots, account, burdens, recycled contents."""
    who = require("works.melt")
    with store().read() as session:
        line = queries.heat(session, code=heat, organisation_id=who.organisation_id)
        return HeatOut.of(line, queries.told(session, event_hash=line.heat.event_hash))


@bp.post("/heats")
@needs("works.melt")
@bp.input(HeatIn, arg_name="data")
@bp.output(HeatOut, status_code=201)
def post_heat(data: HeatIn) -> Response:
    """Melt one heat."""
    who = require("works.melt")

    def act(session: Session) -> tuple[int, BaseModel]:
        furnace = queries.furnace(session, code=data.furnace, organisation_id=who.organisation_id)
        tapped = melt(
            session,
            clock=clock(),
            site_id=furnace.site_id,
            person_id=who.person_id,
            heat=data.sheet(),
        )
        site = parties.site_by_id(session, site_id=furnace.site_id)
        line = queries.heat_line(session, tapped.heat, furnace=furnace, site=site)
        told = queries.told(session, event_hash=tapped.heat.event_hash)
        return 201, HeatOut.of(line, told)

    return once(who, act)


@bp.get("/furnaces")
@bp.output(FurnacesOut)
def get_furnaces() -> FurnacesOut:
    """List one's furnaces."""
    who = require("works.melt")
    with store().read() as session:
        sites = parties.sites_of(session, organisation_id=who.organisation_id)
        rows = queries.furnaces(session, site_ids=[site.key for site in sites])
        return FurnacesOut(items=[FurnaceOut.model_validate(row) for row in rows])


@bp.get("/energy")
@bp.output(ReadingsOut)
def get_energy() -> ReadingsOut:
    """List the readings in force at one's sites."""
    who = require("works.energy")
    with store().read() as session:
        sites = parties.sites_of(session, organisation_id=who.organisation_id)
        rows = [row for site in sites for row in energy.entries_in_force(session, site.key)]
        return ReadingsOut(items=[ReadingOut.model_validate(row) for row in rows])


@bp.post("/energy")
@needs("works.energy")
@bp.input(ReadingIn, arg_name="data")
@bp.output(ReadingOut, status_code=201)
def post_energy(data: ReadingIn) -> Response:
    """Keep a meter reading, or the correction of one."""
    who = require("works.energy")

    def act(session: Session) -> tuple[int, BaseModel]:
        site = parties.site(session, code=data.site, organisation_id=who.organisation_id)
        entry = energy.record_energy(
            session,
            clock=clock(),
            site_id=site.key,
            person_id=who.person_id,
            use=data.use(),
            since=data.since,
            until=data.until,
            furnace_code=data.furnace,
            meter=data.meter,
            corrects=data.corrects,
        )
        return 201, ReadingOut.model_validate(entry)

    return once(who, act)


def _transform(session: Session, data: TransformationIn, *, site_id: int, who: Actor) -> Sorted:
    terms: dict[str, Any] = {
        "clock": clock(),
        "site_id": site_id,
        "person_id": who.person_id,
        "difference_note": data.difference_note,
    }
    parts = [each.part() for each in data.outputs]
    losses = {str(name): mass_g for name, mass_g in data.losses_g.items()}
    if data.kind == "blend":
        if len(parts) != 1:
            raise NothingToWork(field="outputs")
        taken_g = {each.lot: each.mass_g for each in data.inputs}
        return blend_lots(session, taken_g=taken_g, part=parts[0], losses=losses, **terms)
    uses = tuple(each.use() for each in data.energy)
    if data.kind == "shred":
        taken_g = {each.lot: each.mass_g for each in data.inputs}
        return shred_lots(
            session, taken_g=taken_g, parts=parts, losses=losses, energy=uses, **terms
        )
    if len(data.inputs) != 1:
        raise NothingToWork(field="inputs")
    terms["lot_code"] = data.inputs[0].lot
    if data.kind == "split":
        return split_lot(session, parts=parts, whole=not data.rest, **terms)
    return sort_lot(session, parts=parts, losses=losses, energy=uses, **terms)
