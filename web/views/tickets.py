"""Tickets: the list, one ticket, its slip, its counter ticket, and the day's end."""

from datetime import date, datetime

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import ValidationError
from sqlmodel import Session

from remelt.platform.kernel.clock import BEIJING
from remelt.platform.yard import queries
from remelt.platform.yard.dayend import day_end
from remelt.platform.yard.gate import confirm_gate_payment
from remelt.platform.yard.voiding import void
from remelt.platform.yard.weighing import to_declared
from remelt.platform.yard.words import KINDS
from remelt.web.context import clock, require, store
from remelt.web.fields import YEARS, decimal
from remelt.web.forms import FormState, Press, blank, submit
from remelt.web.yard_forms import ReasonForm
from remelt.web.yard_sites import grade_names, own_yard, yards
from remelt.web.yard_words import WORDS

bp = Blueprint("tickets", __name__)
PAGE = 50


@bp.get("/tickets")
def index() -> ResponseReturnValue:
    """List the organisation's tickets, the latest first."""
    who = require("yard.read")
    kind = request.args.get("kind", "")
    text = request.args.get("q", "")[:40].strip()
    before = request.args.get("before", type=int)
    with store().read() as session:
        cards = queries.tickets(
            session,
            organisation_id=who.organisation_id,
            kind=kind if kind in KINDS else None,
            text=text,
            limit=PAGE + 1,
            before=before,
        )
        names = grade_names(session)
    return render_template(
        "yard/tickets.html",
        cards=cards[:PAGE],
        more=cards[PAGE - 1].id if len(cards) > PAGE else None,
        kind=kind,
        text=text,
        names=names,
        words=WORDS,
    )


@bp.get("/tickets/<ticket>")
def show(ticket: str) -> ResponseReturnValue:
    """Show one ticket with everything that stands on it."""
    require("yard.read")
    return _ticket(ticket, blank())


@bp.get("/tickets/<ticket>/slip")
def slip(ticket: str) -> ResponseReturnValue:
    """Show the slip to print."""
    return _ticket(ticket, blank(), template="yard/slip.html")


@bp.post("/tickets/<ticket>/void")
def voided(ticket: str) -> ResponseReturnValue:
    """Write the counter ticket and show it."""
    who = require("yard.void")
    _own(ticket)

    def act(session: Session, form: ReasonForm) -> str:
        counter = void(
            session,
            clock=clock(),
            ticket_code=ticket,
            organisation_id=who.organisation_id,
            person_id=who.person_id,
            reason=form.reason,
        )
        return url_for("tickets.show", ticket=counter.code)

    return submit(ReasonForm, act, who=who, page=lambda state: _ticket(ticket, state))


@bp.post("/tickets/<ticket>/confirm")
def confirmed(ticket: str) -> ResponseReturnValue:
    """Confirm the payment as the second person."""
    who = require("yard.buy")
    _own(ticket)

    def act(session: Session, form: Press) -> str:
        del form
        confirm_gate_payment(
            session,
            clock=clock(),
            ticket_code=ticket,
            organisation_id=who.organisation_id,
            person_id=who.person_id,
        )
        return url_for("tickets.show", ticket=ticket)

    return submit(Press, act, who=who, page=lambda state: _ticket(ticket, state))


@bp.get("/day-end")
def day() -> ResponseReturnValue:
    """Show a day of a site: drawer, kilograms and cost by grade, margin."""
    who = require("yard.read")
    with store().read() as session:
        site = own_yard(session, who, request.args.get("site", ""))
        today = clock().now(session).astimezone(BEIJING).date()
        chosen = _day(request.args.get("day", "")) or today
        end = day_end(
            session,
            site_id=site.key,
            organisation_id=who.organisation_id,
            day=chosen,
            sale_prices=_sale_prices(),
        )
        return render_template(
            "yard/day_end.html",
            end=end,
            site=site,
            sites=yards(session, who),
            day=chosen,
            names=grade_names(session),
            words=WORDS,
            asked=request.args,
            now=clock().now(session),
        )


def _ticket(ticket: str, state: FormState, *, template: str = "yard/ticket.html") -> str:
    who = require("yard.read")
    with store().read() as session:
        view = queries.ticket(session, code=ticket, organisation_id=who.organisation_id)
        differences = {
            line.position: to_declared(line, scale_division_g=view.ticket.scale_division_g)
            for line in view.lines
        }
        return render_template(
            template,
            state=state,
            view=view,
            differences=differences,
            names=grade_names(session),
            words=WORDS,
            fresh="new" in request.args,
            expired=queries.scale_expired(
                view.ticket.scale_verified_until,
                on=view.ticket.opened_at.astimezone(BEIJING).date(),
            ),
        )


def _own(ticket: str) -> None:
    """Refuse another organisation's ticket before any input is read."""
    who = require("yard.read")
    with store().read() as session:
        queries.check_own(session, ticket_code=ticket, organisation_id=who.organisation_id)


def _day(text: str) -> date | None:
    try:
        read = datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a calendar day
    except ValueError:
        return None
    return read if read.year in YEARS else None


def _sale_prices() -> dict[tuple[str, str], int]:
    """Read `sale.<system>.<code>` = yuan per tonne; what is no number is left out."""
    read = decimal(scale=2, limit=10**8)
    found: dict[tuple[str, str], int] = {}
    for name, text in request.args.items():
        prefix, _, rest = name.partition(".")
        system, _, code = rest.partition(".")
        if prefix != "sale" or not code or not text.strip():
            continue
        try:
            found[system, code] = read(text)
        except (ValidationError, ValueError):
            continue
    return found
