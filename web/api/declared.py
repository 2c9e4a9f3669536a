"""What a seller declares of its pre-consumer scrap, for programs of who holds the lot."""

from typing import Annotated

from flask import Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from remelt.platform.kernel.codes import read_code
from remelt.platform.parties.actors import Actor
from remelt.traceability import ledger
from remelt.traceability import queries as lots
from remelt.traceability.ledger import FactorRef, SiteRef
from remelt.traceability.rules.footprint import footprint
from remelt.web.api.base import api_blueprint, first, once
from remelt.web.context import clock, needs, require, store
from remelt.web.inputs import ApiIn, ApiOut
from remelt.web.views.labels import own_lot

bp = api_blueprint("declared", tag="Traceability")


class DeclaredIn(ApiIn):
    """What the seller says each kg of its scrap carries from its first making, and where."""

    co2e_g_per_kg: Annotated[int, Field(ge=0, le=10**6)]
    document: Annotated[str, Field(min_length=1, max_length=80)]


class DeclaredOut(ApiOut):
    """Both conventions of the lot now, in gCO2e, and what is still missing."""

    lot: str
    mass_g: int
    cut_off_co2e_g: int
    by_mass_co2e_g: int
    missing: list[str]


def _own(who: Actor, code: str) -> None:
    with store().read() as session:
        own_lot(lots.lot(session, code=read_code(code)), who=who)


@bp.post("/lots/<code>/scrap-burden")
@needs("traceability.label")
@first(_own, permission="traceability.label", of="code")
@bp.input(DeclaredIn, arg_name="data")
@bp.output(DeclaredOut, status_code=201)
@bp.doc(summary="Enter what the seller of pre-consumer scrap declares; it counts by mass only")
def declare(code: str, data: DeclaredIn) -> Response:
    """Lay a seller's figure on a lot of bought pre-consumer scrap."""
    who = require("traceability.label")

    def act(session: Session) -> tuple[int, BaseModel]:
        lot = own_lot(lots.lot(session, code=read_code(code)), who=who)
        said = ledger.declare_burden(
            session,
            clock=clock(),
            lot_code=lot.code,
            factor=_of_seller(data),
            document_ref=data.document,
            site=SiteRef(code=lot.site_code, adcode=lot.adcode),
            actor=f"person:{who.person_code}",
        )
        known = footprint(said.vectors)
        return 201, DeclaredOut(
            lot=said.code,
            mass_g=said.mass_g,
            cut_off_co2e_g=known.cut_off.co2e_g,
            by_mass_co2e_g=known.by_mass.co2e_g,
            missing=list(known.missing),
        )

    return once(who, act)


def _of_seller(data: DeclaredIn) -> FactorRef:
    return FactorRef(
        id="declared-by-seller",
        edition="",
        numerator=data.co2e_g_per_kg,
        denominator=1_000,
        unit="kg",
        primary_data=True,
    )
