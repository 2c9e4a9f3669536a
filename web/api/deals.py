"""Terms, weights, results, claims and settlements of contracts, for programs of either side."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Response
from sqlmodel import Session

from remelt.platform.kernel.clock import BEIJING
from remelt.platform.market import queries as market
from remelt.platform.parties.actors import Actor
from remelt.platform.settlement.finals import queries
from remelt.platform.settlement.finals.claiming import say
from remelt.platform.settlement.finals.drafting import draft_terms, sign_terms, signers
from remelt.platform.settlement.finals.entering import (
    Load,
    Result,
    call_price,
    enter_load,
    enter_result,
)
from remelt.platform.settlement.finals.errors import TermsNotSigned
from remelt.platform.settlement.finals.exposing import exposure
from remelt.platform.settlement.finals.terms import terms_json
from remelt.web.api.base import api_blueprint, first, once
from remelt.web.api.deals_in import CallIn, ClaimWordIn, ContractTermsIn, LoadIn, ResultIn
from remelt.web.api.deals_shapes import (
    CallOut,
    DealOut,
    DebitNoteOut,
    DebitNotesOut,
    ExposedOut,
    ExposureOut,
    LoadOut,
    ResultOut,
    WorkedOut,
)
from remelt.web.api.deals_terms import ContractTermsOut, DocumentOut, VersionOut
from remelt.web.context import clock, files, needs, require, store
from remelt.web.inputs import ApiOut
from remelt.web.photos import keep_photo
from remelt.web.purchase_deed import purchase_deed

bp = api_blueprint("deals", tag="Settlement")
RIGHT = "settlement.deal"


def _own(who: Actor, contract: str) -> None:
    with store().read() as session:
        market.contract(session, code=contract, organisation_id=who.organisation_id)


@bp.get("/contracts/<contract>/terms")
@needs(RIGHT)
@bp.output(ContractTermsOut)
def get_terms(contract: str) -> ContractTermsOut:
    """Read the terms in force and the draft that waits."""
    return ContractTermsOut.of(_terms(contract))


@bp.get("/contracts/<contract>/document")
@needs(RIGHT)
@bp.output(DocumentOut)
def get_document(contract: str) -> DocumentOut:
    """Read the contract as a document with its hash."""
    deed = purchase_deed(_terms(contract))
    return DocumentOut(sha256=deed.sha256, document=dict(deed.said))


@bp.post("/contracts/<contract>/terms")
@needs(RIGHT)
@first(_own, permission=RIGHT, of="contract")
@bp.input(ContractTermsIn, arg_name="data")
@bp.output(VersionOut, status_code=201)
def post_terms(contract: str, data: ContractTermsIn) -> Response:
    """Draft terms and sign them as one's own side."""

    def drafted(session: Session, **by: Any) -> VersionOut:
        return VersionOut.of(draft_terms(session, **by, said=terms_json(data.terms)), ours=True)

    return _entered(contract, VersionOut, drafted)


@bp.post("/contracts/<contract>/terms/<version>/sign")
@needs(RIGHT)
@bp.output(VersionOut)
def sign(contract: str, version: str) -> Response:
    """Sign the newest draft as the other side."""
    who = require(RIGHT)
    _own(who, contract)

    def act(session: Session) -> tuple[int, VersionOut]:
        row = sign_terms(
            session, clock=clock(), terms_code=version, organisation_id=who.organisation_id,
            person_id=who.person_id,
        )  # fmt: skip
        ours = who.organisation_id in signers(session, terms_id=row.key)
        return 200, VersionOut.of(row, ours=ours)

    return once(who, act)


@bp.get("/contracts/<contract>/settlement")
@needs(RIGHT)
@bp.output(DealOut)
def get_settlement(contract: str) -> DealOut:
    """Read the settlement of a contract with the origin of each figure, and what it waits for."""
    who = require(RIGHT)
    with store().read() as session:
        return DealOut.of(_deal(session, contract, who))


@bp.get("/contracts/<contract>/settlement/<int:revision>")
@needs(RIGHT)
@bp.output(WorkedOut)
def get_statement(contract: str, revision: int) -> WorkedOut:
    """Read how one revision was worked: record and statement, to be worked again elsewhere."""
    who = require(RIGHT)
    with store().read() as session:
        settlement, why = queries.revision_of(_deal(session, contract, who), revision=revision)
        return WorkedOut(
            settlement=settlement.code, stage=why.stage, sha256=why.sha256, record=why.record,
            statement=why.statement,
        )  # fmt: skip


@bp.post("/contracts/<contract>/loads")
@needs(RIGHT)
@first(_own, permission=RIGHT, of="contract")
@bp.input(LoadIn, arg_name="data")
@bp.output(LoadOut, status_code=201)
def post_load(contract: str, data: LoadIn) -> Response:
    """Enter a load of one's own side."""
    load = Load(**data.model_dump(exclude={"photo"}), photo_sha256=_kept(data.photo))
    return _entered(contract, LoadOut, partial(enter_load, load=load))


@bp.post("/contracts/<contract>/results")
@needs(RIGHT)
@first(_own, permission=RIGHT, of="contract")
@bp.input(ResultIn, arg_name="data")
@bp.output(ResultOut, status_code=201)
def post_result(contract: str, data: ResultIn) -> Response:
    """Enter a laboratory's result of one's own side, or the umpire's."""
    result = Result(**data.model_dump(exclude={"report"}), report_sha256=_kept(data.report))
    return _entered(contract, ResultOut, partial(enter_result, result=result))


@bp.post("/contracts/<contract>/calls")
@needs(RIGHT)
@first(_own, permission=RIGHT, of="contract")
@bp.input(CallIn, arg_name="data")
@bp.output(CallOut, status_code=201)
def post_call(contract: str, data: CallIn) -> Response:
    """Call today's price for a part of the tonnage."""
    return _entered(contract, CallOut, partial(call_price, mass_g=data.mass_g))


@bp.post("/contracts/<contract>/words")
@needs(RIGHT)
@first(_own, permission=RIGHT, of="contract")
@bp.input(ClaimWordIn, arg_name="data")
@bp.output(DealOut, status_code=201)
def post_word(contract: str, data: ClaimWordIn) -> Response:
    """Agree to the final settlement, raise a claim, or withdraw it."""

    def said(session: Session, **by: Any) -> DealOut:
        say(session, **by, **data.model_dump())
        return DealOut.of(_deal(session, contract, require(RIGHT)))

    return _entered(contract, DealOut, said)


@bp.get("/debit-notes")
@needs(RIGHT)
@bp.output(DebitNotesOut)
def get_notes() -> DebitNotesOut:
    """List the debit notes on either side."""
    who = require(RIGHT)
    with store().read() as session:
        rows = queries.debit_notes(session, organisation_id=who.organisation_id)
    return DebitNotesOut(items=[DebitNoteOut.of(row) for row in rows])


@bp.get("/exposure")
@needs(RIGHT)
@bp.output(ExposureOut)
def get_exposure() -> ExposureOut:
    """List the tonnes that are bought or sold and have no price yet."""
    who = require(RIGHT)
    with store().read() as session:
        today = clock().now(session).astimezone(BEIJING).date()
        rows = exposure(session, organisation_id=who.organisation_id, today=today)
    return ExposureOut(
        items=[
            ExposedOut(
                contract=row.contract_code, metal=row.metal, buys=row.buys, formula=row.formula,
                mass_g=row.mass_g, open_g=row.open_g,
            )
            for row in rows
        ]
    )  # fmt: skip


def _entered(contract: str, shape: type[ApiOut], act: Callable[..., object]) -> Response:
    """Act for one's own side, and answer with what came of it."""
    who = require(RIGHT)
    return once(who, lambda s: (201, shape.model_validate(act(s, **_by(who, contract)))))


def _kept(photo: bytes | None) -> str | None:
    return None if photo is None else keep_photo(photo, files=files()).sha256


def _by(who: Actor, contract: str) -> dict[str, Any]:
    return {
        "clock": clock(),
        "contract_code": contract,
        "organisation_id": who.organisation_id,
        "person_id": who.person_id,
    }


def _terms(contract: str) -> queries.TermsView:
    who = require(RIGHT)
    with store().read() as session:
        return queries.terms_view(
            session, contract_code=contract, organisation_id=who.organisation_id
        )


def _deal(session: Session, contract: str, who: Actor) -> queries.DealView:
    view = queries.deal_view(
        session, contract_code=contract, organisation_id=who.organisation_id,
        now=clock().now(session),
    )  # fmt: skip
    if view is None:
        raise TermsNotSigned(contract=contract)
    return view
