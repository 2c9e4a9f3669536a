"""One line of a bank statement: what it may be for, matched, reviewed, taken back."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from remelt.platform.settlement.rails.bank import lines, matching, queries
from remelt.web.context import clock, require, store
from remelt.web.forms import Form, FormState, Press, blank, submit
from remelt.web.money_forms import MatchForm
from remelt.web.money_words import WORDS
from remelt.web.yard_forms import ReasonForm

F = TypeVar("F", bound=Form)
bp = Blueprint("movements", __name__, url_prefix="/cashier/lines")


@bp.get("/<movement>")
def show(movement: str) -> ResponseReturnValue:
    """Show a line with what it may be for and what it was matched with."""
    require("settlement.bank")
    return _page(movement, blank())


@bp.post("/<movement>/matches")
def match(movement: str) -> ResponseReturnValue:
    """Say what the line was for."""

    def act(session: Session, form: MatchForm, said: dict[str, Any]) -> None:
        matching.match(
            session,
            movement_code=movement,
            wishes=[
                matching.Wish(*each.due.partition(":")[::2], each.amount_yuan)
                for each in form.matches
            ],
            why=form.why,
            write_off=form.write_off,
            **said,
        )

    return _done(movement, MatchForm, act)


@bp.post("/<movement>/confirm")
def confirm(movement: str) -> ResponseReturnValue:
    """Confirm what waits, as the second person; a first person is refused before all else."""
    who = require("settlement.bank")
    with store().read() as session:
        view = queries.movement(session, code=movement, organisation_id=who.organisation_id)
        lines.check_second_hand(
            session,
            [each.match for each in view.matches],
            organisation_id=who.organisation_id,
            person_id=who.person_id,
        )

    def act(session: Session, _form: Press, said: dict[str, Any]) -> None:
        matching.confirm_matches(session, movement_code=movement, **said)

    return _done(movement, Press, act)


@bp.post("/<movement>/decline")
def decline(movement: str) -> ResponseReturnValue:
    """Decline what waits, as the second person."""

    def act(session: Session, form: ReasonForm, said: dict[str, Any]) -> None:
        matching.decline_matches(session, movement_code=movement, reason=form.reason, **said)

    return _done(movement, ReasonForm, act)


@bp.post("/<movement>/matches/<match>/undo")
def undo(movement: str, match: str) -> ResponseReturnValue:
    """Take a match back."""

    def act(session: Session, form: ReasonForm, said: dict[str, Any]) -> None:
        matching.undo_match(session, match_code=match, reason=form.reason, **said)

    return _done(movement, ReasonForm, act, match=match)


def _done(
    movement: str,
    form: type[F],
    do: Callable[[Session, F, dict[str, Any]], None],
    *,
    match: str | None = None,
) -> ResponseReturnValue:
    """Do one thing about a line of the own organisation, and show the line again."""
    who = require("settlement.bank")
    with store().read() as session:
        queries.movement(session, code=movement, organisation_id=who.organisation_id)
        if match is not None:
            lines.own_match(session, code=match, organisation_id=who.organisation_id)

    def act(session: Session, typed: F) -> str:
        said = {
            "clock": clock(),
            "organisation_id": who.organisation_id,
            "person_id": who.person_id,
        }
        do(session, typed, said)
        return url_for("movements.show", movement=movement)

    return submit(form, act, who=who, page=lambda state: _page(movement, state))


def _page(movement: str, state: FormState) -> str:
    who = require("settlement.bank")
    with store().read() as session:
        view = queries.movement(session, code=movement, organisation_id=who.organisation_id)
    return render_template("cashier/line.html", state=state, view=view, words=WORDS)
