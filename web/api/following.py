"""Following for programs: saved searches, the watch list, questions and the inbox."""

from flask import Response
from sqlmodel import Session

from remelt.platform.market.following import questions, searches, watching
from remelt.platform.market.offerings import offering
from remelt.platform.parties import notices
from remelt.web.api.base import api_blueprint, first, once
from remelt.web.api.needs_shapes import (
    InboxIn,
    InboxOut,
    NoticeOut,
    QuestionAnswerIn,
    QuestionIn,
    QuestionOut,
    QuestionsOut,
    ReadIn,
    SearchesOut,
    SearchIn,
    SearchOut,
    WatchedOut,
    WatchOut,
)
from remelt.web.context import clock, needs, require, store
from remelt.web.following import check_listing, check_own_listing

bp = api_blueprint("following", tag="Market")
PAGE = 100


@bp.get("/searches")
@needs("market.follow")
@bp.output(SearchesOut)
def get_searches() -> SearchesOut:
    """List the organisation's saved searches."""
    who = require("market.follow")
    with store().read() as session:
        rows = searches.saved_searches(session, organisation_id=who.organisation_id)
        return SearchesOut(items=[SearchOut.of(row) for row in rows])


@bp.post("/searches")
@needs("market.follow")
@bp.input(SearchIn, arg_name="data")
@bp.output(SearchOut, status_code=201)
def post_search(data: SearchIn) -> Response:
    """Save a search; with `alert` each new listing that fits comes to the inbox."""
    who = require("market.follow")
    wanted = data.asked().wanted()

    def act(session: Session) -> tuple[int, SearchOut]:
        row = searches.save_search(
            session,
            clock=clock(),
            organisation_id=who.organisation_id,
            person_id=who.person_id,
            name=data.name,
            wanted=wanted,
            alert=data.alert,
        )
        return 201, SearchOut.of(row)

    return once(who, act)


@bp.post("/searches/<search>/end")
@needs("market.follow")
@bp.output(SearchOut)
def post_end_search(search: str) -> Response:
    """Stop keeping a search."""
    who = require("market.follow")

    def act(session: Session) -> tuple[int, SearchOut]:
        row = searches.end_search(
            session, clock=clock(), code=search, organisation_id=who.organisation_id
        )
        return 200, SearchOut.of(row)

    return once(who, act)


@bp.get("/watching")
@needs("market.follow")
@bp.output(WatchedOut)
def get_watching() -> WatchedOut:
    """List the listings that the organisation watches."""
    who = require("market.follow")
    with store().read() as session:
        rows = watching.watched(session, organisation_id=who.organisation_id)
        return WatchedOut(items=[row.listing.code for row in rows])


@bp.post("/listings/<code>/watch")
@needs("market.follow")
@bp.output(WatchOut)
def post_watch(code: str) -> Response:
    """Watch a listing."""
    who = require("market.follow")

    def act(session: Session) -> tuple[int, WatchOut]:
        watching.watch(
            session,
            clock=clock(),
            listing=offering(session, code=code).listing,
            organisation_id=who.organisation_id,
            person_id=who.person_id,
        )
        return 200, WatchOut(listing=code, watching=True)

    return once(who, act)


@bp.post("/listings/<code>/unwatch")
@needs("market.follow")
@bp.output(WatchOut)
def post_unwatch(code: str) -> Response:
    """Watch a listing no longer."""
    who = require("market.follow")

    def act(session: Session) -> tuple[int, WatchOut]:
        row = offering(session, code=code).listing
        watching.unwatch(session, listing=row, organisation_id=who.organisation_id)
        return 200, WatchOut(listing=code, watching=False)

    return once(who, act)


@bp.get("/listings/<code>/questions")
@needs("market.browse")
@bp.output(QuestionsOut)
def get_questions(code: str) -> QuestionsOut:
    """List what was asked about a listing, with the answers."""
    with store().read() as session:
        row = offering(session, code=code).listing
        found = questions.questions(session, listing_id=row.key)
        return QuestionsOut(items=[QuestionOut.of(each) for each in found])


@bp.post("/listings/<code>/questions")
@needs("market.bid")
@first(check_listing, permission="market.bid", of="code")
@bp.input(QuestionIn, arg_name="data")
@bp.output(QuestionOut, status_code=201)
def post_question(code: str, data: QuestionIn) -> Response:
    """Ask about a listing in public."""
    who = require("market.bid")

    def act(session: Session) -> tuple[int, QuestionOut]:
        row = questions.ask(
            session,
            clock=clock(),
            offered=offering(session, code=code),
            asker_id=who.organisation_id,
            person_id=who.person_id,
            words=data.asked,
        )
        return 201, QuestionOut.of(row)

    return once(who, act)


@bp.post("/listings/<code>/questions/<question>/answer")
@needs("market.sell")
@first(check_own_listing, permission="market.sell", of="code")
@bp.input(QuestionAnswerIn, arg_name="data")
@bp.output(QuestionOut)
def post_answer(code: str, question: str, data: QuestionAnswerIn) -> Response:
    """Answer a question about one's own listing, once."""
    who = require("market.sell")

    def act(session: Session) -> tuple[int, QuestionOut]:
        row = questions.answer(
            session,
            clock=clock(),
            listing=offering(session, code=code).listing,
            question_code=question,
            seller_id=who.organisation_id,
            person_id=who.person_id,
            words=data.answer,
        )
        return 200, QuestionOut.of(row)

    return once(who, act)


@bp.get("/inbox")
@needs("parties.own")
@bp.input(InboxIn, location="query", arg_name="asked")
@bp.output(InboxOut)
def get_inbox(asked: InboxIn) -> InboxOut:
    """Show what the organisation was told, the newest first, 100 a page."""
    who = require("parties.own")
    with store().read() as session:
        rows = notices.inbox(
            session,
            organisation_id=who.organisation_id,
            limit=PAGE,
            offset=(asked.page - 1) * PAGE,
        )
        fresh = notices.unread(session, organisation_id=who.organisation_id)
    return InboxOut(items=[NoticeOut.of(row) for row in rows], unread=fresh)


@bp.post("/inbox/read")
@needs("parties.own")
@bp.input(ReadIn, arg_name="data")
@bp.output(InboxOut)
def post_read(data: ReadIn) -> Response:
    """Mark all that was told until a moment as read."""
    who = require("parties.own")

    def act(session: Session) -> tuple[int, InboxOut]:
        notices.read(session, clock=clock(), organisation_id=who.organisation_id, until=data.until)
        fresh = notices.unread(session, organisation_id=who.organisation_id)
        return 200, InboxOut(items=[], unread=fresh)

    return once(who, act)
