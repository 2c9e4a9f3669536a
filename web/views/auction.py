"""The auction room as it happens: the part that is fetched anew, the stream, the photos."""

from flask import Blueprint, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue

from remelt.platform.kernel.errors import NotFound
from remelt.platform.market import queries, rooms
from remelt.platform.market.offerings import offering
from remelt.web import fmt
from remelt.web.context import clock, files, require, store
from remelt.web.market_words import WORDS
from remelt.web.streams import Message, News, json_message, stream
from remelt.web.views.market import room_facts

bp = Blueprint("auction", __name__)


@bp.get("/listings/<code>/room")
def room(code: str) -> ResponseReturnValue:
    """Answer with the auction room alone; with nothing when the page shows it as it is."""
    who = require("market.browse")
    with store().read() as session:
        facts = room_facts(session, code, who)
    if request.args.get("mark") == facts.room.mark:
        return "", 204
    return render_template("market/room_part.html", **vars(facts), words=WORDS)


@bp.get("/listings/<code>/live")
def live(code: str) -> Response:
    """Stream what happens in the auction room.

    `bid`: each accepted offer as JSON, its sequence number as the id to resume after; `room`:
    the room is not as the page shows it (`mark`); `heartbeat`: the server's time; `over`: the
    close stands. No database session outlives a look.
    """
    who = require("market.browse")
    database, time, viewer = store(), clock(), who.organisation_id
    seen, mark = _resume_after(), request.args.get("mark", "")
    answered = seen
    with database.read() as session:
        offering(session, code=code)  # what does not exist is told at once

    def look() -> News:
        nonlocal seen, answered, mark
        with database.read() as session:
            now = time.now(session)
            row = offering(session, code=code).auction
            rungs = []
            if row.bid_seq > answered:
                rungs = rooms.ladder(session, auction_id=row.key, viewer_id=viewer, after_seq=seen)
            before, mark = mark, rooms.mark_of(row, now=now)
            answered = row.bid_seq
            over = row.closed_at is not None or row.withdrawn_at is not None
        messages = [_bid_message(rung) for rung in rungs]
        seen = rungs[-1].seq if rungs else seen
        if mark != before:
            messages.append(Message("room", mark))
        return News(messages, now.isoformat(), over=over)

    return stream(look)


@bp.get("/listings/photos/<sha256>")
def photo(sha256: str) -> Response:
    """Send a photo of a published listing."""
    require("market.browse")
    with store().read() as session:
        if not queries.photo_is_shown(session, sha256=sha256[:64]):
            raise NotFound
    response = make_response(files().get(sha256))
    response.mimetype = "image/jpeg"
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    return response


def _resume_after() -> int:
    given = request.headers.get("Last-Event-ID") or request.args.get("after", "0")
    return int(given) if given.isdecimal() and len(given) < 10 else 0  # noqa: PLR2004 - a sequence


def _bid_message(rung: rooms.Rung) -> Message:
    facts: dict[str, object] = {
        "seq": rung.seq,
        "bidder": rung.number,
        "mine": rung.mine,
        "price_fen_per_t": rung.price_fen_per_t,
        "placed_at": fmt.stamp(rung.placed_at),
    }
    return json_message("bid", facts, id=str(rung.seq))
