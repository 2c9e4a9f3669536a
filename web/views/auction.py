"""The auction room as it happens: the part that is fetched anew, the stream, the photos."""

from flask import Blueprint, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue

from remelt.platform.kernel.errors import NotFound
from remelt.platform.market import queries, rooms
from remelt.platform.market.state import state_of
from remelt.web import fmt
from remelt.web.context import clock, files, require, store
from remelt.web.market_words import WORDS
from remelt.web.streams import Message, json_message, stream
from remelt.web.views.market import room_facts

bp = Blueprint("auction", __name__)


@bp.get("/listings/<code>/room")
def room(code: str) -> ResponseReturnValue:
    """Answer with the auction room alone, for a page that follows the stream."""
    who = require("market.browse")
    with store().read() as session:
        facts = room_facts(session, code, who)
    return render_template("market/room_part.html", **vars(facts), words=WORDS)


@bp.get("/listings/<code>/live")
def live(code: str) -> Response:
    """Stream what happens in the auction room.

    `bid`: each accepted offer as JSON, its sequence number as the id to resume after; `room`:
    the room changed; `heartbeat`: the server's time. No database session outlives a look.
    """
    who = require("market.browse")
    database, time, viewer = store(), clock(), who.organisation_id
    seen, before = _resume_after(), ""
    with database.read() as session:
        queries.listing(session, code=code)  # what does not exist is told at once

    def look() -> tuple[list[Message], str]:
        nonlocal seen, before
        with database.read() as session:
            now = time.now(session)
            row = queries.listing(session, code=code)
            rungs = rooms.ladder(session, listing_id=row.key, viewer_id=viewer, after_seq=seen)
            state = f"{state_of(row, now=now)} {row.bid_seq} {row.closes_at}"
        messages = [_bid_message(rung) for rung in rungs]
        seen = rungs[-1].seq if rungs else seen
        if state != before:
            if before or messages:
                messages.append(Message("room", fmt.stamp(now)))
            before = state
        return messages, now.isoformat()

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
