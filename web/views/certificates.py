"""Passports as files, how each stands, and their issuing by a lot's owner."""

import orjson
from flask import Blueprint, Response, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from remelt.platform.kernel.codes import read_code
from remelt.platform.parties.actors import Actor
from remelt.traceability import queries as ledger
from remelt.traceability.proofs import certificates as ledger_certificates
from remelt.web import certificates, ledger_words
from remelt.web.context import clock, require, settings, store, wants_json
from remelt.web.forms import FormState, Press, blank, submit
from remelt.web.keys import keyring
from remelt.web.transparency import did_document
from remelt.web.views.labels import own_lot

bp = Blueprint("certificates", __name__)


@bp.get("/l/<code>/passport.json")
def of_lot(code: str) -> ResponseReturnValue:
    """The passport of a lot that is in force: signed, for anybody to check without a network."""
    with store().read() as session:
        return _file(
            certificates.file_of_lot(
                session, lot_code=read_code(code), settings=settings(), clock=clock()
            )
        )


@bp.get("/certificates/<certificate>/passport.json")
def file(certificate: str) -> ResponseReturnValue:
    """One certificate as a file, whether it is in force or not."""
    code = read_code(certificate)
    with store().read() as session:
        return _file(certificates.file_of(session, code=code, settings=settings(), clock=clock()))


@bp.get("/certificates/<certificate>")
def show(certificate: str) -> ResponseReturnValue:
    """Say how a certificate stands: in force, superseded or revoked, why and by what."""
    with store().read() as session:
        known = certificates.shown(session, code=read_code(certificate))
    if wants_json():
        return Response(orjson.dumps(certificates.as_json(known)), mimetype="application/json")
    return render_template("passport/certificate.html", known=known, words=ledger_words)


@bp.get("/.well-known/did.json")
@bp.get("/did.json", endpoint="did_below")
def did() -> ResponseReturnValue:
    """The installation's keys as a did:web document, for verifiers that ask the network."""
    body = did_document(keyring(settings()), base_url=settings().base_url)
    return Response(orjson.dumps(body), mimetype="application/did+json")


@bp.get("/lots/<code>/passport")
def mine(code: str) -> ResponseReturnValue:
    """Show the owner or holder of a lot its passports, and let the owner issue one."""
    who = require("traceability.label")
    return _mine(code, who, blank())


@bp.post("/lots/<code>/passport")
def issue(code: str) -> ResponseReturnValue:
    """Issue the passport of an own lot."""
    who = require("traceability.label")

    def act(session: Session, _form: Press) -> str:
        lot = own_lot(ledger.lot(session, code=read_code(code)), who=who)
        certificates.issue_for(
            session, lot_code=lot.code, who=who, settings=settings(), clock=clock()
        )
        return url_for("certificates.mine", code=lot.code)

    return submit(Press, act, who=who, page=lambda state: _mine(code, who, state))


def _mine(code: str, who: Actor, state: FormState) -> str:
    with store().read() as session:
        lot = own_lot(ledger.lot(session, code=read_code(code)), who=who)
        held = ledger_certificates.of_lot(session, lot_id=lot.key)
    return render_template(
        "passport/mine.html",
        lot=lot,
        held=held,
        owner=lot.owner == who.organisation_code,
        words=ledger_words,
        state=state,
    )


def _file(content: bytes) -> Response:
    answer = Response(content, mimetype=certificates.MEDIA_TYPE)
    answer.headers["Content-Disposition"] = 'inline; filename="passport.json"'
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.cache_control.no_cache = True
    return answer
