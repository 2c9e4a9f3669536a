"""The passport of a lot for programs; public."""

from typing import Any

from flask import Response
from pydantic import BaseModel
from sqlmodel import Session

from remelt.platform.kernel.codes import read_code
from remelt.platform.parties.actors import Actor
from remelt.traceability import queries as ledger
from remelt.web.api.base import api_blueprint, first, once
from remelt.web.certificates import issue_for, opened_for
from remelt.web.context import clock, needs, require, settings, store
from remelt.web.inputs import ApiOut
from remelt.web.passports import as_json, passport_page
from remelt.web.views.labels import own_lot

bp = api_blueprint("passports", tag="Traceability")


@bp.get("/passports/<code>")
@bp.doc(summary="What anybody may know of a lot, with its place in the public log")
def read_passport(code: str) -> dict[str, Any]:
    """Return the public facts of a lot; only that it is registered before the first hand-over."""
    with store().read() as session:
        return as_json(passport_page(session, code=read_code(code)))


class IssuedOut(ApiOut):
    """A passport that is in force now. fresh: whether it was issued by this call."""

    certificate: str
    lot: str
    sha256: str
    provisional: bool
    fresh: bool


def _own(who: Actor, code: str) -> None:
    with store().read() as session:
        own_lot(ledger.lot(session, code=read_code(code)), who=who)


@bp.post("/lots/<code>/passport")
@needs("traceability.label")
@first(_own, permission="traceability.label", of="code")
@bp.output(IssuedOut, status_code=201)
@bp.doc(summary="Issue the passport of an own lot; the same claims again give the same passport")
def issue_passport(code: str) -> Response:
    """Issue the passport of a lot; only its owner may."""
    who = require("traceability.label")

    def act(session: Session) -> tuple[int, BaseModel]:
        made = issue_for(
            session, lot_code=read_code(code), who=who, settings=settings(), clock=clock()
        )
        row = made.certificate
        return (201 if made.fresh else 200), IssuedOut(
            certificate=row.code,
            lot=read_code(code),
            sha256=row.sha256,
            provisional=row.provisional,
            fresh=made.fresh,
        )

    return once(who, act)


@bp.get("/lots/<code>/openings")
@needs("traceability.open")
@bp.doc(summary="Private values of a lot's events that you may read, each with salt and proof")
def read_openings(code: str) -> Response:
    """Open a lot's private values: to its owner and holder, and with firms to officials."""
    who = require("traceability.open")
    with store().read() as session:
        content = opened_for(
            session, lot_code=read_code(code), who=who, settings=settings(), clock=clock()
        )
    return Response(content, mimetype="application/json")
