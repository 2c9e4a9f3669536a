"""Ladles, metal accounts, returns and analyses for programs: the same actions as the pages."""

from flask import Response
from pydantic import BaseModel
from sqlmodel import Session

from remelt.platform.parties import queries as parties
from remelt.platform.works.assays import record_assay
from remelt.platform.works.ladles import deliveries, unmatched
from remelt.platform.works.molten import match_notes, receive_ladle, send_ladle
from remelt.platform.works.tolling_queries import account, accounts
from remelt.platform.works.tolling_terms import accept_account, open_account
from remelt.platform.yard.return_queries import returns_of
from remelt.platform.yard.returning import agree_bearers, receive_return, return_lot, take_back
from remelt.web.api.base import api_blueprint, first, once
from remelt.web.api.flows_in import (
    AgreeIn,
    AssayIn,
    BookingIn,
    MatchIn,
    MetalAccountIn,
    ReceivedIn,
    ReturnIn,
    SentIn,
)
from remelt.web.api.flows_out import (
    AssaysOut,
    LadleMatchOut,
    LadlesOut,
    MetalAccountOut,
    MetalAccountsOut,
    NoteOut,
    ReturnOut,
    ReturnsOut,
)
from remelt.web.context import clock, needs, require, store
from remelt.web.views.returns import to_us
from remelt.web.views.tolling import book

bp = api_blueprint("flows", tag="Flows of metal")


@bp.get("/ladles")
@bp.output(LadlesOut)
def get_ladles() -> LadlesOut:
    """List matched ladles with their difference, and the notes that no other meets."""
    who = require("works.ladles")
    with store().read() as session:
        return LadlesOut.of(
            unmatched(session, organisation_id=who.organisation_id),
            deliveries(session, organisation_id=who.organisation_id),
        )


@bp.post("/ladles/sent")
@needs("works.ladles")
@bp.input(SentIn, arg_name="data")
@bp.output(NoteOut, status_code=201)
def post_sent(data: SentIn) -> Response:
    """Write the sender's note of a ladle."""
    who = require("works.ladles")

    def act(session: Session) -> tuple[int, BaseModel]:
        site = parties.site(session, code=data.site, organisation_id=who.organisation_id)
        note = send_ladle(
            session,
            clock=clock(),
            site_id=site.key,
            person_id=who.person_id,
            ladle=data.note(),
            what=data.what(),
            to_site=data.to_site,
        )
        return 201, NoteOut.model_validate(note)

    return once(who, act)


@bp.post("/ladles/received")
@needs("works.ladles")
@bp.input(ReceivedIn, arg_name="data")
@bp.output(NoteOut, status_code=201)
def post_received(data: ReceivedIn) -> Response:
    """Write the receiver's note of a ladle."""
    who = require("works.ladles")

    def act(session: Session) -> tuple[int, BaseModel]:
        site = parties.site(session, code=data.site, organisation_id=who.organisation_id)
        note = receive_ladle(
            session,
            clock=clock(),
            site_id=site.key,
            person_id=who.person_id,
            ladle=data.note(),
            sender=data.sender,
        )
        return 201, NoteOut.model_validate(note)

    return once(who, act)


@bp.post("/ladles/matches")
@needs("works.ladles")
@bp.input(MatchIn, arg_name="data")
@bp.output(LadleMatchOut, status_code=201)
def post_match(data: MatchIn) -> Response:
    """Match two notes by hand, as the receiver."""
    who = require("works.ladles")

    def act(session: Session) -> tuple[int, BaseModel]:
        match_notes(
            session,
            clock=clock(),
            organisation_id=who.organisation_id,
            person_id=who.person_id,
            sent=data.sent,
            received=data.received,
        )
        done = deliveries(session, organisation_id=who.organisation_id)
        return 201, LadleMatchOut.of(next(d for d in done if d.sent.code == data.sent))

    return once(who, act)


@bp.get("/tolling")
@bp.output(MetalAccountsOut)
def get_accounts() -> MetalAccountsOut:
    """List metal accounts on either side, in kg owed and given back."""
    who = require("works.toll")
    with store().read() as session:
        cards = accounts(session, organisation_id=who.organisation_id)
        return MetalAccountsOut(items=[MetalAccountOut.of(card) for card in cards])


@bp.post("/tolling")
@needs("works.toll")
@bp.input(MetalAccountIn, arg_name="data")
@bp.output(MetalAccountOut, status_code=201)
def post_account(data: MetalAccountIn) -> Response:
    """Offer a metal account to an owner, as the processor."""
    who = require("works.toll")

    def act(session: Session) -> tuple[int, BaseModel]:
        site = parties.site(session, code=data.site, organisation_id=who.organisation_id)
        made = open_account(
            session,
            clock=clock(),
            site_id=site.key,
            person_id=who.person_id,
            owner_site=data.owner_site,
            terms=data.agreed(),
        )
        card = account(session, code=made.code, organisation_id=who.organisation_id)
        return 201, MetalAccountOut.of(card)

    return once(who, act)


@bp.post("/tolling/bookings")
@needs("works.toll")
@bp.input(BookingIn, arg_name="data")
@bp.output(MetalAccountOut, status_code=201)
def post_booking(data: BookingIn) -> Response:
    """Accept an account, or send, book in, give back or take home one of its lots."""
    who = require("works.toll")

    def act(session: Session) -> tuple[int, BaseModel]:
        if data.what == "accept":
            accept_account(
                session,
                clock=clock(),
                code=data.account,
                organisation_id=who.organisation_id,
                person_id=who.person_id,
            )
        else:
            book(
                session,
                who,
                code=data.account,
                what=data.what,
                lot=data.lot or "",
                mass_g=data.mass_g,
            )
        card = account(session, code=data.account, organisation_id=who.organisation_id)
        return 201, MetalAccountOut.of(card)

    return once(who, act)


@bp.get("/returns")
@bp.output(ReturnsOut)
def get_returns() -> ReturnsOut:
    """List returns from and to one's organisation."""
    who = require("yard.returns")
    with store().read() as session:
        lines = returns_of(session, organisation_id=who.organisation_id)
        return ReturnsOut(items=[ReturnOut.model_validate(line.row) for line in lines])


@bp.post("/returns/<returned>/agree")
@needs("yard.returns")
@first(to_us, permission="yard.returns", of="returned")
@bp.input(AgreeIn, arg_name="data")
@bp.output(ReturnOut)
def post_agree(returned: str, data: AgreeIn) -> Response:
    """Agree, as the other party, who bears a return; state the CO2e of the way if that is you."""
    who = require("yard.returns")

    def act(session: Session) -> tuple[int, BaseModel]:
        row = agree_bearers(
            session,
            clock=clock(),
            code=returned,
            organisation_id=who.organisation_id,
            person_id=who.person_id,
            co2e_g=data.co2e_g,
        )
        return 200, ReturnOut.model_validate(row)

    return once(who, act)


@bp.post("/returns")
@needs("yard.return")
@bp.input(ReturnIn, arg_name="data")
@bp.output(ReturnOut, status_code=201)
def post_return(data: ReturnIn) -> Response:
    """Send a lot back, or take back what a customer returned."""
    who = require("yard.return")

    def act(session: Session) -> tuple[int, BaseModel]:
        site = parties.site(session, code=data.site, organisation_id=who.organisation_id)
        common = {"clock": clock(), "site_id": site.key, "person_id": who.person_id}
        if data.customer:
            row = take_back(
                session,
                lot_code=data.lot,
                mass_g=data.mass_g or 0,
                customer=data.customer,
                why=data.why(),
                **common,  # type: ignore[arg-type]  # clock and ids, as named
            )
        else:
            row = return_lot(
                session,
                lot_code=data.lot,
                why=data.why(),
                to_site=data.to_site,
                **common,  # type: ignore[arg-type]
            )
        return 201, ReturnOut.model_validate(row)

    return once(who, act)


@bp.post("/returns/<returned>/receive")
def post_receive(returned: str) -> Response:
    """Receive a lot that came back to one's own site."""
    who = require("yard.returns")

    def act(session: Session) -> tuple[int, BaseModel]:
        row = receive_return(
            session,
            clock=clock(),
            code=returned,
            organisation_id=who.organisation_id,
            person_id=who.person_id,
        )
        return 200, ReturnOut.model_validate(row)

    return once(who, act)


@bp.post("/assays")
@needs("works.sort")
@bp.input(AssayIn, arg_name="data")
@bp.output(AssaysOut, status_code=201)
def post_assay(data: AssayIn) -> Response:
    """Restate lots as measured, with a difference line per element."""
    who = require("works.sort")

    def act(session: Session) -> tuple[int, BaseModel]:
        site = parties.site(session, code=data.site, organisation_id=who.organisation_id)
        said = record_assay(
            session,
            clock=clock(),
            site_id=site.key,
            person_id=who.person_id,
            lot_codes=data.lots,
            result=data.result(),
        )
        return 201, AssaysOut.of(said, result=data.result())

    return once(who, act)
