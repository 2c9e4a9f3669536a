"""Bank accounts, statements and their matching, and the book of money, for programs."""

from typing import Any

from flask import Response
from sqlmodel import Session

from remelt.platform.parties.actors import Actor
from remelt.platform.parties.permissions import OPERATOR
from remelt.platform.settlement.rails.bank import accounts, lines, matching, queries
from remelt.platform.settlement.rails.bank.layout import layout_of
from remelt.platform.settlement.rails.bank.models import BankMatch
from remelt.platform.settlement.rails.bank.statement import parse
from remelt.web.api.banking_shapes import (
    BankAccountIn,
    BankAccountOut,
    BankAccountsOut,
    BankMatchOut,
    BankStatementIn,
    BankStatementOut,
    MatchesIn,
    MatchesOut,
    MovementOut,
    MovementsIn,
    MovementsOut,
    OpenedOut,
)
from remelt.web.api.base import ReasonIn, api_blueprint, first, once
from remelt.web.context import clock, needs, require, store
from remelt.web.inputs import ApiOut

bp = api_blueprint("banking", tag="Settlement")


def _own_account(who: Actor, bank_account: str) -> None:
    with store().read() as session:
        accounts.bank_account(session, code=bank_account, organisation_id=who.organisation_id)


def _own_movement(who: Actor, movement: str) -> None:
    with store().read() as session:
        queries.movement(session, code=movement, organisation_id=who.organisation_id)


def _own_match(who: Actor, match: str) -> None:
    with store().read() as session:
        lines.own_match(session, code=match, organisation_id=who.organisation_id)


@bp.get("/bank-accounts")
@needs("settlement.bank")
@bp.output(BankAccountsOut)
def bank_accounts() -> BankAccountsOut:
    """Bank accounts with what their book says."""
    who = require("settlement.bank")
    with store().read() as session:
        cards = queries.cards(session, organisation_id=who.organisation_id)
    return BankAccountsOut(
        accounts=[
            BankAccountOut(
                **_named(BankAccountOut, card.account),
                book_minor=card.book_minor,
                suspense_minor=card.suspense_minor,
                clearing_minor=card.clearing_minor,
            )
            for card in cards
        ]
    )


@bp.post("/bank-accounts")
@needs("settlement.bank")
@bp.input(BankAccountIn, arg_name="data")
@bp.output(OpenedOut, status_code=201)
def add(data: BankAccountIn) -> Response:
    """Add a bank account."""
    who = require("settlement.bank")

    def act(session: Session) -> tuple[int, OpenedOut]:
        made = accounts.open_bank_account(
            session,
            clock=clock(),
            organisation_id=who.organisation_id,
            of_platform=who.role == OPERATOR,
            **data.model_dump(),
        )
        return 201, OpenedOut(code=made.code)

    return once(who, act)


@bp.post("/bank-accounts/<bank_account>/statements")
@needs("settlement.bank")
@first(_own_account, permission="settlement.bank", of="bank_account")
@bp.input(BankStatementIn, arg_name="data")
@bp.output(BankStatementOut, status_code=201)
def take_in(bank_account: str, data: BankStatementIn) -> Response:
    """Take in a bank's file; lines known already move nothing again."""
    who = require("settlement.bank")
    sent = data.sent()

    def act(session: Session) -> tuple[int, BankStatementOut]:
        account = accounts.bank_account(
            session, code=bank_account, organisation_id=who.organisation_id
        )
        said = layout_of(session, account)
        done = accounts.take_in(
            session,
            clock=clock(),
            account_code=bank_account,
            organisation_id=who.organisation_id,
            person_id=who.person_id,
            parsed=parse(sent.content, filename=sent.name, columns=said),
        )
        return 201, BankStatementOut(**_named(BankStatementOut, done))

    return once(who, act)


@bp.get("/bank-accounts/<bank_account>/movements")
@needs("settlement.bank")
@first(_own_account, permission="settlement.bank", of="bank_account")
@bp.input(MovementsIn, location="query", arg_name="asked")
@bp.output(MovementsOut)
def movements(bank_account: str, asked: MovementsIn) -> MovementsOut:
    """Lines of an account, the newest first."""
    who = require("settlement.bank")
    with store().read() as session:
        row = accounts.bank_account(session, code=bank_account, organisation_id=who.organisation_id)
        found = queries.movements(
            session, account=row, open_only=asked.open_only, limit=asked.limit
        )
    return MovementsOut(movements=[_movement(each) for each in found])


@bp.post("/bank-movements/<movement>/matches")
@needs("settlement.bank")
@first(_own_movement, permission="settlement.bank", of="movement")
@bp.input(MatchesIn, arg_name="data")
@bp.output(MatchesOut, status_code=201)
def match(movement: str, data: MatchesIn) -> Response:
    """Say what a line was for; above the threshold it waits for a second person."""
    who = require("settlement.bank")

    def act(session: Session) -> tuple[int, MatchesOut]:
        made = matching.match(
            session,
            clock=clock(),
            movement_code=movement,
            organisation_id=who.organisation_id,
            person_id=who.person_id,
            wishes=[matching.Wish(e.kind, e.code, e.amount_minor) for e in data.matches],
            write_off=data.write_off,
        )
        return 201, _matches(made)

    return once(who, act)


@bp.post("/bank-movements/<movement>/confirm")
@needs("settlement.bank")
@bp.output(MatchesOut)
def confirm(movement: str) -> Response:
    """Confirm what waits about a line, as the second person."""
    who = require("settlement.bank")

    def act(session: Session) -> tuple[int, MatchesOut]:
        done = matching.confirm_matches(
            session,
            clock=clock(),
            movement_code=movement,
            organisation_id=who.organisation_id,
            person_id=who.person_id,
        )
        return 200, _matches(done)

    return once(who, act)


@bp.post("/bank-movements/<movement>/decline")
@needs("settlement.bank")
@first(_own_movement, permission="settlement.bank", of="movement")
@bp.input(ReasonIn, arg_name="data")
@bp.output(MatchesOut)
def decline(movement: str, data: ReasonIn) -> Response:
    """Decline what waits about a line, as the second person."""
    who = require("settlement.bank")

    def act(session: Session) -> tuple[int, MatchesOut]:
        done = matching.decline_matches(
            session,
            clock=clock(),
            movement_code=movement,
            organisation_id=who.organisation_id,
            person_id=who.person_id,
            reason=data.reason,
        )
        return 200, _matches(done)

    return once(who, act)


@bp.post("/bank-matches/<match>/undo")
@needs("settlement.bank")
@first(_own_match, permission="settlement.bank", of="match")
@bp.input(ReasonIn, arg_name="data")
@bp.output(BankMatchOut)
def undo(match: str, data: ReasonIn) -> Response:
    """Take a match back by reversing entries."""
    who = require("settlement.bank")

    def act(session: Session) -> tuple[int, BankMatchOut]:
        done = matching.undo_match(
            session,
            clock=clock(),
            match_code=match,
            organisation_id=who.organisation_id,
            person_id=who.person_id,
            reason=data.reason,
        )
        return 200, BankMatchOut(**_named(BankMatchOut, done))

    return once(who, act)


def _named(shape: type[ApiOut], row: object) -> dict[str, Any]:
    return {name: getattr(row, name) for name in shape.model_fields if hasattr(row, name)}


def _matches(found: list[BankMatch]) -> MatchesOut:
    return MatchesOut(matches=[BankMatchOut(**_named(BankMatchOut, each)) for each in found])


def _movement(line: queries.MovementLine) -> MovementOut:
    return MovementOut(
        **_named(MovementOut, line.movement),
        state=line.state,
        confirmed_minor=line.confirmed_minor,
        waiting_minor=line.waiting_minor,
        left_minor=line.left_minor,
    )
