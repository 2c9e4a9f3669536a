"""What people keep an eye on: saved searches, the watch list, questions, and the inbox."""

from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from remelt.platform.market.answering import answer_with_board
from remelt.platform.market.following import questions, searches, watching
from remelt.platform.market.offerings import offering
from remelt.platform.market.state import state_of
from remelt.platform.parties import notices
from remelt.web.address import asked_page
from remelt.web.context import clock, house, require, store
from remelt.web.following import check_own_listing
from remelt.web.forms import FormState, Press, blank, submit
from remelt.web.inputs import InputRefused
from remelt.web.market_words import WORDS
from remelt.web.need_forms import AnswerForm, QuestionForm, ReadForm, SearchForm
from remelt.web.notice_words import told
from remelt.web.search_words import query_of, searched
from remelt.web.views.market import BoardQuery, listing_page

bp = Blueprint("following", __name__)
PAGE = 30


@bp.get("/searches")
def saved() -> ResponseReturnValue:
    """List the saved searches, and show the form that saves the one that was just made."""
    require("market.follow")
    return _searches(blank(asked=urlencode(request.args.to_dict()), alert="yes"))


@bp.post("/searches")
def save() -> ResponseReturnValue:
    """Save a search of the board."""
    who = require("market.follow")

    def act(session: Session, form: SearchForm) -> str:
        searches.save_search(
            session,
            clock=clock(),
            organisation_id=who.organisation_id,
            person_id=who.person_id,
            name=form.name,
            wanted=_asked(form.asked).wanted(),
            alert=form.alert,
        )
        return url_for("following.saved")

    return submit(SearchForm, act, who=who, page=_searches)


@bp.post("/searches/<search>/end")
def end_search(search: str) -> ResponseReturnValue:
    """Stop keeping a search."""
    who = require("market.follow")

    def act(session: Session, _form: Press) -> str:
        searches.end_search(
            session, clock=clock(), code=search, organisation_id=who.organisation_id
        )
        return url_for("following.saved")

    return submit(Press, act, who=who, page=_searches)


@bp.get("/watching")
def watch_list() -> ResponseReturnValue:
    """List the listings that the organisation watches, and how each stands."""
    who = require("market.follow")
    with store().read() as session:
        now = clock().now(session)
        rows = watching.watched(session, organisation_id=who.organisation_id)
    lines = [(row, state_of(row.auction, now=now)) for row in rows]
    return render_template("market/watching.html", lines=lines, words=WORDS, state=blank())


@bp.post("/listings/<code>/watch")
def watch(code: str) -> ResponseReturnValue:
    """Put a listing on the watch list."""
    who = require("market.follow")

    def act(session: Session, _form: Press) -> str:
        watching.watch(
            session,
            clock=clock(),
            listing=offering(session, code=code).listing,
            organisation_id=who.organisation_id,
            person_id=who.person_id,
        )
        return url_for("market.show", code=code)

    return submit(Press, act, who=who, page=lambda state: listing_page(code, who, state))


@bp.post("/listings/<code>/unwatch")
def unwatch(code: str) -> ResponseReturnValue:
    """Take a listing off the watch list."""
    who = require("market.follow")

    def act(session: Session, _form: Press) -> str:
        row = offering(session, code=code).listing
        watching.unwatch(session, listing=row, organisation_id=who.organisation_id)
        return url_for("market.show", code=code)

    return submit(Press, act, who=who, page=lambda state: listing_page(code, who, state))


@bp.post("/listings/<code>/questions")
def ask(code: str) -> ResponseReturnValue:
    """Ask about a listing, for everybody to read."""
    who = require("market.bid")

    def act(session: Session, form: QuestionForm) -> str:
        questions.ask(
            session,
            clock=clock(),
            offered=offering(session, code=code),
            asker_id=who.organisation_id,
            person_id=who.person_id,
            words=form.asked,
        )
        return url_for("market.show", code=code, _anchor="questions")

    return submit(QuestionForm, act, who=who, page=lambda state: listing_page(code, who, state))


@bp.post("/listings/<code>/questions/<question>/answer")
def answer(code: str, question: str) -> ResponseReturnValue:
    """Answer a question about one's own listing."""
    who = require("market.sell")
    check_own_listing(who, code)

    def act(session: Session, form: AnswerForm) -> str:
        questions.answer(
            session,
            clock=clock(),
            listing=offering(session, code=code).listing,
            question_code=question,
            seller_id=who.organisation_id,
            person_id=who.person_id,
            words=form.answer,
        )
        return url_for("market.show", code=code, _anchor="questions")

    return submit(AnswerForm, act, who=who, page=lambda state: listing_page(code, who, state))


@bp.post("/listings/<code>/board-answer")
def board_answer(code: str) -> ResponseReturnValue:
    """Answer a small lot with one's board price, as an offer that binds."""
    who = require("boards.set")

    def act(session: Session, _form: Press) -> str:
        answer_with_board(
            session,
            clock=clock(),
            listing_code=code,
            buyer_id=who.organisation_id,
            person_id=who.person_id,
            house=house(),
        )
        return url_for("market.show", code=code, _anchor="offer")

    return submit(Press, act, who=who, page=lambda state: listing_page(code, who, state))


@bp.get("/inbox")
def inbox() -> ResponseReturnValue:
    """Show what the organisation was told, the newest first."""
    require("parties.own")
    return _inbox(blank())


@bp.post("/inbox")
def read_all() -> ResponseReturnValue:
    """Mark what was on the page as read."""
    who = require("parties.own")

    def act(session: Session, form: ReadForm) -> str:
        notices.read(session, clock=clock(), organisation_id=who.organisation_id, until=form.until)
        return url_for("following.inbox")

    return submit(ReadForm, act, who=who, page=_inbox)


def _inbox(state: FormState) -> str:
    who = require("parties.own")
    page = asked_page()
    with store().read() as session:
        rows = notices.inbox(
            session, organisation_id=who.organisation_id, limit=PAGE + 1, offset=(page - 1) * PAGE
        )
        fresh = notices.unread(session, organisation_id=who.organisation_id)
    return render_template(
        "market/inbox.html", told=[told(row) for row in rows[:PAGE]], more=len(rows) > PAGE,
        page=page, fresh=fresh, until=rows[0].at.isoformat() if rows else "", state=state,
    )  # fmt: skip


def _searches(state: FormState) -> str:
    who = require("market.follow")
    asked = _asked(state.values.get("asked", ""))
    with store().read() as session:
        rows = searches.saved_searches(session, organisation_id=who.organisation_id)
        here = searched(session, asked.wanted())
        lines = [
            (row, searched(session, searches.wanted_of(row)), query_of(searches.wanted_of(row)))
            for row in rows
        ]
    return render_template(
        "market/searches.html", lines=lines, here=here, state=state, press=blank(),
        asked=state.values.get("asked", ""),
    )  # fmt: skip


def _asked(text: str) -> BoardQuery:
    """Return the search that an address of the board holds; what cannot be read asks nothing."""
    known = {k: v for k, v in parse_qsl(text[:1000]) if k in BoardQuery.model_fields and v}
    try:
        return BoardQuery.model_validate(known)
    except InputRefused:
        return BoardQuery()
